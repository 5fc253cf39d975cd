//! Conversations: hot where they are read, durable where they are acknowledged.
//!
//! A change has two homes before anybody is told that it is kept: this process and the journal of the hot tier (`fast`), or it is in the
//! database (`durable`). From the journal anybody may join it into the database. Without a hot tier every write is durable. Why nothing
//! acknowledged is lost, and what each part is for, stands in `docs/decisions/0020`.

mod batcher;
mod export;
mod figures;
mod link;
mod pending;
mod read;
mod sweep;
mod write;

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::{export::ExportFormat, figures::Counts, read::Freshness};
use self::{figures::Figures, link::Link, pending::Queue, read::Copies, write::Outcome};
use super::{Policy, Stores, policy::Acknowledgement};
pub use crate::ports::conversations::{ListPosition, Summary};
pub use crate::ports::hot_conversations::{Backlog, DeadLetter};
use crate::{
    domain::{
        ConversationId, MessageId, SessionId, UserId,
        conversation::{
            Change, Content, Entry, Field, HybridClock, Message, Register, Revision, Speaker, State, search_words,
        },
    },
    ports::{HotConversations, StoreError},
};

/// Conversations of which this process keeps a copy.
const COPIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(499);
/// How long the end of the process is put off for what waits. It is safe without: the journal keeps it.
const FINISH: Duration = Duration::from_secs(2);
/// How often a field is written again because somebody else was faster.
const FIELD_ATTEMPTS: usize = 5;

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
    /// The message is too long.
    #[error("the message is longer than {limit} bytes")]
    TooLong {
        /// Bytes that it may have.
        limit: usize,
    },
    /// Too much waits for the database.
    #[error("too much waits for the database")]
    Busy,
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

/// What an acknowledged write has survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It is in the database.
    Durable,
    /// It is in this process and in the journal, and will be in the database.
    Journaled,
}

/// A conversation with all that is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// What is in it.
    pub state: State,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Conversations that were written.
    pub flushed: u64,
    /// Conversations that still wait: the database does not answer.
    pub remaining: u64,
}

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
    link: Link,
    copies: Copies,
    figures: Figures,
}

impl ConversationService {
    /// The service over these stores.
    #[must_use]
    pub fn new(stores: Stores, policy: Arc<Policy>) -> Self {
        let hot = stores.hot_conversations.clone();
        let (queue, link, copies) = (Queue::default(), Link::default(), Copies::new(COPIES));
        let (clock, figures) = (HybridClock::new(), Figures::default());
        Self { core: Arc::new(Core { stores, policy, hot, clock, queue, link, copies, figures }) }
    }

    /// Makes a conversation.
    pub async fn create(
        &self,
        owner: UserId,
        title: Option<&str>,
        model: Option<&str>,
    ) -> Result<(Conversation, Durability), ConversationError> {
        let id = ConversationId(self.core.stores.ids.next());
        let mut changes = vec![self.field(id, owner, Field::Title, title.unwrap_or_default())];
        changes.extend(model.map(|model| self.field(id, owner, Field::Model, model)));
        let mut state = State::new();
        for change in &changes {
            state.put(change.register, change.entry.clone());
        }
        match self.core.write(changes, true, self.core.policy.history.acknowledgement).await? {
            Outcome::Kept(durability) => Ok((Conversation { id, state }, durability)),
            // The person's account was removed.
            _ => Err(ConversationError::NotFound),
        }
    }

    /// A conversation of a person. With `seen`, the reader has seen that message, and sees it again.
    pub async fn get(
        &self,
        owner: UserId,
        id: ConversationId,
        seen: Option<MessageId>,
        freshness: Freshness,
    ) -> Result<Conversation, ConversationError> {
        let loaded = self.core.load(id, seen, freshness).await?;
        match loaded {
            Some(loaded) if loaded.owner == owner && !loaded.state.is_deleted() => {
                for (_, entry) in
                    loaded.state.entries().filter(|(register, _)| !matches!(register, Register::Message(_)))
                {
                    self.core.clock.observe(entry.revision);
                }
                Ok(Conversation { id, state: loaded.state.clone() })
            }
            _ => Err(ConversationError::NotFound),
        }
    }

