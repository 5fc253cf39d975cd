//! What every memory of the rate limit promises.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use ret::{
    adapters::{
        memory::MemoryRateLimits,
        redis::{RedisLogin, RedisRateLimits, RedisServer},
        system::{SystemClock, SystemRandom},
    },
    domain::{Timestamp, rate::Quota},
    ports::RateLimits,
};

use super::{Bench, suite};
use crate::harness::Redis;

suite!(exact_under_concurrency, keys_are_apart);

const QUOTA: Quota = Quota { requests: 100, period: Duration::from_secs(60) };

async fn exact_under_concurrency(bench: Bench) {
    let limits = Arc::clone(&bench.stores.rate_limits);
    let now = bench.now();
    // Connected before it is pressed: what is not yet counts for itself.
    limits.take("warm", QUOTA, now).await.unwrap();
    let takes = (0..400).map(|_| {
        let limits = Arc::clone(&limits);
        tokio::spawn(async move { limits.take("a", QUOTA, now).await.unwrap().allowed })
    });
    let mut allowed = 0;
    for take in takes.collect::<Vec<_>>() {
        allowed += u32::from(take.await.unwrap());
    }
    assert_eq!(allowed, 100);
}

async fn keys_are_apart(bench: Bench) {
    let limits = &bench.stores.rate_limits;
    let quota = Quota { requests: 1, period: Duration::from_secs(60) };
    assert!(limits.take("a", quota, bench.now()).await.unwrap().allowed);
    assert!(!limits.take("a", quota, bench.now()).await.unwrap().allowed);
    assert!(limits.take("b", quota, bench.now()).await.unwrap().allowed);
    bench.clock.advance(Duration::from_secs(60));
    assert!(limits.take("a", quota, bench.now()).await.unwrap().allowed);
}

/// The embedded adapters count for their process alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_on_servers_share_a_quota() {
    let Some(bench) = Bench::azure().await else { return };
    let other = bench.second().await;
    let now = bench.now();
    // Both are connected before they are pressed: one that is not yet counts for itself.
    for instance in [&bench, &other] {
        instance.stores.rate_limits.take("warm", QUOTA, now).await.unwrap();
    }
    let takes = (0..400).map(|number| {
        let limits = Arc::clone(if number % 2 == 0 { &bench.stores.rate_limits } else { &other.stores.rate_limits });
        tokio::spawn(async move { limits.take("a", QUOTA, now).await.unwrap().allowed })
    });
    let mut allowed = 0;
    for take in takes.collect::<Vec<_>>() {
        allowed += u32::from(take.await.unwrap());
    }
    assert_eq!(allowed, 100);
}

/// Requests of two clients under changing quotas, with the milliseconds since the one before; clocks of instances may differ.
fn requests() -> impl Strategy<Value = Vec<(i64, usize, usize)>> {
    prop::collection::vec((prop_oneof![Just(0), -500..2_000_i64, 0..100_000_i64], 0..2_usize, 0..4_usize), 1..60)
}

#[test]
fn redis_decides_as_the_arithmetic_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(redis) = runtime.block_on(Redis::start()) else { return };
    let clock = Arc::new(SystemClock);
    let server = RedisServer::new(&redis.url(), RedisLogin::AsGiven, clock, Arc::new(SystemRandom)).unwrap();
    let limits = RedisRateLimits::new(server);
    let quotas = [(1, 1_000), (3, 1_000), (7, 60_000), (100, 60_000)]
        .map(|(requests, millis)| Quota { requests, period: Duration::from_millis(millis) });
    let case = std::cell::Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::default();
    let outcome = runner.run(&requests(), |requests| {
        case.set(case.get() + 1);
        runtime.block_on(async {
            let model = MemoryRateLimits::default();
            let mut now = 1_772_359_200_000;
            for (later, client, quota) in requests {
                now += later;
                let (key, quota, now) =
                    (format!("{}:{client}", case.get()), quotas[quota], Timestamp::from_millis(now));
                let decided = limits.take(&key, quota, now).await.unwrap();
                prop_assert_eq!(decided, model.take(&key, quota, now).await.unwrap());
            }
            Ok(())
        })
    });
    outcome.unwrap();
}
