//! Doing a job of this kind.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::json;

use super::{IndexReport, IndexRequest, IndexService, index_file};
use crate::{
    domain::{FileKey, Job, JobFailure, Progress},
    ports::{StoreError, catalog::Published, jobs::Success, session_files::LocalCopy},
    services::{
        blocking,
        conversions::index_key,
        jobs::{CANCEL, CONTINUE, Ending, LOST, Pulse, Trouble, Work, failure},
    },
};

/// How often a worker looks whether another conversion has taken the place of the one it works for.
const LOOK_FOR_ANOTHER: Duration = Duration::from_secs(2);

#[async_trait]
impl Work for IndexService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let request = request_of(job)?;
        if !self.is_current(job, request).await? {
            return Err(Ending::Lost);
        }
        let tables = FileKey::new(job.session, index_key(request.conversion, request.attempt));
        let Some(tables) = self.stores.session_files.local_copy(&tables).await? else { return Err(Ending::Lost) };
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let path = scratch.path().join("words.sqlite");
        let build = self.build(tables, &path, pulse);
        let replaced = self.stop_when_replaced(job, request, pulse);
        // The watch only tells the build to stop; its end is waited for, since it still writes.
        tokio::pin!(build);
        let built = tokio::select! {
            built = &mut build => built,
            () = replaced => build.await,
        };
        let Some(rows) = built? else {
            return Err(if pulse.signal() == CANCEL { Ending::Cancelled } else { Ending::Lost });
        };
        let key = index_file(job, request.conversion, request.attempt);
        let bytes = self.stores.session_files.publish_local(&key, &path).await?;
        let report = IndexReport { conversion: request.conversion, rows, bytes };
        let (result, progress, at) = (json!(report), pulse.progress(), self.stores.clock.now());
        let success = Success { job: job.id, attempt: job.attempt, result: &result, progress, at };
        match self.stores.jobs.succeed_alone(success).await? {
            Published::Done { .. } => {
                tracing::info!(job_id = %job.id, rows, bytes, "index built");
                Ok(())
            }
            Published::SessionClosed | Published::PathTaken => Err(Ending::Lost),
        }
    }

    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        let Ok(request) = request_of(job) else { return Ok(()) };
        let key = index_file(job, request.conversion, request.attempt);
        self.stores.session_files.remove(&key).await.map(drop)
    }

    /// An index that came too late lies in the folder of a conversion that is not shown any more.
    async fn tidy(&self, job: &Job) -> Result<(), StoreError> {
        self.conversions.remove_superseded(job.session).await
    }

    fn failure_of(&self, trouble: Trouble) -> JobFailure {
        let detail = match trouble {
            Trouble::TooManyAttempts => {
                "the index was started several times and never came to its end; searches go without it, and see the first rows only"
            }
            Trouble::Gone => "the tables were removed while they were read; convert again",
            Trouble::StoreAway => {
                "a store was away each time the index was tried; searches go without it until the next conversion"
            }
        };
        failure(if trouble == Trouble::Gone { "tables_gone" } else { "job_abandoned" }, detail)
    }
}

impl IndexService {
    /// Builds the index; how many rows it has, or `None` if it was told to stop.
    async fn build(&self, tables: LocalCopy, path: &Path, pulse: &Arc<Pulse>) -> Result<Option<u64>, StoreError> {
        let (store, pulse, path) = (Arc::clone(&self.stores.tables), Arc::clone(pulse), path.to_owned());
        blocking("build index", move || {
            let told = Arc::clone(&pulse);
            let mut watch = move |rows| {
                told.set_progress(Progress { rows, ..Progress::default() });
                told.signal() == CONTINUE
            };
            let built = store.index(&tables.path, &path, &mut watch)?;
            if let Some(rows) = built {
                pulse.set_progress(Progress { rows, ..Progress::default() });
            }
            Ok(built)
        })
        .await?
    }

    /// Comes back once another conversion has taken the place of this one.
    async fn stop_when_replaced(&self, job: &Job, request: IndexRequest, pulse: &Pulse) {
        loop {
            tokio::time::sleep(LOOK_FOR_ANOTHER).await;
            // Should the store be away, the build goes on.
            if let Ok(false) = self.is_current(job, request).await {
                return pulse.stop(LOST);
            }
        }
    }

    /// Whether the session still shows the conversion.
    async fn is_current(&self, job: &Job, request: IndexRequest) -> Result<bool, StoreError> {
        let row = self.stores.sessions.get(job.session).await?;
        Ok(row.is_some_and(|row| row.conversion == Some(request.conversion)))
    }
}

fn request_of(job: &Job) -> Result<IndexRequest, Ending> {
    serde_json::from_value(job.request.clone())
        .map_err(|error| Ending::Failed(failure("invalid_request", &error.to_string())))
}
