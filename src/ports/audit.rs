//! The audit log.

use std::{fmt, str::FromStr};

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AuditAction, AuditEntry, AuditEntryId, Timestamp, UserId};

/// Which entries; `None` lets all through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this action.
    pub action: Option<AuditAction>,
    /// Of what this person did.
    pub actor: Option<UserId>,
}

/// Where a list goes on: after the entry of this time and id. Written `{milliseconds}_{id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditPosition {
    /// When it was.
    pub at: Timestamp,
    /// Which.
    pub id: AuditEntryId,
}

impl AuditPosition {
    /// Before the newest entry.
    #[must_use]
    pub fn start() -> Self {
        Self { at: Timestamp::from_millis(i64::MAX), id: AuditEntryId(uuid::Uuid::max()) }
    }

    /// After this entry.
    #[must_use]
    pub fn after(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id }
    }
}

impl fmt::Display for AuditPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.as_millis(), self.id)
    }
}

impl FromStr for AuditPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (millis, id) = text.split_once('_').ok_or(())?;
        let at = Timestamp::from_millis(millis.parse().map_err(|_| ())?);
        Ok(Self { at, id: id.parse().map_err(|_| ())? })
    }
}

/// The store of the audit log. Entries hang on nothing: they stay when account and session are gone, and are never changed.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Keeps an entry; one that is there already stays.
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Entries of the filter from the newest on, those of one time by id, at most `limit`.
    async fn list(
        &self,
        filter: AuditFilter,
        after: Option<AuditPosition>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// Removes entries of before that time, in portions that are a transaction each: how many. What is very much is left to the next call.
    async fn remove_before(&self, before: Timestamp) -> Result<u64, StoreError>;
}
