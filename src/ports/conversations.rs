//! Conversations where they are kept for good.

use std::{
    collections::{BTreeMap, btree_map},
    time::Duration,
};

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{
    ConversationId, Timestamp, UserId,
    conversation::{Change, Register, Revision, State},
};

/// Changes that are joined into the database in one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Join<'a> {
    /// The changes, in any order; several may be of one register.
    pub changes: &'a [Change],
    /// Conversations that are to be there already.
    pub not_to_be_made: &'a [ConversationId],
    /// Conversations of which the hot tier did not see some change: its instances are told to forget them.
    pub unseen_by_hot_tier: &'a [ConversationId],
    /// The incarnation of the hot tier that saw the others; if there is a later one, its instances are told to forget all.
    pub incarnation: Option<&'a str>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It is in the database for good, or what surpassed it in the same batch is.
    Kept,
    /// The conversation was deleted, or its owner's account was.
    Gone,
    /// The conversation is not there and was not to be made.
    Unknown,
    /// The conversation is another person's.
    Forbidden,
    /// The register held something greater already, of this revision.
    Behind(Revision),
}

/// What was known of an incarnation of the hot tier before it was noted. Unless it was admitted, its copies may be older than what was written
/// on another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// That it is the last one, and admitted.
    Last,
    /// Nothing, or that it is the last one, whose copies somebody was to drop. With the number by which it is admitted.
    New(i64),
    /// That another came after it.
    Superseded(i64),
}

/// A conversation as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Whose it is.
    pub owner: UserId,
    /// What is in it.
    pub state: State,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Which.
    pub id: ConversationId,
    /// What people call it, if it was given a name.
    pub title: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something was last said in it.
    pub updated_at: Timestamp,
}

/// Where a list goes on: after the conversation of this time and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPosition {
    /// When something was last said in it.
    pub updated_at: Timestamp,
    /// Which.
    pub id: ConversationId,
}

/// So many of the last notes are told at any rate: the database's clock may have been set.
pub const LAST_NOTES: i64 = 200;

/// The database of conversations. Joining is idempotent, commutative and monotone: it may be done twice, late, and by several at once.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Joins changes, all or none; what became of each, in their order. Conversations that are not there are made for the owner of their
    /// first change, unless they are not to be. A tombstone empties its conversation and stays.
    async fn join(&self, join: Join<'_>) -> Result<Vec<Joined>, StoreError>;

    /// The conversation; also one that was deleted.
    async fn read(&self, id: ConversationId) -> Result<Option<Stored>, StoreError>;

    /// Conversations of a person that were not deleted, the last used first, at most `limit`. With `words`, those with a title or a message
    /// in which each of the words is the beginning of a word ([`words_of`](crate::domain::conversation::words_of)).
    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, StoreError>;

    /// Conversations that nobody has used since, with their owners, at most `limit`.
    async fn list_unused(&self, since: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>, StoreError>;

    /// Notes an incarnation of the hot tier as the last one, before it is used; what was noted of it before.
    async fn note_incarnation(&self, incarnation: &str) -> Result<Noted, StoreError>;

    /// Has copies of an incarnation be read from now on: those that it had when it was noted under this number were dropped. If it was noted
    /// again since, nothing happens.
    async fn admit_incarnation(&self, number: i64) -> Result<(), StoreError>;

    /// What instances were told to forget within the last `span` of the database's own clock, and the last [`LAST_NOTES`] whatever that says:
    /// numbers, each once given, and conversations.
    async fn forgettable(&self, span: Duration) -> Result<Vec<(i64, ConversationId)>, StoreError>;

    /// Removes what instances were told to forget longer ago than that, by the database's own clock.
    async fn remove_forgettable(&self, older_than: Duration) -> Result<u64, StoreError>;
}

/// Of two messages of one id in one batch the other one is kept.
#[must_use]
pub fn beside(change: &Change, greatest: &Greatest<'_>, joined: Joined) -> Joined {
    let kept = greatest.get(&(change.conversation, change.register, change.owner)).map(|kept| &kept.entry);
    match kept {
        Some(kept)
            if joined == Joined::Kept && kept.revision == change.entry.revision && kept.value != change.entry.value =>
        {
            Joined::Behind(kept.revision)
        }
        _ => joined,
    }
}

/// The greatest change of each register by each of those who say that it is theirs.
pub type Greatest<'a> = BTreeMap<(ConversationId, Register, UserId), &'a Change>;

/// The greatest change of each register by each of those who say that it is theirs, in the order of conversations.
#[must_use]
pub fn greatest(changes: &[Change]) -> Greatest<'_> {
    let mut greatest = BTreeMap::new();
    for change in changes {
        match greatest.entry((change.conversation, change.register, change.owner)) {
            btree_map::Entry::Vacant(place) => drop(place.insert(change)),
            btree_map::Entry::Occupied(mut place) => {
                let kept: &mut &Change = place.get_mut();
                if kept.entry < change.entry {
                    *kept = change;
                }
            }
        }
    }
    greatest
}
