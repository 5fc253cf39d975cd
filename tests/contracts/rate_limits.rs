//! What every memory of the rate limit promises.

use std::{sync::Arc, time::Duration};

use ret::domain::rate::Quota;

use super::{Bench, suite};

suite!(exact_under_concurrency, keys_are_apart);

const QUOTA: Quota = Quota { requests: 100, period: Duration::from_secs(60) };

async fn exact_under_concurrency(bench: Bench) {
    let limits = Arc::clone(&bench.stores.rate_limits);
    let now = bench.now();
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
