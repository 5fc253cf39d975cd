//! Chat: answers from the session's own tables, each figure with its source.
//!
//! An answer is generated apart from the connection that asked for it, and kept in parts while it grows: whoever comes back goes on where
//! they were, and a process that ends leaves what was said.

mod answer;
mod budget;
mod details;
mod follow;
mod halt;
mod keeping;
mod place;
mod prompt;
mod run;
mod summary;
mod tools;
mod turn;

use std::sync::Arc;

use futures::stream::BoxStream;

pub(super) use self::run::Runs;
pub(super) use self::tools::{Caller, ToolBox, shown as shown_cell};
pub use self::{
    answer::Citation,
    details::{AnswerDetails, AnswerQuery, AnswerUsage},
    place::Place,
    run::{ChatEvent, Run},
    summary::{Source, Summary},
};
use self::{keeping::Keeper, turn::Turn};
use super::{
    Models, Policy, Stores,
    conversations::{Conversation, ConversationError, ConversationService, Follows, Freshness, Said},
    tables::{Asker, QueryError, TableError, TableService},
    usage::UsageService,
};
use crate::domain::{
    ConversationId, MessageId, SessionId, UserId,
    conversation::{Message, Speaker},
};
pub use crate::ports::language_model::{ModelError, ModelErrorKind};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The conversation cannot be read or written.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
    /// The tables cannot be read.
    #[error(transparent)]
    Tables(#[from] TableError),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The question is longer than a model is told.
    #[error("the question has more than {limit} bytes; ask for less, and put what is long in a document")]
    QuestionTooLong {
        /// Bytes that a question may have.
        limit: usize,
    },
    /// It took longer than an answer may.
    #[error("the answer took too long and was broken off; ask for less at once")]
    TooLong,
    /// The person has other answers under way.
    #[error("other answers of yours are still being written; wait for one of them or stop it")]
    Busy,
    /// There is no such answer under way here.
    #[error("no answer is being written under this id")]
    NotRunning,
}

impl ChatError {
    /// What the person is told. What a store says of itself is for the log.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Conversation(ConversationError::Store(_) | ConversationError::Refused(_))
            | Self::Tables(TableError::Query(QueryError::Store(_))) => {
                "a part of the service did not answer; ask again later".to_owned()
            }
            Self::Model(error) => format!("the model did not answer: {}", error.mend()),
            other => other.to_string(),
        }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// Its id, given by the client so that it may be sent again.
    pub id: Option<MessageId>,
    /// The conversation; a new one if none is named.
    pub conversation: Option<ConversationId>,
    /// The message that it follows: another branch if that has followers.
    pub follows: Follows,
    /// Only these tables, if any are named.
    pub tables: Vec<String>,
}

/// Answers questions. Cheap to clone.
#[derive(Clone)]
pub struct ChatService {
    stores: Stores,
    policy: Arc<Policy>,
    tables: TableService,
    conversations: ConversationService,
    models: Models,
    usage: UsageService,
    runs: Arc<Runs>,
}

impl ChatService {
    pub(super) fn new(
        stores: Stores,
        policy: Arc<Policy>,
        tables: TableService,
        conversations: ConversationService,
        models: Models,
        usage: UsageService,
        runs: Arc<Runs>,
    ) -> Self {
        Self { stores, policy, tables, conversations, models, usage, runs }
    }

