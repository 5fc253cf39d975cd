//! Looking at jobs and cancelling them.

use super::{Page, Stores};
use crate::{
    domain::{Job, JobId, SessionId},
    ports::StoreError,
};

pub use crate::ports::jobs::CancelRequest;

/// Looks at jobs.
#[derive(Clone)]
pub struct JobService {
    stores: Stores,
}

impl JobService {
    pub(super) fn new(stores: Stores) -> Self {
        Self { stores }
    }

    /// A job of the session.
    pub async fn get(&self, session: SessionId, id: JobId) -> Result<Option<Job>, StoreError> {
        self.stores.jobs.get(session, id).await
    }

    /// Jobs of the session, newest first.
    pub async fn list(&self, session: SessionId, before: Option<JobId>, limit: u32) -> Result<Page<Job>, StoreError> {
        let jobs = self.stores.jobs.list(session, before, limit + 1).await?;
        Ok(Page::of(jobs, limit, |job| job.id.to_string()))
    }

    /// Cancels a job: at once if it waits, else as soon as its worker sees the wish; then what it had written is removed.
    pub async fn cancel(&self, session: SessionId, id: JobId) -> Result<CancelRequest, StoreError> {
        self.stores.jobs.request_cancel(session, id, self.stores.clock.now()).await
    }
}
