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

/// What is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Forget {
    /// One key.
    Key(String),
    /// Every key that starts with this, taken literally. Others may be forgotten too.
    Prefix(String),
}

/// A tier that holds copies. It may lose any of them at any time, and its promise is only never to give an old one:
///
/// A copy comes in by [`fill`](Self::fill) alone, under a lease that was given before its value was read from the durable tier. Who
/// writes to the durable tier has it forgotten here afterwards. So a value that was read before the write is either removed by that, or
/// comes too late for its lease; the order in which calls arrive does not matter, nor how late they do.
#[async_trait]
pub trait SharedTier: Send + Sync {
    /// The entry, or a lease. Those who miss the same key have the same lease until it is used or forgotten.
    async fn look_up(&self, key: &str, now: Timestamp) -> Result<LookUp, StoreError>;

    /// Keeps a copy, unless the lease does not hold any more or the value is too large for this tier; both are no error.
    async fn fill(&self, key: &str, lease: &Lease, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError>;

    /// Removes the copies and ends the leases of all that is named, in about the time of one call; for some hundred of them at once. If it
    /// fails, some may be forgotten and others not.
    async fn forget(&self, what: &[Forget]) -> Result<(), StoreError>;
}
