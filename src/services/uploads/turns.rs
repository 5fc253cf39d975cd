//! Who takes the bytes of a ticket: one request at a time, and the latest.
//!
//! A connection that broke may look whole to the service for a long time, so a request that goes on after it does not wait for it but ends it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use crate::domain::UploadId;

/// The turns of all tickets in this process.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<UploadId, Place>>);

/// Where requests for one ticket meet.
#[derive(Default)]
struct Place {
    free: Arc<tokio::sync::Mutex<()>>,
    /// Ends the latest of them.
    latest: CancellationToken,
}

/// The right to take bytes for a ticket, until it is dropped.
pub(super) struct Turn {
    superseded: CancellationToken,
    _held: OwnedMutexGuard<()>,
}

impl Turn {
    /// Ready once a later request wants to take the bytes.
    pub(super) fn superseded(&self) -> impl Future<Output = ()> + use<> {
        self.superseded.clone().cancelled_owned()
    }
}

impl Turns {
    /// Tells whoever has the turn to end, and waits for that. `None` if a later one came meanwhile.
    pub(super) async fn take(&self, upload: UploadId) -> Option<Turn> {
        let superseded = CancellationToken::new();
        let free = {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that nobody holds or waits for any more.
            places.retain(|_, place| Arc::strong_count(&place.free) > 1);
            let place = places.entry(upload).or_default();
            std::mem::replace(&mut place.latest, superseded.clone()).cancel();
            Arc::clone(&place.free)
        };
        tokio::select! {
            biased;
            () = superseded.cancelled() => None,
            held = free.lock_owned() => Some(Turn { superseded: superseded.clone(), _held: held }),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn the_latest_has_the_turn_once_the_one_before_has_ended() {
        let (turns, upload) = (Turns::default(), UploadId(Uuid::from_u128(1)));
        let first = turns.take(upload).await.unwrap();
        assert!(turns.take(UploadId(Uuid::from_u128(2))).await.is_some(), "tickets do not wait for each other");
        assert_eq!(first.superseded().now_or_never(), None);
        let (mut second, mut third) = (Box::pin(turns.take(upload)), Box::pin(turns.take(upload)));
        assert!(second.as_mut().now_or_never().is_none(), "the first has not ended yet");
        first.superseded().await;
        assert!(third.as_mut().now_or_never().is_none());
        assert!(second.await.is_none(), "a later one came");
        drop(first);
        let third = third.await.unwrap();
        assert_eq!(third.superseded().now_or_never(), None);
        drop(third);
        assert!(turns.take(UploadId(Uuid::from_u128(3))).await.is_some());
        assert_eq!(turns.0.lock().unwrap().len(), 1, "nothing is kept of those that have ended");
    }
}
