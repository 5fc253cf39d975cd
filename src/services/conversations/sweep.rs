//! What a process left in the journal that has ended, or has lost the database: any other takes it from there. Twice or at once is harmless.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Core,
    figures::Figures,
    pending::{BATCH_BYTES, BATCH_CHANGES},
    poll::Unless,
};
use crate::{
    domain::{
        ConversationId, Timestamp, UserId,
        conversation::{Change, Entry, Register, Revision},
    },
    ports::{HotConversations, StoreError, conversations::Join, error::StoreErrorKind, hot_conversations::Journaled},
};

/// So many rounds at most; the next call goes on.
const ROUNDS: usize = 50;

/// Journals that are in memory at once.
const READ_AT_ONCE: usize = 8;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Swept {
    /// Conversations that had a journal, of the person who was asked for.
    pub(super) conversations: u64,
    /// Whether none is left.
    pub(super) is_all: bool,
}

impl Core {
    /// Joins the journals that are older than that, of one person's conversations, or all; says what it does as it goes. One that cannot be
    /// joined does not hold up the others; that there was one is told at the end.
    pub(super) async fn sweep(
        self: &Arc<Self>,
        age: Duration,
        owner: Option<UserId>,
        swept: &mut Swept,
    ) -> Result<(), StoreError> {
        let Some(hot) = &self.hot else {
            swept.is_all = true;
            return Ok(());
        };
        if owner.is_none() && age > Duration::ZERO && self.figures.database_is_away() {
            // Whoever waits for it tells when it is back.
            swept.is_all = true;
            return Ok(());
        }
        if self.link.incarnation().is_none() || self.link.is_degraded() {
            self.poll(hot, Unless::Trusted).await?;
        }
        // What comes from now on is younger.
        let (began, mut passed_over, mut failed) = (Instant::now(), BTreeSet::new(), None);
        for _ in 0..ROUNDS {
            let found = hot.left_behind(age + began.elapsed(), &passed_over).await?;
            if found.is_empty() {
                swept.is_all = failed.is_none();
                break;
            }
            let is_wanted = |whose: &Option<UserId>| owner.is_none() || whose.is_none() || *whose == owner;
            let (wanted, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, whose)| is_wanted(whose));
            passed_over.extend(others.into_iter().map(|(id, _)| id));
            let ids: Vec<ConversationId> = wanted.into_iter().map(|(id, _)| id).collect();
            for some in ids.chunks(READ_AT_ONCE) {
                for (id, error) in self.sweep_some(hot, some, swept).await? {
                    passed_over.insert(id);
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Conversations that have a journal, of one person or of all; at least one if that cannot be told.
    pub(super) async fn journals_left(&self, owner: Option<UserId>) -> u64 {
        let Some(hot) = &self.hot else { return 0 };
        let Some(owner) = owner else { return hot.backlog().await.map_or(1, |backlog| backlog.conversations) };
        let (mut passed_over, mut count) = (BTreeSet::new(), 0);
        for _ in 0..ROUNDS {
            match hot.left_behind(Duration::ZERO, &passed_over).await {
                Ok(found) if found.is_empty() => return count,
                Ok(found) => {
                    count += found.iter().filter(|(_, whose)| *whose == Some(owner)).count() as u64;
                    passed_over.extend(found.into_iter().map(|(id, _)| id));
                }
                Err(_) => break,
            }
        }
        count.max(1)
    }

    /// Joins these; those that could not be.
    async fn sweep_some(
        &self,
        hot: &Arc<dyn HotConversations>,
        ids: &[ConversationId],
        swept: &mut Swept,
    ) -> Result<Vec<(ConversationId, StoreError)>, StoreError> {
        let found = hot.journals(ids).await?;
        let is_empty = |id: &&ConversationId| !found.iter().any(|(other, _)| other == *id);
        // A set that names what has no journal any more.
        let empty: Vec<ConversationId> = ids.iter().filter(is_empty).copied().collect();
        if !empty.is_empty() {
            hot.clear(&empty.into_iter().map(|id| (id, Vec::new())).collect()).await?;
        }
        let mut failed = Vec::new();
        for (id, journal) in found {
            let joined = match journal {
                Ok(journal) => self.join_journal(hot, id, &journal).await,
                Err(error) => Err(error),
            };
            match joined {
                Ok(()) => {
                    swept.conversations += 1;
                    Figures::count(&self.figures.swept, 1);
                }
                // The others would wait as long in vain.
                Err(error) if error.kind == StoreErrorKind::Unavailable => return Err(error),
                Err(error) => {
                    tracing::error!(conversation_id = %id, %error, "a journal cannot be joined; it stays where it is");
                    failed.push((id, error));
                }
            }
        }
        Ok(failed)
    }

    async fn join_journal(
        &self,
        hot: &Arc<dyn HotConversations>,
        id: ConversationId,
        journal: &Journaled,
    ) -> Result<(), StoreError> {
        let mut changes = &*changes_of(id, journal);
        while !changes.is_empty() {
            let (some, others) = changes.split_at(joined_at_once(changes));
            match self.join_left(some).await {
                Err(error) if error.kind == StoreErrorKind::Refused => self.join_one_by_one(hot, some).await?,
                joined => joined?,
            }
            let kept: Vec<(Register, Revision)> =
                some.iter().map(|change| (change.register, change.entry.revision)).collect();
            hot.clear(&BTreeMap::from([(id, kept)])).await?;
            changes = others;
        }
        Ok(())
    }

    /// One of them is refused, and not the others for its sake.
    async fn join_one_by_one(&self, hot: &Arc<dyn HotConversations>, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            match self.join_left(std::slice::from_ref(change)).await {
                Err(error) if error.kind == StoreErrorKind::Refused => {
                    self.note_refusal(Some(hot), change, &error).await?;
                }
                joined => joined?,
            }
        }
        Ok(())
    }

    async fn join_left(&self, changes: &[Change]) -> Result<(), StoreError> {
        // Whose journal it was and in which life is not known, so everybody is told.
        let ids: Vec<ConversationId> = changes.first().map(|change| change.conversation).into_iter().collect();
        let join = Join { changes, not_to_be_made: &[], unseen_by_hot_tier: &ids, incarnation: None };
        self.stores.conversations.join(join).await.map(drop)
    }
}

/// How many of the first changes are joined together, at least one.
fn joined_at_once(changes: &[Change]) -> usize {
    let mut bytes = BATCH_BYTES;
    let fits = |change: &&Change| {
        let size = change.entry.value.len();
        let fits = size <= bytes;
        bytes = bytes.saturating_sub(size);
        fits
    };
    changes.iter().take(BATCH_CHANGES).take_while(fits).count().max(1)
}

fn changes_of(id: ConversationId, journal: &Journaled) -> Vec<Change> {
    let Some(owner) = journal.owner else { return Vec::new() };
    let change = |register, entry| Change { conversation: id, owner, register, entry };
    if journal.state.is_deleted() {
        let end =
            Entry { revision: Revision::MAX, at: id.made_at().unwrap_or(Timestamp::from_millis(0)), value: "".into() };
        return vec![change(Register::Tombstone, end)];
    }
    journal.state.entries().map(|(register, entry)| change(register, entry.clone())).collect()
}
