//! Progress between two heartbeats: shown by workers, seen by readers, and missed by nobody when it cannot be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::Pulse;
use crate::{
    domain::{Job, JobId, JobState, Progress},
    ports::{JobProgress, StoreError},
};

/// Shows progress and sees it. The row stays the truth: what fails here is counted, and everything goes on.
#[derive(Clone)]
pub(super) struct Shown {
    store: Arc<dyn JobProgress>,
    failures: Arc<AtomicU64>,
}

impl Shown {
    pub(super) fn new(store: Arc<dyn JobProgress>) -> Self {
        Self { store, failures: Arc::default() }
    }

    /// Shows how far the work is, whenever it got further, until the future is dropped.
    pub(super) async fn keep_showing(
        self,
        id: JobId,
        attempt: u32,
        pulse: Arc<Pulse>,
        every: Duration,
        keep: Duration,
    ) {
        let mut last = pulse.progress();
        loop {
            tokio::time::sleep(every).await;
            let progress = pulse.progress();
            if progress != last && self.counted(self.store.show(id, attempt, progress, keep).await).is_some() {
                last = progress;
            }
        }
    }

    /// Takes the job as far as its worker has shown, if that is further than the row.
    pub(super) async fn bring_forward(&self, job: &mut Job) {
        if job.state != JobState::Running {
            return;
        }
        job.progress = self.furthest(job.id, job.attempt, job.progress).await;
    }

    /// How far an attempt at a job is: as its row says, or its worker has shown since.
    pub(super) async fn furthest(&self, id: JobId, attempt: u32, of_row: Progress) -> Progress {
        let shown: Option<Progress> = self.counted(self.store.shown(id, attempt).await).flatten();
        of_row.furthest(shown.unwrap_or_default())
    }

    /// How often it failed since the start of the process.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    fn counted<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome
            .inspect_err(|error| {
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(%error, "the progress of a job is that of its row");
            })
            .ok()
    }
}
