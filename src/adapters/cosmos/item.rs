//! How an entry is kept as an item.

use azure_data_cosmos::{CosmosError, Query};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{domain::Timestamp, ports::cache_tier::CacheEntry};

/// Bytes that an item's id may have.
const ID_AT_MOST: usize = 255;

/// Seconds that an item outlives its entry: the service's clock is not ours.
const MARGIN: i64 = 60;

/// An entry as an item.
#[derive(Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    /// The partition.
    pub(super) session: String,
    key: String,
    /// In base 64.
    value: String,
    /// Milliseconds since 1970.
    pub(super) expires_at: i64,
    /// Seconds after its last change in which the service keeps it.
    ttl: i64,
    #[serde(rename = "_etag", skip_serializing, default)]
    pub(super) etag: String,
}

/// What a query tells of an item.
#[derive(Deserialize)]
pub(super) struct ItemName {
    pub(super) id: String,
    pub(super) session: String,
    pub(super) expires_at: i64,
    /// As it was found: what was set since is another entry.
    #[serde(rename = "_etag")]
    pub(super) etag: String,
}

impl ItemName {
    /// The names of the items for which a condition holds, `@value` in it being the value.
    pub(super) fn query(condition: &str, value: impl Serialize) -> Result<Query, CosmosError> {
        let text = format!("SELECT c.id, c.session, c.expires_at, c._etag FROM c WHERE {condition}");
        Query::from(text).with_parameter("@value", value)
    }
}

impl Item {
    pub(super) fn of(key: &str, entry: &CacheEntry, now: Timestamp) -> Self {
        let expires_at = entry.expires_at.as_millis();
        Self {
            id: id_of(key),
            session: partition_of(key).to_owned(),
            key: key.to_owned(),
            value: STANDARD.encode(&entry.value),
            expires_at,
            ttl: (expires_at - now.as_millis()).max(0) / 1000 + MARGIN,
            etag: String::new(),
        }
    }

    pub(super) fn entry(&self) -> Result<CacheEntry, base64::DecodeError> {
        let expires_at = Timestamp::from_millis(self.expires_at);
        Ok(CacheEntry { value: STANDARD.decode(&self.value)?.into(), expires_at })
    }
}

/// An id may not hold every character that a key may, and is short.
pub(super) fn id_of(key: &str) -> String {
    let id = URL_SAFE_NO_PAD.encode(key);
    if id.len() <= ID_AT_MOST { id } else { URL_SAFE_NO_PAD.encode(Sha256::digest(key)) }
}

/// The partition of a key: what stands before the second colon, as in `session:ID:rest`, or all of it.
pub(super) fn partition_of(key: &str) -> &str {
    key.match_indices(':').nth(1).map_or(key, |(end, _)| &key[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_session_are_in_its_partition() {
        assert_eq!(partition_of("session:1:a"), "session:1");
        assert_eq!(partition_of("session:1:a:b"), "session:1");
        assert_eq!(partition_of("session:1"), "session:1");
        assert_eq!(partition_of("readiness"), "readiness");
    }

    #[test]
    fn ids_hold_no_character_that_is_refused() {
        for key in ["a/b\\c?d#e", "session:1:ü", &"long".repeat(200)] {
            let id = id_of(key);
            assert!(
                id.len() <= ID_AT_MOST && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            );
        }
    }
}
