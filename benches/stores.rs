//! What the tiers of the session cache and the shared rate limit cost, each beside a plain round trip to the same server.
//!
//! ```sh
//! cargo bench --bench stores
//! ```
//!
//! Starts a Redis and a PostgreSQL of its own on this machine. Calls come one after the other; of all their times the median is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    reason = "a measuring program fails by panicking; it shares the servers with the tests"
)]

#[path = "../tests/harness/servers/mod.rs"]
mod servers;

use std::{
    num::{NonZeroU32, NonZeroUsize},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use ret::{
    adapters::{
        memory::MemoryRateLimits,
        postgres::{PostgresDatabase, PostgresLogin},
        rate_limits_with_fallback::RateLimitsWithFallback,
        redis::{RedisLogin, RedisRateLimits, RedisServer, RedisTier},
        sqlite_cache::{SqliteCache, SqliteCacheTier},
        system::SystemRandom,
        tiered_cache::TieredCache,
    },
    domain::{Timestamp, rate::Quota},
    ports::{
        CacheTier, Clock, RateLimits, SessionCache, SharedTier,
        cache_tier::CacheEntry,
        session_cache::STALENESS_OF_TIERS,
        shared_tier::{Forget, LookUp},
    },
};
use servers::{Postgres, Redis};

const CALLS: usize = 5_000;
const ENTRIES: usize = 100_000;
const IN_A_SESSION: usize = 10;
const CLEARS: usize = 101;
const LONG: Duration = Duration::from_secs(24 * 3600);

/// As large as a preview of a table.
const VALUE_BYTES: usize = 2_000;

/// A clock that stands still until it is moved.
struct BenchClock(AtomicI64);

impl Clock for BenchClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(Box::pin(measure()));
}

async fn measure() {
    let redis = Redis::start_with(&["--maxmemory", "2gb"]).await.expect("RET_TEST_ONLY_EMBEDDED is not for measuring");
    let postgres = Postgres::alone().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(BenchClock(AtomicI64::new(1_772_359_200_000)));
    let server = RedisServer::new(&redis.url(), RedisLogin::AsGiven, clock.clone(), Arc::new(SystemRandom)).unwrap();
    let value = Bytes::from(vec![b'x'; VALUE_BYTES]);
    let now = clock.now();
    let entry = CacheEntry { value: value.clone(), expires_at: now.plus(LONG) };
    let key = "session:01a7c1f0-0000-7000-8000-000000000001:preview";

    println!("| what | median | plain round trip | ratio |\n|---|--:|--:|--:|");
    let client = redis::Client::open(redis.url()).unwrap();
    let plain = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("SET").arg("plain").arg(value.as_ref()).query_async::<()>(&mut plain.clone()).await.unwrap();
    let bare_get = async || {
        let found: Vec<u8> = redis::cmd("GET").arg("plain").query_async(&mut plain.clone()).await.unwrap();
        assert_eq!(found.len(), VALUE_BYTES);
    };

    let tier = Arc::new(RedisTier::new(server.clone(), LONG));
    let file = Arc::new(SqliteCacheTier::open(&folder.path().join("tier.db")).unwrap());
    let max_size = NonZeroUsize::new(1000).unwrap();
    let shared = Arc::clone(&tier) as Arc<dyn SharedTier>;
    let tiers = TieredCache::new(file.clone(), Some(shared), max_size, 1 << 20, clock.clone());
    tiers.set(key, value.clone(), LONG).await.unwrap();
    row("session get, tier 1: this process", times(async || drop(tiers.get(key).await.unwrap())).await, None);
    let (one, two) = in_turns(
        async || {
            let LookUp::Found(found) = tier.look_up(key, now).await.unwrap() else { panic!("not there") };
            assert_eq!(found.value.len(), VALUE_BYTES);
        },
        bare_get,
        async || {
            let LookUp::Missing(lease) = tier.look_up(key, now).await.unwrap() else { return };
            tier.fill(key, &lease, &entry, now).await.unwrap();
        },
    )
    .await;
    row("tier 2: Redis alone", one, Some(("GET", two)));
    let (one, two) = in_turns(
        async || {
            clock.0.fetch_add(i64::try_from(STALENESS_OF_TIERS.as_millis()).unwrap(), Ordering::Relaxed);
            assert!(tiers.get(key).await.unwrap().is_some());
        },
        bare_get,
        async || {},
    )
    .await;
    assert!(tiers.stats().hits_shared as usize >= CALLS, "{:?}", tiers.stats());
    row("session get that comes to tier 2", one, Some(("GET", two)));
    let embedded = SqliteCache::open(&folder.path().join("embedded.db"), max_size, clock.clone()).unwrap();
    embedded.set(key, value.clone(), LONG).await.unwrap();
    row("embedded cache, in memory", times(async || drop(embedded.get(key).await.unwrap())).await, None);
    row("tier 3: SQLite file", times(async || drop(file.get(key, now).await.unwrap().unwrap())).await, None);
    let connections = NonZeroU32::new(4).unwrap();
    let table =
        Arc::new(PostgresDatabase::open(&postgres.url(), PostgresLogin::AsGiven, connections, clock.clone()).unwrap());
    table.set(key, &entry, now).await.unwrap();
    // Without the question whether the connection still holds, which would be a second round trip.
    let options = sqlx::postgres::PgPoolOptions::new().test_before_acquire(false);
    let plain_postgres = options.connect(&postgres.url()).await.unwrap();
    let (one, two) = in_turns(
        async || drop(table.get(key, now).await.unwrap().unwrap()),
        async || {
            sqlx::query("SELECT 1").execute(&plain_postgres).await.unwrap();
        },
        async || {},
    )
    .await;
    row("tier 3: PostgreSQL", one, Some(("SELECT 1", two)));

    let quota = Quota { requests: 1_000_000, period: Duration::from_secs(60) };
    let shared = Arc::new(RedisRateLimits::new(server.clone()));
    let limits = RateLimitsWithFallback::new(shared, Arc::new(MemoryRateLimits::default()));
    let (one, two) = in_turns(
        async || assert!(limits.take("address:192.0.2.1", quota, clock.now()).await.unwrap().allowed),
        bare_get,
        async || {},
    )
    .await;
    row("rate limit over instances", one, Some(("GET", two)));
    let own = MemoryRateLimits::default();
    row(
        "rate limit of this process",
        times(async || assert!(own.take("a", quota, now).await.unwrap().allowed)).await,
        None,
    );

    println!("\nclear {IN_A_SESSION} of {ENTRIES} entries by prefix:");
    println!("| tier | median | longest |\n|---|--:|--:|");
    let small = CacheEntry { value: Bytes::from_static(&[b'x'; 100]), ..entry };
    fill_shared(&tier, &small, now).await;
    clears("Redis", async |prefix| tier.forget(&[Forget::Prefix(prefix.into())]).await.unwrap()).await;
    for number in 0..ENTRIES {
        file.set(&key_of(number), &small, now).await.unwrap();
    }
    sqlx::query("INSERT INTO session_cache SELECT convert_to('session:' || lpad((n / 10)::text, 8, '0') || ':' || n, 'UTF8'), $1, $2 FROM generate_series(0, $3) n")
        .bind(small.value.as_ref())
        .bind(small.expires_at.as_millis())
        .bind(i32::try_from(ENTRIES).unwrap() - 1)
        .execute(&plain_postgres)
        .await
        .unwrap();
    clears("PostgreSQL", async |prefix| {
        assert_eq!(table.clear_prefix(prefix, now).await.unwrap(), IN_A_SESSION as u64);
    })
    .await;
    clears("SQLite file", async |prefix| {
        assert_eq!(file.clear_prefix(prefix, now).await.unwrap(), IN_A_SESSION as u64);
    })
    .await;
    let large = TieredCache::new(file, None, NonZeroUsize::new(ENTRIES).unwrap(), 1 << 20, clock.clone());
    for number in 0..ENTRIES {
        large.set(&key_of(number), small.value.clone(), LONG).await.unwrap();
    }
    clears("all, with every entry in the process", async |prefix| {
        assert_eq!(large.clear_prefix(prefix).await.unwrap(), IN_A_SESSION as u64);
    })
    .await;
}

