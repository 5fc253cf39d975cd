//! The rate limit over all instances.

use std::sync::LazyLock;

use async_trait::async_trait;
use redis::Script;

use super::RedisServer;
use crate::{
    domain::{
        Timestamp,
        rate::{Decision, Quota, decide, steps},
    },
    ports::{RateLimits, StoreError},
};

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));

/// Keeps the arrival times in Redis. The script moves a time on, [`decide`] says from what it was before what that means.
pub struct RedisRateLimits {
    server: RedisServer,
}

impl RedisRateLimits {
    /// The rate limit in this server.
    #[must_use]
    pub fn new(server: RedisServer) -> Self {
        Self { server }
    }
}

#[async_trait]
impl RateLimits for RedisRateLimits {
    async fn take(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Decision, StoreError> {
        let (now_us, steps) = (now.as_millis().saturating_mul(1000), steps(quota));
        let mut call = TAKE.key(format!("ret:rate:{key}"));
        call.arg(now_us).arg(steps.interval_us).arg(steps.whole_us);
        let before: Option<i64> = self.server.script("take", &call).await?;
        Ok(decide(quota, before, now).0)
    }
}
