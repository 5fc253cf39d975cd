//! Questions that are sent again under their id: a client does so when the answer did not reach it. Ids of what such a question makes follow from
//! its own, so that every process finds, without asking another, what was made for it before.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{AnswerDetails, Question, follow::LOST_AFTER};
use crate::{
    domain::{
        ConversationId, MessageId, Timestamp, UserId,
        conversation::{Message, Speaker},
    },
    services::conversations::{Conversation, Follows},
};

/// The conversation that a question of this id begins if it names none.
pub(super) fn conversation_of(owner: UserId, question: MessageId) -> ConversationId {
    ConversationId(derived(&[b"conversation", owner.0.as_bytes(), question.0.as_bytes()]))
}

/// The answer to a question of this id, perhaps instead of another, after so many attempts that failed.
pub(super) fn answer_of(
    conversation: ConversationId,
    question: MessageId,
    instead_of: Option<MessageId>,
    failed: usize,
) -> MessageId {
    let instead_of = instead_of.map(|answer| *answer.0.as_bytes()).unwrap_or_default();
    let (conversation, question) = (conversation.0.as_bytes(), question.0.as_bytes());
    MessageId(derived(&[b"answer", conversation, question, &instead_of, &failed.to_be_bytes()]))
}

/// An id with no time in it, for the moment at which the client made its own is the client's to say.
fn derived(parts: &[&[u8]]) -> Uuid {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let digest: [u8; 32] = digest.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// Whether this is the question, sent again.
pub(super) fn is_same(before: &Message, question: &Question) -> bool {
    let parent = match question.follows {
        Follows::TheLast => before.content.parent,
        Follows::This(parent) => parent,
    };
    let content = &before.content;
    (content.role, content.content.as_str(), content.parent) == (Speaker::User, question.text.as_str(), parent)
}

/// Whether that of which another is wanted is an answer to the question.
pub(super) fn is_answered_by(
    conversation: Option<&Conversation>,
    question: Option<MessageId>,
    instead_of: Option<MessageId>,
) -> bool {
    let Some(instead_of) = instead_of else { return true };
    let message = conversation.and_then(|conversation| conversation.state.message(instead_of));
    message.is_some_and(|answer| {
        answer.content.role == Speaker::Assistant && answer.content.parent == question && question.is_some()
    })
}

/// What became of a question until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// It has this answer, which may still be written.
    Answered(MessageId),
    /// It has none, after so many attempts that failed or broke off.
    Open {
        /// How many.
        failed: usize,
    },
}

impl Earlier {
    /// With `instead_of`, of those that were to be given instead of that answer.
    pub(super) fn of(
        conversation: &Conversation,
        question: MessageId,
        instead_of: Option<MessageId>,
        now: Timestamp,
    ) -> Self {
        let messages = conversation.state.messages();
        let is_answer =
            |message: &&Message| message.content.parent == Some(question) && message.content.role == Speaker::Assistant;
        let mut answers: Vec<&Message> = messages.iter().filter(is_answer).collect();
        if instead_of.is_some() {
            let attempts = 0..=answers.len();
            let ids: Vec<MessageId> =
                attempts.map(|failed| answer_of(conversation.id, question, instead_of, failed)).collect();
            answers.retain(|answer| ids.contains(&answer.id));
        }
        let (failed, good): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| has_failed(answer, now));
        // A client that kept several may want any; the last is what it reads on from.
        good.last().map_or(Self::Open { failed: failed.len() }, |answer| Self::Answered(answer.id))
    }
}

/// An answer that failed is none; neither is one that nobody writes any more. Its last sign of life is by another clock, so it gets twice the
/// time.
fn has_failed(answer: &Message, now: Timestamp) -> bool {
    if answer.is_whole {
        return AnswerDetails::of(answer).ended.as_deref() == Some("failed");
    }
    answer.created_at.plus(LOST_AFTER * 2) < now
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::domain::conversation::{Content, Entry, Register, Revision, State};

    const QUESTION: MessageId = MessageId(Uuid::from_u128(1));

    fn message(state: &mut State, id: u128, at: i64, revision: Revision, ended: Option<&str>) {
        let details = Some(json!({ "model": "m", "ended": ended }));
        let content = Content { role: Speaker::Assistant, content: "a".into(), parent: Some(QUESTION), details };
        let value = serde_json::to_string(&content).unwrap().into();
        let entry = Entry { revision, at: Timestamp::from_millis(at), value };
        state.put(Register::Message(MessageId(Uuid::from_u128(id))), entry);
    }

    fn earlier(state: &State, now: i64) -> Earlier {
        let conversation = Conversation { id: ConversationId(Uuid::from_u128(9)), state: state.clone().into() };
        Earlier::of(&conversation, QUESTION, None, Timestamp::from_millis(now))
    }

    #[test]
    fn ids_are_the_same_everywhere_and_differ_where_anything_does() {
        let (ada, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let of = |owner| conversation_of(owner, QUESTION);
        assert_eq!(of(ada), of(ada));
        assert!(!of(ada).is_temporary() && of(ada).made_at().is_none());
        let all = [of(ada).0, of(bob).0, conversation_of(ada, MessageId(Uuid::from_u128(3))).0];
        let answers = [(ada, None, 0), (ada, None, 1), (ada, Some(QUESTION), 0), (bob, None, 0)]
            .map(|(owner, instead_of, failed)| answer_of(of(owner), QUESTION, instead_of, failed).0);
        let different: std::collections::BTreeSet<_> = all.into_iter().chain(answers).collect();
        assert_eq!(different.len(), 7);
    }

    #[test]
    fn what_failed_or_broke_off_is_no_answer() {
        let mut state = State::new();
        assert_eq!(earlier(&state, 0), Earlier::Open { failed: 0 });
        message(&mut state, 2, 0, Revision::WHOLE, Some("failed"));
        assert_eq!(earlier(&state, 0), Earlier::Open { failed: 1 });
        message(&mut state, 3, 1_000, Revision::part(4), None);
        let answer = |id| Earlier::Answered(MessageId(Uuid::from_u128(id)));
        assert_eq!(earlier(&state, 31_000), answer(3), "it may still be written");
        let late = i64::try_from((LOST_AFTER * 2 + Duration::from_secs(2)).as_millis()).unwrap();
        assert_eq!(earlier(&state, late), Earlier::Open { failed: 2 });
        message(&mut state, 4, 1_000, Revision::WHOLE, Some("stopped"));
        assert_eq!(earlier(&state, late), answer(4), "whoever stopped it has what they wanted");
    }
}
