//! Conversations: hot where they are read, durable where they are acknowledged.
//!
//! A change has two homes before anybody is told that it is kept: this process and the journal of the hot tier (`fast`), or it is in the
//! database (`durable`). From the journal anybody may join it into the database. Without a hot tier every write is durable. Why nothing
//! acknowledged is lost, and what each part is for, stands in `docs/decisions/0020`.

mod batcher;
mod clearing;
mod copies;
mod export;
mod figures;
mod link;
mod messages;
mod pending;
mod poll;
mod read;
mod sweep;
mod temporary;
mod types;
mod upkeep;
mod write;

use std::{num::NonZeroUsize, sync::Arc};

use self::{clearing::Clearing, copies::Copies, figures::Figures, link::Link, pending::Queue, write::Outcome};
pub use self::{
    export::ExportFormat,
    figures::Counts,
    read::Freshness,
    types::{Conversation, ConversationError, Durability, Flushed, Follows, HistoryBacklog, NewMessage, Said},
};
use super::{Policy, Stores};
pub use crate::ports::conversations::{ListPosition, Summary};
pub use crate::ports::hot_conversations::{Backlog, DeadLetter};
pub use crate::ports::temporary_conversations::Share;
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Change, Entry, Field, HybridClock, Register, Revision, State, search_words},
    },
    ports::HotConversations,
};

/// Conversations of which this process keeps a copy.
const COPIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(499);
/// How often a field is written again because somebody else was faster.
const FIELD_ATTEMPTS: usize = 5;

/// Keeps conversations. Cheap to clone.
#[derive(Clone)]
pub struct ConversationService {
    core: Arc<Core>,
}

/// What the parts of the service share.
struct Core {
    stores: Stores,
    policy: Arc<Policy>,
    hot: Option<Arc<dyn HotConversations>>,
    clock: HybridClock,
    queue: Queue,
    clearing: Clearing,
    link: Link,
    copies: Copies,
    figures: Figures,
}

impl ConversationService {
    /// The service over these stores.
    #[must_use]
    pub fn new(stores: Stores, policy: Arc<Policy>) -> Self {
        let hot = stores.hot_conversations.clone();
        let (queue, clearing, link) = (Queue::default(), Clearing::default(), Link::default());
        let copies = Copies::new(COPIES);
        let (clock, figures) = (HybridClock::new(), Figures::default());
        Self { core: Arc::new(Core { stores, policy, hot, clock, queue, clearing, link, copies, figures }) }
    }

    /// Makes a conversation.
    pub async fn create(
        &self,
        owner: UserId,
        title: Option<&str>,
        model: Option<&str>,
    ) -> Result<(Conversation, Durability), ConversationError> {
        let id = ConversationId(self.core.stores.ids.next());
        let (changes, state) = self.beginning(id, owner, title, model);
        match self.core.write(changes, true, self.core.policy.history.acknowledgement).await? {
            Outcome::Kept(durability) => Ok((Conversation { id, state: state.into() }, durability)),
            // The person's account was removed.
            _ => Err(ConversationError::NotFound),
        }
    }

    /// Makes the conversation of this id, which nobody else's can be. Made twice, it is one; deleted, it is not made again.
    pub async fn create_as(
        &self,
        id: ConversationId,
        owner: UserId,
        title: Option<&str>,
        model: Option<&str>,
    ) -> Result<(), ConversationError> {
        let (changes, _) = self.beginning(id, owner, title, model);
        match self.core.write(changes, true, self.core.policy.history.acknowledgement).await? {
            // Or it was made at the same moment, with a later name.
            Outcome::Kept(_) | Outcome::Behind(_) | Outcome::Exists(_) => Ok(()),
            Outcome::NotThere => Err(ConversationError::NotFound),
        }
    }

    /// Bytes that a message may have, with what it has besides its text.
    #[must_use]
    pub fn message_bytes_at_most(&self) -> usize {
        self.core.policy.history.message_bytes
    }

