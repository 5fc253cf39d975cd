//! How far running jobs are, shown more often than their rows are written.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{JobId, Progress};

/// What is shown beside the rows of running jobs. It is the truth of nothing: it may be forgotten at any time, and come in any order.
#[async_trait]
pub trait JobProgress: Send + Sync {
    /// Shows how far an attempt is, in the place of what it showed before, for that long at most.
    async fn show(&self, job: JobId, attempt: u32, progress: Progress, keep: Duration) -> Result<(), StoreError>;

    /// What that attempt showed last. Another attempt's is never taken for it.
    async fn shown(&self, job: JobId, attempt: u32) -> Result<Option<Progress>, StoreError>;
}
