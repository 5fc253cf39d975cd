//! Conversations that are kept nowhere for good: as long as their session, and no longer than the servers that hold them.

use std::time::Duration;

use async_trait::async_trait;

use super::{StoreError, conversations::Stored};
use crate::domain::{
    ConversationId, SessionId,
    conversation::{Change, Revision},
};

/// What temporary conversations may take. Bytes are those of what is kept, with [`ENTRY_BYTES`](crate::domain::conversation::ENTRY_BYTES) for
/// each register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Conversations of one session.
    pub conversations: usize,
    /// Bytes of one session's.
    pub session_bytes: usize,
    /// Bytes of those of all sessions that share the place.
    pub all_bytes: usize,
}

/// Whose room it is that has none left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The session's own, for as many conversations as it may have.
    Number,
    /// The session's own, for what is in them.
    Session,
    /// That of all sessions.
    All,
}

/// What became of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// They are kept.
    Kept,
    /// There is no such conversation.
    Unknown,
    /// It is another person's.
    Forbidden,
    /// A register holds something else of the same revision, or something greater, of this one.
    Behind(Revision),
    /// There is no room for them. What takes no more than what it replaces always has room.
    NoRoom(Share),
}

/// Where temporary conversations live. What is lost is lost: nobody was promised more.
#[async_trait]
pub trait TemporaryConversations: Send + Sync {
    /// Makes a conversation of a session, with what is in it first: [`Put::Kept`] or [`Put::NoRoom`].
    async fn make(&self, session: SessionId, changes: &[Change], keep: Duration, room: Room)
    -> Result<Put, StoreError>;

    /// Takes changes of one conversation in, all or none, and keeps it for so long from now on.
    async fn put(&self, changes: &[Change], keep: Duration, room: Room) -> Result<Put, StoreError>;

    /// The conversation, which is kept for so long from now on.
    async fn read(&self, id: ConversationId, keep: Duration) -> Result<Option<Stored>, StoreError>;

    /// Removes a conversation.
    async fn remove(&self, id: ConversationId) -> Result<(), StoreError>;

    /// Removes all of a session; how many there were.
    async fn remove_session(&self, session: SessionId) -> Result<u64, StoreError>;
}
