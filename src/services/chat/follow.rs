//! Following an answer from anywhere: in the process that writes it as it comes, in others by what is kept of it in the conversation.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream, stream::BoxStream};

use super::{AnswerDetails, ChatError, ChatEvent, ChatService, Place, Run, place::Resumed};
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Message, Register, Revision},
    },
    services::conversations::{ConversationError, Freshness},
};

/// How often one looks whether more was kept.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// An answer without a sign of life for so long has lost its process, which gives one every five seconds.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(30);

/// What who follows is told of an answer that did not come to its end; why it did not is told to who was there.
const BROKEN_OFF: &str = "the answer broke off; what was said until then is kept";

impl ChatService {
    /// What a reader does not have yet of an answer, as it comes, each event with the place behind it; ends with the answer.
    pub async fn follow(
        &self,
        owner: UserId,
        conversation: ConversationId,
        answer: MessageId,
        had: Place,
    ) -> Result<BoxStream<'static, (Place, ChatEvent)>, ChatError> {
        if let Some(run) = self.run(owner, answer).filter(|run| run.conversation == conversation)
            && run.begins().await
        {
            return Ok(events_of(run, had));
        }
        let look = Look { chat: self.clone(), owner, conversation, answer };
        let first = look.kept().await?;
        if had.is_over() {
            return Ok(stream::empty().boxed());
        }
        let follower = Follower { told: had, last_sign: (first.revision, Instant::now()) };
        let following = Following { look, follower, seen: Some(first), waiting: Vec::new() };
        let events = stream::unfold(Some(following), |following| async move {
            let mut following = following?;
            let (place, event) = following.next().await;
            let rest = (!event.is_last()).then_some(following);
            Some(((place, event), rest))
        });
        Ok(events.boxed())
    }
}

/// What a reader does not have yet of an answer of this process.
pub(super) fn events_of(run: Arc<Run>, had: Place) -> BoxStream<'static, (Place, ChatEvent)> {
    let batches = stream::unfold((run, 0), |(run, number)| async move {
        let events = run.events_from(number).await?;
        let next = number + events.len();
        Some((stream::iter(events), (run, next)))
    });
    let new = batches.flatten().scan(Resumed::at(had), |resumed, event| {
        let new = resumed.new_of(event);
        std::future::ready(Some(new))
    });
    new.filter_map(std::future::ready).boxed()
}

/// Where an answer is looked up.
struct Look {
    chat: ChatService,
    owner: UserId,
    conversation: ConversationId,
    answer: MessageId,
}

/// An answer as it was read.
struct Kept {
    message: Message,
    revision: Revision,
}

impl Look {
    async fn kept(&self) -> Result<Kept, ChatError> {
        let Self { chat, owner, conversation, answer } = self;
        let whole = chat.conversations.get(*owner, *conversation, Some(*answer), Freshness::Verified).await?;
        let entry = whole.state.get(Register::Message(*answer)).ok_or(ChatError::NoSuchAnswer)?;
        let message = whole.state.message(*answer).filter(Message::is_answer).ok_or(ChatError::NoSuchAnswer)?;
        Ok(Kept { message, revision: entry.revision })
    }
}

struct Following {
    look: Look,
    follower: Follower,
    /// The answer as it was read last, until it was told of.
    seen: Option<Kept>,
    /// What is to be told before it is read again, the last first.
    waiting: Vec<(Place, ChatEvent)>,
}

impl Following {
    /// What comes next, as soon as it is there.
    async fn next(&mut self) -> (Place, ChatEvent) {
        loop {
            if let Some(next) = self.waiting.pop() {
                return next;
            }
            let read = match self.seen.take() {
                Some(kept) => Ok(kept),
                None => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                    self.look.kept().await
                }
            };
            self.waiting = match read {
                Ok(kept) => self.follower.new_of(self.look.conversation, &kept, Instant::now()),
                // The stores may be back soon; the answer is lost only if it is not seen for long.
                Err(ChatError::Conversation(ConversationError::Store(_))) if !self.follower.is_lost(Instant::now()) => {
                    Vec::new()
                }
                Err(error) => vec![(self.follower.told, ChatEvent::Failed { why: error.told() })],
            };
            self.waiting.reverse();
        }
    }
}

/// What was told of an answer, and when it last showed that it is written.
struct Follower {
    told: Place,
    last_sign: (Revision, Instant),
}

