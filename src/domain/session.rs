//! A session: one login and everything that is made under it.

use serde::Serialize;

use super::{JobId, SessionId, Timestamp, UserId};

/// One login. It ends by logout, by idling, or with its account; then everything of it is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Identity of the session.
    pub id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// When the person logged in.
    pub created_at: Timestamp,
    /// When a request of the session was last seen; coarse, see [`crate::domain::session::touch_interval_ms`].
    pub last_seen_at: Timestamp,
    /// Set first of all when the session ends; nothing is published into a closed session.
    pub closed_at: Option<Timestamp>,
    /// The conversion whose tables are the session's tables now.
    pub conversion: Option<JobId>,
}

/// How old `last_seen_at` may get before a request writes it again: a tenth of the idle time, at most 30 s.
#[must_use]
pub fn touch_interval_ms(idle_ms: u64) -> u64 {
    (idle_ms / 10).min(30_000)
}
