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
mod repeat;
mod run;
mod sources;
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
use self::{keeping::Keeper, repeat::Earlier, run::Added, turn::Turn};
use super::{
    Models, Policy, Stores,
    conversations::{Conversation, ConversationError, ConversationService, Follows, Freshness, Said},
    tables::{Asker, QueryError, TableError, TableService},
    usage::UsageService,
};
use crate::domain::{
    ConversationId, MessageId, SessionId, UserId,
    conversation::{Field, Message, Speaker},
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
    /// The model wrote nothing, twice.
    #[error("the model wrote no answer; ask again, or in other words")]
    NoAnswer,
    /// The person has other answers under way.
    #[error("other answers of yours are still being written; wait for one of them or stop it")]
    Busy,
    /// What is to be answered otherwise is no answer to the question.
    #[error("instead_of: there is no such answer to this question")]
    InsteadOfNothing,
    /// The conversation has no answer of this id: no message, or one of another role.
    #[error("the conversation has no answer of this id")]
    NoSuchAnswer,
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
    /// The answer to it of which another is wanted.
    pub instead_of: Option<MessageId>,
    /// The conversation; a new one if none is named.
    pub conversation: Option<ConversationId>,
    /// The message that it follows: another branch if that has followers.
    pub follows: Follows,
    /// Only these tables, if any are named.
    pub tables: Vec<String>,
}

/// A question that was taken.
pub struct Asked {
    /// Its conversation, which may be new.
    pub conversation: ConversationId,
    /// What its answer tells, from the first event on, each with the place behind it; ends with the answer.
    pub events: BoxStream<'static, (Place, ChatEvent)>,
}

impl Asked {
    fn of(run: Arc<Run>) -> Self {
        Self { conversation: run.conversation, events: follow::events_of(run, Place::default()) }
    }
}

