//! The bell: tells some worker that a job waits. It may ring twice or never; the row is what counts.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::JobId;

/// The queue of jobs.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Rings for a job. Called after the job's row is stored.
    async fn ring(&self, job: JobId) -> Result<(), StoreError>;

    /// Whether it can be reached. One that is not there yet, but would be made, is well.
    async fn check(&self) -> Result<(), StoreError>;
}
