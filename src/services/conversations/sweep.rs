//! What a process left in the journal that has ended, or has lost the database: any other takes it from there. Twice or at once is harmless.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Core, figures::Figures, link::Unless};
use crate::{
    domain::{
        ConversationId, UserId,
        conversation::{Change, Entry, Register, Revision},
    },
    ports::{
        HotConversations, StoreError,
        conversations::Join,
        error::StoreErrorKind,
        hot_conversations::{DeadLetter, Journaled},
    },
};

/// So many rounds at most; the next call goes on.
const ROUNDS: usize = 50;

impl Core {
    /// Joins journals that are older than that; how many conversations had one.
    pub(super) async fn sweep(self: &Arc<Self>, age: Duration) -> Result<u64, StoreError> {
        self.sweep_of(age, None).await
    }

    /// The same for the conversations of one person, or of all.
    pub(super) async fn sweep_of(self: &Arc<Self>, age: Duration, owner: Option<UserId>) -> Result<u64, StoreError> {
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
        let life = self.link.incarnation();
        for (id, journal) in journals {
            let changes = changes_of(*id, journal);
            let join = |changes: &[Change]| {
                let (changes, life) = (changes.to_vec(), life.clone());
                async move {
                    let join = Join {
                        changes: &changes,
                        not_to_be_made: &[],
                        unseen_by_hot_tier: &[],
                        incarnation: life.as_deref(),
                    };
                    self.stores.conversations.join(join).await
                }
            };
            match join(&changes).await {
                Ok(_) => {}
                Err(error) if error.kind != StoreErrorKind::Refused => return Err(error),
                Err(_) => {
                    // One of them is refused; the others are not, for its sake.
                    for change in &changes {
                        match join(std::slice::from_ref(change)).await {
                            Ok(_) => {}
                            Err(error) if error.kind != StoreErrorKind::Refused => return Err(error),
                            Err(error) => {
                                tracing::error!(conversation_id = %id, register = %change.register, %error,
                                    "the database refuses a journaled change of a conversation");
                                self.figures.refused();
                                let letter = DeadLetter { change: change.clone(), why: error.to_string() };
                                hot.set_aside(&letter).await?;
                            }
                        }
                    }
                }
            }
            let kept: Vec<(Register, Revision)> =
                changes.iter().map(|change| (change.register, change.entry.revision)).collect();
            hot.clear(&BTreeMap::from([(*id, kept)])).await?;
        }
        Ok(journals.len() as u64)
    }
}

fn changes_of(id: ConversationId, journal: &Journaled) -> Vec<Change> {
    let Some(owner) = journal.owner else { return Vec::new() };
    let change = |register, entry| Change { conversation: id, owner, register, entry };
    if journal.state.is_deleted() {
        let end = Entry {
            revision: Revision::MAX,
            at: id.made_at().unwrap_or(crate::domain::Timestamp::from_millis(0)),
            value: "".into(),
        };
        return vec![change(Register::Tombstone, end)];
    }
    journal.state.entries().map(|(register, entry)| change(register, entry.clone())).collect()
}
