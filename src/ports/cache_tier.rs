//! One tier of the session cache, under the in-process one.

use async_trait::async_trait;
use bytes::Bytes;

use super::StoreError;
use crate::domain::Timestamp;

/// A value and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The value.
    pub value: Bytes,
    /// It is not there any more from then on.
    pub expires_at: Timestamp,
}

/// A tier that several instances share. Entries past their end are never given; when they are removed is the tier's matter.
#[async_trait]
pub trait CacheTier: Send + Sync {
    /// The entry, if it is there and alive at `now`.
    async fn get(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError>;

    /// Sets or replaces an entry.
    async fn set(&self, key: &str, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError>;

    /// Removes an entry; `true` if it was there and alive at `now`.
    async fn delete(&self, key: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Removes every entry whose key starts with `prefix`, taken literally; how many there were alive at `now`.
    async fn clear_prefix(&self, prefix: &str, now: Timestamp) -> Result<u64, StoreError>;

    /// Removes entries that have ended; how many there were.
    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
}
