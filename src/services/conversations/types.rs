//! What the service takes and gives.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        ConversationId, MessageId,
        conversation::{Content, Speaker, State},
    },
    ports::{
        StoreError,
        hot_conversations::Backlog,
        temporary_conversations::{Room, Share},
    },
};

/// What keeps somebody from a conversation.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// There is no such conversation, or none of this person.
    #[error("there is no such conversation")]
    NotFound,
    /// There is a message of this id that says something else.
    #[error("there is a message of this id that says something else")]
    MessageExists,
    /// The message that this one answers is not there.
    #[error("the message that this one answers is not there")]
    NoSuchParent,
    /// The message, or what is thought of one, is too long.
    #[error("what is sent has {bytes} bytes, written as JSON, and {limit} are the limit")]
    TooLong {
        /// Bytes that it has.
        bytes: usize,
        /// Bytes that it may have.
        limit: usize,
    },
    /// Too much waits for the database.
    #[error("too much waits for the database")]
    Busy,
    /// Several instances serve, and have nowhere but the database to keep a conversation in together.
    #[error("temporary conversations need Redis where several instances serve")]
    NothingShared,
    /// Temporary conversations take as much as they may, of the session or of all.
    #[error("{}", no_room(*.0, *.1))]
    NoRoom(Share, Room),
    /// Whether the write was kept is not known; it may be made again with the same id.
    #[error("the database did not answer; the same may be sent again")]
    Unknown,
    /// The database refuses it.
    #[error("the database refuses it: {0}")]
    Refused(String),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn no_room(share: Share, room: Room) -> String {
    let Room { conversations, session_bytes, .. } = room;
    match share {
        Share::Number => format!(
            "this session has {conversations} temporary conversations, as many as it may have; delete one of them, or begin one that is kept"
        ),
        Share::Session => format!(
            "the temporary conversations of this session have no room for more than {session_bytes} bytes; delete one of them, or go on in a conversation that is kept"
        ),
        Share::All => {
            "the temporary conversations of all sessions take as much as they may; go on in a conversation that is kept, or try again later".into()
        }
    }
}

/// What an acknowledged write has survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It is in the database.
    Durable,
    /// It is in this process and in the journal, and will be in the database.
    Journaled,
    /// It is kept nowhere for good.
    Temporary,
}

/// A conversation with all that is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// What is in it.
    pub state: Arc<State>,
}

/// A message to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// Its id, given by the client so that it may be sent again.
    pub id: Option<MessageId>,
    /// What it says.
    pub content: Content,
}

/// What somebody says in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its id, given by the client so that it may be sent again.
    pub id: Option<MessageId>,
    /// Who says it.
    pub role: Speaker,
    /// The text.
    pub content: String,
    /// Where in the conversation.
    pub follows: Follows,
}

/// Where in a conversation something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// After what was said last.
    TheLast,
    /// After this message; or at the beginning.
    This(Option<MessageId>),
}

/// What waits to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryBacklog {
    /// Changes of this process.
    pub changes: u64,
    /// How long the oldest of them has waited.
    pub oldest: Duration,
    /// What the journal knows; `None` without a hot tier, or if it does not answer.
    pub journal: Option<Backlog>,
    /// How long this process has done without the hot tier since it began, if it is to have one.
    pub degraded: Duration,
}

/// What a flush did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlushBody)]
pub struct Flushed {
    /// Conversations written to the database now.
    pub flushed: u64,
    /// Conversations still waiting: the database does not answer.
    pub remaining: u64,
}
