//! Doing a conversion: claimed under a lease, written out of sight, published in one step, or cleaned up.

use std::{sync::Arc, time::Duration};

use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::{
    ConversionReport, ConversionService, ConvertRequest, OnError, attempt_folder,
    ending::{Ending, document_errors, ending, failure},
    pulse::{AttemptGuard, CANCEL, LOST, Pulse},
    task::{Converted, Task},
};
use crate::{
    domain::{Job, JobId},
    ports::{StoreError, jobs::Heartbeat},
    services::blocking,
};

/// How a worker's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkOutcome {
    /// The job ended: succeeded, failed or cancelled.
    Ended,
    /// There was nothing to do: another worker has it, or it had ended.
    NothingToDo,
}

/// What becomes of a job that a store's trouble keeps from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTrouble {
    /// It stays as it is, for a later try.
    Retry,
    /// It fails: there will be no other try.
    GiveUp,
}

impl ConversionService {
    /// Takes up a job, if it is there to be taken, and does it. An error means that it should be tried again, if it may.
    pub async fn work(&self, id: JobId, on_trouble: OnTrouble) -> Result<WorkOutcome, StoreError> {
        let claimed = self.stores.jobs.claim(id, self.stores.clock.now(), self.policy.job_lease).await?;
        let Some(job) = claimed else { return Ok(WorkOutcome::NothingToDo) };
        let pulse = Arc::new(Pulse::new(job.progress));
        let beating = tokio::spawn(self.clone().beat(job.id, job.attempt, Arc::clone(&pulse)));
        // Should this future be dropped or panic, the lease must run out and the blocking half must stop.
        let guard = AttemptGuard { heartbeat: AbortOnDropHandle::new(beating), pulse: Arc::clone(&pulse) };
        let outcome = if job.attempt > self.policy.job_attempts {
            let text = "the conversion was started several times and never came to its end; convert fewer documents";
            Err(Ending::Failed(failure("job_abandoned", text)))
        } else {
            self.convert(&job, &pulse).await
        };
        let outcome = match outcome {
            Err(Ending::Gone) if self.stores.session_is_open(job.session).await? => {
                let text = "documents of the request were removed or replaced while it ran; start it again";
                Err(Ending::Failed(failure("documents_gone", text)))
            }
            other => other,
        };
        drop(guard);
        self.conclude(&job, outcome, on_trouble, &pulse).await
    }

    /// Renews the lease until it is told to stop, or the job is somebody else's.
    async fn beat(self, id: JobId, attempt: u32, pulse: Arc<Pulse>) {
        loop {
            tokio::time::sleep(self.policy.job_heartbeat).await;
            let now = self.stores.clock.now();
            match self.stores.jobs.heartbeat(id, attempt, pulse.progress(), now, self.policy.job_lease).await {
                Ok(Heartbeat::Continue) => {}
                Ok(Heartbeat::Cancel) => pulse.stop(CANCEL),
                Ok(Heartbeat::Lost) => pulse.stop(LOST),
                Err(error) => tracing::warn!(job_id = %id, %error, "could not renew a job's lease"),
            }
        }
    }

    async fn convert(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<ConversionReport, Ending> {
        let request: ConvertRequest = serde_json::from_value(job.request.clone())
            .map_err(|error| Ending::Failed(failure("invalid_request", &error.to_string())))?;
        let selection = self.select(job.session, &request).await.map_err(ending)?;
        let planned = self.plan(job.session, selection, &request).await.map_err(ending)?;
        if request.on_error == OnError::Fail && !planned.problems.is_empty() {
            return Err(document_errors(planned.problems));
        }
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
        self.publish(job, &request, &clusters, files, problems, progress, &index).await
    }

    /// Leaves the job to the next try, which need not wait for the lease to run out; or fails it if there will be none.
    async fn put_off(&self, job: &Job, on_trouble: OnTrouble, pulse: &Pulse) -> Result<(), StoreError> {
        let (jobs, now) = (&self.stores.jobs, self.stores.clock.now());
        if on_trouble == OnTrouble::GiveUp || job.attempt >= self.policy.job_attempts {
            let text = "a store was away each time the conversion was tried; start it again later";
            let failed = failure("job_abandoned", text);
            jobs.end(job.id, job.attempt, Some(&failed), pulse.progress(), now).await?;
        } else {
            jobs.heartbeat(job.id, job.attempt, pulse.progress(), now, Duration::ZERO).await?;
        }
        self.remove_attempt(job).await
    }

    /// Brings the attempt to its end in the rows, and removes what is not needed.
    async fn conclude(
        &self,
        job: &Job,
        outcome: Result<ConversionReport, Ending>,
        on_trouble: OnTrouble,
        pulse: &Pulse,
    ) -> Result<WorkOutcome, StoreError> {
        let failed = match outcome {
            Ok(report) => {
                tracing::info!(job_id = %job.id, tables = report.tables.len(), rows = report.rows, "conversion done");
                self.remove_superseded(job.session).await?;
                return Ok(WorkOutcome::Ended);
            }
            Err(Ending::Retry(error)) => {
                self.put_off(job, on_trouble, pulse).await?;
                return Err(error);
            }
            Err(Ending::Failed(failure)) => {
                tracing::info!(job_id = %job.id, code = failure.code, "conversion failed");
                Some(failure)
            }
            Err(Ending::Cancelled | Ending::Lost | Ending::Gone) => None,
        };
        self.remove_attempt(job).await?;
        let at = self.stores.clock.now();
        self.stores.jobs.end(job.id, job.attempt, failed.as_ref(), pulse.progress(), at).await?;
        if !self.stores.session_is_open(job.session).await? {
            // The session was ended while the worker held it up: now the rest can go.
            self.session_end.purge(job.session).await?;
        }
        Ok(WorkOutcome::Ended)
    }
}
