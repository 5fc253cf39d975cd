//! Doing a job of this kind.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;

use super::{AfterIndex, IndexReport, IndexService, index_file};
use crate::{
    domain::{Job, JobFailure, Progress},
    ports::{StoreError, session_files::LocalCopy},
    services::{
        additions::{Addition, stopped, succeed},
        blocking,
        embedding::ask_for_vectors,
        jobs::{CONTINUE, Ending, Pulse, Trouble, Work, failure, request_of},
    },
};

#[async_trait]
impl Work for IndexService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let request: Addition = request_of(job)?;
        request.check_current(&self.stores, job.session).await?;
        let tables = request.tables(&self.stores, job.session).await?;
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let path = scratch.path().join("words.sqlite");
        let build = self.build(tables, &path, pulse);
        let built = request.while_current(&self.stores, job.session, pulse, build).await?;
        let rows = built.ok_or_else(|| stopped(pulse))?;
        let key = index_file(job, request.conversion, request.attempt);
        let bytes = self.stores.session_files.publish_local(&key, &path).await?;
        let report = IndexReport { conversion: request.conversion, rows, bytes };
        succeed(&self.stores, job, pulse, &report).await?;
        tracing::info!(job_id = %job.id, rows, bytes, "index built");
        self.ask_for_what_is_next(job, request).await;
        Ok(())
    }

    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        let Ok(request) = request_of::<Addition>(job) else { return Ok(()) };
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
    async fn ask_for_what_is_next(&self, job: &Job, request: Addition) {
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