    /// Says something in a conversation. The same may be said again under its id: it is kept once, where it was first.
    pub async fn say(
        &self,
        owner: UserId,
        id: ConversationId,
        said: Said,
    ) -> Result<(Message, Durability), ConversationError> {
        // One that begins the conversation, under an id made here, need not know what is in it.
        let is_free = said.id.is_none() && said.follows == Follows::This(None);
        let conversation = match is_free {
            true => Conversation { id, state: State::new() },
            false => self.get(owner, id, None, Freshness::AsCached).await?,
        };
        let before = said.id.and_then(|id| conversation.state.message(id)).filter(|before| before.is_whole);
        let says_else = |before: &Message| (before.content.role, &before.content.content) != (said.role, &said.content);
        if before.as_ref().is_some_and(says_else) {
            return Err(ConversationError::MessageExists);
        }
        let parent = match (said.follows, before) {
            (Follows::TheLast, Some(before)) => before.content.parent,
            (Follows::TheLast, None) => conversation.state.last_message(),
            (Follows::This(parent), _) => parent,
        };
        if parent.is_some_and(|parent| conversation.state.message(parent).is_none()) {
            return Err(ConversationError::NoSuchParent);
        }
        let content = Content { role: said.role, content: said.content, parent, details: None };
        self.append(owner, id, NewMessage { id: said.id, content }, None).await
    }

    /// Appends a message. The same message may be sent again under its id: it is kept once.
    pub async fn append(
        &self,
        owner: UserId,
        id: ConversationId,
        message: NewMessage,
        acknowledgement: Option<Acknowledgement>,
    ) -> Result<(Message, Durability), ConversationError> {
        let message_id = message.id.unwrap_or_else(|| MessageId(self.core.stores.ids.next()));
        let change = self.message(id, owner, message_id, &message.content, Revision::WHOLE)?;
        let wanted = acknowledgement.unwrap_or(self.core.policy.history.acknowledgement);
        let at = change.entry.at;
        match self.core.write(vec![change.clone()], false, wanted).await? {
            Outcome::Kept(durability) => {
                let message = Message { id: message_id, created_at: at, is_whole: true, content: message.content };
                Ok((message, durability))
            }
            Outcome::NotThere => Err(ConversationError::NotFound),
            Outcome::Exists(entry) => self.written_before(Change { entry, ..change }, &message.content, wanted).await,
            Outcome::Behind(_) => self.kept_before(&change, &message.content).await,
        }
    }

