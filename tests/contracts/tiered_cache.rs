//! The tiers of the session cache together, with a durable tier that the test holds up at will.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use ret::{
    adapters::{
        redis::{RedisLogin, RedisServer, RedisTier},
        sqlite_cache::SqliteCacheTier,
        system::SystemRandom,
        tiered_cache::TieredCache,
    },
    domain::Timestamp,
    ports::{
        CacheTier, Clock as _, SessionCache, StoreError, cache_tier::CacheEntry, session_cache::STALENESS_OF_TIERS,
    },
};
use tokio::sync::Semaphore;

use crate::harness::{ManualClock, Redis};

const LONG: Duration = Duration::from_secs(3600);
const COMPRESS_ABOVE: usize = 1000;
const KEY: &str = "session:1:a";

/// Answers of look-ups, and the beginnings of writes, wait for a permit.
struct Gate {
    tier: SqliteCacheTier,
    look_ups: AtomicUsize,
    answers: Semaphore,
    writes: Semaphore,
}

#[async_trait]
impl CacheTier for Gate {
    async fn get(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError> {
        let answer = self.tier.get(key, now).await;
        self.look_ups.fetch_add(1, Ordering::SeqCst);
        drop(self.answers.acquire().await.unwrap());
        answer
    }

    async fn set(&self, key: &str, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError> {
        drop(self.writes.acquire().await.unwrap());
        self.tier.set(key, entry, now).await
    }

    async fn delete(&self, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.tier.delete(key, now).await
    }

    async fn clear_prefix(&self, prefix: &str, now: Timestamp) -> Result<u64, StoreError> {
        self.tier.clear_prefix(prefix, now).await
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.tier.remove_expired(now).await
    }
}

impl Gate {
    /// Holds up what comes.
    async fn close(gate: &Semaphore) {
        gate.acquire_many(PERMITS).await.unwrap().forget();
    }

    fn open(gate: &Semaphore) {
        gate.add_permits(PERMITS as usize);
    }

    async fn has_been_asked(&self, times: usize) {
        while self.look_ups.load(Ordering::SeqCst) < times {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

const PERMITS: u32 = 100;

/// Two instances over one durable tier and one Redis.
struct Bench {
    here: TieredCache,
    there: TieredCache,
    gate: Arc<Gate>,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
    _redis: Redis,
}

impl Bench {
    async fn new() -> Option<Self> {
        let redis = Redis::start().await?;
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::default());
        let permits = || Semaphore::new(PERMITS as usize);
        let tier = SqliteCacheTier::open(&folder.path().join("cache.db")).unwrap();
        let gate = Arc::new(Gate { tier, look_ups: AtomicUsize::new(0), answers: permits(), writes: permits() });
        let instance = || {
            let random = Arc::new(SystemRandom);
            let server = RedisServer::new(&redis.url(), RedisLogin::AsGiven, clock.clone(), random).unwrap();
            let shared = Arc::new(RedisTier::new(server, LONG));
            let size = NonZeroUsize::new(100).unwrap();
            TieredCache::new(gate.clone(), Some(shared), size, COMPRESS_ABOVE, clock.clone())
        };
        Some(Self { here: instance(), there: instance(), gate, clock, _folder: folder, _redis: redis })
    }

    fn let_staleness_pass(&self) {
        self.clock.advance(STALENESS_OF_TIERS);
    }
}

async fn set(cache: &TieredCache, text: &'static str) {
    cache.set(KEY, Bytes::from_static(text.as_bytes()), LONG).await.unwrap();
}

fn get(cache: &TieredCache) -> tokio::task::JoinHandle<Option<Bytes>> {
    let cache = cache.clone();
    tokio::spawn(async move { cache.get(KEY).await.unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_a_write_overtook_leaves_nothing_old() {
    let Some(bench) = Bench::new().await else { return };
    for writer in [&bench.here, &bench.there] {
        set(&bench.here, "old").await;
        bench.let_staleness_pass();
        let asked = bench.gate.look_ups.load(Ordering::SeqCst);
        Gate::close(&bench.gate.answers).await;
        let reader = get(&bench.there);
        // It has read the old value, and has not told it yet.
        bench.gate.has_been_asked(asked + 1).await;
        set(writer, "new").await;
        Gate::open(&bench.gate.answers);
        assert_eq!(reader.await.unwrap().unwrap(), "old", "it began before the write");
        if std::ptr::eq(writer, &raw const bench.there) {
            assert_eq!(get(&bench.there).await.unwrap().unwrap(), "new", "its own write");
        }
        for _ in 0..3 {
            bench.let_staleness_pass();
            for cache in [&bench.there, &bench.here] {
                assert_eq!(get(cache).await.unwrap().unwrap(), "new");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_miss_ask_once() {
    let Some(bench) = Bench::new().await else { return };
    set(&bench.there, "1").await;
    Gate::close(&bench.gate.answers).await;
    let mut readers: Vec<_> = (0..50).map(|_| get(&bench.here)).collect();
    bench.gate.has_been_asked(1).await;
    // Who gives up takes the look-up from nobody.
    readers.swap_remove(0).abort();
    Gate::open(&bench.gate.answers);
    for reader in readers {
        assert_eq!(reader.await.unwrap().unwrap(), "1");
    }
    assert_eq!(bench.gate.look_ups.load(Ordering::SeqCst), 1);
    let stats = bench.here.stats();
    assert_eq!((stats.hits_shared, stats.misses), (0, 0));
    assert_eq!(stats.hits_durable + stats.hits_memory, 49, "{stats:?}");
    // Filled into Redis, and known here.
    assert_eq!(get(&bench.here).await.unwrap().unwrap(), "1");
    bench.let_staleness_pass();
    for cache in [&bench.here, &bench.there] {
        assert_eq!(get(cache).await.unwrap().unwrap(), "1");
        assert_eq!(cache.stats().hits_shared, 1);
    }
    assert_eq!(bench.gate.look_ups.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_goes_away_is_told_to_redis_too() {
    let Some(bench) = Bench::new().await else { return };
    set(&bench.here, "old").await;
    bench.let_staleness_pass();
    assert_eq!(get(&bench.there).await.unwrap().unwrap(), "old", "and Redis has it");
    Gate::close(&bench.gate.writes).await;
    let cache = bench.here.clone();
    let writer = tokio::spawn(async move { set(&cache, "new").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    writer.abort();
    assert!(writer.await.unwrap_err().is_cancelled());
    Gate::open(&bench.gate.writes);
    let now = bench.clock.now();
    while bench.gate.tier.get(KEY, now).await.unwrap().unwrap().value != "new" {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..50 {
        bench.let_staleness_pass();
        if get(&bench.there).await.unwrap().unwrap() == "new" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("Redis still has what was replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_values_are_smaller_below_the_process() {
    let Some(bench) = Bench::new().await else { return };
    for (length, is_compressed) in [(COMPRESS_ABOVE, false), (COMPRESS_ABOVE + 1, true), (2 << 20, true)] {
        let value = Bytes::from(vec![b'x'; length]);
        bench.here.set(KEY, value.clone(), LONG).await.unwrap();
        let below = bench.gate.tier.get(KEY, bench.clock.now()).await.unwrap().unwrap().value;
        assert_eq!(below.len() < length, is_compressed, "{length}: {}", below.len());
        for _ in 0..2 {
            bench.let_staleness_pass();
            assert!(bench.there.get(KEY).await.unwrap() == Some(value.clone()), "{length}");
        }
    }
    assert_eq!(bench.there.stats().hits_shared, 3);
}
