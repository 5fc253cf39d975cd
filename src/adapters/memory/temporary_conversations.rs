//! Temporary conversations of one process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use crate::{
    domain::{ConversationId, SessionId, conversation::Change},
    ports::{StoreError, TemporaryConversations, conversations::Stored, temporary_conversations::Put},
};

/// Temporary conversations of this process.
#[derive(Debug, Default)]
pub struct MemoryTemporaryConversations {
    held: Mutex<HashMap<ConversationId, Held>>,
}

#[derive(Debug)]
struct Held {
    session: SessionId,
    stored: Stored,
    until: Instant,
}

impl MemoryTemporaryConversations {
    /// Those whose time is not over.
    fn held(&self) -> MutexGuard<'_, HashMap<ConversationId, Held>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        held.retain(|_, conversation| conversation.until > now);
        held
    }
}

fn put_all(stored: &mut Stored, changes: &[Change]) {
    for change in changes {
        stored.state.put(change.register, change.entry.clone());
    }
}

#[async_trait]
impl TemporaryConversations for MemoryTemporaryConversations {
    async fn make(&self, session: SessionId, changes: &[Change], keep: Duration) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let mut stored = Stored { owner: first.owner, state: Default::default() };
        put_all(&mut stored, changes);
        let until = Instant::now() + keep;
        self.held().entry(first.conversation).or_insert(Held { session, stored, until });
        Ok(())
    }

    async fn put(&self, changes: &[Change], keep: Duration) -> Result<Put, StoreError> {
        let Some(first) = changes.first() else { return Ok(Put::Kept) };
        let mut held = self.held();
        let Some(conversation) = held.get_mut(&first.conversation) else { return Ok(Put::Unknown) };
        if conversation.stored.owner != first.owner {
            return Ok(Put::Forbidden);
        }
        for change in changes {
            match conversation.stored.state.get(change.register) {
                Some(kept) if *kept != change.entry && kept.revision >= change.entry.revision => {
                    return Ok(Put::Behind(kept.revision));
                }
                _ => {}
            }
        }
        put_all(&mut conversation.stored, changes);
        conversation.until = Instant::now() + keep;
        Ok(Put::Kept)
    }

    async fn read(&self, id: ConversationId, keep: Duration) -> Result<Option<Stored>, StoreError> {
        Ok(self.held().get_mut(&id).map(|conversation| {
            conversation.until = Instant::now() + keep;
            conversation.stored.clone()
        }))
    }

    async fn remove(&self, id: ConversationId) -> Result<(), StoreError> {
        self.held().remove(&id);
        Ok(())
    }

    async fn remove_session(&self, session: SessionId) -> Result<u64, StoreError> {
        let mut held = self.held();
        let before = held.len();
        held.retain(|_, conversation| conversation.session != session);
        Ok((before - held.len()) as u64)
    }
}