    /// Keeps what there is so far of a message that is being generated. Later parts replace earlier ones, whatever comes first.
    pub async fn checkpoint(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        part: u32,
        content: &Content,
    ) -> Result<Durability, ConversationError> {
        let change = self.message(id, owner, message, content, Revision::part(part))?;
        match self.core.write(vec![change], false, Acknowledgement::Fast).await? {
            Outcome::Kept(durability) => Ok(durability),
            Outcome::Exists(_) | Outcome::Behind(_) => Ok(Durability::Journaled),
            Outcome::NotThere => Err(ConversationError::NotFound),
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
        if feedback.to_string().len() > limit {
            return Err(ConversationError::TooLong { limit });
        }
        self.write_field(|| self.last_writer_wins(id, owner, Register::Feedback(message), feedback.to_string())).await
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

    /// Conversations of a person, the last used first; with a question, those in which its words are found.
    pub async fn list(
        &self,
        owner: UserId,
        question: Option<&str>,
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, ConversationError> {
        let words = question.map(search_words).unwrap_or_default();
        Ok(self.core.stores.conversations.list(owner, &words, after, limit).await?)
    }

    /// Writes what waits for the database, of one person or of all, in this process and in the journal.
    pub async fn flush(&self, owner: Option<UserId>) -> Result<Flushed, ConversationError> {
        let core = &self.core;
        let last = core.queue.last_number();
        let own = core.queue.conversations(owner, last);
        core.drain();
        let until = Instant::now() + core.policy.history.wait;
        while !core.queue.conversations(owner, last).is_empty()
            && Instant::now() < until
            && !core.figures.database_is_away()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let left = core.queue.conversations(owner, last);
        let flushed = own.difference(&left).count() as u64;
        if !left.is_empty() {
            return Ok(Flushed { flushed, remaining: left.len() as u64 });
        }
        match tokio::time::timeout(core.policy.history.wait, core.sweep_of(Duration::ZERO, owner)).await {
            Ok(Ok(swept)) => Ok(Flushed { flushed: flushed + swept, remaining: 0 }),
            outcome => {
                tracing::warn!(?outcome, "journals could not be swept to the end");
                let backlog = match &core.hot {
                    Some(hot) => hot.backlog().await.map_or(1, |backlog| backlog.conversations),
                    None => 0,
                };
                Ok(Flushed { flushed, remaining: backlog })
            }
        }
    }

    /// Waits for what this process has acknowledged and not written yet, for some seconds: before it ends in good order.
    pub async fn finish(&self) {
        self.core.drain();
        let until = Instant::now() + FINISH;
        while self.core.queue.backlog().0 > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The same for the user of a session; how many conversations were written.
    pub(super) async fn flush_of_session(&self, session: SessionId) -> Result<u64, ConversationError> {
        match self.core.stores.sessions.get(session).await? {
            Some(session) => Ok(self.flush(Some(session.user_id)).await?.flushed),
            None => Ok(0),
        }
    }

    /// What the timer does: sweeps what other processes left, removes notes that matter no more, deletes what is past its time.
    pub async fn write_back(&self) -> Result<u64, ConversationError> {
        let core = &self.core;
        let swept = core.sweep(link::LEFT_BEHIND_AFTER).await?;
        let history = &core.policy.history;
        core.stores.conversations.remove_forgettable(history.keep_copies * 2).await?;
        if let Some(retention) = history.retention {
            let since = core.stores.clock.now().minus(retention);
            for (id, owner) in core.stores.conversations.list_unused(since, 500).await? {
                // Its owner may have come back to it meanwhile.
                let is_unused =
                    |conversation: &Conversation| conversation.state.updated_at().is_none_or(|at| at < since);
                let ended = match self.get(owner, id, None, Freshness::Verified).await {
                    Ok(conversation) if is_unused(&conversation) => self.delete(owner, id).await.map(drop),
                    Ok(_) | Err(ConversationError::NotFound) => Ok(()),
                    Err(error) => Err(error),
                };
                if let Err(error) = ended {
                    tracing::warn!(conversation_id = %id, %error, "a conversation past its time could not be deleted yet");
                }
            }
        }
        Ok(swept)
    }

    /// What waits to be written.
    pub async fn backlog(&self) -> HistoryBacklog {
        let (changes, oldest) = self.core.queue.backlog();
        let journal = match &self.core.hot {
            Some(hot) => hot.backlog().await.ok(),
            None => None,
        };
        let degraded = if self.core.hot.is_some() { self.core.link.degraded_for() } else { Duration::ZERO };
        HistoryBacklog { changes: changes as u64, oldest, journal, degraded }
    }

    /// What was done since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.core.figures.now()
    }

    /// Changes that the database refused.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, ConversationError> {
        match &self.core.hot {
            Some(hot) => Ok(hot.dead_letters().await?),
            None => Ok(Vec::new()),
        }
    }

    /// The copy has the message: the same, which its writer may not have in the database yet, or another.
    async fn written_before(
        &self,
        before: Change,
        content: &Content,
        wanted: Acknowledgement,
    ) -> Result<(Message, Durability), ConversationError> {
        let kept = message_of(&before).filter(|kept| kept.content == *content);
        let kept = kept.ok_or(ConversationError::MessageExists)?;
        match self.core.confirm(before.clone(), wanted).await? {
            Outcome::Kept(durability) => Ok((kept, durability)),
            Outcome::NotThere => Err(ConversationError::NotFound),
            Outcome::Behind(_) | Outcome::Exists(_) => self.kept_before(&before, content).await,
        }
    }

    /// The database has a message of this id: the same, or another.
    async fn kept_before(
        &self,
        change: &Change,
        content: &Content,
    ) -> Result<(Message, Durability), ConversationError> {
        let stored = self.core.stores.conversations.read(change.conversation).await?;
        let stored = stored.filter(|stored| stored.owner == change.owner).ok_or(ConversationError::NotFound)?;
        let kept = stored.state.get(change.register).map(|entry| Change { entry: entry.clone(), ..change.clone() });
        let kept = kept.as_ref().and_then(message_of).filter(|kept| kept.content == *content);
        Ok((kept.ok_or(ConversationError::MessageExists)?, Durability::Durable))
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

    fn field(&self, id: ConversationId, owner: UserId, field: Field, text: &str) -> Change {
        self.last_writer_wins(id, owner, Register::Field(field), serde_json::Value::from(text).to_string())
    }

    fn last_writer_wins(&self, id: ConversationId, owner: UserId, register: Register, json: String) -> Change {
        let now = self.core.stores.clock.now();
        let entry = Entry { revision: self.core.clock.next(now), at: now, value: json.into() };
        Change { conversation: id, owner, register, entry }
    }

    fn message(
        &self,
        id: ConversationId,
        owner: UserId,
        message: MessageId,
        content: &Content,
        revision: Revision,
    ) -> Result<Change, ConversationError> {
        let value = serde_json::to_string(content).map_err(|error| {
            StoreError::new(super::StoreErrorKind::Internal, "conversations", "write a message", error)
        })?;
        let limit = self.core.policy.history.message_bytes;
        if value.len() > limit {
            return Err(ConversationError::TooLong { limit });
        }
        let entry = Entry { revision, at: self.core.stores.clock.now(), value: value.into() };
        Ok(Change { conversation: id, owner, register: Register::Message(message), entry })
    }
}

fn message_of(change: &Change) -> Option<Message> {
    let Register::Message(id) = change.register else { return None };
    let mut state = State::new();
    state.put(change.register, change.entry.clone());
    state.message(id)
}
