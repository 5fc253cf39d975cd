//! The one error that stores give to services: what it means for the caller, with the cause kept for the log.

use std::error::Error;

/// What a failure means for the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The store cannot be reached or is too busy; the same call may succeed later.
    Unavailable,
    /// The store has no room left.
    Full,
    /// The session's storage is gone: it was ended meanwhile.
    Gone,
    /// The store refuses what it was given, and will again: a value, not the store, is at fault.
    Refused,
    /// The store answered something that should not be; a defect or a damaged store.
    Internal,
}

/// A failure of a store. Its text is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("{store}: {operation} failed: {source}")]
pub struct StoreError {
    /// What it means.
    pub kind: StoreErrorKind,
    /// The store's name, for instance `sqlite`.
    pub store: &'static str,
    /// What was being done.
    pub operation: &'static str,
    /// The cause.
    pub source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// A failure with its meaning and cause.
    pub fn new(
        kind: StoreErrorKind,
        store: &'static str,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { kind, store, operation, source: source.into() }
    }
}
