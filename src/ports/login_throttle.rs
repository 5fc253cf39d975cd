//! Failed logins by account name and by address, known or not: the memory behind the back-off.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::Timestamp;

/// The store of failed logins. Keys are opaque here (`account:ada`, `address:10.0.0.7`).
#[async_trait]
pub trait LoginThrottle: Send + Sync {
    /// Until when logins of `key` are refused, if they are at `now`.
    async fn locked_until(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Counts a failure at `now` and sets the wait by [`crate::domain::backoff`], `free` failures costing nothing.
    async fn record_failure(&self, key: &str, free: u32, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets the failures of `key`.
    async fn forget(&self, key: &str) -> Result<(), StoreError>;

    /// Removes what no longer matters at `now`.
    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
}
