//! The audit log: kept for administrators, beside what it tells of.
//!
//! Changes of accounts are kept in their own transaction, and do not happen without their entry. All else is kept after it was done: that
//! an entry cannot be kept is an error in the log of the service, and no reason to fail what was done.

use std::{sync::Arc, time::Duration};

use tracing::Instrument as _;

use super::{Page, Policy, Stores};
use crate::{
    domain::{Actor, AuditAction, AuditEntry, AuditEntryId, SessionId},
    ports::StoreError,
};

pub use crate::ports::audit::{AuditFilter, AuditPosition};

/// Keeps and shows the audit log.
#[derive(Clone)]
pub struct AuditService {
    stores: Stores,
    retention: Option<Duration>,
}

impl AuditService {
    pub(super) fn new(stores: Stores, policy: &Policy) -> Self {
        Self { stores, retention: policy.audit_retention }
    }

    /// An entry of something that is done now. Nothing is kept yet.
    #[must_use]
    pub fn entry(&self, actor: &Actor, action: AuditAction) -> AuditEntry {
        AuditEntry::new(AuditEntryId(self.stores.ids.next()), self.stores.clock.now(), actor, action)
    }

    /// Keeps an entry; that it cannot be kept is only logged. Goes on if the caller does not wait: a client that leaves the moment its
    /// request was done leaves its trace.
    pub async fn record(&self, entry: AuditEntry) {
        let audit = Arc::clone(&self.stores.audit);
        let keep = async move {
            if let Err(error) = audit.record(&entry).await {
                tracing::error!(action = entry.action.as_str(), %error, "an audit entry could not be kept");
            }
        };
        // Fails only if it panics, which is told where it happens.
        let _ = tokio::spawn(keep.in_current_span()).await;
    }

    /// Whose session it is, while it is open; somebody unknown if that cannot be found out.
    pub async fn actor_of(&self, session: SessionId) -> Actor {
        match self.stores.sessions.authenticate(session).await {
            Ok(found) => found.map(|(_, user)| Actor::person(&user)).unwrap_or_default(),
            Err(error) => {
                tracing::warn!(session_id = %session, %error, "the audit log could not find out whose session it is");
                Actor::default()
            }
        }
    }

    /// Entries from the newest on.
    pub async fn list(
        &self,
        filter: AuditFilter,
        after: Option<AuditPosition>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let entries = self.stores.audit.list(filter, after, limit + 1).await?;
        Ok(Page::of(entries, limit, |entry| AuditPosition::after(entry).to_string()))
    }

    /// Removes entries that are past their time; how many.
    pub(super) async fn remove_old(&self) -> Result<u64, StoreError> {
        match self.retention {
            Some(retention) => self.stores.audit.remove_before(self.stores.clock.now().minus(retention)).await,
            None => Ok(0),
        }
    }
}
