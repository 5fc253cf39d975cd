//! Ending answers before their time: somebody stops one, the session ends, the conversation is deleted. In the process that writes it that is at
//! once; others find a mark in the cache, or the session closed, within a second or two.

use std::time::Duration;

use bytes::Bytes;

use super::{ChatError, ChatService, Run};
use crate::{
    domain::{ConversationId, MessageId, SessionId, UserId, conversation::Message},
    services::conversations::{ConversationError, Durability, Freshness},
};

/// How often one looks for marks, and whether the session has ended.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a mark is there for the process that it is meant for: longer than an answer takes.
const MARK_KEPT: Duration = Duration::from_secs(600);
/// How long the end of a session waits for answers that are being kept.
const KEPT_WITHIN: Duration = Duration::from_secs(5);

/// Why an answer ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Somebody wants no more of it: what was said is kept.
    Stopped,
    /// Its session has ended, or its conversation is gone: nothing more is written.
    Over,
}

impl ChatService {
    /// Has an answer end where it is, whoever writes it; one that has ended is left as it is.
    pub async fn stop(&self, owner: UserId, conversation: ConversationId, answer: MessageId) -> Result<(), ChatError> {
        if let Some(run) = self.run(owner, answer).filter(|run| run.conversation == conversation) {
            run.halt(Halt::Stopped);
            return Ok(());
        }
        let whole = self.conversations.get(owner, conversation, Some(answer), Freshness::AsCached).await?;
        let message = whole.state.message(answer).filter(Message::is_answer).ok_or(ChatError::NoSuchAnswer)?;
        if message.is_whole {
            return Ok(());
        }
        self.mark(owner, Marked::Answer(answer)).await
    }

    /// Deletes a conversation, for good; answers that are being written in it end.
    pub async fn delete(&self, owner: UserId, conversation: ConversationId) -> Result<Durability, ChatError> {
        let durability = self.conversations.delete(owner, conversation).await?;
        for run in self.runs.all_where(|run| run.conversation == conversation && run.owner == owner) {
            run.halt(Halt::Over);
        }
        // Without the mark another process finds out when it wants to keep more.
        if let Err(error) = self.mark(owner, Marked::Conversation(conversation)).await {
            tracing::warn!(conversation_id = %conversation, %error, "an answer may go on for some seconds");
        }
        Ok(durability)
    }

    /// Has the answers of a session end where they are; comes back when what they said is kept. Those of other processes end by themselves once
    /// the session is closed.
    pub async fn end_of_session(&self, session: SessionId) {
        self.runs.end_of_session(session).await;
    }

    /// Comes back when an answer of this process is to end because of what was done in another.
    pub(super) async fn halted_elsewhere(&self, run: &Run, answer: MessageId) -> Halt {
        let keys = [
            (Marked::Answer(answer).key(run.owner), Halt::Stopped),
            (Marked::Conversation(run.conversation).key(run.owner), Halt::Over),
        ];
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            for (key, why) in &keys {
                if let Ok(Some(_)) = self.stores.session_cache.get(key).await {
                    return *why;
                }
            }
            if let Ok(false) = self.stores.session_is_open(run.session).await {
                return Halt::Over;
            }
        }
    }

    async fn mark(&self, owner: UserId, what: Marked) -> Result<(), ChatError> {
        let mark = Bytes::from_static(b"stop");
        let marked = self.stores.session_cache.set(&what.key(owner), mark, MARK_KEPT).await;
        marked.map_err(|error| ConversationError::from(error).into())
    }
}

/// What a mark is on.
enum Marked {
    Answer(MessageId),
    Conversation(ConversationId),
}

impl Marked {
    /// Under the person: whichever of their sessions stops it, and nobody else.
    fn key(&self, owner: UserId) -> String {
        match self {
            Self::Answer(answer) => format!("stop:{owner}:answer:{answer}"),
            Self::Conversation(conversation) => format!("stop:{owner}:conversation:{conversation}"),
        }
    }
}

impl super::run::Runs {
    /// Has the answers of a session end where they are, and waits for a while until they have.
    pub(in crate::services) async fn end_of_session(&self, session: SessionId) {
        let runs = self.all_where(|run| run.session == session);
        for run in &runs {
            run.halt(Halt::Stopped);
        }
        let ends = futures::future::join_all(runs.iter().map(|run| run.end()));
        if tokio::time::timeout(KEPT_WITHIN, ends).await.is_err() {
            tracing::warn!(session_id = %session, "an answer was still being kept when its session ended");
        }
    }
}
