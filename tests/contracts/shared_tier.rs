//! What the tier promises that instances share.

use std::time::Duration;

use bytes::Bytes;
use ret::{
    adapters::redis::RedisTier,
    domain::Timestamp,
    ports::{
        SharedTier,
        cache_tier::CacheEntry,
        shared_tier::{Forget, Lease, LookUp},
    },
};

use crate::harness::Redis;

const NOW: Timestamp = Timestamp::from_millis(1_772_359_200_000);
const HOUR: Duration = Duration::from_secs(3600);
const KEPT: Duration = Duration::from_secs(1800);

/// Two instances' views of one server.
struct Bench {
    redis: Redis,
    here: RedisTier,
    there: RedisTier,
}

impl Bench {
    async fn new() -> Option<Self> {
        let redis = Redis::start().await?;
        let tier = || RedisTier::new(redis.connected(), KEPT);
        Some(Self { here: tier(), there: tier(), redis })
    }

    /// Asks the server itself.
    fn ask<T: redis::FromRedisValue>(&self, command: &str, arguments: &[&str]) -> T {
        let mut connection = redis::Client::open(self.redis.url()).unwrap().get_connection().unwrap();
        redis::cmd(command).arg(arguments).query(&mut connection).unwrap()
    }

    async fn fill(&self, key: &str, text: &str) {
        let lease = missing(&self.here, key).await;
        self.here.fill(key, &lease, &entry(text), NOW).await.unwrap();
    }
}

fn entry(text: &str) -> CacheEntry {
    CacheEntry { value: Bytes::copy_from_slice(text.as_bytes()), expires_at: NOW.plus(HOUR) }
}

async fn missing(tier: &RedisTier, key: &str) -> Lease {
    match tier.look_up(key, NOW).await.unwrap() {
        LookUp::Missing(lease) => lease,
        LookUp::Found(entry) => panic!("{key}: {entry:?}"),
    }
}

