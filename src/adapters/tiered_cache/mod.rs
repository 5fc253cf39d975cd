//! The session cache in tiers: this process, optionally one that instances share, and the durable one, which is the truth.
//!
//! A look-up goes down until it finds the entry, and fills the tiers above with it. A write goes to the durable tier first, and has the
//! shared tier forget the key then: the next look-up fills it. What is known in the process is trusted for
//! [`STALENESS_OF_TIERS`](crate::ports::session_cache::STALENESS_OF_TIERS), so long may one instance not see what another has done. The
//! shared tier never fails a call; docs/decisions/0018 says why it gives nothing old, whatever is lost or late.

mod compression;
mod local;
mod owed;
mod shared;

use std::{
    num::NonZeroUsize,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use tracing::Instrument as _;

use crate::{
    domain::Timestamp,
    ports::{
        CacheTier, Clock, SessionCache, SharedTier, StoreError,
        cache_tier::CacheEntry,
        error::StoreErrorKind,
        session_cache::CacheStats,
        shared_tier::{Forget, LookUp},
    },
};
use compression::Compression;
use local::{Known, Local, Turn, UnderWay};
use shared::Shared;

/// The session cache over the given tiers. Cheap to clone.
#[derive(Clone)]
pub struct TieredCache {
    tiers: Arc<Tiers>,
}

struct Tiers {
    local: Mutex<Local>,
    shared: Option<Arc<Shared>>,
    durable: Arc<dyn CacheTier>,
    compression: Compression,
    clock: Arc<dyn Clock>,
}

/// What a look-up below the process gives to all who wait for it.
type Answer = Result<Found, Arc<StoreError>>;

#[derive(Clone)]
struct Found {
    entry: Option<CacheEntry>,
    tier: Tier,
}

#[derive(Clone, Copy)]
enum Tier {
    Shared,
    Durable,
}

impl TieredCache {
    /// Holds `max_size` entries in the process, and compresses values above `compress_above` bytes in the tiers below it.
    #[must_use]
    pub fn new(
        durable: Arc<dyn CacheTier>,
        shared: Option<Arc<dyn SharedTier>>,
        max_size: NonZeroUsize,
        compress_above: usize,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let tiers = Tiers {
            local: Mutex::new(Local::new(max_size)),
            shared: shared.map(Shared::new),
            durable,
            compression: Compression { above: compress_above },
            clock,
        };
        Self { tiers: Arc::new(tiers) }
    }
}

#[async_trait]
impl SessionCache for TieredCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let now = self.tiers.clock.now();
        let under_way = {
            let mut local = self.tiers.local();
            if let Some(known) = local.get(key, now) {
                return Ok(known);
            }
            local.join(key, now, |turn| Tiers::begin_look_up(&self.tiers, key, turn, now))
        };
        let Found { entry, tier } = under_way.await.map_err(|error| shared_error(&error))?;
        let entry = entry.filter(|entry| entry.expires_at > now);
        let stats = &mut self.tiers.local().stats;
        match (&entry, tier) {
            (None, _) => stats.misses += 1,
            (Some(_), Tier::Shared) => stats.hits_shared += 1,
            (Some(_), Tier::Durable) => stats.hits_durable += 1,
        }
        Ok(entry.map(|entry| entry.value))
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        let (tiers, key, now) = (Arc::clone(&self.tiers), key.to_owned(), self.tiers.clock.now());
        let entry = CacheEntry { value, expires_at: now.plus(ttl) };
        to_its_end("set", async move { tiers.set(key, entry, now).await }).await
    }

    async fn delete(&self, key: &str) -> Result<bool, StoreError> {
        let (tiers, key, now) = (Arc::clone(&self.tiers), key.to_owned(), self.tiers.clock.now());
        to_its_end("delete", async move { tiers.delete(key, now).await }).await
    }

    async fn clear_prefix(&self, prefix: &str) -> Result<u64, StoreError> {
        let (tiers, prefix, now) = (Arc::clone(&self.tiers), prefix.to_owned(), self.tiers.clock.now());
        to_its_end("clear prefix", async move { tiers.clear_prefix(prefix, now).await }).await
    }

    async fn remove_expired(&self) -> Result<u64, StoreError> {
        let now = self.tiers.clock.now();
        self.tiers.local().forget_ended(now);
        // The shared tier removes what has ended by itself.
        self.tiers.durable.remove_expired(now).await
    }

    fn stats(&self) -> CacheStats {
        let shared_failures = self.tiers.shared.as_ref().map_or(0, |shared| shared.failures());
        CacheStats { shared_failures, ..self.tiers.local().stats }
    }
}

