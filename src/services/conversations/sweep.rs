//! What a process left in the journal that has ended, or has lost the database: any other takes it from there. Twice or at once is harmless.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Core, figures::Figures, poll::Unless};
use crate::{
    domain::{
        ConversationId, Timestamp, UserId,
        conversation::{Change, Entry, Register, Revision},
    },
    ports::{HotConversations, StoreError, conversations::Join, error::StoreErrorKind, hot_conversations::Journaled},
};

/// So many rounds at most; the next call goes on.
const ROUNDS: usize = 50;

/// What a sweep did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swept {
    /// Conversations that had a journal, of the person who was asked for.
    pub(super) conversations: u64,
    /// Whether none is left.
    pub(super) is_all: bool,
}

impl Core {
    /// Joins all journals that are older than that; counts those of one person's conversations, or all.
    pub(super) async fn sweep(self: &Arc<Self>, age: Duration, owner: Option<UserId>) -> Result<Swept, StoreError> {
        let mut swept = Swept { conversations: 0, is_all: true };
        let Some(hot) = &self.hot else { return Ok(swept) };
        if age > Duration::ZERO && self.figures.database_is_away() {
            // Whoever waits for it tells when it is back.
            return Ok(swept);
        }
        if self.link.incarnation().is_none() || self.link.is_degraded() {
            self.poll(hot, Unless::Trusted).await?;
        }
        swept.is_all = false;
        for _ in 0..ROUNDS {
            let ids = hot.left_behind(age).await?;
            if ids.is_empty() {
                swept.is_all = true;
                break;
            }
            let found = hot.journals(&ids).await?;
            let mut empty: Vec<ConversationId> = ids;
            empty.retain(|id| !found.iter().any(|(other, _)| other == id));
            // A set that names what has no journal any more.
            hot.clear(&empty.into_iter().map(|id| (id, Vec::new())).collect()).await?;
            let is_wanted = |journal: &Journaled| owner.is_none() || journal.owner == owner;
            swept.conversations += found.iter().filter(|(_, journal)| is_wanted(journal)).count() as u64;
            self.join_journals(hot, &found).await?;
            Figures::count(&self.figures.swept, found.len());
        }
        Ok(swept)
    }

    async fn join_journals(
        &self,
        hot: &Arc<dyn HotConversations>,
        journals: &[(ConversationId, Journaled)],
    ) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for (id, journal) in journals {
            // One that cannot be joined does not hold up the others.
            let joined = self.join_journal(hot, *id, journal).await;
            outcome = outcome.and(joined);
        }
        outcome
    }

    async fn join_journal(
        &self,
        hot: &Arc<dyn HotConversations>,
        id: ConversationId,
        journal: &Journaled,
    ) -> Result<(), StoreError> {
        let changes = changes_of(id, journal);
        match self.join_left(&changes).await {
            Err(error) if error.kind == StoreErrorKind::Refused => self.join_one_by_one(hot, &changes).await?,
            joined => joined?,
        }
        let kept: Vec<(Register, Revision)> =
            changes.iter().map(|change| (change.register, change.entry.revision)).collect();
        hot.clear(&BTreeMap::from([(id, kept)])).await
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