fn key_of(number: usize) -> String {
    format!("session:{:08}:{number}", number / IN_A_SESSION)
}

async fn fill_shared(tier: &RedisTier, entry: &CacheEntry, now: Timestamp) {
    for number in 0..ENTRIES {
        let key = key_of(number);
        if let LookUp::Missing(lease) = tier.look_up(&key, now).await.unwrap() {
            tier.fill(&key, &lease, entry, now).await.unwrap();
        }
    }
}

/// Clears sessions one after the other.
async fn clears(name: &str, clear: impl AsyncFn(&str)) {
    let mut times = Vec::with_capacity(CLEARS);
    for session in 0..CLEARS {
        let prefix = format!("session:{:08}:", session * 37);
        let started = Instant::now();
        clear(&prefix).await;
        times.push(started.elapsed());
    }
    let longest = times.iter().max().copied().unwrap_or_default();
    println!("| {name} | {:.1?} | {longest:.1?} |", median(times));
}

async fn times(call: impl AsyncFn()) -> Duration {
    // Connections, scripts and caches are there before anything is measured.
    for _ in 0..100 {
        call().await;
    }
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let started = Instant::now();
        call().await;
        times.push(started.elapsed());
    }
    median(times)
}

/// Two calls in turns, so that what else the machine does meets both alike.
async fn in_turns(one: impl AsyncFn(), two: impl AsyncFn(), before: impl AsyncFn()) -> (Duration, Duration) {
    before().await;
    let (mut ones, mut twos) = (Vec::with_capacity(CALLS), Vec::with_capacity(CALLS));
    for number in 0..CALLS + 100 {
        let started = Instant::now();
        one().await;
        let between = Instant::now();
        two().await;
        if number >= 100 {
            ones.push(between - started);
            twos.push(between.elapsed());
        }
    }
    (median(ones), median(twos))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn row(what: &str, median: Duration, beside: Option<(&str, Duration)>) {
    match beside {
        None => println!("| {what} | {median:.1?} | | |"),
        Some((name, plain)) => {
            let ratio = median.as_secs_f64() / plain.as_secs_f64();
            println!("| {what} | {median:.1?} | {name} {plain:.1?} | {ratio:.2} |");
        }
    }
}
