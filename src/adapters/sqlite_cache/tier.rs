//! The file alone, as the durable tier under others.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{
    durable::{Durable, Entry},
    failed, joined,
};
use crate::{
    domain::Timestamp,
    ports::{CacheTier, StoreError, cache_tier::CacheEntry},
};

/// The file of the embedded cache without its memory. Cheap to clone.
#[derive(Clone)]
pub struct SqliteCacheTier {
    durable: Arc<Mutex<Durable>>,
}

impl SqliteCacheTier {
    /// Opens the file; makes it if it is not there.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { durable: Arc::new(Mutex::new(Durable::open(path).map_err(failed("open"))?)) })
    }

    /// Off the asynchronous threads: it may wait for another process's commit.
    async fn with<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Durable) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let durable = Arc::clone(&self.durable);
        joined(operation, move || work(&durable.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

#[async_trait]
impl CacheTier for SqliteCacheTier {
    async fn get(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError> {
        let found = if let Ok(durable) = self.durable.try_lock() {
            // Microseconds: reading a WAL file waits for nobody.
            durable.get(key, now.as_millis()).map_err(failed("get"))?
        } else {
            let key = key.to_owned();
            self.with("get", move |durable| durable.get(&key, now.as_millis())).await?
        };
        let entry = |Entry { value, expires_at }| CacheEntry { value, expires_at: Timestamp::from_millis(expires_at) };
        Ok(found.map(entry))
    }

    async fn set(&self, key: &str, entry: &CacheEntry, _now: Timestamp) -> Result<(), StoreError> {
        let (key, entry) =
            (key.to_owned(), Entry { value: entry.value.clone(), expires_at: entry.expires_at.as_millis() });
        self.with("set", move |durable| durable.set(&key, &entry)).await
    }

    async fn delete(&self, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let key = key.to_owned();
        self.with("delete", move |durable| durable.delete(&key, now.as_millis())).await
    }

    async fn clear_prefix(&self, prefix: &str, now: Timestamp) -> Result<u64, StoreError> {
        let prefix = prefix.to_owned();
        self.with("clear prefix", move |durable| durable.clear_prefix(&prefix, now.as_millis())).await
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.with("remove expired", move |durable| durable.remove_expired(now.as_millis())).await
    }
}
