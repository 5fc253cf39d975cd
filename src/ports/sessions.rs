//! Sessions: one row each, from login until nothing of the session is left.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{Session, SessionId, Timestamp, User, UserId};

/// An open session with whose it is and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOutline {
    /// The session.
    pub session: Session,
    /// The name of its account.
    pub username: String,
    /// Its visible files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Jobs of it that wait or run.
    pub unfinished_jobs: u64,
}

/// The store of sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Opens a session if its account is enabled and still has this password hash: one step, so that a session never outlives the
    /// disabling or the new password that came first. `false` if not. An id that is there already is an error of the caller.
    async fn open(&self, session: &Session, password_hash: &str) -> Result<bool, StoreError>;

    /// The session, closed or not.
    async fn get(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// The session with its user, if the session is open and the account enabled: the check behind every request.
    async fn authenticate(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// Notes that the session was seen at `at`. Never moves the time back; does nothing to a closed or missing session.
    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Marks the session closed. `true` if this call did it, `false` if it was closed before or is not there.
    async fn close(&self, id: SessionId, at: Timestamp) -> Result<bool, StoreError>;

    /// Marks the session closed if it was last seen before `idle_since` and no job of it is queued or running: one step, so a
    /// request or a job that comes first wins.
    async fn close_if_idle(&self, id: SessionId, idle_since: Timestamp, at: Timestamp) -> Result<bool, StoreError>;

    /// Removes the row of a closed session and every row that belongs to it. Does nothing to an open one.
    async fn remove(&self, id: SessionId) -> Result<(), StoreError>;

    /// Open sessions last seen before `idle_since`, at most `limit`.
    async fn list_idle(&self, idle_since: Timestamp, limit: u32) -> Result<Vec<SessionId>, StoreError>;

    /// Closed sessions whose rows are still there, at most `limit`: their removal was interrupted.
    async fn list_closed(&self, limit: u32) -> Result<Vec<SessionId>, StoreError>;

    /// Sessions of one user, open and closed.
    async fn list_of_user(&self, user: UserId) -> Result<Vec<SessionId>, StoreError>;

    /// Open sessions of everybody, the newest first, before `before`, at most `limit`.
    async fn list_open(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<SessionOutline>, StoreError>;

    /// How many sessions are open.
    async fn count_open(&self) -> Result<u64, StoreError>;
}
