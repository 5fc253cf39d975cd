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

/// The first key after all keys with this prefix, for tiers in which a prefix is a range of bytes; `None` for the empty prefix, which all
/// keys have.
#[must_use]
pub fn prefix_end(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    // UTF-8 never holds the byte 0xff, so the last byte can always be raised.
    *end.last_mut()? += 1;
    Some(end)
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

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn the_end_of_a_prefix_is_above_every_key_that_has_it() {
        let end = prefix_end("session:1:").unwrap();
        assert!(end.as_slice() > "session:1:\u{10ffff}\u{10ffff}".as_bytes());
        assert!(end.as_slice() <= "session:1;".as_bytes());
        assert_eq!(prefix_end(""), None);
    }
}
