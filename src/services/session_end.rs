//! The end of a session: logout, idling, a disabled account. Everything of it goes, in every tier.
//!
//! The session is marked closed first; whoever still writes for it looks at the mark before publishing. Then answers that are being written end,
//! tokens, files and cache
//! entries are removed, and last the row with all rows that hang on it. A removal that is interrupted is finished by the cleanup timer.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Stores, chat::Runs};
use crate::{
    domain::{SessionId, UserId},
    ports::StoreError,
};

/// What ending sessions removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Sessions.
    pub sessions: u64,
    /// Files of the sessions.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries of the session cache.
    pub cache_entries: u64,
    /// Refresh tokens.
    pub refresh_tokens: u64,
    /// Temporary conversations.
    pub temporary_conversations: u64,
}

impl std::ops::AddAssign for Ended {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.files += other.files;
        self.bytes += other.bytes;
        self.cache_entries += other.cache_entries;
        self.refresh_tokens += other.refresh_tokens;
        self.temporary_conversations += other.temporary_conversations;
    }
}

/// Ends sessions.
#[derive(Clone)]
pub struct SessionEnd {
    stores: Stores,
    answers: Arc<Runs>,
}

impl SessionEnd {
    pub(super) fn new(stores: Stores, answers: Arc<Runs>) -> Self {
        Self { stores, answers }
    }

    /// Ends a session; may be repeated. Nothing is counted when there was nothing left.
    pub async fn end(&self, session: SessionId) -> Result<Ended, StoreError> {
        let closed_now = self.stores.sessions.close(session, self.stores.clock.now()).await?;
        let mut ended = self.purge(session).await?;
        ended.sessions = u64::from(closed_now);
        Ok(ended)
    }

    /// Ends every session of a user but one.
    pub async fn end_all_of(&self, user: UserId, except: Option<SessionId>) -> Result<Ended, StoreError> {
        let mut sum = Ended::default();
        for session in self.stores.sessions.list_of_user(user).await? {
            if Some(session) != except {
                sum += self.end(session).await?;
            }
        }
        Ok(sum)
    }

    /// Removes what a closed session left. While a worker still holds a job of it, or a server is away, the row stays: the worker, or the
    /// timer, comes back here.
    pub async fn purge(&self, session: SessionId) -> Result<Ended, StoreError> {
        self.answers.end_of_session(session).await;
        let refresh_tokens = self.stores.refresh_tokens.revoke_family(session).await?;
        let removed = self.stores.session_files.remove_session(session).await?;
        let cache_entries = self.stores.session_cache.clear_prefix(&cache_prefix(session)).await?;
        let conversations = self.stores.temporary_conversations.remove_session(session).await;
        // They end by themselves if nobody comes back.
        let conversations = conversations.inspect_err(|error| {
            tracing::warn!(session_id = %session, %error, "temporary conversations could not be removed; they are later");
        });
        if conversations.is_ok() && !self.stores.jobs.any_running(session, self.stores.clock.now()).await? {
            self.stores.sessions.remove(session).await?;
        }
        Ok(Ended {
            sessions: 0,
            files: removed.files,
            bytes: removed.bytes,
            cache_entries,
            refresh_tokens,
            temporary_conversations: conversations.unwrap_or(0),
        })
    }
}

/// Every cache key of a session starts with this.
pub(super) fn cache_prefix(session: SessionId) -> String {
    format!("session:{session}:")
}

/// Keeps a value in the session's part of the cache, unless the session has ended: a value set while a logout clears the cache is taken
/// back here.
pub(super) async fn cache_for_session(
    stores: &Stores,
    session: SessionId,
    name: &str,
    value: Bytes,
    ttl: Duration,
) -> Result<(), StoreError> {
    let prefix = cache_prefix(session);
    stores.session_cache.set(&format!("{prefix}{name}"), value, ttl).await?;
    if !stores.session_is_open(session).await? {
        stores.session_cache.clear_prefix(&prefix).await?;
    }
    Ok(())
}
