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

impl Core {
    /// Joins journals that are older than that, of one person's conversations or of all; how many had one.
    pub(super) async fn sweep(self: &Arc<Self>, age: Duration, owner: Option<UserId>) -> Result<u64, StoreError> {
        let Some(hot) = &self.hot else { return Ok(0) };
        if age > Duration::ZERO && self.figures.database_is_away() {
            // Whoever waits for it tells when it is back.
            return Ok(0);
        }
        if self.link.incarnation().is_none() || self.link.is_degraded() {
            self.poll(hot, Unless::Trusted).await?;
        }
        let mut swept = 0;
        for _ in 0..ROUNDS {
            let ids = hot.left_behind(age).await?;
            if ids.is_empty() {
                break;
            }
            let found = hot.journals(&ids).await?;
            let mut empty: Vec<ConversationId> = ids;
            empty.retain(|id| !found.iter().any(|(other, _)| other == id));
            // A set that names what has no journal any more.
            hot.clear(&empty.into_iter().map(|id| (id, Vec::new())).collect()).await?;
            let of_owner: Vec<_> =
                found.into_iter().filter(|(_, journal)| owner.is_none() || journal.owner == owner).collect();
            if of_owner.is_empty() {
                break;
            }
            swept += self.join_journals(hot, &of_owner).await?;
        }
        Figures::count(&self.figures.swept, usize::try_from(swept).unwrap_or(usize::MAX));
        Ok(swept)
    }

    async fn join_journals(
        &self,
        hot: &Arc<dyn HotConversations>,
        journals: &[(ConversationId, Journaled)],
    ) -> Result<u64, StoreError> {
        for (id, journal) in journals {
            let changes = changes_of(*id, journal);
            match self.join_left(&changes).await {
                Err(error) if error.kind == StoreErrorKind::Refused => self.join_one_by_one(hot, &changes).await?,
                joined => joined?,
            }
            let kept: Vec<(Register, Revision)> =
                changes.iter().map(|change| (change.register, change.entry.revision)).collect();
            hot.clear(&BTreeMap::from([(*id, kept)])).await?;
        }
        Ok(journals.len() as u64)
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
        let life = self.link.incarnation();
        let join = Join { changes, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: life.as_deref() };
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
