//! Doing a job: claimed under a lease, done by the work of its kind, brought to its end in the rows, or cleaned up.

use std::{sync::Arc, time::Duration};

use tokio_util::task::AbortOnDropHandle;

use super::{
    Ending, JobService, Work,
    pulse::{AttemptGuard, CANCEL, LOST, Pulse},
    ring,
    work::Trouble,
};
use crate::{
    domain::{Job, JobId, JobKind},
    ports::{StoreError, jobs::Heartbeat},
};

/// How a worker's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkOutcome {
    /// The job ended: succeeded, failed or cancelled.
    Ended,
    /// It goes on later.
    LaidDown,
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

impl JobService {
    /// Takes up a job, if it is there to be taken, and does it. An error means that it should be tried again, if it may.
    pub async fn work(&self, id: JobId, on_trouble: OnTrouble) -> Result<WorkOutcome, StoreError> {
        let claimed = self.stores.jobs.claim(id, self.stores.clock.now(), self.policy.job_lease).await?;
        let Some(job) = claimed else { return Ok(WorkOutcome::NothingToDo) };
        let work = self.work_of(job.kind);
        let pulse = Arc::new(Pulse::new(job.progress));
        let beating = tokio::spawn(self.clone().tell(job.id, job.attempt, Arc::clone(&pulse)));
        // Should this future be dropped or panic, the lease must run out and the blocking half must stop.
        let guard = AttemptGuard { heartbeat: AbortOnDropHandle::new(beating), pulse: Arc::clone(&pulse) };
        let outcome = if job.attempt > self.tries(&job, work) {
            Err(Ending::Failed(work.failure_of(Trouble::TooManyAttempts)))
        } else {
            work.attempt(&job, &pulse).await
        };
        let outcome = match outcome {
            Err(Ending::Gone) => Err(match self.stores.session_is_open(job.session).await {
                Ok(true) => Ending::Failed(work.failure_of(Trouble::Gone)),
                Ok(false) => Ending::Gone,
                Err(error) => Ending::Retry(error),
            }),
            other => other,
        };
        drop(guard);
        self.conclude(&job, work, outcome, on_trouble, &pulse).await
    }

    /// How often the job may be taken up in all.
    fn tries(&self, job: &Job, work: &dyn Work) -> u32 {
        self.policy.job_attempts.saturating_add(work.laid_down(job))
    }

    pub(super) fn work_of(&self, kind: JobKind) -> &dyn Work {
        match kind {
            JobKind::Convert => &self.works.conversions,
            JobKind::Upload => &self.works.uploads,
            JobKind::Index => &self.works.indexing,
            JobKind::Embed => &self.works.embedding,
        }
    }

    /// Beats, and shows how far the work is between the beats.
    async fn tell(self, id: JobId, attempt: u32, pulse: Arc<Pulse>) {
        let (every, keep) = (self.policy.job_progress_pause, self.policy.job_lease);
        let showing = self.shown.clone().keep_showing(id, attempt, Arc::clone(&pulse), every, keep);
        tokio::join!(self.beat(id, attempt, pulse), showing);
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

    /// Leaves the job to the next try, which need not wait for the lease to run out; or fails it if there will be none.
    async fn put_off(
        &self,
        job: &Job,
        work: &dyn Work,
        on_trouble: OnTrouble,
        pulse: &Pulse,
    ) -> Result<(), StoreError> {
        let (jobs, now, progress) = (&self.stores.jobs, self.stores.clock.now(), pulse.progress());
        let is_last = on_trouble == OnTrouble::GiveUp || job.attempt >= self.tries(job, work);
        let failure = match jobs.heartbeat(job.id, job.attempt, progress, now, Duration::ZERO).await? {
            // Also when this attempt did publish and only the answer was lost: then its files are the job's.
            Heartbeat::Lost => return Ok(()),
            Heartbeat::Continue if is_last => Some(work.failure_of(Trouble::StoreAway)),
            Heartbeat::Continue => return work.remove_attempt(job).await,
            Heartbeat::Cancel => None,
        };
        let removed = work.remove_attempt(job).await;
        jobs.end(job.id, job.attempt, failure.as_ref(), progress, now).await?;
        removed?;
        self.tidy(job, work).await
    }

    /// Removes what nobody needs of a job that has ended.
    async fn tidy(&self, job: &Job, work: &dyn Work) -> Result<(), StoreError> {
        if self.stores.session_is_open(job.session).await? {
            return work.tidy(job).await;
        }
        // The session was ended while the worker held it up: now the rest can go.
        self.session_end.purge(job.session).await.map(drop)
    }

    /// Brings the attempt to its end in the rows, and removes what is not needed.
    async fn conclude(
        &self,
        job: &Job,
        work: &dyn Work,
        outcome: Result<(), Ending>,
        on_trouble: OnTrouble,
        pulse: &Pulse,
    ) -> Result<WorkOutcome, StoreError> {
        let failed = match outcome {
            Ok(()) => {
                work.tidy(job).await?;
                return Ok(WorkOutcome::Ended);
            }
            Err(Ending::Retry(error)) => {
                if let Err(error) = self.put_off(job, work, on_trouble, pulse).await {
                    tracing::warn!(job_id = %job.id, %error, "could not put a job off; its lease runs out");
                }
                return Err(error);
            }
            Err(Ending::Failed(failure)) => {
                tracing::info!(job_id = %job.id, code = failure.code, "job failed");
                Some(failure)
            }
            Err(Ending::Later { request, rings }) => {
                let (jobs, progress) = (&self.stores.jobs, pulse.progress());
                if jobs.lay_down(job.id, job.attempt, &request, progress).await? {
                    if rings {
                        ring(&self.stores, job.id).await;
                    }
                    return Ok(WorkOutcome::LaidDown);
                }
                // Cancelled meanwhile, or lost.
                None
            }
            Err(Ending::Cancelled | Ending::Lost | Ending::Gone) => None,
        };
        let removed = work.remove_attempt(job).await;
        let at = self.stores.clock.now();
        self.stores.jobs.end(job.id, job.attempt, failed.as_ref(), pulse.progress(), at).await?;
        removed?;
        self.tidy(job, work).await?;
        Ok(WorkOutcome::Ended)
    }
}
