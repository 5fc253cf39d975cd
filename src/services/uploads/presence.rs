//! Long work of a session: while it lasts the session does not idle away, and whoever does it learns when the session has ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_util::task::AbortOnDropHandle;

use super::watch::Watch;
use crate::{
    domain::SessionId,
    ports::{StoreError, error::StoreErrorKind},
    services::Stores,
};

/// How often the session is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Shows that somebody is at work for a session, until the last clone is dropped: also while the work waits for a slow client or for
/// its turn.
#[derive(Clone)]
pub(super) struct Presence {
    ended: Arc<AtomicBool>,
    _showing: Arc<AbortOnDropHandle<()>>,
}

impl Presence {
    pub(super) fn of(stores: &Stores, session: SessionId) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let showing = tokio::spawn(show(stores.clone(), session, Arc::clone(&ended)));
        Self { ended, _showing: Arc::new(AbortOnDropHandle::new(showing)) }
    }
}

impl Watch for Presence {
    /// `Gone` when the session has ended.
    fn check(&self) -> Result<(), StoreError> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(StoreError::new(StoreErrorKind::Gone, "sessions", "go on", "the session has ended"));
        }
        Ok(())
    }

    fn progress(&mut self, _: usize) {}
}

async fn show(stores: Stores, session: SessionId, ended: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let shown = async {
            if !stores.session_is_open(session).await? {
                ended.store(true, Ordering::Relaxed);
            }
            stores.sessions.touch(session, stores.clock.now()).await
        };
        if let Err(error) = shown.await {
            tracing::warn!(session_id = %session, %error, "could not show that a session is at work");
        }
    }
}
