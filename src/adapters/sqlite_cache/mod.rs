//! The embedded session cache: an in-process LRU over a SQLite file.
//!
//! The file is the truth and survives restarts; the LRU saves reading it. Several processes may share the file, and each sees the
//! others' writes at once: SQLite's `data_version` changes when another connection has committed, and then the LRU is emptied before it is asked.
//! One lock orders everything in this process, so a value is never older in the LRU than in the file.

mod durable;
mod tier;

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use lru::LruCache;

use crate::ports::{Clock, SessionCache, StoreError, error::StoreErrorKind, session_cache::CacheStats};
use durable::{Durable, Entry};
pub use tier::SqliteCacheTier;

/// Values above this are read from the file each time.
const MEMORY_BYTES_AT_MOST: usize = 64 << 10;

/// The two-tier cache. Cheap to clone.
#[derive(Clone)]
pub struct SqliteCache {
    tiers: Arc<Mutex<Tiers>>,
    clock: Arc<dyn Clock>,
}

struct Tiers {
    memory: LruCache<String, Entry>,
    durable: Durable,
    /// The file's `data_version` for which `memory` holds.
    valid_for: i64,
    stats: CacheStats,
}

impl SqliteCache {
    /// Opens the file (made if it is not there) under an LRU of `max_size` entries.
    pub fn open(path: &Path, max_size: NonZeroUsize, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let durable = Durable::open(path).map_err(failed("open"))?;
        let valid_for = durable.data_version().map_err(failed("open"))?;
        let tiers = Tiers { memory: LruCache::new(max_size), durable, valid_for, stats: CacheStats::default() };
        Ok(Self { tiers: Arc::new(Mutex::new(tiers)), clock })
    }

    /// Runs a write off the asynchronous threads: it may wait for another process's commit.
    async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        change: impl FnOnce(&mut Tiers) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let tiers = Arc::clone(&self.tiers);
        joined(operation, move || change(&mut tiers.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

#[async_trait]
impl SessionCache for SqliteCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let now = self.clock.now().as_millis();
        if let Ok(mut tiers) = self.tiers.try_lock() {
            // Microseconds: reading a WAL file waits for nobody.
            return tiers.get(key, now).map_err(failed("get"));
        }
        // A write is under way in this process, and may be waiting for another's: not on this thread.
        let key = key.to_owned();
        self.write("get", move |tiers| tiers.get(&key, now)).await
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        let entry = Entry { value, expires_at: self.clock.now().plus(ttl).as_millis() };
        let key = key.to_owned();
        self.write("set", move |tiers| tiers.set(&key, entry)).await
    }

    async fn delete(&self, key: &str) -> Result<bool, StoreError> {
        let now = self.clock.now().as_millis();
        let key = key.to_owned();
        self.write("delete", move |tiers| {
            tiers.memory.pop(&key);
            tiers.durable.delete(&key, now)
        })
        .await
    }

    async fn clear_prefix(&self, prefix: &str) -> Result<u64, StoreError> {
        let now = self.clock.now().as_millis();
        let prefix = prefix.to_owned();
        self.write("clear prefix", move |tiers| {
            tiers.forget(|key, _| key.starts_with(&prefix));
            tiers.durable.clear_prefix(&prefix, now)
        })
        .await
    }

    async fn remove_expired(&self) -> Result<u64, StoreError> {
        let now = self.clock.now().as_millis();
        self.write("remove expired", move |tiers| {
            tiers.forget(|_, entry| entry.expires_at <= now);
            tiers.durable.remove_expired(now)
        })
        .await
    }

    fn stats(&self) -> CacheStats {
        self.tiers.lock().unwrap_or_else(PoisonError::into_inner).stats
    }
}

impl Tiers {
    fn get(&mut self, key: &str, now: i64) -> rusqlite::Result<Option<Bytes>> {
        let version = self.durable.data_version()?;
        if version != self.valid_for {
            self.memory.clear();
            self.valid_for = version;
        }
        if let Some(entry) = self.memory.get(key)
            && entry.expires_at > now
        {
            self.stats.hits_memory += 1;
            return Ok(Some(entry.value.clone()));
        }
        match self.durable.get(key, now)? {
            Some(entry) => {
                self.stats.hits_durable += 1;
                let value = entry.value.clone();
                self.remember(key, entry);
                Ok(Some(value))
            }
            None => {
                self.stats.misses += 1;
                Ok(None)
            }
        }
    }

    fn set(&mut self, key: &str, entry: Entry) -> rusqlite::Result<()> {
        // Should the write fail, the fast tier must not answer with either value.
        self.memory.pop(key);
        self.durable.set(key, &entry)?;
        self.remember(key, entry);
        Ok(())
    }

    /// Drops entries from the fast tier.
    fn forget(&mut self, which: impl Fn(&str, &Entry) -> bool) {
        let keys: Vec<String> =
            self.memory.iter().filter(|(key, entry)| which(key, entry)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.memory.pop(&key);
        }
    }

    /// Keeps an entry in the fast tier, unless it is so large that a tier full of its like would take too much memory.
    fn remember(&mut self, key: &str, entry: Entry) {
        if entry.value.len() > MEMORY_BYTES_AT_MOST {
            return;
        }
        if let Some((evicted, _)) = self.memory.push(key.to_owned(), entry)
            && evicted != key
        {
            self.stats.evictions += 1;
        }
    }
}

async fn joined<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended
        .map_err(|error| StoreError::new(StoreErrorKind::Internal, "sqlite cache", operation, error))?
        .map_err(failed(operation))
}

fn failed(operation: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| {
        let kind = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                StoreErrorKind::Unavailable
            }
            Some(rusqlite::ErrorCode::DiskFull) => StoreErrorKind::Full,
            _ => StoreErrorKind::Internal,
        };
        StoreError::new(kind, "sqlite cache", operation, error)
    }
}
