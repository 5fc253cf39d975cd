//! Locks on rows, and their order.
//!
//! Every transaction that puts something into a session, or takes from it what others may be putting there, first locks the session's row.
//! So it comes before a logout, which then sees what it did, or after, and then sees the logout. The session's row comes before any
//! other of the session's, and nobody waits in a circle.

use super::{fault::Result, lease::Lease, rows};
use crate::domain::{JobId, SessionId};

/// Holds the session's row until the transaction ends; whether things may still be put into the session.
pub(super) async fn lock_open_session(transaction: &mut Lease, session: SessionId) -> Result<bool> {
    let locked =
        sqlx::query("SELECT id FROM sessions WHERE id = $1 AND closed_at IS NULL FOR NO KEY UPDATE").bind(session.0);
    Ok(transaction.optional(locked, |_| Ok(())).await?.is_some())
}

/// Holds the row of a session that may be closed; whether there is one.
pub(super) async fn lock_session(transaction: &mut Lease, session: SessionId) -> Result<bool> {
    let locked = sqlx::query("SELECT id FROM sessions WHERE id = $1 FOR NO KEY UPDATE").bind(session.0);
    Ok(transaction.optional(locked, |_| Ok(())).await?.is_some())
}

/// Holds the row of the job's session; the session, if it is open.
pub(super) async fn lock_open_session_of(transaction: &mut Lease, job: JobId) -> Result<Option<SessionId>> {
    let session = sqlx::query("SELECT session_id FROM jobs WHERE id = $1").bind(job.0);
    let session = transaction.optional(session, |row| rows::id(row, "session_id").map(SessionId)).await?;
    match session {
        Some(session) if lock_open_session(transaction, session).await? => Ok(Some(session)),
        _ => Ok(None),
    }
}
