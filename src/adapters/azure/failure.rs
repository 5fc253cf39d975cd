//! Failures of storage services: what they mean, in a text that may be logged.

use std::{fmt, time::Duration};

use azure_core::{error::ErrorKind, http::StatusCode};

use crate::ports::{StoreError, error::StoreErrorKind};

/// Why a call came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// There was no answer within this time.
    Slow(Duration),
    /// The service refused, or could not be reached.
    Refused(azure_core::Error),
    /// The container of this name is not there.
    NoContainer(String),
}

impl From<azure_core::Error> for Failure {
    fn from(error: azure_core::Error) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    /// The status of the service's answer, if it answered.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Slow(_) => None,
            Self::Refused(error) => error.http_status(),
            Self::NoContainer(_) => Some(StatusCode::NotFound),
        }
    }

    /// The service's own code for it, such as `BlobNotFound`.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => match error.kind() {
                ErrorKind::HttpResponse { error_code, .. } => error_code.as_deref(),
                _ => None,
            },
            Self::Slow(_) | Self::NoContainer(_) => None,
        }
    }

    /// Whether what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.status() == Some(StatusCode::NotFound)
    }

    /// With the meaning that it has where nothing else is known.
    pub(super) fn into_error(self, store: &'static str, operation: &'static str) -> StoreError {
        StoreError::new(self.kind(), store, operation, self.to_string())
    }

    fn kind(&self) -> StoreErrorKind {
        let error = match self {
            Self::Slow(_) => return StoreErrorKind::Unavailable,
            Self::NoContainer(_) => return StoreErrorKind::Internal,
            Self::Refused(error) => error,
        };
        match error.kind() {
            ErrorKind::HttpResponse { status, .. } => match u16::from(*status) {
                404 => StoreErrorKind::Gone,
                // A role that was just given takes minutes to hold, and what an operator mends needs no restart.
                401 | 403 | 408 | 409 | 412 | 429 | 500.. => StoreErrorKind::Unavailable,
                _ => StoreErrorKind::Internal,
            },
            ErrorKind::Connection | ErrorKind::Io | ErrorKind::Credential => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Internal,
        }
    }
}

/// Never the URL, in which a signature may stand: the texts of HTTP clients have it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(limit) => write!(f, "no answer within {} s", limit.as_secs()),
            Self::NoContainer(name) => write!(
                f,
                "the container '{name}' is not there: it was removed, or the account is another one; the next login makes it, without the \
                 files of sessions before"
            ),
            Self::Refused(error) => match error.kind() {
                ErrorKind::HttpResponse { status, error_code, .. } => {
                    write!(f, "answered {} {}", u16::from(*status), error_code.as_deref().unwrap_or_default())
                }
                kind => {
                    let mut cause: &dyn std::error::Error = error;
                    while let Some(deeper) = cause.source() {
                        cause = deeper;
                    }
                    let text = cause.to_string();
                    if text.contains("://") || text.contains("sig=") {
                        write!(f, "{kind}")
                    } else {
                        write!(f, "{text}")
                    }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> Failure {
        let kind = ErrorKind::HttpResponse {
            status: StatusCode::from(status),
            error_code: Some(code.to_owned()),
            raw_response: None,
        };
        Failure::Refused(kind.into_error())
    }

    #[test]
    fn answers_have_their_meaning() {
        for (status, code, kind) in [
            (404, "BlobNotFound", StoreErrorKind::Gone),
            (403, "AuthorizationFailure", StoreErrorKind::Unavailable),
            (409, "ContainerBeingDeleted", StoreErrorKind::Unavailable),
            (412, "ConditionNotMet", StoreErrorKind::Unavailable),
            (503, "ServerBusy", StoreErrorKind::Unavailable),
            (400, "InvalidHeaderValue", StoreErrorKind::Internal),
        ] {
            let error = refused(status, code).into_error("blobs", "write");
            assert_eq!(
                (error.kind, error.to_string()),
                (kind, format!("blobs: write failed: answered {status} {code}"))
            );
        }
    }

    #[test]
    fn a_container_that_is_not_there_is_no_session_that_has_gone() {
        let error = Failure::NoContainer("sessions".into()).into_error("blobs", "write");
        assert_eq!(error.kind, StoreErrorKind::Internal);
        assert!(error.to_string().contains("the container 'sessions' is not there"), "{error}");
    }

    #[test]
    fn no_signature_gets_into_a_text() {
        let told = "error sending request for url (http://127.0.0.1:1/c/b?sv=1&sig=secret)";
        let bare = Failure::Refused(azure_core::Error::with_message(ErrorKind::Io, told));
        assert_eq!(bare.to_string(), "Io");
        let cause = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "Connection refused");
        let inner = azure_core::Error::with_error(ErrorKind::Io, cause, told);
        let wrapped = Failure::Refused(azure_core::Error::with_error(ErrorKind::Connection, inner, told));
        assert_eq!(wrapped.to_string(), "Connection refused");
        assert_eq!(wrapped.kind(), StoreErrorKind::Unavailable);
    }
}
