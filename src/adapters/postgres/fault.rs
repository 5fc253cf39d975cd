//! What can go wrong with the server, and what it means.

use std::time::Duration;

use crate::ports::{StoreError, error::StoreErrorKind};

pub(super) type Result<T> = std::result::Result<T, Fault>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The driver or the server says why.
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    /// No answer in time.
    #[error("the server did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// There was no connection in time.
    #[error(
        "no connection within {} ms: the server cannot be reached, does not answer, or all connections are in use",
        .0.as_millis()
    )]
    NoConnection(Duration),
    /// The schema cannot be used, or not be looked at.
    #[error(transparent)]
    Schema(#[from] SchemaTrouble),
    /// There is no token to sign in with.
    #[error(transparent)]
    Identity(StoreError),
}

/// What is wrong with the schema: told to all who waited for it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct SchemaTrouble {
    pub(super) kind: StoreErrorKind,
    pub(super) text: String,
}

impl From<Fault> for SchemaTrouble {
    fn from(fault: Fault) -> Self {
        Self { kind: fault.kind(), text: fault.to_string() }
    }
}

impl Fault {
    /// Another transaction was in the way, and nothing of this one happened.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.sql_state().as_deref(), Some("40001" | "40P01"))
    }

    /// The connection is of no use any more. What it was doing may have happened or not.
    pub(super) fn is_broken_connection(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => true,
            Self::Driver(_) => self.sql_state().is_some_and(|state| {
                // Ended by an administrator, by a crash of another connection, or for having been idle too long.
                state.starts_with("08") || matches!(&*state, "57P01" | "57P02" | "57P05" | "25P03")
            }),
            _ => false,
        }
    }

    /// The unique constraint that was broken.
    pub(super) fn broken_constraint(&self) -> Option<&str> {
        match self {
            Self::Driver(sqlx::Error::Database(error)) if error.is_unique_violation() => error.constraint(),
            _ => None,
        }
    }

    /// Whether there is no such table.
    pub(super) fn is_missing_table(&self) -> bool {
        self.sql_state().as_deref() == Some("42P01")
    }

    /// Whether the user must not do that.
    pub(super) fn is_lacking_right(&self) -> bool {
        self.sql_state().as_deref() == Some("42501")
    }

    fn sql_state(&self) -> Option<String> {
        match self {
            Self::Driver(sqlx::Error::Database(error)) => error.code().map(|code| code.into_owned()),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> StoreErrorKind {
        use sqlx::Error::{BeginFailed, Io, PoolClosed, Protocol, Tls};
        match self {
            Self::Identity(error) => error.kind,
            Self::Schema(trouble) => trouble.kind,
            Self::TimedOut(_) | Self::NoConnection(_) => StoreErrorKind::Unavailable,
            Self::Driver(Io(_) | PoolClosed | Protocol(_) | Tls(_) | BeginFailed) => StoreErrorKind::Unavailable,
            Self::Driver(_) => self.sql_state().map_or(StoreErrorKind::Internal, |state| kind_of_state(&state)),
        }
    }

    pub(super) fn into_store_error(self, operation: &'static str) -> StoreError {
        StoreError::new(self.kind(), "postgres", operation, self)
    }
}

/// The meaning of an SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn kind_of_state(state: &str) -> StoreErrorKind {
    // Disk full.
    if state == "53100" {
        return StoreErrorKind::Full;
    }
    // Connection lost; refused to sign in, which a new password or token may mend; thrown back; out of connections or memory; cancelled,
    // shutting down or starting up; no such database yet; a replica, or a server that keeps writers out; a lock that was not had in time.
    let passes = ["08", "28", "40", "53", "57"].iter().any(|class| state.starts_with(class))
        || matches!(state, "3D000" | "25006" | "55P03" | "25P03");
    // A value that cannot be, a rule that is broken, a limit that is passed.
    let refuses = ["22", "23", "54"].iter().any(|class| state.starts_with(class));
    match (passes, refuses) {
        (true, _) => StoreErrorKind::Unavailable,
        (_, true) => StoreErrorKind::Refused,
        _ => StoreErrorKind::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_unavailable_and_a_defect_is_not() {
        for state in ["08006", "28P01", "40001", "53300", "57014", "57P01", "57P03", "25006"] {
            assert_eq!(kind_of_state(state), StoreErrorKind::Unavailable, "{state}");
        }
        assert_eq!(kind_of_state("53100"), StoreErrorKind::Full);
        for state in ["42P01", "42501", "58030", "XX001"] {
            assert_eq!(kind_of_state(state), StoreErrorKind::Internal, "{state}");
        }
        for state in ["22021", "23505", "54000"] {
            assert_eq!(kind_of_state(state), StoreErrorKind::Refused, "{state}");
        }
    }
}
