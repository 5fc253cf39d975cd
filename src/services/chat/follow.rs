//! Answers of other processes: followed by what they keep in the conversation, stopped by a mark in the cache of the session.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{Stream, stream};

use super::{ChatError, ChatEvent, ChatService};
use crate::{
    domain::{ConversationId, MessageId, SessionId, UserId, conversation::Message},
    services::{
        conversations::{ConversationError, Freshness},
        session_end::{cache_for_session, cache_prefix},
    },
};

/// How often one looks whether more was kept.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// An answer that does not grow for so long has lost its process.
const LOST_AFTER: Duration = Duration::from_secs(30);
/// How long a mark is there for the process that it is meant for.
const MARK_KEPT: Duration = Duration::from_secs(600);

impl ChatService {
    /// Goes on with an answer that another process writes, or has written, after so many bytes of its text.
    pub async fn follow_kept(
        &self,
        owner: UserId,
        conversation: ConversationId,
        answer: MessageId,
        bytes: usize,
    ) -> Result<impl Stream<Item = ChatEvent> + Send + use<>, ChatError> {
        let first = self.kept(owner, conversation, answer).await?;
        let grown_at = Instant::now();
        let following =
            Following { chat: self.clone(), owner, conversation, answer, bytes, grown_at, seen: Some(first) };
        Ok(stream::unfold(Some(following), |following| async move {
            let mut following = following?;
            let event = following.next().await;
            let rest = (!event.is_last()).then_some(following);
            Some((event, rest))
        }))
    }

    /// Has an answer end where it is, whoever writes it.
    pub async fn stop(
        &self,
        owner: UserId,
        session: SessionId,
        conversation: ConversationId,
        answer: MessageId,
    ) -> Result<(), ChatError> {
        if let Some(run) = self.run(owner, answer) {
            run.stop();
            return Ok(());
        }
        self.conversations.get(owner, conversation, None, Freshness::AsCached).await?;
        let mark = Bytes::from_static(b"stop");
        let marked = cache_for_session(&self.stores, session, &mark_of(answer), mark, MARK_KEPT).await;
        marked.map_err(|error| ConversationError::from(error).into())
    }

    /// Returns when somebody has an answer of this session stopped through another process.
    pub(super) async fn stopped_elsewhere(&self, session: SessionId, answer: MessageId) {
        let key = format!("{}{}", cache_prefix(session), mark_of(answer));
        loop {
            tokio::time::sleep(4 * LOOK_AGAIN).await;
            if let Ok(Some(_)) = self.stores.session_cache.get(&key).await {
                return;
            }
        }
    }

    async fn kept(&self, owner: UserId, conversation: ConversationId, answer: MessageId) -> Result<Message, ChatError> {
        let whole = self.conversations.get(owner, conversation, None, Freshness::Verified).await?;
        whole.state.message(answer).ok_or(ChatError::NotRunning)
    }
}

fn mark_of(answer: MessageId) -> String {
    format!("stop:{answer}")
}

struct Following {
    chat: ChatService,
    owner: UserId,
    conversation: ConversationId,
    answer: MessageId,
    bytes: usize,
    grown_at: Instant,
    /// The message as it was read last, until it was told of.
    seen: Option<Message>,
}

impl Following {
    /// What comes next, as soon as it is there.
    async fn next(&mut self) -> ChatEvent {
        loop {
            let message = match self.seen.take() {
                Some(message) => message,
                None => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                    match self.chat.kept(self.owner, self.conversation, self.answer).await {
                        Ok(message) => message,
                        Err(error) => return ChatEvent::Failed { why: error.told() },
                    }
                }
            };
            if let Some(event) = self.event(message) {
                return event;
            }
        }
    }

    /// What there is to tell of the message as it is now. Words first, then its end.
    fn event(&mut self, message: Message) -> Option<ChatEvent> {
        let text = &message.content.content;
        if let Some(more) = text.get(self.bytes..).filter(|more| !more.is_empty()) {
            self.bytes = text.len();
            self.grown_at = Instant::now();
            return Some(ChatEvent::Delta(more.to_owned()));
        }
        if message.is_whole {
            return Some(ChatEvent::Done(message));
        }
        let is_lost = self.grown_at.elapsed() > LOST_AFTER;
        is_lost.then(|| ChatEvent::Failed { why: "the answer broke off; what was said until then is kept".into() })
    }
}
