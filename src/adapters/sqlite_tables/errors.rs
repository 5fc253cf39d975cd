//! What failures of SQLite mean for the one who asked.

use std::io;

use rusqlite::{Error, ErrorCode};

use crate::ports::{
    error::{StoreError, StoreErrorKind},
    tables::QueryError,
};

const STORE: &str = "sqlite tables";

/// What the one who asked is told of a value that is too long.
pub(super) const TOO_BIG: &str = "a value of the statement is too long; take a part of it, as in substr(column, 1, 1000), or ask in a shorter statement, in which values may be longer";

/// A failure of the store itself.
pub(super) fn store_error(operation: &'static str, error: Error) -> StoreError {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
        // Memory: that of the whole process, which others took.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OutOfMemory) => {
            StoreErrorKind::Unavailable
        }
        Some(ErrorCode::CannotOpen) => StoreErrorKind::Gone,
        _ => StoreErrorKind::Internal,
    };
    StoreError::new(kind, STORE, operation, error)
}

/// A failure of the file system below it.
pub(super) fn io_error(operation: &'static str, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        io::ErrorKind::NotFound => StoreErrorKind::Gone,
        _ => StoreErrorKind::Internal,
    };
    StoreError::new(kind, STORE, operation, error)
}

/// A defect of the caller.
pub(super) fn misuse(operation: &'static str, what: String) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, STORE, operation, what)
}

/// A failure while an accepted statement ran.
pub(super) fn running_error(error: Error) -> QueryError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => QueryError::Timeout,
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory,
        ) => QueryError::Store(store_error("query", error)),
        Some(ErrorCode::TooBig) => QueryError::Failed(TOO_BIG.to_owned()),
        _ => QueryError::Failed(message_of(error)),
    }
}

/// SQLite's own words, without what the library adds.
pub(super) fn message_of(error: Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(message)) => message,
        other => other.to_string(),
    }
}