async fn found(tier: &RedisTier, key: &str, now: Timestamp) -> Option<CacheEntry> {
    match tier.look_up(key, now).await.unwrap() {
        LookUp::Missing(_) => None,
        LookUp::Found(entry) => Some(entry),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_value_is_given_to_all_with_its_own_end() {
    let Some(bench) = Bench::new().await else { return };
    for (key, text) in [("session:1:a", "a value with spaces and \0 \r\n"), ("b", "")] {
        bench.fill(key, text).await;
        assert_eq!(found(&bench.there, key, NOW).await, Some(entry(text)));
    }
    let lease = missing(&bench.here, "session:1:c").await;
    let short = CacheEntry { expires_at: NOW.plus(Duration::from_millis(1500)), ..entry("c") };
    bench.here.fill("session:1:c", &lease, &short, NOW).await.unwrap();
    assert_eq!(found(&bench.there, "session:1:c", NOW.plus(Duration::from_millis(1499))).await, Some(short));
    assert_eq!(found(&bench.there, "session:1:c", NOW.plus(Duration::from_millis(1500))).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_kept_no_longer_than_the_setting_says() {
    let Some(bench) = Bench::new().await else { return };
    bench.fill("session:1:a", "1").await;
    // The group lives on by what comes later; the copy does not.
    let later = NOW.plus(KEPT - Duration::from_millis(1));
    let lease = missing(&bench.here, "session:1:b").await;
    bench.here.fill("session:1:b", &lease, &entry("2"), later).await.unwrap();
    assert_eq!(found(&bench.there, "session:1:a", later).await, Some(entry("1")));
    assert_eq!(found(&bench.there, "session:1:a", NOW.plus(KEPT)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_miss_together_share_a_lease_and_each_may_fill() {
    let Some(bench) = Bench::new().await else { return };
    let (one, two) = (missing(&bench.here, "session:1:a").await, missing(&bench.there, "session:1:a").await);
    assert_eq!(one, two);
    bench.there.fill("session:1:a", &two, &entry("1"), NOW).await.unwrap();
    assert_eq!(found(&bench.here, "session:1:a", NOW).await, Some(entry("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_before_it_was_forgotten_comes_too_late() {
    let Some(bench) = Bench::new().await else { return };
    for prefix in [None, Some("session:1:"), Some("session:1:a"), Some("session:"), Some("")] {
        let lease = missing(&bench.here, "session:1:a").await;
        match prefix {
            None => bench.there.forget(&[Forget::Key("session:1:a".into())]).await.unwrap(),
            Some(prefix) => bench.there.forget(&[Forget::Prefix(prefix.into())]).await.unwrap(),
        }
        bench.here.fill("session:1:a", &lease, &entry("old"), NOW).await.unwrap();
        assert_eq!(found(&bench.there, "session:1:a", NOW).await, None, "{prefix:?}");
        // Also while another look-up is under way.
        bench.here.fill("session:1:a", &lease, &entry("old"), NOW).await.unwrap();
        assert_eq!(found(&bench.there, "session:1:a", NOW).await, None, "{prefix:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_a_prefix_is_forgotten() {
    let Some(bench) = Bench::new().await else { return };
    let keys = ["s:1:a", "s:1:b", "s:10:a", "s:1", "s%1:x", "s_1:x:y", "s*:x:y", "s[a]:x:y", "s:1:\u{10ffff}", "r:1:a"];
    for prefix in ["s:1:", "s:1:a", "s%", "s_1:", "s*", "s[a", "s:1", "s", ""] {
        for key in keys {
            if found(&bench.here, key, NOW).await.is_none() {
                bench.fill(key, key).await;
            }
        }
        bench.there.forget(&[Forget::Prefix(prefix.into())]).await.unwrap();
        for key in keys.into_iter().filter(|key| key.starts_with(prefix)) {
            assert_eq!(found(&bench.here, key, NOW).await, None, "{key} after {prefix:?}");
        }
        let others = if prefix == "s*" { &["s:10:a", "r:1:a"][..] } else { &["r:1:a"] };
        for key in others.iter().filter(|key| !key.starts_with(prefix)) {
            assert_eq!(found(&bench.here, key, NOW).await, Some(entry(key)), "{key} after {prefix:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_forgotten_at_once() {
    let Some(bench) = Bench::new().await else { return };
    let keys: Vec<String> = (0..200).map(|number| format!("session:{number}:a")).collect();
    for key in &keys {
        bench.fill(key, "old").await;
    }
    for key in ["session:kept:a", "other"] {
        bench.fill(key, "kept").await;
    }
    let forget = |(number, key): (usize, &String)| match number % 2 {
        0 => Forget::Key(key.clone()),
        _ => Forget::Prefix(key[..key.len() - 1].to_owned()),
    };
    bench.there.forget(&keys.iter().enumerate().map(forget).collect::<Vec<_>>()).await.unwrap();
    for key in &keys {
        assert_eq!(found(&bench.here, key, NOW).await, None, "{key}");
    }
    for key in ["session:kept:a", "other"] {
        assert_eq!(found(&bench.here, key, NOW).await, Some(entry("kept")));
    }
    bench.there.forget(&[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_evicted_nothing_old_comes_back() {
    let Some(bench) = Bench::new().await else { return };
    bench.fill("session:1:a", "1").await;
    let lease = missing(&bench.here, "session:1:b").await;
    let keys: Vec<String> = bench.ask("KEYS", &["*"]);
    assert_eq!(keys.len(), 1, "one key of Redis for all of a session, so nothing can be left of it: {keys:?}");
    bench.ask::<()>("DEL", &[&keys[0]]);
    bench.here.fill("session:1:b", &lease, &entry("old"), NOW).await.unwrap();
    for key in ["session:1:a", "session:1:b"] {
        assert_eq!(found(&bench.there, key, NOW).await, None, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_has_a_time_to_live() {
    let Some(bench) = Bench::new().await else { return };
    bench.fill("session:1:a", "1").await;
    missing(&bench.here, "session:2:a").await;
    missing(&bench.here, "b").await;
    let keys: Vec<String> = bench.ask("KEYS", &["*"]);
    assert_eq!(keys.len(), 3);
    for key in keys {
        let millis: i64 = bench.ask("PTTL", &[&key]);
        assert!(millis > 0 && millis <= 1_800_000, "{key}: {millis}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_value_is_left_to_the_durable_tier() {
    let Some(bench) = Bench::new().await else { return };
    let lease = missing(&bench.here, "session:1:a").await;
    let large = CacheEntry { value: vec![0; (4 << 20) + 1].into(), ..entry("") };
    bench.here.fill("session:1:a", &lease, &large, NOW).await.unwrap();
    assert_eq!(found(&bench.here, "session:1:a", NOW).await, None);
}
