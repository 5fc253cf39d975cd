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
    /// Why conversations cannot be kept hot in it, if they cannot.
    pub unfit: Option<String>,
}

impl RedisReport {
    /// Asks the server. Fails if it cannot be reached or does not know this process.
    pub async fn of(server: &RedisServer) -> Result<Self, StoreError> {
        // The first call waits for the connection, and gives up earlier than that.
        server.connected().await?;
        // Azure does not let CONFIG be asked.
        let about: String = server.command("ask for its version", redis::cmd("INFO").arg("server")).await?;
        let memory: String = server.command("ask for its memory", redis::cmd("INFO").arg("memory")).await?;
        // Some services do not let scripts ask who they run on.
        let scripted: Result<String, _> = server
            .command("run a script", redis::cmd("EVAL").arg("return redis.call('INFO', 'replication')").arg(0))
            .await;
        let unfit = match scripted {
            Err(error) => Some(error.to_string()),
            Ok(about) if field(&about, "role") != "master" => Some("it is a replica".to_owned()),
            Ok(about) if field(&about, "master_replid").is_empty() => {
                Some("it does not tell its history (master_replid)".to_owned())
            }
            Ok(_) => None,
        };
        let asked = Instant::now();
        server.command::<()>("check", &redis::cmd("PING")).await?;
        Ok(Self {
            latency: asked.elapsed(),
            version: field(&about, "redis_version"),
            eviction: field(&memory, "maxmemory_policy"),
            unfit,
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

/// The life of the server, as `common.lua` names it, in what it tells of its replication; `None` if that does not say.
pub(super) fn life(about: &str) -> Option<String> {
    let (role, history) = (field(about, "role"), field(about, "master_replid"));
    history.contains(|digit| digit != '0').then(|| format!("{role}:{history}"))
}

pub(super) fn field(info: &str, name: &str) -> String {
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_default().trim().to_owned()
}
