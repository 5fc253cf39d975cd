//! What every session cache promises.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Bench, suite};
use crate::harness::TestApp;

suite!(
    sets_gets_and_deletes,
    lives_to_the_millisecond,
    prefix_characters_are_literal,
    eviction_spares_the_durable_tier,
    survives_a_restart,
    instances_see_each_other,
    concurrent_writers_agree,
    large_values_come_back,
    readers_and_writers_at_once_agree,
);

const LONG: Duration = Duration::from_secs(3600);

fn value(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

async fn sets_gets_and_deletes(bench: Bench) {
    let cache = &bench.stores.session_cache;
    assert_eq!(cache.get("a").await.unwrap(), None);
    cache.set("a", value("1"), LONG).await.unwrap();
    cache.set("a", value("2"), LONG).await.unwrap();
    assert_eq!(cache.get("a").await.unwrap(), Some(value("2")));
    cache.set("empty", Bytes::new(), LONG).await.unwrap();
    assert_eq!(cache.get("empty").await.unwrap(), Some(Bytes::new()));
    assert!(cache.delete("a").await.unwrap());
    assert!(!cache.delete("a").await.unwrap());
    assert_eq!(cache.get("a").await.unwrap(), None);
}

async fn lives_to_the_millisecond(bench: Bench) {
    let other = bench.second().await;
    let cache = &bench.stores.session_cache;
    cache.set("a", value("1"), Duration::from_millis(1500)).await.unwrap();
    bench.clock.advance(Duration::from_millis(1499));
    assert_eq!(cache.get("a").await.unwrap(), Some(value("1")));
    assert_eq!(other.stores.session_cache.get("a").await.unwrap(), Some(value("1")));
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(cache.get("a").await.unwrap(), None, "the fast tier");
    assert_eq!(other.stores.session_cache.get("a").await.unwrap(), None, "the durable tier");
    assert!(!cache.delete("a").await.unwrap(), "what has ended is not there");
    assert_eq!(cache.remove_expired().await.unwrap(), 0);
    cache.set("b", value("1"), Duration::from_millis(1)).await.unwrap();
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(cache.remove_expired().await.unwrap(), 1);
}

async fn prefix_characters_are_literal(bench: Bench) {
    let cache = &bench.stores.session_cache;
    let keys = ["s:1:a", "s:1:b", "s:10:a", "s:1", "s%1:x", "s_1:x", "s*:x", "s:1:\u{10ffff}"];
    for key in keys {
        cache.set(key, value(key), LONG).await.unwrap();
    }
    assert_eq!(cache.clear_prefix("s%").await.unwrap(), 1);
    assert_eq!(cache.clear_prefix("s_1:").await.unwrap(), 1);
    assert_eq!(cache.clear_prefix("s*").await.unwrap(), 1);
    assert_eq!(cache.clear_prefix("s:1:").await.unwrap(), 3);
    assert_eq!(cache.get("s:1:a").await.unwrap(), None);
    assert_eq!(cache.get("s:10:a").await.unwrap(), Some(value("s:10:a")));
    assert_eq!(cache.get("s:1").await.unwrap(), Some(value("s:1")));
    assert_eq!(cache.clear_prefix("").await.unwrap(), 2);
}

async fn eviction_spares_the_durable_tier(_: Bench) {
    let app = TestApp::start_with(&[("SESSION_CACHE_MAX_SIZE", "10")]).await;
    let cache = &app.app.stores().session_cache;
    for number in 0..100 {
        cache.set(&format!("k{number}"), value(&number.to_string()), LONG).await.unwrap();
    }
    assert_eq!(cache.stats().evictions, 90);
    for number in 0..100 {
        let kept = cache.get(&format!("k{number}")).await.unwrap();
        assert_eq!(kept, Some(value(&number.to_string())), "k{number}");
    }
    assert!(cache.stats().hits_durable >= 90);
}

async fn survives_a_restart(bench: Bench) {
    bench.stores.session_cache.set("a", value("1"), LONG).await.unwrap();
    let Bench { app, stores, .. } = bench;
    drop(stores);
    let app = app.restart().await;
    assert_eq!(app.app.stores().session_cache.get("a").await.unwrap(), Some(value("1")));
}

async fn instances_see_each_other(bench: Bench) {
    let other = bench.second().await;
    let (here, there) = (&bench.stores.session_cache, &other.stores.session_cache);
    for round in 0..50 {
        let text = format!("{round}");
        here.set("a", value(&text), LONG).await.unwrap();
        assert_eq!(here.get("a").await.unwrap(), Some(value(&text)), "one's own write is seen at once");
        bench.let_staleness_pass();
        assert_eq!(there.get("a").await.unwrap(), Some(value(&text)));
        let reply = format!("{round}!");
        there.set("a", value(&reply), LONG).await.unwrap();
        bench.let_staleness_pass();
        assert_eq!(here.get("a").await.unwrap(), Some(value(&reply)));
    }
    here.delete("a").await.unwrap();
    assert_eq!(here.get("a").await.unwrap(), None);
    bench.let_staleness_pass();
    assert_eq!(there.get("a").await.unwrap(), None);
    assert_eq!(here.get("p:1").await.unwrap(), None, "also what is not there is looked up again");
    there.set("p:1", value("x"), LONG).await.unwrap();
    bench.let_staleness_pass();
    assert_eq!(here.get("p:1").await.unwrap(), Some(value("x")));
    assert_eq!(there.clear_prefix("p:").await.unwrap(), 1);
    bench.let_staleness_pass();
    assert_eq!(here.get("p:1").await.unwrap(), None);
}

async fn concurrent_writers_agree(bench: Bench) {
    let other = bench.second().await;
    let caches = [Arc::clone(&bench.stores.session_cache), Arc::clone(&other.stores.session_cache)];
    let mut writers = Vec::new();
    for number in 0..40 {
        let cache = Arc::clone(&caches[number % 2]);
        writers.push(tokio::spawn(async move {
            for round in 0..10 {
                cache.set(&format!("k{}", round % 3), value(&format!("{number}-{round}")), LONG).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    bench.let_staleness_pass();
    for key in ["k0", "k1", "k2"] {
        let (one, two) = (caches[0].get(key).await.unwrap(), caches[1].get(key).await.unwrap());
        assert!(one.is_some());
        assert_eq!(one, two, "{key}");
    }
}

async fn large_values_come_back(bench: Bench) {
    let other = bench.second().await;
    let (here, there) = (&bench.stores.session_cache, &other.stores.session_cache);
    // Below and above what is held in memory, and what is compressed where that is done; one of them gets no smaller.
    let noise: Vec<u8> = (0..1_500_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let values = [vec![b'x'; 64 << 10], vec![b'x'; (64 << 10) + 1], vec![b'x'; 3 << 20], noise];
    for (number, large) in values.into_iter().enumerate() {
        let (key, large) = (format!("session:1:{number}"), Bytes::from(large));
        here.set(&key, large.clone(), LONG).await.unwrap();
        for round in 0..3 {
            bench.let_staleness_pass();
            assert!(there.get(&key).await.unwrap() == Some(large.clone()), "{key}, round {round}");
        }
        assert!(here.get(&key).await.unwrap() == Some(large), "{key}");
    }
}

/// A reader that looks up an old value while a new one is being written must not keep it, in any tier.
async fn readers_and_writers_at_once_agree(bench: Bench) {
    let other = bench.second().await;
    let (here, there) = (&bench.stores.session_cache, &other.stores.session_cache);
    for round in 0..100 {
        let key = format!("session:1:{}", round % 3);
        let text = value(&round.to_string());
        bench.let_staleness_pass();
        let read = || async {
            let _ = tokio::join!(here.get(&key), there.get(&key), there.get(&key));
        };
        if round % 10 == 9 {
            let (cleared, ()) = tokio::join!(here.clear_prefix("session:1:"), read());
            cleared.unwrap();
            assert_eq!(here.get(&key).await.unwrap(), None, "round {round}");
            bench.let_staleness_pass();
            assert_eq!(there.get(&key).await.unwrap(), None, "round {round}");
        } else {
            let (set, ()) = tokio::join!(here.set(&key, text.clone(), LONG), read());
            set.unwrap();
            assert_eq!(here.get(&key).await.unwrap(), Some(text.clone()), "round {round}");
            bench.let_staleness_pass();
            assert_eq!(there.get(&key).await.unwrap(), Some(text.clone()), "round {round}");
            assert_eq!(here.get(&key).await.unwrap(), Some(text), "round {round}");
        }
    }
}
