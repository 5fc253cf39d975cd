//! The rate limit's memory.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{
    Timestamp,
    rate::{Decision, Quota},
};

/// Keeps one number for each key and decides by [`crate::domain::rate::decide`].
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Counts one request of `key` at `now`. Exact under concurrency: calls for one key are decided one after the other.
    async fn take(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Decision, StoreError>;
}
