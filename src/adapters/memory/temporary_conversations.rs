//! Temporary conversations of one process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use crate::{
    domain::{
        ConversationId, SessionId,
        conversation::{Change, ENTRY_BYTES},
    },
    ports::{
        StoreError, TemporaryConversations,
        conversations::Stored,
        temporary_conversations::{Put, Room, Share},
    },
};

/// Temporary conversations of this process.
#[derive(Debug, Default)]
pub struct MemoryTemporaryConversations {
    held: Mutex<Conversations>,
}

type Conversations = HashMap<ConversationId, Held>;

#[derive(Debug)]
struct Held {
    session: SessionId,
    stored: Stored,
    until: Instant,
}

impl MemoryTemporaryConversations {
    /// Those whose time is not over.
    fn held(&self) -> MutexGuard<'_, Conversations> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        held.retain(|_, conversation| conversation.until > now);
        held
    }
}

/// How many bytes more it has with these changes.
fn growth(stored: &Stored, changes: &[Change]) -> usize {
    let bytes = |value: &str| value.len() + ENTRY_BYTES;
    let before = changes.iter().filter_map(|change| stored.state.get(change.register)).map(|entry| bytes(&entry.value));
    let after = changes.iter().map(|change| bytes(&change.entry.value));
    after.sum::<usize>().saturating_sub(before.sum())
}

fn put_all(stored: &mut Stored, changes: &[Change]) {
    for change in changes {
        stored.state.put(change.register, change.entry.clone());
    }
}

/// Who has no room for so many bytes more.
fn lacks_room(held: &Conversations, session: SessionId, more: usize, room: Room) -> Option<Share> {
    let bytes = |one: &Held| one.stored.state.bytes();
    let of_session = held.values().filter(|one| one.session == session).map(bytes).sum::<usize>();
    let of_all = held.values().map(bytes).sum::<usize>();
    match more {
        0 => None,
        _ if of_session + more > room.session_bytes => Some(Share::Session),
        _ if of_all + more > room.all_bytes => Some(Share::All),
        _ => None,
    }
}

#[async_trait]
impl TemporaryConversations for MemoryTemporaryConversations {
    async fn make(
        &self,
        session: SessionId,
        changes: &[Change],
        keep: Duration,
        room: Room,
    ) -> Result<Put, StoreError> {
        let Some(first) = changes.first() else { return Ok(Put::Kept) };
        let mut stored = Stored { owner: first.owner, state: Default::default() };
        put_all(&mut stored, changes);
        let mut held = self.held();
        let has_enough = held.values().filter(|one| one.session == session).count() >= room.conversations;
        let no_room = has_enough.then_some(Share::Number);
        if let Some(share) = no_room.or_else(|| lacks_room(&held, session, stored.state.bytes(), room)) {
            return Ok(Put::NoRoom(share));
        }
        let until = Instant::now() + keep;
        held.entry(first.conversation).or_insert(Held { session, stored, until });
        Ok(Put::Kept)
    }

    async fn put(&self, changes: &[Change], keep: Duration, room: Room) -> Result<Put, StoreError> {
        let Some(first) = changes.first() else { return Ok(Put::Kept) };
        let mut held = self.held();
        let Some(conversation) = held.get(&first.conversation) else { return Ok(Put::Unknown) };
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
        let more = growth(&conversation.stored, changes);
        if let Some(share) = lacks_room(&held, conversation.session, more, room) {
            return Ok(Put::NoRoom(share));
        }
        if let Some(conversation) = held.get_mut(&first.conversation) {
            put_all(&mut conversation.stored, changes);
            conversation.until = Instant::now() + keep;
        }
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
