//! Upkeep: flushes by hand and at the end, the timer, and what waits.

use std::time::{Duration, Instant};

use super::{
    Conversation, ConversationError, ConversationService, Counts, DeadLetter, Flushed, Freshness, HistoryBacklog,
    poll::LEFT_BEHIND_AFTER, sweep::Swept,
};
use crate::domain::{SessionId, Timestamp, UserId};

/// How long the end of the process is put off for what waits. It is safe without: the journal keeps it.
const FINISH: Duration = Duration::from_secs(2);

/// So many conversations past their time are deleted at once; the next call goes on.
const DELETED_AT_ONCE: u32 = 500;

impl ConversationService {
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
        let mut swept = Swept::default();
        let outcome =
            tokio::time::timeout(core.policy.history.wait, core.sweep(Duration::ZERO, owner, &mut swept)).await;
        let flushed = flushed + swept.conversations;
        if swept.is_all {
            return Ok(Flushed { flushed, remaining: 0 });
        }
        tracing::warn!(?outcome, "journals could not be swept to the end");
        Ok(Flushed { flushed, remaining: core.journals_left(owner).await })
    }

    /// Writes what waits of the conversations of a session's user; how many were written. A logout does not fail for it: the journal keeps
    /// what could not be written.
    pub async fn flush_of_session(&self, session: SessionId) -> u64 {
        let flushed = async {
            match self.core.stores.sessions.get(session).await? {
                Some(session) => Ok(self.flush(Some(session.user_id)).await?.flushed),
                None => Ok::<_, ConversationError>(0),
            }
        };
        flushed.await.unwrap_or_else(|error| {
            tracing::warn!(session_id = %session, %error, "conversations could not be flushed at the end of a session");
            0
        })
    }

    /// Waits for what this process has acknowledged and not written yet, for some seconds: before it ends in good order.
    pub async fn finish(&self) {
        self.core.drain();
        let until = Instant::now() + FINISH;
        while self.core.queue.backlog().0 > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What the timer does: sweeps what other processes left, removes notes that matter no more, deletes what is past its time.
    pub async fn write_back(&self) -> Result<u64, ConversationError> {
        let core = &self.core;
        let history = &core.policy.history;
        // One that fails holds the others up no longer than its turn.
        let mut swept = Swept::default();
        let outcome = core.sweep(LEFT_BEHIND_AFTER, None, &mut swept).await;
        let removed = core.stores.conversations.remove_forgettable(history.keep_copies * 2).await;
        if let Some(retention) = history.retention {
            self.delete_unused(core.stores.clock.now().minus(retention)).await?;
        }
        removed?;
        outcome?;
        Ok(swept.conversations)
    }

    async fn delete_unused(&self, since: Timestamp) -> Result<(), ConversationError> {
        let is_unused = |conversation: &Conversation| conversation.state.updated_at().is_none_or(|at| at < since);
        for (id, owner) in self.core.stores.conversations.list_unused(since, DELETED_AT_ONCE).await? {
            // Its owner may have come back to it meanwhile.
            let ended = match self.get(owner, id, None, Freshness::Verified).await {
                Ok(conversation) if is_unused(&conversation) => self.delete(owner, id).await.map(drop),
                Ok(_) | Err(ConversationError::NotFound) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::warn!(conversation_id = %id, %error, "a conversation past its time could not be deleted yet");
            }
        }
        Ok(())
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
}
