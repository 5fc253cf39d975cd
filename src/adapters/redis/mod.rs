//! What instances share in a Redis server: copies of the session cache's entries, the rate limit's counts, the
//! progress of jobs.
//!
//! Nothing here is the truth of anything: the server may be away, or come back empty, at any time. Every operation touches one key of
//! Redis, and every key has a time to live, so `volatile-lru` may evict each. The client is one for a single server: a node of a cluster
//! would refuse the keys of others.

mod breaker;
mod conversations;
mod identity;
mod job_progress;
mod line;
mod rate_limits;
mod report;
mod server;
mod tier;

pub use conversations::{RedisConversations, RedisTemporaryConversations};
pub use job_progress::RedisJobProgress;
pub use rate_limits::RedisRateLimits;
pub use report::RedisReport;
pub use server::{RedisLogin, RedisServer};
pub use tier::RedisTier;

/// As Redis counts spans of time.
fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
