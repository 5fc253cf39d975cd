//! Conversations that are kept nowhere for good: as long as their session, and no longer than the servers that hold them.

use std::time::Duration;

use async_trait::async_trait;

use super::{StoreError, conversations::Stored};
use crate::domain::{
    ConversationId, SessionId,
    conversation::{Change, Revision},
};

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
}

/// Where temporary conversations live. What is lost is lost: nobody was promised more.
#[async_trait]
pub trait TemporaryConversations: Send + Sync {
    /// Makes a conversation of a session, with what is in it first.
    async fn make(&self, session: SessionId, changes: &[Change], keep: Duration) -> Result<(), StoreError>;

    /// Takes changes of one conversation in, all or none, and keeps it for so long from now on.
    async fn put(&self, changes: &[Change], keep: Duration) -> Result<Put, StoreError>;

    /// The conversation, which is kept for so long from now on.
    async fn read(&self, id: ConversationId, keep: Duration) -> Result<Option<Stored>, StoreError>;

    /// Removes a conversation.
    async fn remove(&self, id: ConversationId) -> Result<(), StoreError>;

    /// Removes all of a session; how many there were.
    async fn remove_session(&self, session: SessionId) -> Result<u64, StoreError>;
}
