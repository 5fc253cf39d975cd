//! Conversations where they are hot: copies that instances share, and a journal of what may not be in the database yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{
    ConversationId, UserId,
    conversation::{Change, Entry, Register, Revision, State},
};

/// Tells one life of the tier from another: it changes when the server starts again, is replaced, or another takes its place.
pub type Incarnation = Arc<str>;

/// The tier as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Which.
    pub incarnation: Incarnation,
    /// Whether what has no time to live stays when the memory is full. If not, the journal cannot be relied on.
    pub keeps_journal: bool,
}

/// The lives that answered a call. A call of several messages may be answered by several, if the line leads elsewhere between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lives(BTreeSet<Incarnation>);

impl Lives {
    /// Another message was answered.
    pub fn answered(&mut self, life: Incarnation) {
        self.0.insert(life);
    }

    /// One that answered and is not this one.
    #[must_use]
    pub fn other_than(&self, life: &Incarnation) -> Option<&Incarnation> {
        self.0.iter().find(|answered| *answered != life)
    }
}

/// Names one state of one copy; another state has another.
pub type Tag = String;

/// The right to fill in a copy, from a look-up that found none, until the conversation is cleared or forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FillLease {
    /// Shared by those who looked up together.
    pub token: String,
    /// In which life it was given.
    pub incarnation: Incarnation,
}

/// What is known of a conversation whose owner may not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journaled {
    /// Whose it is; `None` if the journal is empty.
    pub owner: Option<UserId>,
    /// What may not be in the database yet.
    pub state: State,
}

/// What a look-up finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// The copy has the tag that was named.
    Unchanged,
    /// The copy.
    Found {
        /// In which life of the tier.
        incarnation: Incarnation,
        /// Its tag.
        tag: Tag,
        /// Whose it is.
        owner: UserId,
        /// What is in it.
        state: State,
    },
    /// There is none. The journal belongs to what the database has.
    Missing {
        /// Under which one may be filled in.
        lease: FillLease,
        /// What may not be in the database yet.
        journal: Journaled,
    },
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is in the journal, and in the copy if there is one of this life.
    Kept {
        /// In which life of the tier.
        incarnation: Incarnation,
        /// The tag of the copy from now on; empty without one.
        tag: Tag,
    },
    /// There is no copy: it has to be filled in first.
    NoCopy,
    /// The conversation was deleted.
    Gone,
    /// It is another person's.
    Forbidden,
    /// A register holds something greater already, of this revision.
    Behind(Revision),
    /// The message is there already, and says this.
    Exists(Entry),
}

/// What is not in the database yet, as far as the journal knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Conversations with a journal.
    pub conversations: u64,
    /// How long the oldest of them has had one.
    pub oldest: Duration,
    /// Changes that the database refused.
    pub dead_letters: u64,
    /// Bytes that the tier has taken.
    pub bytes: u64,
    /// Bytes that it may take; 0 if nobody has said.
    pub bytes_at_most: u64,
}

/// A change that the database refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// What it was.
    pub change: Change,
    /// What the database said.
    pub why: String,
}

/// The hot tier. It may lose all it holds at any time, also come back with what it held long ago; who uses it knows that by the incarnation.
/// Copies come in by [`fill`](Self::fill), under a lease, and by a write that makes a conversation, under one as well; the journal has no time to live.
#[async_trait]
pub trait HotConversations: Send + Sync {
    /// Which life this is.
    async fn life(&self) -> Result<Life, StoreError>;

    /// The copy of a conversation, unless the one of the tag `known` is the same.
    async fn look_up(&self, id: ConversationId, known: Option<&Tag>) -> Result<LookUp, StoreError>;

    /// Writes changes of one conversation to its copy and its journal, all or none. With a lease the copy is made if there is none.
    async fn write(&self, changes: &[Change], makes_it: Option<&FillLease>) -> Result<Written, StoreError>;

    /// Ends a conversation: nothing is left but its tombstone in the journal.
    async fn end(&self, tombstone: &Change) -> Result<Written, StoreError>;

    /// Tells what is in the database, or something greater, after the commit: it need not be journaled any more, and copies and leases that
    /// do not know of it go.
    async fn clear(&self, kept: &BTreeMap<ConversationId, Vec<(Register, Revision)>>) -> Result<(), StoreError>;

    /// Fills in a copy from the database, joined with the journal, if the lease holds. Its tag if that was done.
    async fn fill(
        &self,
        id: ConversationId,
        lease: &FillLease,
        owner: UserId,
        state: &State,
    ) -> Result<Option<Tag>, StoreError>;

    /// Removes all copies and leases there are.
    async fn forget_all(&self) -> Result<Lives, StoreError>;

    /// Removes copies and leases.
    async fn forget(&self, ids: &[ConversationId]) -> Result<Lives, StoreError>;

    /// Journals changes that were acknowledged in an earlier life.
    async fn journal_again(&self, changes: &[Change]) -> Result<Lives, StoreError>;

    /// Conversations that have had a journal for so long, by the tier's own clock, and their owners, if there is something in it: the oldest
    /// first, some at a time, but for those that were passed over before.
    async fn left_behind(
        &self,
        age: Duration,
        passed_over: &BTreeSet<ConversationId>,
    ) -> Result<Vec<(ConversationId, Option<UserId>)>, StoreError>;

    /// The journals of conversations, those that have none left out. One that cannot be read is an error of its own.
    async fn journals(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<(ConversationId, Result<Journaled, StoreError>)>, StoreError>;

    /// Sets a change aside that the database refused: it is neither journaled nor in a copy any more, but kept.
    async fn set_aside(&self, letter: &DeadLetter) -> Result<(), StoreError>;

    /// Changes that were set aside.
    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError>;

    /// What is waiting.
    async fn backlog(&self) -> Result<Backlog, StoreError>;
}