    /// A conversation of a person. With `seen`, the reader has seen that message, and sees it again.
    pub async fn get(
        &self,
        owner: UserId,
        id: ConversationId,
        seen: Option<MessageId>,
        freshness: Freshness,
    ) -> Result<Conversation, ConversationError> {
        match self.core.load(id, seen, freshness).await? {
            Some(loaded) if loaded.owner == owner && !loaded.state.is_deleted() => {
                Ok(Conversation { id, state: loaded.state })
            }
            _ => Err(ConversationError::NotFound),
        }
    }

    /// Names a conversation.
    pub async fn rename(
        &self,
        owner: UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<Durability, ConversationError> {
        self.write_field(|| self.field(id, owner, Field::Title, title)).await
    }

    /// Keeps what a person thinks of a message; `null` takes it back.
    pub async fn give_feedback(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        feedback: &serde_json::Value,
    ) -> Result<Durability, ConversationError> {
        let conversation = self.get(owner, id, Some(message), Freshness::AsCached).await?;
        if conversation.state.message(message).is_none() {
            return Err(ConversationError::NotFound);
        }
        let limit = self.core.policy.history.message_bytes;
        let feedback = feedback.to_string();
        if feedback.len() > limit {
            return Err(ConversationError::TooLong { bytes: feedback.len(), limit });
        }
        self.write_field(|| self.last_writer_wins(id, owner, Register::Feedback(message), feedback.clone())).await
    }

    /// Deletes a conversation, for good.
    pub async fn delete(&self, owner: UserId, id: ConversationId) -> Result<Durability, ConversationError> {
        self.get(owner, id, None, Freshness::AsCached).await?;
        let entry = Entry { revision: Revision::MAX, at: self.core.stores.clock.now(), value: "".into() };
        let change = Change { conversation: id, owner, register: Register::Tombstone, entry };
        match self.core.write(vec![change], false, self.core.policy.history.acknowledgement).await? {
            Outcome::Kept(durability) => Ok(durability),
            _ => Err(ConversationError::NotFound),
        }
    }

    /// Conversations of a person, the last used first; with a question, those in which its words are found: none, if it has signs but no word.
    pub async fn list(
        &self,
        owner: UserId,
        question: Option<&str>,
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, ConversationError> {
        let question = question.filter(|question| !question.trim().is_empty());
        let words = question.map(search_words).unwrap_or_default();
        if question.is_some() && words.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.core.stores.conversations.list(owner, &words, after, limit).await?)
    }

    async fn write_field(&self, change: impl Fn() -> Change) -> Result<Durability, ConversationError> {
        for _ in 0..FIELD_ATTEMPTS {
            match self.core.write(vec![change()], false, self.core.policy.history.acknowledgement).await? {
                Outcome::Kept(durability) => return Ok(durability),
                Outcome::NotThere => return Err(ConversationError::NotFound),
                // Another clock is ahead: the next revision is greater.
                Outcome::Behind(revision) => self.core.clock.observe(revision),
                Outcome::Exists(entry) => self.core.clock.observe(entry.revision),
            }
        }
        Err(ConversationError::Busy)
    }

    /// What a conversation begins with.
    fn beginning(
        &self,
        id: ConversationId,
        owner: UserId,
        title: Option<&str>,
        model: Option<&str>,
    ) -> (Vec<Change>, State) {
        let mut changes = vec![self.field(id, owner, Field::Title, title.unwrap_or_default())];
        changes.extend(model.map(|model| self.field(id, owner, Field::Model, model)));
        let mut state = State::new();
        for change in &changes {
            state.put(change.register, change.entry.clone());
        }
        (changes, state)
    }

    fn field(&self, id: ConversationId, owner: UserId, field: Field, text: &str) -> Change {
        self.last_writer_wins(id, owner, Register::Field(field), serde_json::Value::from(text).to_string())
    }

    fn last_writer_wins(&self, id: ConversationId, owner: UserId, register: Register, json: String) -> Change {
        let now = self.core.stores.clock.now();
        let entry = Entry { revision: self.core.clock.next(now), at: now, value: json.into() };
        Change { conversation: id, owner, register, entry }
    }
}
