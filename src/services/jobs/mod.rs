//! Work in the background: looked at, cancelled, and done by workers.

mod ending;
mod pulse;
mod shown;
mod work;
mod worker;

use std::sync::Arc;

use super::{
    Page, Policy, Stores, conversions::ConversionService, embedding::EmbeddingService, indexing::IndexService,
    session_end::SessionEnd, uploads::UploadService,
};
use crate::{
    domain::{Job, JobId, JobState, SessionId},
    ports::StoreError,
};

pub use crate::ports::jobs::{CancelRequest, JobOutline};
pub(crate) use ending::{Ending, failure, request_of};
pub(crate) use pulse::{CANCEL, CONTINUE, LOST, Pulse};
use shown::Shown;
pub(crate) use work::{Trouble, Work};
pub use worker::{OnTrouble, WorkOutcome};

/// What does the jobs, one for each kind.
#[derive(Clone)]
pub(super) struct Works {
    pub(super) conversions: ConversionService,
    pub(super) uploads: UploadService,
    pub(super) indexing: IndexService,
    pub(super) embedding: EmbeddingService,
}

/// Looks after jobs of every kind.
#[derive(Clone)]
pub struct JobService {
    stores: Stores,
    policy: Arc<Policy>,
    session_end: SessionEnd,
    works: Works,
    shown: Shown,
}

impl JobService {
    pub(super) fn new(stores: Stores, policy: Arc<Policy>, session_end: SessionEnd, works: Works) -> Self {
        let shown = Shown::new(Arc::clone(&stores.job_progress));
        Self { stores, policy, session_end, works, shown }
    }

    /// A job of the session, as far as its worker has shown.
    pub async fn get(&self, session: SessionId, id: JobId) -> Result<Option<Job>, StoreError> {
        let mut job = self.stores.jobs.get(session, id).await?;
        if let Some(job) = &mut job {
            self.shown.bring_forward(job).await;
        }
        Ok(job)
    }

    /// Jobs of the session, newest first.
    pub async fn list(&self, session: SessionId, before: Option<JobId>, limit: u32) -> Result<Page<Job>, StoreError> {
        let mut jobs = self.stores.jobs.list(session, before, limit + 1).await?;
        for job in &mut jobs {
            self.shown.bring_forward(job).await;
        }
        Ok(Page::of(jobs, limit, |job| job.id.to_string()))
    }

    /// Jobs of all sessions, or those in one state, newest first: for administrators.
    pub async fn list_all(
        &self,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Page<JobOutline>, StoreError> {
        let mut jobs = self.stores.jobs.list_all(state, before, limit + 1).await?;
        for job in jobs.iter_mut().filter(|job| job.state == JobState::Running) {
            job.progress = self.shown.furthest(job.id, job.attempt, job.progress).await;
        }
        Ok(Page::of(jobs, limit, |job| job.id.to_string()))
    }

    /// How often progress could not be shown or seen besides the rows, since the start of the process.
    #[must_use]
    pub fn progress_failures(&self) -> u64 {
        self.shown.failures()
    }

    /// Cancels a job: at once if it waits, else as soon as its worker sees the wish; then what it had written is removed.
    pub async fn cancel(&self, session: SessionId, id: JobId) -> Result<CancelRequest, StoreError> {
        let asked = self.stores.jobs.request_cancel(session, id, self.stores.clock.now()).await?;
        if asked == CancelRequest::Cancelled
            && let Some(job) = self.stores.jobs.get(session, id).await?
        {
            self.work_of(job.kind).tidy(&job).await?;
        }
        Ok(asked)
    }

    /// Cancels a job of whatever session: for administrators.
    pub async fn cancel_any(&self, id: JobId) -> Result<CancelRequest, StoreError> {
        match self.stores.jobs.session_of(id).await? {
            Some(session) => self.cancel(session, id).await,
            None => Ok(CancelRequest::NotFound),
        }
    }
}

/// Adds a job and rings for it. `false` if its session is closed or gone.
pub(super) async fn add_and_ring(stores: &Stores, job: &Job) -> Result<bool, StoreError> {
    if !stores.jobs.add(job).await? {
        return Ok(false);
    }
    ring(stores, job.id).await;
    Ok(true)
}

/// Rings for a job. The row is the job: should the bell fail, the timer rings again.
pub(super) async fn ring(stores: &Stores, job: JobId) {
    if let Err(error) = stores.job_queue.ring(job).await {
        tracing::warn!(job_id = %job, %error, "could not ring for a job; the cleanup timer will");
    }
}
