//! Copies of the session cache's entries.
//!
//! The entries of one session are the fields of one hash: forgetting a session is one command, and eviction takes a whole session or
//! nothing of it, so nothing can be left behind that the rest does not know of. A field is `V<end> <kept until> <value>`, or
//! `L<lease>` where nothing is.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use redis::{Pipeline, Script, Value};

use super::{RedisServer, millis};
use crate::{
    domain::Timestamp,
    ports::{
        SharedTier, StoreError,
        cache_tier::CacheEntry,
        error::StoreErrorKind,
        shared_tier::{Forget, Lease, LookUp},
    },
};

static LOOK_UP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("look_up.lua")));
static FILL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("fill.lua")));

/// A larger value would hold up the calls of others for longer than they wait.
const VALUE_BYTES_AT_MOST: usize = 4 << 20;

/// How long a lease is there at least, if nobody ends it.
const LEASE_HOLDS: Duration = Duration::from_secs(10);

/// How many keys of all that there are one step of a search through them looks at.
const SEARCH_STEP: usize = 1000;

const KEY_START: &str = "ret:cache:";

/// The tier in Redis.
pub struct RedisTier {
    server: RedisServer,
    keep_at_most: Duration,
    /// Tells this instance's leases from those of others.
    instance: u64,
    leases: AtomicU64,
}

impl RedisTier {
    /// Keeps copies for `keep_at_most`, however long their entries live.
    #[must_use]
    pub fn new(server: RedisServer, keep_at_most: Duration) -> Self {
        let mut instance = [0; 8];
        server.random.fill(&mut instance);
        Self { server, keep_at_most, instance: u64::from_ne_bytes(instance), leases: AtomicU64::new(0) }
    }

    fn new_lease(&self) -> String {
        format!("{:016x}.{}", self.instance, self.leases.fetch_add(1, Ordering::Relaxed))
    }

    /// Forgets groups by their names, which have to be searched for: no session does that.
    async fn forget_groups(&self, name_start: &str) -> Result<(), StoreError> {
        let pattern = format!("{}*", literal(&format!("{KEY_START}{name_start}")));
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(SEARCH_STEP);
            let (next, names): (u64, Vec<Vec<u8>>) = self.server.command("search", &scan).await?;
            if !names.is_empty() {
                self.server.command::<()>("forget", redis::cmd("UNLINK").arg(names)).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

#[async_trait]
impl SharedTier for RedisTier {
    async fn look_up(&self, key: &str, now: Timestamp) -> Result<LookUp, StoreError> {
        let mut call = LOOK_UP.key(hash_of(group(key)));
        call.arg(key).arg(now.as_millis()).arg(self.new_lease()).arg(millis(LEASE_HOLDS));
        let found: Vec<u8> = self.server.script("look up", &call).await?;
        read(found).ok_or_else(|| damaged("look up"))
    }

    async fn fill(&self, key: &str, lease: &Lease, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError> {
        let kept_for = entry.expires_at.since(now).min(self.keep_at_most);
        if entry.value.len() > VALUE_BYTES_AT_MOST || kept_for.is_zero() {
            return Ok(());
        }
        let mut value = format!("V{} {} ", entry.expires_at.as_millis(), now.plus(kept_for).as_millis()).into_bytes();
        value.extend_from_slice(&entry.value);
        let mut call = FILL.key(hash_of(group(key)));
        call.arg(key).arg(&lease.0).arg(value).arg(millis(kept_for));
        self.server.script("fill", &call).await
    }

    async fn forget(&self, what: &[Forget]) -> Result<(), StoreError> {
        if what.is_empty() {
            return Ok(());
        }
        let mut calls = Pipeline::with_capacity(what.len());
        for one in what {
            match one {
                Forget::Key(key) => calls.hdel(hash_of(group(key)), key),
                Forget::Prefix(prefix) => {
                    let group = group(prefix);
                    if group.is_empty() {
                        // Whole groups, and keys that are in none.
                        self.forget_groups(prefix).await?;
                    }
                    calls.unlink(hash_of(group))
                }
            };
        }
        self.server.pipeline::<Vec<Value>>("forget", &calls, &[]).await.map(drop)
    }
}

/// What entries lie together: those that are equal to the second colon, as those of one session are. Keys with fewer colons are one
/// group.
fn group(key: &str) -> &str {
    key.match_indices(':').nth(1).map_or("", |(at, _)| &key[..=at])
}

fn hash_of(group: &str) -> String {
    format!("{KEY_START}{group}")
}

fn read(mut found: Vec<u8>) -> Option<LookUp> {
    let (kind, rest) = found.split_first()?;
    if *kind == b'L' {
        return Some(LookUp::Missing(Lease(String::from_utf8(rest.to_vec()).ok()?)));
    }
    let mut parts = rest.splitn(3, |byte| *byte == b' ');
    let expires_at = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let (_kept_until, value) = (parts.next()?, parts.next()?);
    let start = found.len() - value.len();
    let value = Bytes::from(std::mem::take(&mut found)).slice(start..);
    Some(LookUp::Found(CacheEntry { value, expires_at: Timestamp::from_millis(expires_at) }))
}

fn damaged(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "redis", operation, "what is kept has not the form of an entry")
}

/// A text as a pattern that matches only it.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_session_are_one_group() {
        assert_eq!(group("session:1:preview:a"), "session:1:");
        assert_eq!(group("session:1:"), "session:1:");
        assert_eq!(group("session:1"), "");
        assert_eq!(group("readiness"), "");
    }

    #[test]
    fn a_field_is_read_as_it_was_written() {
        let found = read(b"V1500 1400 a value".to_vec());
        let entry = CacheEntry { value: "a value".into(), expires_at: Timestamp::from_millis(1500) };
        assert_eq!(found, Some(LookUp::Found(entry)));
        assert_eq!(read(b"Labc.1".to_vec()), Some(LookUp::Missing(Lease("abc.1".into()))));
        assert_eq!(read(b"V1500".to_vec()), None);
        assert_eq!(read(Vec::new()), None);
    }
}
