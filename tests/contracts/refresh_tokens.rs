//! What every store of refresh tokens promises.

use std::time::Duration;

use ret::ports::refresh_tokens::Rotation;

use super::{Bench, suite_of_rows};

suite_of_rows!(
    rotates_once,
    takes_a_spent_token_again_within_the_grace,
    reuse_revokes_the_family,
    expired_tokens_are_unknown,
    any_number_of_expired_tokens_is_removed,
    only_one_of_two_races_is_first
);

const GRACE_MS: u64 = 10_000;

async fn rotate(bench: &Bench, from: u8, to: u8) -> Rotation {
    let expires = bench.now().plus(Duration::from_secs(3600));
    bench.stores.refresh_tokens.rotate(&[from; 32], &[to; 32], bench.now(), GRACE_MS, expires).await.unwrap()
}

async fn family(bench: &Bench) -> ret::domain::SessionId {
    let session = bench.session().await;
    let expires = bench.now().plus(Duration::from_secs(3600));
    bench.stores.refresh_tokens.add(&[1; 32], session.id, expires).await.unwrap();
    session.id
}

async fn rotates_once(bench: Bench) {
    let session = family(&bench).await;
    assert_eq!(rotate(&bench, 1, 2).await, Rotation::Rotated { session });
    assert_eq!(rotate(&bench, 2, 3).await, Rotation::Rotated { session });
    assert_eq!(rotate(&bench, 9, 4).await, Rotation::Unknown);
    assert_eq!(bench.stores.refresh_tokens.session_of(&[3; 32]).await.unwrap(), Some(session));
    assert_eq!(bench.stores.refresh_tokens.revoke_family(session).await.unwrap(), 3);
    assert_eq!(rotate(&bench, 3, 5).await, Rotation::Unknown);
}

async fn takes_a_spent_token_again_within_the_grace(bench: Bench) {
    let session = family(&bench).await;
    rotate(&bench, 1, 2).await;
    bench.clock.advance(Duration::from_millis(GRACE_MS));
    assert_eq!(rotate(&bench, 1, 3).await, Rotation::Rotated { session });
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(rotate(&bench, 1, 4).await, Rotation::Reused { session }, "the grace counts from the first use");
}

async fn reuse_revokes_the_family(bench: Bench) {
    let session = family(&bench).await;
    rotate(&bench, 1, 2).await;
    bench.clock.advance(Duration::from_millis(GRACE_MS + 1));
    assert_eq!(rotate(&bench, 1, 3).await, Rotation::Reused { session });
    assert_eq!(rotate(&bench, 2, 4).await, Rotation::Unknown);
    assert_eq!(bench.stores.refresh_tokens.session_of(&[3; 32]).await.unwrap(), None);
}

async fn expired_tokens_are_unknown(bench: Bench) {
    family(&bench).await;
    bench.clock.advance(Duration::from_secs(3600));
    assert_eq!(rotate(&bench, 1, 2).await, Rotation::Unknown);
    assert_eq!(bench.stores.refresh_tokens.remove_expired(bench.now()).await.unwrap(), 1);
}

async fn any_number_of_expired_tokens_is_removed(bench: Bench) {
    let session = family(&bench).await;
    let tokens = &bench.stores.refresh_tokens;
    for number in 0..250_u32 {
        let mut hash = [2; 32];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        tokens.add(&hash, session, bench.now().plus(Duration::from_secs(60))).await.unwrap();
    }
    bench.clock.advance(Duration::from_secs(60));
    assert_eq!(tokens.remove_expired(bench.now()).await.unwrap(), 250);
    assert_eq!(tokens.remove_expired(bench.now()).await.unwrap(), 0);
    assert_eq!(tokens.session_of(&[1; 32]).await.unwrap(), Some(session), "this one holds for an hour");
}

async fn only_one_of_two_races_is_first(bench: Bench) {
    let session = family(&bench).await;
    let (first, second) = tokio::join!(rotate(&bench, 1, 2), rotate(&bench, 1, 3));
    assert_eq!((first, second), (Rotation::Rotated { session }, Rotation::Rotated { session }));
    bench.clock.advance(Duration::from_millis(GRACE_MS + 1));
    assert_eq!(rotate(&bench, 1, 4).await, Rotation::Reused { session });
}
