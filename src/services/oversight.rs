//! What an administrator sees of everybody's sessions and jobs, and ends.
//!
//! What was uploaded, and what came of it, is its owner's business: here are its sizes and how far things are.

use serde_json::json;

use super::{
    Page, Stores,
    audit::AuditService,
    conversations::ConversationService,
    jobs::{CancelRequest, JobOutline, JobService},
    session_end::{Ended, SessionEnd},
};
use crate::{
    domain::{Actor, AuditAction, JobId, JobState, SessionId},
    ports::StoreError,
};

pub use crate::ports::sessions::SessionOutline;

/// Looks after what is everybody's.
#[derive(Clone)]
pub struct OversightService {
    stores: Stores,
    jobs: JobService,
    conversations: ConversationService,
    session_end: SessionEnd,
    audit: AuditService,
}

impl OversightService {
    pub(super) fn new(
        stores: Stores,
        jobs: JobService,
        conversations: ConversationService,
        session_end: SessionEnd,
        audit: AuditService,
    ) -> Self {
        Self { stores, jobs, conversations, session_end, audit }
    }

    /// Open sessions, the newest first.
    pub async fn sessions(&self, before: Option<SessionId>, limit: u32) -> Result<Page<SessionOutline>, StoreError> {
        let sessions = self.stores.sessions.list_open(before, limit + 1).await?;
        Ok(Page::of(sessions, limit, |outline| outline.session.id.to_string()))
    }

    /// Ends an open session as its owner would by signing out; `None` if there is none of that id.
    pub async fn end_session(&self, by: &Actor, id: SessionId) -> Result<Option<Ended>, StoreError> {
        // Asked before: afterwards the session is nobody's.
        let Some((_, owner)) = self.stores.sessions.authenticate(id).await? else { return Ok(None) };
        self.conversations.flush_of_session(id).await;
        let ended = self.session_end.end(id).await?;
        if ended.sessions == 0 {
            return Ok(None);
        }
        let about =
            json!({ "user_id": owner.id, "username": owner.username, "files": ended.files, "bytes": ended.bytes });
        self.audit.record(self.audit.entry(by, AuditAction::SessionEnded).about(id).with(about)).await;
        Ok(Some(ended))
    }

    /// Jobs of everybody, or those in one state, the newest first.
    pub async fn jobs(
        &self,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Page<JobOutline>, StoreError> {
        self.jobs.list_all(state, before, limit).await
    }

    /// Cancels a job of anybody.
    pub async fn cancel_job(&self, by: &Actor, id: JobId) -> Result<CancelRequest, StoreError> {
        let asked = self.jobs.cancel_any(id).await?;
        if matches!(asked, CancelRequest::Cancelled | CancelRequest::Requested) {
            self.audit.record(self.audit.entry(by, AuditAction::JobCancelled).about(id)).await;
        }
        Ok(asked)
    }
}
