//! A running answer: what it has said so far, for any number of readers, who may come late and come back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::watch;

use super::{Citation, halt::Halt};
use crate::domain::{ConversationId, MessageId, SessionId, UserId, conversation::Message};

/// Something that happens in an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatEvent {
    /// It begins.
    Start {
        /// The conversation, which may be new.
        conversation: ConversationId,
        /// The question, as a message of it.
        question: MessageId,
        /// The answer, as a message of it.
        message: MessageId,
        /// Who answers.
        model: String,
    },
    /// A tool was called.
    Tool {
        /// Its name.
        name: String,
        /// As the model wrote them.
        arguments: String,
        /// What went wrong, if something did.
        error: Option<String>,
    },
    /// More words.
    Delta(String),
    /// A citation, whose number is in the words before.
    Citation(Citation),
    /// A chart.
    Chart(Value),
    /// It is whole, and kept.
    Done(Message),
    /// It broke off; what was said until then is kept.
    Failed {
        /// What happened, for the person.
        why: String,
    },
}

impl ChatEvent {
    /// Whether nothing comes after it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed { .. })
    }
}

/// An answer that is being generated, or was a moment ago.
#[derive(Debug)]
pub struct Run {
    /// Who asked.
    pub owner: UserId,
    /// The conversation, which may be new.
    pub conversation: ConversationId,
    /// The session that it was asked in.
    pub(super) session: SessionId,
    events: Mutex<Vec<ChatEvent>>,
    count: watch::Sender<usize>,
    halt: watch::Sender<Option<Halt>>,
}

impl Run {
    fn new(owner: UserId, session: SessionId, conversation: ConversationId) -> Self {
        let (count, halt) = (watch::Sender::new(0), watch::Sender::new(None));
        Self { owner, conversation, session, events: Mutex::default(), count, halt }
    }

    pub(super) fn tell(&self, event: ChatEvent) {
        let count = {
            let mut events = self.events();
            events.push(event);
            events.len()
        };
        self.count.send_replace(count);
    }

    /// Whether it begins; returns once that is known. If it does not, another process may write it.
    pub(super) async fn begins(&self) -> bool {
        let told = self.count.subscribe().wait_for(|count| *count > 0).await.is_ok();
        told && matches!(self.events().first(), Some(ChatEvent::Start { .. }))
    }

    /// The events from a number on, at least one; `None` after the last.
    pub async fn events_from(&self, number: usize) -> Option<Vec<ChatEvent>> {
        let mut count = self.count.subscribe();
        let is_there = |count: &usize| number < *count || self.is_over();
        count.wait_for(is_there).await.ok()?;
        self.events().get(number..).filter(|events| !events.is_empty()).map(<[ChatEvent]>::to_vec)
    }

    /// The last event, once it is there.
    pub async fn end(&self) -> Option<ChatEvent> {
        self.count.subscribe().wait_for(|_| self.is_over()).await.ok()?;
        self.events().last().cloned()
    }

    fn is_over(&self) -> bool {
        self.events().last().is_some_and(ChatEvent::is_last)
    }

    /// Has the answer end where it is.
    pub(super) fn halt(&self, why: Halt) {
        self.halt.send_replace(Some(why));
    }

    /// Returns when the answer is to end.
    pub(super) async fn halted(&self) -> Halt {
        let mut halt = self.halt.subscribe();
        let why = halt.wait_for(Option::is_some).await.ok().and_then(|why| *why);
        // The sender is this run's own.
        why.unwrap_or(Halt::Over)
    }

    fn events(&self) -> MutexGuard<'_, Vec<ChatEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of an answer that was to be added.
#[derive(Debug)]
pub(super) enum Added {
    /// It is there now.
    New(Arc<Run>),
    /// It was there before: the same question came twice.
    There(Arc<Run>),
    /// The person has as many as they may.
    NoRoom,
}

/// The answers of this process, by their messages.
#[derive(Debug, Default)]
pub(in crate::services) struct Runs(Mutex<HashMap<MessageId, Arc<Run>>>);

impl Runs {
    /// Whether the person has fewer than so many that are going on.
    pub(super) fn has_room(&self, owner: UserId, at_most: usize) -> bool {
        going_on(&self.runs(), owner) < at_most
    }

    /// Adds one, unless the person has so many already.
    pub(super) fn add(
        &self,
        message: MessageId,
        (owner, session): (UserId, SessionId),
        conversation: ConversationId,
        at_most: usize,
    ) -> Added {
        let mut runs = self.runs();
        if let Some(run) = runs.get(&message).filter(|run| run.owner == owner) {
            return Added::There(Arc::clone(run));
        }
        if going_on(&runs, owner) >= at_most {
            return Added::NoRoom;
        }
        let run = Arc::new(Run::new(owner, session, conversation));
        runs.insert(message, Arc::clone(&run));
        Added::New(run)
    }

    pub(super) fn get(&self, message: MessageId, owner: UserId) -> Option<Arc<Run>> {
        self.runs().get(&message).filter(|run| run.owner == owner).cloned()
    }

    /// The place of an answer that was added and is not begun: whoever asked may go away before.
    pub(super) fn held_for(&self, message: MessageId) -> Held<'_> {
        Held { runs: self, message: Some(message) }
    }

    /// Those that are going on and of which this holds.
    pub(super) fn all_where(&self, is_one: impl Fn(&Run) -> bool) -> Vec<Arc<Run>> {
        self.runs().values().filter(|run| is_one(run) && !run.is_over()).cloned().collect()
    }

    pub(super) fn remove(&self, message: MessageId) -> Option<Arc<Run>> {
        self.runs().remove(&message)
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<MessageId, Arc<Run>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an answer that is not begun; dropped, it is free again.
pub(super) struct Held<'r> {
    runs: &'r Runs,
    message: Option<MessageId>,
}

impl Held<'_> {
    /// The answer begins.
    pub(super) fn keep(mut self) {
        self.message = None;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let Some(run) = self.message.and_then(|message| self.runs.remove(message)) else { return };
        // Whoever sent the same question meanwhile waits for it.
        run.tell(ChatEvent::Failed { why: "the answer was not begun; ask again".into() });
    }
}

/// How many answers a person is being given.
fn going_on(runs: &HashMap<MessageId, Arc<Run>>, owner: UserId) -> usize {
    runs.values().filter(|run| run.owner == owner && !run.is_over()).count()
}
