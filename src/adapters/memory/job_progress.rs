//! The progress of jobs that this process works on.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use crate::{
    domain::{JobId, Progress},
    ports::{JobProgress, StoreError},
};

/// What the workers of one process show its readers.
#[derive(Debug, Default)]
pub struct MemoryJobProgress {
    attempts: Mutex<HashMap<(JobId, u32), Shown>>,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    progress: Progress,
    until: Instant,
}

#[async_trait]
impl JobProgress for MemoryJobProgress {
    async fn show(&self, job: JobId, attempt: u32, progress: Progress, keep: Duration) -> Result<(), StoreError> {
        let now = Instant::now();
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        // There are as many as jobs were worked on just now.
        attempts.retain(|_, shown| shown.until > now);
        attempts.insert((job, attempt), Shown { progress, until: now + keep });
        Ok(())
    }

    async fn shown(&self, job: JobId, attempt: u32) -> Result<Option<Progress>, StoreError> {
        let attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = attempts.get(&(job, attempt)).filter(|shown| shown.until > Instant::now());
        Ok(shown.map(|shown| shown.progress))
    }
}
