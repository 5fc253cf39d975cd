//! What tells a worker that a job waits.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use super::{AppError, CONVERT_QUEUE, stores::storage_access};
use crate::{
    adapters::{
        azure::{StorageQueue, StorageService},
        system::SystemClock,
    },
    config::Settings,
    domain::JobId,
    functions::convert_worker::ConvertMessage,
    ports::{JobQueue, StoreError, error::StoreErrorKind},
    runtime::LocalQueue,
    services::jobs::{JobService, OnTrouble},
};

/// Messages that wait in the queue of this process.
const BELLS_AT_MOST: usize = 200;
/// Jobs that run at once in this process when no queue orders them.
const JOBS_AT_ONCE: usize = 2;

/// What rings for a job.
pub(super) enum Bell {
    /// Alone: on the runtime's own queue, which calls the queue function.
    Queue(LocalQueue),
    /// Under a host: on the queue that it listens to.
    Storage(Box<StorageQueue>),
    /// Under a host without a queue of its own: the work starts here at once. Should the process end, the timer rings again.
    Direct {
        /// What does the work; set once the services are built.
        service: Box<OnceLock<JobService>>,
        /// How many jobs run at once.
        slots: Arc<Semaphore>,
        /// How many wait for their turn.
        bells: Arc<Semaphore>,
    },
}

impl Bell {
    /// Work starts in this process at once.
    pub(super) fn direct() -> Self {
        Self::Direct {
            service: Box::default(),
            slots: Arc::new(Semaphore::new(JOBS_AT_ONCE)),
            bells: Arc::new(Semaphore::new(BELLS_AT_MOST)),
        }
    }

    /// Who does the work, now that it is there.
    pub(super) fn answer_with(&self, jobs: &JobService) {
        if let Self::Direct { service, .. } = self {
            // Set only here, once.
            let _ = service.set(jobs.clone());
        }
    }
}

#[async_trait]
impl JobQueue for Bell {
    async fn ring(&self, job: JobId) -> Result<(), StoreError> {
        match self {
            // So many bells are heard as well as more; the timer rings again for what then still waits.
            Self::Queue(queue) if queue.waiting() >= BELLS_AT_MOST => Ok(()),
            Self::Queue(queue) => queue
                .send(&ConvertMessage::ringing_for(job))
                .map_err(|error| StoreError::new(StoreErrorKind::Internal, "queue", "ring", error)),
            Self::Storage(queue) => queue.announce(&ConvertMessage::ringing_for(job)).await,
            Self::Direct { service, slots, bells } => {
                if let (Some(service), Ok(bell)) = (service.get().cloned(), Arc::clone(bells).try_acquire_owned()) {
                    let slots = Arc::clone(slots);
                    let span = ConvertMessage::ringing_for(job).span();
                    let work = async move {
                        let _slot = slots.acquire_owned().await;
                        drop(bell);
                        if let Err(error) = service.work(job, OnTrouble::Retry).await {
                            tracing::warn!(%error, "a job was put off; the timer rings for it again");
                        }
                    };
                    tokio::spawn(work.instrument(span));
                }
                Ok(())
            }
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Queue(_) | Self::Direct { .. } => Ok(()),
            Self::Storage(queue) => queue.check().await,
        }
    }
}

/// The queue that the host listens to, if the settings name its account.
pub(super) fn storage_queue(settings: &Settings) -> Result<Option<StorageQueue>, AppError> {
    let Some(account) = &settings.job_queue else { return Ok(None) };
    let access = storage_access(settings, account, StorageService::Queue)?;
    Ok(Some(StorageQueue::new(access, CONVERT_QUEUE, Arc::new(SystemClock))))
}
