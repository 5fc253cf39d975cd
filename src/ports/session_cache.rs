//! The session cache: small values with a time to live, found by key, cleared by prefix.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::StoreError;

/// How long an instance may answer with what another one has replaced or removed, where the cache has tiers that instances share.
pub const STALENESS_OF_TIERS: Duration = Duration::from_secs(1);

/// What a cache has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Look-ups answered by the first (in-process) tier.
    pub hits_memory: u64,
    /// Look-ups answered by the tier that instances share.
    pub hits_shared: u64,
    /// Look-ups answered by the durable tier.
    pub hits_durable: u64,
    /// Look-ups that found nothing.
    pub misses: u64,
    /// Entries that the first tier dropped to stay within its size.
    pub evictions: u64,
    /// Calls of the shared tier that failed; each was made good without it.
    pub shared_failures: u64,
}

/// A cache of session data. An entry is there until its time to live is over, to the millisecond, in every tier; eviction takes it
/// from a faster tier only, never from the durable one. An instance sees its own writes at once. Writes of one instance are seen by the
/// others within the staleness that the adapter documents: none for the embedded one, [`STALENESS_OF_TIERS`] for the tiered one.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// The value, if the entry is there and alive.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;

    /// Sets or replaces an entry that lives for `ttl` from now.
    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError>;

    /// Removes an entry; `true` if it was there and alive.
    async fn delete(&self, key: &str) -> Result<bool, StoreError>;

    /// Removes every entry whose key starts with `prefix`, its characters taken literally (`%`, `_`, `*` mean themselves). How many live
    /// entries there were.
    async fn clear_prefix(&self, prefix: &str) -> Result<u64, StoreError>;

    /// Removes entries that are past their time to live; how many there were.
    async fn remove_expired(&self) -> Result<u64, StoreError>;

    /// What this instance's cache has done so far.
    fn stats(&self) -> CacheStats;
}
