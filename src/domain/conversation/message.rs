//! Messages, and the order in which they are read.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::{Entry, Revision};
use crate::domain::{MessageId, Timestamp};

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Who set the conversation up.
    System,
    /// A tool that the model called.
    Tool,
}

impl Speaker {
    /// As stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Speaker {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::User, Self::Assistant, Self::System, Self::Tool]
            .into_iter()
            .find(|speaker| speaker.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a role; use 'user', 'assistant', 'system' or 'tool'"))
    }
}

/// What a message says: the value of its register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Who says it.
    pub role: Speaker,
    /// The text.
    pub content: String,
    /// The message that it answers or follows; another with the same parent is an edit or another attempt: a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<MessageId>,
    /// What an answer has besides its text: citations, SQL, a chart, the model, what it used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its identity, given by the client or made here.
    pub id: MessageId,
    /// When it was written.
    pub created_at: Timestamp,
    /// Whether it is all there: not so while it is generated, and for good if that was broken off.
    pub is_whole: bool,
    /// What it says.
    pub content: Content,
}

impl Message {
    /// Whether it is said by the model.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.content.role == Speaker::Assistant
    }

    /// The message of a register; `None` if the value is none.
    pub(super) fn of(id: MessageId, entry: &Entry) -> Option<Self> {
        let content = serde_json::from_str(&entry.value).ok()?;
        Some(Self { id, created_at: entry.at, is_whole: entry.revision >= Revision::WHOLE, content })
    }
}

/// Messages in the order of their writing, but each after its parent, whatever the clocks said.
#[must_use]
pub fn in_order(messages: Vec<Message>) -> Vec<Message> {
    let known: HashMap<MessageId, usize> = messages.iter().enumerate().map(|(at, message)| (message.id, at)).collect();
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut ready = BinaryHeap::new();
    for (at, message) in messages.iter().enumerate() {
        match message.content.parent.and_then(|parent| known.get(&parent)) {
            Some(parent) => children.entry(*parent).or_default().push(at),
            None => ready.push(Reverse((message.created_at, message.id, at))),
        }
    }
    let mut order = Vec::with_capacity(messages.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for child in children.remove(&at).unwrap_or_default() {
            ready.push(Reverse((messages[child].created_at, messages[child].id, child)));
        }
    }
    // Messages that are each other's parents have no beginning; they come last, as they are.
    order.extend(children.into_values().flatten());
    let mut messages: Vec<Option<Message>> = messages.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| messages[at].take()).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn message(id: u128, at: i64, parent: Option<u128>) -> Message {
        let id_of = |number| MessageId(Uuid::from_u128(number));
        let content = Content { role: Speaker::User, content: String::new(), parent: parent.map(id_of), details: None };
        Message { id: id_of(id), created_at: Timestamp::from_millis(at), is_whole: true, content }
    }

    fn order(messages: Vec<Message>) -> Vec<u128> {
        in_order(messages).into_iter().map(|message| message.id.0.as_u128()).collect()
    }

    #[test]
    fn an_answer_comes_after_its_question_though_its_clock_was_behind() {
        let messages = vec![message(2, 50, Some(1)), message(3, 300, Some(2)), message(1, 100, None)];
        assert_eq!(order(messages), [1, 2, 3]);
    }

    #[test]
    fn branches_come_in_the_order_of_writing() {
        let messages =
            vec![message(4, 40, Some(1)), message(3, 30, Some(2)), message(2, 20, Some(1)), message(1, 10, None)];
        assert_eq!(order(messages), [1, 2, 3, 4]);
    }

    #[test]
    fn nothing_is_left_out_when_parents_are_missing_or_go_round_in_a_circle() {
        let messages = vec![message(1, 10, Some(9)), message(2, 20, Some(3)), message(3, 30, Some(2))];
        assert_eq!(order(messages), [1, 3, 2]);
    }
}
