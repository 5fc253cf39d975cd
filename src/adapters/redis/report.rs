//! What somebody who sets the server up wants to know of it.

use std::time::{Duration, Instant};

use super::RedisServer;
use crate::ports::StoreError;

/// A server that answered.
#[derive(Clone, Debug)]
pub struct RedisReport {
    /// How long one question and its answer took, over a connection that was there.
    pub latency: Duration,
    /// Its version, as it says.
    pub version: String,
    /// `maxmemory-policy`: what it removes when its memory is full. Empty if it does not tell.
    pub eviction: String,
}

impl RedisReport {
    /// Asks the server. Fails if it cannot be reached or does not know this process.
    pub async fn of(server: &RedisServer) -> Result<Self, StoreError> {
        // The first call waits for the connection, and gives up earlier than that.
        server.connected().await?;
        // Azure does not let CONFIG be asked.
        let about: String = server.command("ask for its version", redis::cmd("INFO").arg("server")).await?;
        let memory: String = server.command("ask for its memory", redis::cmd("INFO").arg("memory")).await?;
        let asked = Instant::now();
        server.command::<()>("check", &redis::cmd("PING")).await?;
        Ok(Self {
            latency: asked.elapsed(),
            version: field(&about, "redis_version"),
            eviction: field(&memory, "maxmemory_policy"),
        })
    }

    /// Whether the server removes only what has a time to live, or nothing, when its memory is full.
    #[must_use]
    pub fn eviction_is_safe(&self) -> bool {
        eviction_is_safe(&self.eviction)
    }
}

pub(super) fn eviction_is_safe(policy: &str) -> bool {
    policy.starts_with("volatile-") || policy == "noeviction"
}

pub(super) fn field(info: &str, name: &str) -> String {
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_default().trim().to_owned()
}
