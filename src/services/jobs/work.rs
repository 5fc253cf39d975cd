//! What the worker asks of each kind of job.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Ending, Pulse};
use crate::{
    domain::{Job, JobFailure},
    ports::StoreError,
};

/// Why the worker itself fails a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It was taken up as often as it may be, and never came to its end.
    TooManyAttempts,
    /// What it works on was removed while the session goes on.
    Gone,
    /// A store was away at the last try.
    StoreAway,
}

/// One kind of job.
#[async_trait]
pub(crate) trait Work: Send + Sync {
    /// Makes one attempt. `Ok` means that what came of it was published in one step with the job's success; it tells `pulse` how far it is,
    /// and stops when `pulse` says so.
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending>;

    /// How many attempts at the job were laid down: they do not count as tries.
    fn laid_down(&self, _job: &Job) -> u32 {
        0
    }

    /// Removes what this attempt has written, published nothing of it. May be repeated.
    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError>;

    /// Removes what nobody needs any more, now that the job has ended in some way. May be repeated; does nothing to a job under way.
    async fn tidy(&self, job: &Job) -> Result<(), StoreError>;

    /// What the person who asked for the job is told of the trouble.
    fn failure_of(&self, trouble: Trouble) -> JobFailure;
}
