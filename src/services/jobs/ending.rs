//! How an attempt at a job may end short of its goal.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    domain::{Job, JobFailure},
    ports::{StoreError, error::StoreErrorKind},
};

/// Why an attempt did not get to its end.
pub(crate) enum Ending {
    Failed(JobFailure),
    Cancelled,
    /// What it reads from or writes to is not there any more.
    Gone,
    /// The job is another worker's, was cancelled at the last moment, or its session is closed.
    Lost,
    /// There is more to do than one attempt may take, or no room for it now: the job is laid down, and goes on with this request. Whoever
    /// cannot say when there will be room leaves the bell to others.
    Later {
        request: Value,
        rings: bool,
    },
    /// The store is away: the job is put off, or given up after the last try.
    Retry(StoreError),
}

impl From<StoreError> for Ending {
    fn from(error: StoreError) -> Self {
        match error.kind {
            StoreErrorKind::Gone => Self::Gone,
            StoreErrorKind::Full => {
                Self::Failed(failure("storage_full", "there is no room left for what the job writes"))
            }
            StoreErrorKind::Unavailable | StoreErrorKind::Refused | StoreErrorKind::Internal => Self::Retry(error),
        }
    }
}

/// What a job is asked for, in the form of its kind.
pub(crate) fn request_of<T: DeserializeOwned>(job: &Job) -> Result<T, Ending> {
    serde_json::from_value(job.request.clone())
        .map_err(|error| Ending::Failed(failure("invalid_request", &error.to_string())))
}

pub(crate) fn failure(code: &str, detail: &str) -> JobFailure {
    JobFailure { code: code.to_owned(), detail: detail.to_owned(), errors: Vec::new() }
}