impl Tiers {
    /// Looks a key up below the process. It goes on while anybody waits for it; a task of its own would take longer.
    fn begin_look_up(tiers: &Arc<Self>, key: &str, turn: Turn, now: Timestamp) -> UnderWay {
        let (tiers, key) = (Arc::clone(tiers), key.to_owned());
        let look_up = async move {
            let caught = AssertUnwindSafe(tiers.look_up(&key, now)).catch_unwind().await;
            let answer = caught.unwrap_or_else(|_| Err(internal("look up", "a panic")));
            let known = answer.as_ref().ok().map(|found| Known::of(found.entry.as_ref(), now));
            tiers.local().end_look_up(&key, turn, known);
            answer.map_err(Arc::new)
        };
        look_up.boxed().shared()
    }

    async fn look_up(&self, key: &str, now: Timestamp) -> Result<Found, StoreError> {
        let lease = match &self.shared {
            None => None,
            Some(shared) => match shared.look_up(key, now).await {
                Some(LookUp::Found(entry)) => {
                    return Ok(Found { entry: Some(self.unpacked(entry).await?), tier: Tier::Shared });
                }
                Some(LookUp::Missing(lease)) => Some((shared, lease)),
                None => None,
            },
        };
        let Some(entry) = self.durable.get(key, now).await? else {
            return Ok(Found { entry: None, tier: Tier::Durable });
        };
        if let Some((shared, lease)) = lease {
            shared.fill(key, &lease, &entry, now).await;
        }
        Ok(Found { entry: Some(self.unpacked(entry).await?), tier: Tier::Durable })
    }

    async fn set(&self, key: String, entry: CacheEntry, now: Timestamp) -> Result<(), StoreError> {
        let turn = self.local().begin_write(&key);
        let written = self.set_below(&key, &entry, now).await;
        let known = written.is_ok().then(|| Known::of(Some(&entry), now));
        self.local().end_write(&key, turn, known);
        written
    }

    async fn set_below(&self, key: &str, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError> {
        let packed = CacheEntry { value: self.compression.pack(&entry.value).await?, ..*entry };
        let written = self.durable.set(key, &packed, now).await;
        self.forget_shared(Forget::Key(key.to_owned())).await;
        written
    }

    async fn delete(&self, key: String, now: Timestamp) -> Result<bool, StoreError> {
        let turn = self.local().begin_write(&key);
        let deleted = self.durable.delete(&key, now).await;
        self.forget_shared(Forget::Key(key.clone())).await;
        self.local().end_write(&key, turn, None);
        deleted
    }

    async fn clear_prefix(&self, prefix: String, now: Timestamp) -> Result<u64, StoreError> {
        self.local().forget_prefix(&prefix);
        let cleared = self.durable.clear_prefix(&prefix, now).await;
        self.forget_shared(Forget::Prefix(prefix.clone())).await;
        // What was looked up meanwhile.
        self.local().forget_prefix(&prefix);
        cleared
    }

    /// Also when the durable tier failed: it may have changed all the same.
    async fn forget_shared(&self, what: Forget) {
        if let Some(shared) = &self.shared {
            shared.forget(what).await;
        }
    }

    async fn unpacked(&self, entry: CacheEntry) -> Result<CacheEntry, StoreError> {
        Ok(CacheEntry { value: self.compression.unpack(entry.value).await?, ..entry })
    }

    fn local(&self) -> MutexGuard<'_, Local> {
        self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a change to its end, though the caller may go away: the durable tier must not change without the shared one being told.
async fn to_its_end<T: Send + 'static>(
    operation: &'static str,
    change: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(change.in_current_span()).await.map_err(|error| internal(operation, error))?
}

/// The error of a look-up that several wait for, for one of them.
fn shared_error(error: &StoreError) -> StoreError {
    StoreError::new(error.kind, error.store, error.operation, error.source.to_string())
}

fn internal(operation: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "tiered cache", operation, error)
}