/// How often an answer is begun that others begin at the same moment and give up.
const BEGINNINGS: usize = 3;

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

    /// Begins to answer; the question is kept before this returns. One that was sent before under the same id has the answer that is there, or is
    /// being written.
    pub async fn ask(&self, owner: UserId, session: SessionId, question: Question) -> Result<Asked, ChatError> {
        let limit = self.policy.chat.context_tokens * budget::BYTES_OF_A_TOKEN;
        if question.text.len() > limit {
            return Err(ChatError::QuestionTooLong { limit });
        }
        let found = self.conversation_before(owner, &question).await?;
        if !repeat::is_answered_by(found.as_ref(), question.id, question.instead_of) {
            return Err(ChatError::InsteadOfNothing);
        }
        if let (Some(id), Some(whole)) = (question.id, &found)
            && let Some(before) = whole.state.message(id)
        {
            if !repeat::is_same(&before, &question) {
                return Err(ConversationError::MessageExists.into());
            }
            if let Earlier::Answered(answer) = Earlier::of(whole, id, question.instead_of, self.stores.clock.now()) {
                return self.asked_before(owner, whole.id, answer).await;
            }
        }
        self.check_tables(session, &question.tables).await?;
        // Before anything is kept of a question that is not taken.
        if !self.runs.has_room(owner, self.policy.chat.answers_at_once) {
            return Err(ChatError::Busy);
        }
        let conversation = match found {
            Some(found) => found.id,
            None => self.conversation(owner, &question).await?,
        };
        self.begin((owner, session), conversation, question).await
    }

    /// Keeps the question and begins its answer.
    async fn begin(
        &self,
        who: (UserId, SessionId),
        conversation: ConversationId,
        question: Question,
    ) -> Result<Asked, ChatError> {
        let (text, follows) = (question.text.clone(), question.follows);
        let said = Said { id: question.id, role: Speaker::User, content: text, follows };
        let (asked, _) = self.conversations.say(who.0, conversation, said).await?;
        for _ in 0..BEGINNINGS {
            match self.begin_answer(who, conversation, &asked, &question).await {
                // Whoever began it has given it up.
                Err(ChatError::NoSuchAnswer) => {}
                begun => return begun,
            }
        }
        Err(ConversationError::Unknown.into())
    }

    /// Begins the answer to a question that is kept, unless it was begun: then what there is of it.
    async fn begin_answer(
        &self,
        (owner, session): (UserId, SessionId),
        conversation: ConversationId,
        asked: &Message,
        question: &Question,
    ) -> Result<Asked, ChatError> {
        let model = Arc::clone(&self.models.chat);
        let whole = self.conversations.get(owner, conversation, Some(asked.id), Freshness::AsCached).await?;
        let answer = match question.id.map(|id| Earlier::of(&whole, id, question.instead_of, self.stores.clock.now())) {
            None => MessageId(self.stores.ids.next()),
            Some(Earlier::Open { failed }) => repeat::answer_of(conversation, asked.id, question.instead_of, failed),
            Some(Earlier::Answered(answer)) => return self.asked_before(owner, conversation, answer).await,
        };
        let run = match self.runs.add(answer, (owner, session), conversation, self.policy.chat.answers_at_once) {
            Added::New(run) => run,
            Added::There(run) if run.begins().await => return Ok(Asked::of(run)),
            Added::There(_) => return self.asked_before(owner, conversation, answer).await,
            Added::NoRoom => return Err(ChatError::Busy),
        };
        // From here on whoever asks for the answer finds it, in whichever process.
        let place = self.runs.held_for(answer);
        let begun = turn::beginning(asked.id, model.name(), self.stores.ids.next());
        let keeper = Keeper::begin(self.conversations.clone(), owner, conversation, answer, begun).await?;
        let Some(keeper) = keeper else {
            // The same question came to another process at the same moment.
            drop(place);
            return self.asked_before(owner, conversation, answer).await;
        };
        place.keep();
        self.name_after(owner, &whole, asked).await;
        run.tell(ChatEvent::Start {
            conversation,
            question: asked.id,
            message: answer,
            model: model.name().to_owned(),
        });
        let asker = Asker { user: owner, session };
        let tools = ToolBox::new(self.tables.clone(), Arc::clone(&self.policy), asker, question.tables.clone());
        let branch = branch_to(&whole, asked.id);
        let turn = Turn {
            model: Arc::clone(&model),
            tools,
            run: Arc::clone(&run),
            owner,
            conversation,
            question: asked.clone(),
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
        Ok(Asked::of(run))
    }

    /// The conversation in which a question may have been sent before.
    async fn conversation_before(&self, owner: UserId, question: &Question) -> Result<Option<Conversation>, ChatError> {
        let (id, is_named) = match (question.conversation, question.id) {
            (Some(named), Some(_)) => (named, true),
            (None, Some(id)) => (repeat::conversation_of(owner, id), false),
            (_, None) => return Ok(None),
        };
        match self.conversations.get(owner, id, question.instead_of, Freshness::AsCached).await {
            Err(ConversationError::NotFound) if !is_named => Ok(None),
            found => Ok(Some(found?)),
        }
    }

    /// The answer to a question that was sent before, from its beginning.
    async fn asked_before(
        &self,
        owner: UserId,
        conversation: ConversationId,
        answer: MessageId,
    ) -> Result<Asked, ChatError> {
        let events = self.follow(owner, conversation, answer, Place::default()).await?;
        Ok(Asked { conversation, events })
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

    /// The name of the model that answers.
    #[must_use]
    pub fn model(&self) -> &str {
        self.models.chat.name()
    }

    /// An answer that is being written, or was a moment ago, by this process.
    #[must_use]
    pub fn run(&self, owner: UserId, answer: MessageId) -> Option<Arc<Run>> {
        self.runs.get(answer, owner)
    }

    /// Names a conversation without a name after its first question. That it could not be named keeps nobody from an answer.
    async fn name_after(&self, owner: UserId, conversation: &Conversation, first: &Message) {
        if first.content.parent.is_some() || conversation.state.field(Field::Title).is_some_and(|name| !name.is_empty())
        {
            return;
        }
        let title = prompt::title(&first.content.content);
        if let Err(error) = self.conversations.rename(owner, conversation.id, &title).await {
            tracing::warn!(conversation_id = %conversation.id, %error, "a conversation could not be named");
        }
    }

    /// The conversation of a question: a new one if it names none.
    async fn conversation(&self, owner: UserId, question: &Question) -> Result<ConversationId, ChatError> {
        if let Some(named) = question.conversation {
            return Ok(named);
        }
        let title = prompt::title(&question.text);
        let (title, model) = (Some(title.as_str()), Some(self.models.chat.name()));
        match question.id {
            Some(id) => {
                let conversation = repeat::conversation_of(owner, id);
                self.conversations.create_as(conversation, owner, title, model).await?;
                Ok(conversation)
            }
            None => Ok(self.conversations.create(owner, title, model).await?.0.id),
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
