//! Long work of a session: keeps the session from idling away, and notices when it has ended.

use std::time::Duration;

use crate::{
    domain::{SessionId, Timestamp},
    ports::{StoreError, error::StoreErrorKind},
    services::Stores,
};

/// How often the session is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Shows that somebody is at work for a session.
pub(super) struct Presence {
    stores: Stores,
    session: SessionId,
    next: Timestamp,
}

impl Presence {
    pub(super) fn new(stores: &Stores, session: SessionId) -> Self {
        Self { stores: stores.clone(), session, next: stores.clock.now().plus(EVERY) }
    }

    /// To be called often; does something once a second. `Gone` when the session has ended.
    pub(super) async fn show(&mut self) -> Result<(), StoreError> {
        let now = self.stores.clock.now();
        if now < self.next {
            return Ok(());
        }
        self.next = now.plus(EVERY);
        let open = self.stores.sessions.get(self.session).await?.is_some_and(|session| session.closed_at.is_none());
        if !open {
            return Err(StoreError::new(StoreErrorKind::Gone, "sessions", "go on", "the session has ended"));
        }
        self.stores.sessions.touch(self.session, now).await
    }
}
