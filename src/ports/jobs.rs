//! Jobs: rows with a lease. A worker that loses its lease can no longer publish.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::{
    StoreError,
    catalog::{NewUpload, Published},
};
use crate::domain::{Job, JobFailure, JobId, JobKind, JobState, Progress, SessionId, StoredFile, Timestamp, UserId};

/// What a worker learns when it shows that it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// Go on.
    Continue,
    /// Somebody asked to cancel: stop, clean up, then report cancelled.
    Cancel,
    /// The job is another worker's, or ended, or its session is closed: stop and clean up; there is nothing to report.
    Lost,
}

/// How asking to cancel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRequest {
    /// It was waiting and is cancelled now.
    Cancelled,
    /// It runs; its worker will see the wish.
    Requested,
    /// It had ended before.
    AlreadyFinal,
    /// There is no such job in that session.
    NotFound,
}

/// A finished conversion, ready to be shown.
#[derive(Clone, Debug)]
pub struct FinishedConversion {
    /// The job.
    pub job: JobId,
    /// The attempt that did it.
    pub attempt: u32,
    /// The report.
    pub result: Value,
    /// Last progress.
    pub progress: Progress,
    /// The files, which replace all earlier ones of the output area.
    pub outputs: Vec<StoredFile>,
    /// When.
    pub at: Timestamp,
}

/// A file that came by a ticket, opened and scanned, ready to be shown.
#[derive(Clone, Debug)]
pub struct FinishedUpload {
    /// The job.
    pub job: JobId,
    /// The attempt that did it.
    pub attempt: u32,
    /// The report.
    pub result: Value,
    /// Last progress.
    pub progress: Progress,
    /// The file with what was found in it, of the job's session.
    pub upload: NewUpload,
}

/// What every kind of job keeps of its success.
#[derive(Clone, Copy, Debug)]
pub struct Success<'a> {
    /// The job.
    pub job: JobId,
    /// The attempt that did it.
    pub attempt: u32,
    /// The report.
    pub result: &'a Value,
    /// Last progress.
    pub progress: Progress,
    /// When.
    pub at: Timestamp,
}

impl<'a> From<&'a FinishedConversion> for Success<'a> {
    fn from(finished: &'a FinishedConversion) -> Self {
        let FinishedConversion { job, attempt, ref result, progress, at, .. } = *finished;
        Self { job, attempt, result, progress, at }
    }
}

impl<'a> From<&'a FinishedUpload> for Success<'a> {
    fn from(finished: &'a FinishedUpload) -> Self {
        let FinishedUpload { job, attempt, ref result, progress, ref upload } = *finished;
        Self { job, attempt, result, progress, at: upload.at }
    }
}

/// A job with whose it is, and without what it was asked for and what came out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobOutline {
    /// The job.
    pub id: JobId,
    /// The session it works for.
    pub session: SessionId,
    /// Whose session that is.
    pub user: UserId,
    /// The name of the account.
    pub username: String,
    /// What kind of work.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// How often a worker has taken it up.
    pub attempt: u32,
    /// How far it is.
    pub progress: Progress,
    /// What went wrong, once failed.
    pub error: Option<JobFailure>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// The store of jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Adds a job that waits; one of that id that is there already stays as it is. `false` if its session is closed or gone; then nothing
    /// changed.
    async fn add(&self, job: &Job) -> Result<bool, StoreError>;

    /// A job of that session.
    async fn get(&self, session: SessionId, id: JobId) -> Result<Option<Job>, StoreError>;

    /// Jobs of a session, newest first, before `before`, at most `limit`.
    async fn list(&self, session: SessionId, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError>;

    /// Jobs of all sessions, or those in one state; the newest first, before `before`, at most `limit`.
    async fn list_all(
        &self,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<JobOutline>, StoreError>;

    /// The session that a job works for.
    async fn session_of(&self, id: JobId) -> Result<Option<SessionId>, StoreError>;

    /// Takes up a job that waits, or one whose worker's lease ran out: counts an attempt, starts the lease and returns the job as it is now.
    /// `None` if there is nothing to do: another worker has it, it ended, or its session is closed.
    async fn claim(&self, id: JobId, now: Timestamp, lease: Duration) -> Result<Option<Job>, StoreError>;

    /// Shows that the worker of `attempt` is alive: keeps the progress, renews the lease, and notes that the session was seen at `now`.
    async fn heartbeat(
        &self,
        id: JobId,
        attempt: u32,
        progress: Progress,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Heartbeat, StoreError>;

    /// Publishes a finished conversion: the job succeeds, its files replace the session's outputs, and the session's tables are its tables.
    /// `SessionClosed` also when the attempt is not the job's current one, or cancellation was asked for.
    async fn succeed(&self, finished: &FinishedConversion) -> Result<Published, StoreError>;

    /// Publishes a finished upload: the job succeeds, and the file becomes visible as by [`Catalog::publish_uploads`], both or neither.
    /// `SessionClosed` as for [`Jobs::succeed`].
    ///
    /// [`Catalog::publish_uploads`]: super::Catalog::publish_uploads
    async fn succeed_upload(&self, finished: &FinishedUpload) -> Result<Published, StoreError>;

    /// Lets a job succeed that publishes nothing in the rows but its report. `SessionClosed` as for [`Jobs::succeed`].
    async fn succeed_alone(&self, success: Success<'_>) -> Result<Published, StoreError>;

    /// Lays a job down that goes on later: it waits again, without a lease, and the next attempt finds this request. `false` if the attempt is
    /// not the current one, cancellation was asked for, or its session is closed; then nothing changed.
    async fn lay_down(&self, id: JobId, attempt: u32, request: &Value, progress: Progress) -> Result<bool, StoreError>;

    /// Ends the attempt as failed, or as cancelled when `failure` is `None`. `false` if the attempt is not the current one.
    async fn end(
        &self,
        id: JobId,
        attempt: u32,
        failure: Option<&JobFailure>,
        progress: Progress,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Asks to cancel a job.
    async fn request_cancel(&self, session: SessionId, id: JobId, at: Timestamp) -> Result<CancelRequest, StoreError>;

    /// Jobs that wait since before `waiting_since`, or whose lease ran out before `lost_since`: the timer rings for them again.
    async fn list_left_behind(
        &self,
        waiting_since: Timestamp,
        lost_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobId>, StoreError>;

    /// Whether a worker holds a live lease on any job of the session.
    async fn any_running(&self, session: SessionId, now: Timestamp) -> Result<bool, StoreError>;

    /// Number of jobs by state, as stored now.
    async fn count_by_state(&self) -> Result<Vec<(String, u64)>, StoreError>;
}
