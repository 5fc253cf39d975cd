//! The tier of the session cache between the process and the durable tier, which instances share.

use async_trait::async_trait;

use super::{StoreError, cache_tier::CacheEntry};
use crate::domain::Timestamp;

/// What a look-up finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// The entry, alive.
    Found(CacheEntry),
    /// Nothing. What the durable tier gives from now on may be filled in under the lease.
    Missing(Lease),
}

/// The right to fill in one key, until somebody forgets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease(pub String);

/// A tier that holds copies. It may lose any of them at any time, and its promise is only never to give an old one:
///
/// A copy comes in by [`fill`](Self::fill) alone, under a lease that was given before its value was read from the durable tier. Who
/// writes to the durable tier forgets the key here afterwards. So a value that was read before the write is either removed by that, or
/// comes too late for its lease; the order in which calls arrive does not matter, nor how late they do.
#[async_trait]
pub trait SharedTier: Send + Sync {
    /// The entry, or a lease. Those who miss the same key have the same lease until it is used or forgotten.
    async fn look_up(&self, key: &str, now: Timestamp) -> Result<LookUp, StoreError>;

    /// Keeps a copy, unless the lease does not hold any more or the value is too large for this tier; both are no error.
    async fn fill(&self, key: &str, lease: &Lease, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError>;

    /// Removes the copy and ends the lease of a key.
    async fn forget(&self, key: &str) -> Result<(), StoreError>;

    /// The same for every key that starts with `prefix`, taken literally. May forget others too.
    async fn forget_prefix(&self, prefix: &str) -> Result<(), StoreError>;
}