    /// Begins to answer. The question is kept before this returns.
    pub async fn ask(&self, owner: UserId, session: SessionId, question: Question) -> Result<Arc<Run>, ChatError> {
        let limit = self.policy.chat.context_tokens * budget::BYTES_OF_A_TOKEN;
        if question.text.len() > limit {
            return Err(ChatError::QuestionTooLong { limit });
        }
        self.check_tables(session, &question.tables).await?;
        let at_once = self.policy.chat.answers_at_once;
        // Before anything is kept of a question that is not taken.
        if !self.runs.has_room(owner, at_once) {
            return Err(ChatError::Busy);
        }
        let model = Arc::clone(&self.models.chat);
        let conversation = self.conversation(owner, &question, model.name()).await?;
        let said = Said { id: question.id, role: Speaker::User, content: question.text, follows: question.follows };
        let (asked, _) = self.conversations.say(owner, conversation, said).await?;
        let whole = self.conversations.get(owner, conversation, Some(asked.id), Freshness::AsCached).await?;
        let answer = MessageId(self.stores.ids.next());
        let run = self.runs.add(answer, (owner, session), conversation, at_once).ok_or(ChatError::Busy)?;
        // From here on whoever asks for the answer finds it, in whichever process.
        let place = self.runs.held_for(answer);
        let begun = turn::beginning(asked.id, model.name());
        let keeper = Keeper::begin(self.conversations.clone(), owner, conversation, answer, begun).await?;
        place.keep();
        run.tell(ChatEvent::Start {
            conversation,
            question: asked.id,
            message: answer,
            model: model.name().to_owned(),
        });
        let asker = Asker { user: owner, session };
        let tools = ToolBox::new(self.tables.clone(), Arc::clone(&self.policy), asker, question.tables);
        let branch = branch_to(&whole, asked.id);
        let turn = Turn {
            model: Arc::clone(&model),
            tools,
            run: Arc::clone(&run),
            owner,
            conversation,
            question: asked,
            answer,
            state: turn::Answer::default(),
            tally: self.usage.begin(owner, answer, model.name()),
            chat: self.clone(),
            spent: 0,
            keeper: keeper.into(),
        };
        let (runs, keep) = (Arc::clone(&self.runs), self.policy.chat.resumable);
        let guard = Arc::clone(&run);
        tokio::spawn(async move {
            let generated = tokio::spawn(turn.generate(branch));
            if generated.await.is_err() {
                guard.tell(ChatEvent::Failed { why: "the answer broke off".into() });
            }
            tokio::time::sleep(keep).await;
            runs.remove(answer);
        });
        Ok(run)
    }

    /// That a table is not there is told before anything is kept. Before the first conversion there is none to name.
    async fn check_tables(&self, session: SessionId, named: &[String]) -> Result<(), ChatError> {
        if named.is_empty() {
            return Ok(());
        }
        let tables = self.tables.list(session).await?;
        let is_there = |name: &&String| tables.iter().any(|table| table.name.eq_ignore_ascii_case(name));
        match named.iter().find(|name| !is_there(name)) {
            Some(unknown) if !tables.is_empty() => Err(TableError::NotFound(unknown.clone()).into()),
            _ => Ok(()),
        }
    }

    /// What an answer of this process tells, from its first event on, each with the place behind it.
    #[must_use]
    pub fn events(&self, run: Arc<Run>) -> BoxStream<'static, (Place, ChatEvent)> {
        follow::events_of(run, Place::default())
    }

    /// An answer that is being written, or was a moment ago, by this process.
    #[must_use]
    pub fn run(&self, owner: UserId, answer: MessageId) -> Option<Arc<Run>> {
        self.runs.get(answer, owner)
    }

    async fn conversation(&self, owner: UserId, question: &Question, model: &str) -> Result<ConversationId, ChatError> {
        match question.conversation {
            Some(id) => Ok(id),
            None => {
                let title = prompt::title(&question.text);
                Ok(self.conversations.create(owner, Some(&title), Some(model)).await?.0.id)
            }
        }
    }
}

/// The messages from the first to this one.
fn branch_to(conversation: &Conversation, last: MessageId) -> Vec<Message> {
    let mut branch = Vec::new();
    let mut next = Some(last);
    while let Some(message) = next.and_then(|id| conversation.state.message(id)) {
        // Messages that are each other's parents have no beginning.
        if branch.iter().any(|before: &Message| before.id == message.id) {
            break;
        }
        next = message.content.parent;
        branch.push(message);
    }
    branch.reverse();
    branch
}