impl Follower {
    /// What there is to tell of the answer as it is now: what comes before its words, its words, what they cite, its end.
    fn new_of(&mut self, conversation: ConversationId, kept: &Kept, now: Instant) -> Vec<(Place, ChatEvent)> {
        if self.last_sign.0 != kept.revision {
            self.last_sign = (kept.revision, now);
        }
        let message = &kept.message;
        let details = AnswerDetails::of(message);
        let mut events = Vec::new();
        if let Some(question) = message.content.parent.filter(|_| !self.told.is_begun()) {
            events.push(ChatEvent::Start { conversation, question, message: message.id, model: details.model.clone() });
        }
        let (text, had) = (&message.content.content, self.told);
        events.extend(details.charts.into_iter().skip(had.charts()).map(ChatEvent::Chart));
        events.extend(
            text.get(had.bytes()..).filter(|more| !more.is_empty()).map(|more| ChatEvent::Delta(more.to_owned())),
        );
        events.extend(details.citations.into_iter().skip(had.citations()).map(ChatEvent::Citation));
        if message.is_whole {
            events.push(match details.ended.as_deref() {
                Some("failed") => ChatEvent::Failed { why: BROKEN_OFF.to_owned() },
                _ => ChatEvent::Done(message.clone()),
            });
        }
        let mut told = Vec::new();
        for event in events {
            self.told = self.told.behind(&event);
            told.push((self.told, event));
        }
        if told.is_empty() && self.is_lost(now) {
            let why = BROKEN_OFF.to_owned();
            // Not its end: somebody may still come with more of it.
            told.push((self.told, ChatEvent::Failed { why }));
        }
        told
    }

    fn is_lost(&self, now: Instant) -> bool {
        now.duration_since(self.last_sign.1) > LOST_AFTER
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        Timestamp,
        conversation::{Content, Speaker},
    };

    fn kept(text: &str, part: u32, details: serde_json::Value) -> Kept {
        let parent = Some(MessageId(Uuid::from_u128(1)));
        let content = Content { role: Speaker::Assistant, content: text.into(), parent, details: Some(details) };
        let (id, created_at) = (MessageId(Uuid::from_u128(2)), Timestamp::from_millis(0));
        Kept { message: Message { id, created_at, is_whole: false, content }, revision: Revision::part(part) }
    }

    fn follower(now: Instant) -> Follower {
        Follower { told: Place::default(), last_sign: (Revision::part(1), now) }
    }

    fn names(events: &[(Place, ChatEvent)]) -> Vec<&'static str> {
        let name = |event: &ChatEvent| match event {
            ChatEvent::Start { .. } => "start",
            ChatEvent::Tool { .. } => "tool",
            ChatEvent::Delta(_) => "delta",
            ChatEvent::Citation(_) => "citation",
            ChatEvent::Chart(_) => "chart",
            ChatEvent::Done(_) => "done",
            ChatEvent::Failed { .. } => "error",
        };
        events.iter().map(|(_, event)| name(event)).collect()
    }

    #[test]
    fn each_thing_is_told_once() {
        let (now, conversation) = (Instant::now(), ConversationId(Uuid::from_u128(3)));
        let mut follower = follower(now);
        assert_eq!(names(&follower.new_of(conversation, &kept("", 1, json!({})), now)), ["start"]);
        let citation = json!({ "number": 1, "supported": true, "row": "1", "excerpt": null });
        let details = json!({ "charts": [{}], "citations": [citation] });
        let told = follower.new_of(conversation, &kept("One [1]", 2, details.clone()), now);
        assert_eq!(names(&told), ["chart", "delta", "citation"]);
        let ids: Vec<String> = told.iter().map(|(place, _)| place.to_string()).collect();
        assert_eq!(ids, ["0-0-0-1", "7-0-0-1", "7-0-1-1"]);
        let mut whole = kept("One [1] two", 3, details);
        whole.message.is_whole = true;
        let told = follower.new_of(conversation, &whole, now);
        assert_eq!((names(&told), told[0].1.clone()), (vec!["delta", "done"], ChatEvent::Delta(" two".into())));
        assert_eq!(told[1].0.to_string(), "11-0-1-1-end");
    }

    #[test]
    fn an_answer_is_lost_when_nobody_writes_it_and_not_when_it_is_slow() {
        let (start, conversation) = (Instant::now(), ConversationId(Uuid::from_u128(3)));
        let mut follower = follower(start);
        let mut at = |seconds: u64, part: u32| {
            let now = start + Duration::from_secs(seconds);
            names(&follower.new_of(conversation, &kept("", part, json!({})), now))
        };
        assert_eq!(at(0, 1), ["start"]);
        // It says nothing for minutes, and yet somebody is there.
        for (number, seconds) in (20..200).step_by(20).enumerate() {
            assert!(at(seconds, u32::try_from(number).unwrap() + 2).is_empty(), "after {seconds} s");
        }
        assert!(at(209, 10).is_empty());
        assert_eq!(at(211, 10), ["error"]);
    }
}
