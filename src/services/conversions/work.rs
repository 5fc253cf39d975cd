//! Doing a conversion: written out of sight, published in one step.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;

use super::{
    ConversionService, ConvertRequest, OnError, attempt_folder,
    ending::{document_errors, ending},
    task::{Converted, Task},
};
use crate::{
    domain::{Job, JobFailure},
    ports::StoreError,
    services::{
        blocking,
        indexing::ask_for_index,
        jobs::{Ending, Pulse, Trouble, Work, failure, request_of},
    },
};

#[async_trait]
impl Work for ConversionService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let request: ConvertRequest = request_of(job)?;
        let selection = self.select(job.session, &request).await.map_err(ending)?;
        let planned = self.plan(job.session, selection, &request).await.map_err(ending)?;
        if request.on_error == OnError::Fail && !planned.problems.is_empty() {
            return Err(document_errors(planned.problems));
        }
        // Before they are read: what is replaced meanwhile is told as what it was.
        let inputs = self.inputs_of(job.session, &planned.clusters).await?;
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let index = scratch.path().join("tables.sqlite");
        let sql = self.stores.tables.create(&index)?;
        let task = Task {
            service: self.clone(),
            runtime: Handle::current(),
            session: job.session,
            folder: attempt_folder("output", job.id, job.attempt),
            pulse: Arc::clone(pulse),
        };
        let (clusters, asked) = (planned.clusters, request.clone());
        let converted = blocking("convert", move || task.run(clusters, &asked, sql)).await.map_err(Ending::from)??;
        let problems = [planned.problems, converted.problems].concat();
        let Converted { clusters, files, progress, .. } = converted;
        let report = self.publish(job, &request, &clusters, files, problems, progress, &index, inputs).await?;
        tracing::info!(job_id = %job.id, tables = report.tables.len(), rows = report.rows, "conversion done");
        // The conversion has succeeded, whatever becomes of its index; a search asks for it again.
        if let Err(error) = ask_for_index(&self.stores, job).await {
            tracing::warn!(job_id = %job.id, %error, "could not ask for the index of a conversion");
        }
        Ok(())
    }

    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        for area in ["output", "ai_index"] {
            let folder = attempt_folder(area, job.id, job.attempt);
            self.stores.session_files.remove_folder(job.session, &folder).await?;
        }
        Ok(())
    }

    async fn tidy(&self, job: &Job) -> Result<(), StoreError> {
        self.remove_superseded(job.session).await
    }

    fn failure_of(&self, trouble: Trouble) -> JobFailure {
        match trouble {
            Trouble::TooManyAttempts => failure(
                "job_abandoned",
                "the conversion was started several times and never came to its end; convert fewer documents",
            ),
            Trouble::Gone => failure(
                "documents_gone",
                "documents of the request were removed or replaced while it ran; start it again",
            ),
            Trouble::StoreAway => {
                failure("job_abandoned", "a store was away each time the conversion was tried; start it again later")
            }
        }
    }
}
