//! Doing a job of this kind.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use serde_json::json;

use super::{AfterIndex, IndexReport, IndexRequest, IndexService, index_file, is_current, stop_when_replaced};
use crate::{
    domain::{FileKey, Job, JobFailure, Progress},
    ports::{StoreError, catalog::Published, jobs::Success, session_files::LocalCopy},
    services::{
        blocking,
        conversions::index_key,
        embedding::ask_for_vectors,
        jobs::{CANCEL, CONTINUE, Ending, Pulse, Trouble, Work, failure},
    },
};

#[async_trait]
impl Work for IndexService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let request = request_of(job)?;
        if !is_current(&self.stores, job.session, request.conversion).await? {
            return Err(Ending::Lost);
        }
        let tables = FileKey::new(job.session, index_key(request.conversion, request.attempt));
        let Some(tables) = self.stores.session_files.local_copy(&tables).await? else { return Err(Ending::Lost) };
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let path = scratch.path().join("words.sqlite");
        let build = self.build(tables, &path, pulse);
        let replaced = stop_when_replaced(&self.stores, job.session, request.conversion, pulse);
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
                self.ask_for_what_is_next(job, request).await;
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
    /// Should it fail, the first search asks again.
    async fn ask_for_what_is_next(&self, job: &Job, request: IndexRequest) {
        if self.next == AfterIndex::Nothing {
            return;
        }
        let asked = ask_for_vectors(&self.stores, job.session, request.conversion, request.attempt).await;
        if let Err(error) = asked {
            tracing::warn!(job_id = %job.id, %error, "vectors could not be asked for");
        }
    }

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
}

fn request_of(job: &Job) -> Result<IndexRequest, Ending> {
    serde_json::from_value(job.request.clone())
        .map_err(|error| Ending::Failed(failure("invalid_request", &error.to_string())))
}
