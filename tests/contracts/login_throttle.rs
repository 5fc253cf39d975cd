//! What every memory of failed logins promises.

use std::time::Duration;

use super::{Bench, suite_of_rows};

suite_of_rows!(waits_grow_with_failures, forgets, old_failures_do_not_count, any_number_of_old_failures_is_removed);

async fn waits_grow_with_failures(bench: Bench) {
    let throttle = &bench.stores.login_throttle;
    for _ in 0..3 {
        throttle.record_failure("account:ada", 3, bench.now()).await.unwrap();
        assert_eq!(throttle.locked_until("account:ada", bench.now()).await.unwrap(), None);
    }
    throttle.record_failure("account:ada", 3, bench.now()).await.unwrap();
    let until = throttle.locked_until("account:ada", bench.now()).await.unwrap().unwrap();
    assert_eq!(until.since(bench.now()), Duration::from_secs(1));
    assert_eq!(throttle.locked_until("account:grace", bench.now()).await.unwrap(), None);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(throttle.locked_until("account:ada", bench.now()).await.unwrap(), None);
    throttle.record_failure("account:ada", 3, bench.now()).await.unwrap();
    let until = throttle.locked_until("account:ada", bench.now()).await.unwrap().unwrap();
    assert_eq!(until.since(bench.now()), Duration::from_secs(2));
}

async fn forgets(bench: Bench) {
    let throttle = &bench.stores.login_throttle;
    throttle.record_failure("account:ada", 0, bench.now()).await.unwrap();
    assert!(throttle.locked_until("account:ada", bench.now()).await.unwrap().is_some());
    throttle.forget("account:ada").await.unwrap();
    throttle.forget("account:ada").await.unwrap();
    assert!(throttle.locked_until("account:ada", bench.now()).await.unwrap().is_none());
}

async fn old_failures_do_not_count(bench: Bench) {
    let throttle = &bench.stores.login_throttle;
    for _ in 0..8 {
        throttle.record_failure("account:ada", 3, bench.now()).await.unwrap();
    }
    bench.clock.advance(Duration::from_secs(15 * 60 + 1));
    assert_eq!(throttle.remove_expired(bench.now()).await.unwrap(), 1);
    throttle.record_failure("account:ada", 3, bench.now()).await.unwrap();
    assert!(throttle.locked_until("account:ada", bench.now()).await.unwrap().is_none());
}

async fn any_number_of_old_failures_is_removed(bench: Bench) {
    let throttle = &bench.stores.login_throttle;
    for number in 0..250 {
        throttle.record_failure(&format!("address:{number}"), 3, bench.now()).await.unwrap();
    }
    bench.clock.advance(Duration::from_secs(15 * 60 + 1));
    throttle.record_failure("address:new", 0, bench.now()).await.unwrap();
    assert_eq!(throttle.remove_expired(bench.now()).await.unwrap(), 250);
    assert!(throttle.locked_until("address:new", bench.now()).await.unwrap().is_some());
}
