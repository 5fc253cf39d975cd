//! Conversations as the domain has them, with nothing between: what the databases are measured against, and what a conversation is kept in that
//! nobody wants to keep.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use crate::{
    domain::{
        ConversationId, Timestamp, UserId,
        conversation::{Change, Entry, Field, Register, Revision, State},
    },
    ports::{
        Conversations, StoreError,
        conversations::{Join, Joined, LAST_NOTES, ListPosition, Noted, Stored, Summary, beside, greatest},
    },
};

/// Conversations of this process.
#[derive(Debug, Default)]
pub struct MemoryConversations {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    conversations: BTreeMap<ConversationId, Kept>,
    incarnations: Vec<Incarnation>,
    forgettable: Vec<(Instant, i64, ConversationId)>,
    numbers: i64,
}

#[derive(Debug)]
struct Incarnation {
    number: i64,
    name: String,
    is_admitted: bool,
}

#[derive(Debug)]
struct Kept {
    owner: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
    state: State,
}

impl MemoryConversations {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn join(&mut self, join: Join<'_>) -> Vec<Joined> {
        for change in join.changes {
            let at = change.entry.at;
            if join.not_to_be_made.contains(&change.conversation) {
                continue;
            }
            self.conversations.entry(change.conversation).or_insert_with(|| Kept {
                owner: change.owner,
                created_at: change.conversation.made_at().unwrap_or(at),
                updated_at: at,
                state: State::new(),
            });
        }
        let before: BTreeMap<ConversationId, State> = join
            .changes
            .iter()
            .filter_map(|change| {
                Some((change.conversation, self.conversations.get(&change.conversation)?.state.clone()))
            })
            .collect();
        let greatest = greatest(join.changes);
        for change in greatest.values() {
            if let Some(kept) = self.conversations.get_mut(&change.conversation)
                && kept.owner == change.owner
                && !is_claimed(&kept.state, change)
            {
                kept.state.put(change.register, change.entry.clone());
                if change.register.counts_as_use() && !kept.state.is_deleted() {
                    kept.updated_at = kept.updated_at.max(change.entry.at);
                }
            }
        }
        let is_old = self.incarnations.last().map(|last| &*last.name) != join.incarnation && join.incarnation.is_some();
        let all = join.changes.iter().map(|change| change.conversation).filter(|_| is_old);
        for id in join.unseen_by_hot_tier.iter().copied().chain(all) {
            self.numbers += 1;
            self.forgettable.push((Instant::now(), self.numbers, id));
        }
        let outcome =
            |change: &Change| beside(change, &greatest, self.outcome(change, before.get(&change.conversation)));
        join.changes.iter().map(outcome).collect()
    }

    fn outcome(&self, change: &Change, before: Option<&State>) -> Joined {
        let Some(kept) = self.conversations.get(&change.conversation) else { return Joined::Unknown };
        if kept.owner != change.owner {
            return Joined::Forbidden;
        }
        if kept.state.is_deleted() {
            return if change.register == Register::Tombstone { Joined::Kept } else { Joined::Gone };
        }
        match before.and_then(|before| before.get(change.register)) {
            Some(earlier) if kept.state.get(change.register) == Some(earlier) && *earlier != change.entry => {
                Joined::Behind(earlier.revision)
            }
            _ => Joined::Kept,
        }
    }
}

#[async_trait]
impl Conversations for MemoryConversations {
    async fn join(&self, join: Join<'_>) -> Result<Vec<Joined>, StoreError> {
        Ok(self.held().join(join))
    }

    async fn read(&self, id: ConversationId) -> Result<Option<Stored>, StoreError> {
        let held = self.held();
        Ok(held.conversations.get(&id).map(|kept| Stored { owner: kept.owner, state: kept.state.clone() }))
    }

    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, StoreError> {
        let held = self.held();
        let mut found: Vec<Summary> = held
            .conversations
            .iter()
            .filter(|(_, kept)| kept.owner == owner && !kept.state.is_deleted() && kept.has(words))
            .map(|(id, kept)| Summary {
                id: *id,
                title: kept.state.field(Field::Title),
                created_at: kept.created_at,
                updated_at: kept.updated_at,
            })
            .filter(|found| after.is_none_or(|after| (found.updated_at, found.id) < (after.updated_at, after.id)))
            .collect();
        found.sort_by_key(|found| std::cmp::Reverse((found.updated_at, found.id)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn list_unused(&self, since: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        let held = self.held();
        let unused = held.conversations.iter().filter(|(_, kept)| kept.updated_at < since && !kept.state.is_deleted());
        Ok(unused.map(|(id, kept)| (*id, kept.owner)).take(limit as usize).collect())
    }

    async fn note_incarnation(&self, incarnation: &str) -> Result<Noted, StoreError> {
        let mut held = self.held();
        if let Some(last) = held.incarnations.last().filter(|last| last.name == incarnation) {
            return Ok(if last.is_admitted { Noted::Last } else { Noted::New(last.number) });
        }
        let before = held.incarnations.len();
        held.incarnations.retain(|known| known.name != incarnation);
        let is_known = held.incarnations.len() < before;
        held.numbers += 1;
        let number = held.numbers;
        held.incarnations.push(Incarnation { number, name: incarnation.to_owned(), is_admitted: false });
        Ok(if is_known { Noted::Superseded(number) } else { Noted::New(number) })
    }

    async fn admit_incarnation(&self, number: i64) -> Result<(), StoreError> {
        let mut held = self.held();
        if let Some(known) = held.incarnations.iter_mut().find(|known| known.number == number) {
            known.is_admitted = true;
        }
        Ok(())
    }

    async fn forgettable(&self, span: Duration) -> Result<Vec<(i64, ConversationId)>, StoreError> {
        let held = self.held();
        let is_last = |number: i64| number > held.numbers - LAST_NOTES;
        let recent = held.forgettable.iter().filter(|(at, number, _)| at.elapsed() < span || is_last(*number));
        Ok(recent.map(|(_, number, id)| (*number, *id)).collect())
    }

    async fn remove_forgettable(&self, older_than: Duration) -> Result<u64, StoreError> {
        let mut held = self.held();
        let before = held.forgettable.len();
        held.forgettable.retain(|(at, _, _)| at.elapsed() < older_than);
        Ok((before - held.forgettable.len()) as u64)
    }
}

impl Kept {
    /// Whether a title or a message has a word that begins with each of these.
    fn has(&self, words: &[String]) -> bool {
        words.is_empty()
            || self.state.entries().any(|(register, entry)| {
                let there = register.words(&entry.value);
                words.iter().all(|word| there.range(word.clone()..).next().is_some_and(|found| found.starts_with(word)))
            })
    }
}

/// Whether somebody else writes the message already of which this is the first part.
fn is_claimed(state: &State, change: &Change) -> bool {
    let is_claim = |entry: &Entry| matches!(change.register, Register::Message(_)) && entry.revision == Revision::CLAIM;
    is_claim(&change.entry) && state.get(change.register).is_some_and(is_claim)
}
