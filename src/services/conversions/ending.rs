//! What each failure below means for an attempt at a conversion.

use std::io;

use super::ConvertError;
use crate::{
    domain::{DocumentProblem, JobFailure},
    ports::{StoreError, error::StoreErrorKind},
    services::jobs::{Ending, failure},
};

pub(super) fn ending(error: ConvertError) -> Ending {
    match error {
        ConvertError::Store(error) => error.into(),
        ConvertError::SessionEnded => Ending::Gone,
        ConvertError::Plan(error) => Ending::Failed(failure(error.code.as_str(), &error.detail)),
        ConvertError::NothingConvertible(errors) => {
            let mut failed = failure("no_convertible_documents", "none of the selected documents can be converted");
            failed.errors = errors;
            Ending::Failed(failed)
        }
        ConvertError::NoDocuments | ConvertError::UnknownSelection(_) | ConvertError::FormatUnavailable(_) => {
            Ending::Failed(failure("documents_gone", "documents of the request are not there any more"))
        }
    }
}

pub(super) fn io_ending(error: io::Error) -> Ending {
    let kind = error.kind();
    match error.downcast::<StoreError>() {
        Ok(error) => error.into(),
        Err(_) if kind == io::ErrorKind::NotFound => Ending::Gone,
        Err(error) => StoreError::new(StoreErrorKind::Internal, "worker", "convert", error).into(),
    }
}

/// Some documents cannot be converted, and then none is to be.
pub(super) fn document_errors(problems: Vec<DocumentProblem>) -> Ending {
    let failed = failure("document_errors", "some documents cannot be converted and on_error is 'fail'");
    Ending::Failed(JobFailure { errors: problems, ..failed })
}
