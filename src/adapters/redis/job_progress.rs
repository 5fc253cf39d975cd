//! The progress of jobs, for all instances.

use std::time::Duration;

use async_trait::async_trait;

use super::{RedisServer, millis};
use crate::{
    domain::{JobId, Progress},
    ports::{JobProgress, StoreError, error::StoreErrorKind},
};

/// One key for each attempt, so that a worker that has lost its job does not hide what the other shows.
pub struct RedisJobProgress {
    server: RedisServer,
}

impl RedisJobProgress {
    /// The progress in this server.
    #[must_use]
    pub fn new(server: RedisServer) -> Self {
        Self { server }
    }
}

#[async_trait]
impl JobProgress for RedisJobProgress {
    async fn show(&self, job: JobId, attempt: u32, progress: Progress, keep: Duration) -> Result<(), StoreError> {
        let operation = "show progress";
        let value = serde_json::to_vec(&progress).map_err(|error| unreadable(operation, error))?;
        let mut set = redis::cmd("SET");
        set.arg(key(job, attempt)).arg(value).arg("PX").arg(millis(keep));
        self.server.command(operation, &set).await
    }

    async fn shown(&self, job: JobId, attempt: u32) -> Result<Option<Progress>, StoreError> {
        let operation = "read progress";
        let found: Option<Vec<u8>> = self.server.command(operation, redis::cmd("GET").arg(key(job, attempt))).await?;
        let read = |value: Vec<u8>| serde_json::from_slice(&value).map_err(|error| unreadable(operation, error));
        found.map(read).transpose()
    }
}

fn key(job: JobId, attempt: u32) -> String {
    format!("ret:progress:{job}.{attempt}")
}

fn unreadable(operation: &'static str, error: serde_json::Error) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "redis", operation, error)
}
