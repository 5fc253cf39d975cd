//! From the queue into the database: all that waits is joined in one statement, while the next gathers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Core,
    pending::{Batch, Number, Pending, Told, Way},
};
use crate::{
    domain::{
        ConversationId,
        conversation::{Change, Register, Revision},
    },
    ports::{
        HotConversations, StoreError,
        conversations::{Join, Joined},
        error::StoreErrorKind,
        hot_conversations::DeadLetter,
    },
};

/// Pause after the database did not answer; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl Core {
    /// Has the queue drained, if not enough others do that.
    pub(super) fn drain(self: &Arc<Self>) {
        if self.queue.begin_draining() {
            tokio::spawn(Arc::clone(self).drain_all());
        }
    }

    async fn drain_all(self: Arc<Self>) {
        let mut drainer = self.queue.drainer();
        let mut pause = FIRST_PAUSE;
        loop {
            self.queue.gather().await;
            let Some(batch) = drainer.next_batch() else { break };
            match self.join_batch(batch).await {
                Ok(()) => {
                    drainer.is_joined();
                    pause = FIRST_PAUSE;
                }
                Err(error) => {
                    if !self.figures.database_went_away() {
                        tracing::warn!(%error, waiting = batch.len(), "conversations cannot be written to the database; trying on");
                    }
                    self.queue.tell_the_journaled();
                    drainer.give_back();
                    drainer.fails(true);
                    // Others may not be held up by what this one is.
                    self.drain();
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        if self.queue.is_empty() {
            // Nobody waits for it, so nobody is told that it is away.
            self.figures.database_came_back();
        }
    }

    /// An error means that the database is away; what it refuses is settled here.
    async fn join_batch(self: &Arc<Self>, batch: &Batch) -> Result<(), StoreError> {
        match self.try_to_join(batch).await {
            Ok(outcomes) => {
                self.figures.database_came_back();
                self.settle(batch, &outcomes).await;
                Ok(())
            }
            Err(error) if error.kind != StoreErrorKind::Refused => Err(error),
            Err(error) => match batch {
                [(number, pending)] => {
                    self.refuse(*number, pending, &error).await;
                    Ok(())
                }
                // One of them is refused, and not the others for its sake.
                _ => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    Box::pin(self.join_batch(first)).await?;
                    Box::pin(self.join_batch(second)).await
                }
            },
        }
    }

    async fn try_to_join(&self, batch: &Batch) -> Result<Vec<Joined>, StoreError> {
        let changes: Vec<Change> = batch.iter().map(|(_, pending)| pending.change.clone()).collect();
        let (mut past, mut made, mut lives) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (_, pending) in batch {
            let id = pending.change.conversation;
            match &pending.way {
                Way::Journaled(life) => {
                    lives.insert(life);
                    made.insert(id);
                }
                Way::Past { makes_it } => {
                    past.insert(id);
                    if *makes_it {
                        made.insert(id);
                    }
                }
            }
        }
        // One that another batch is about to make is not to be found missing: its row is waited for.
        let is_being_made = |id: &ConversationId| self.queue.waiting_for(*id).iter().any(|pending| pending.makes_it());
        let not_to_be_made: Vec<ConversationId> =
            past.difference(&made).filter(|id| !is_being_made(id)).copied().collect();
        if lives.len() > 1 {
            // One of them is not the last.
            past.extend(batch.iter().map(|(_, pending)| pending.change.conversation));
        }
        let unseen: Vec<ConversationId> =
            if self.policy.history.has_others || self.hot.is_some() { past.into_iter().collect() } else { Vec::new() };
        let join = Join {
            changes: &changes,
            not_to_be_made: &not_to_be_made,
            unseen_by_hot_tier: &unseen,
            incarnation: lives.first().map(|life| &***life),
        };
        let began = Instant::now();
        let joined = self.stores.conversations.join(join).await?;
        self.figures.joined(changes.len(), began.elapsed());
        Ok(joined)
    }

    /// Tells the writers, and the hot tier what the database has.
    async fn settle(self: &Arc<Self>, batch: &Batch, outcomes: &[Joined]) {
        let registered = self.link.incarnation();
        let joined = batch.iter().zip(outcomes);
        // What was kept of this life of the hot tier is in its copy, and in the journal, with which any other is filled in: its writer need not
        // wait for the journal to be cleared.
        let keeps_journal = self.link.keeps_journal();
        let (kept, others): (Vec<_>, Vec<_>) = joined.partition(|((_, pending), outcome)| {
            let is_of_this_life = matches!(&pending.way, Way::Journaled(life) if registered.as_ref() == Some(life));
            keeps_journal && is_of_this_life && **outcome == Joined::Kept
        });
        for ((number, _), outcome) in &kept {
            self.queue.tell(*number, Told::Joined(**outcome));
        }
        if let Some(hot) = &self.hot {
            self.clear_soon(hot, &kept);
            self.tell(hot, &others).await;
        }
        for ((number, _), outcome) in others {
            self.queue.settle(*number, Told::Joined(*outcome));
        }
    }

    /// Tells the hot tier what it may not know of.
    async fn tell(&self, hot: &Arc<dyn HotConversations>, others: &[(&(Number, Arc<Pending>), &Joined)]) {
        let mut kept: BTreeMap<ConversationId, Vec<(Register, Revision)>> = BTreeMap::new();
        let mut past = BTreeSet::new();
        for ((_, pending), outcome) in others {
            let change = &pending.change;
            // What the database did not take is not to be read from a copy either, unless that has what the database has.
            let revision = match outcome {
                Joined::Kept => change.entry.revision,
                Joined::Behind(revision) => *revision,
                Joined::Gone | Joined::Unknown | Joined::Forbidden => {
                    past.insert(change.conversation);
                    change.entry.revision
                }
            };
            if pending.is_journaled() {
                kept.entry(change.conversation).or_default().push((change.register, revision));
            } else {
                past.insert(change.conversation);
            }
        }
        let past: Vec<ConversationId> = past.into_iter().collect();
        let told = async {
            if self.link.owes(&past) {
                return Ok(());
            }
            hot.clear(&kept).await?;
            if past.is_empty() { Ok(()) } else { hot.forget(&past).await.map(drop) }
        };
        if let Err(error) = told.await {
            // The journal keeps it, and it is joined once more.
            self.link.degrade(&error);
            self.link.owes(&past);
        }
    }

    /// What the database refuses is not tried again, and not lost.
    async fn refuse(&self, number: Number, pending: &Pending, error: &StoreError) {
        let change = &pending.change;
        let journal = self.hot.as_ref().filter(|_| pending.is_journaled());
        if let Err(failed) = self.note_refusal(journal, change, error).await {
            tracing::error!(conversation_id = %change.conversation, error = %failed, "a refused change is not set aside yet");
            // The journal may not come back.
            self.link.state().refused.push(DeadLetter { change: change.clone(), why: error.to_string() });
        }
        self.queue.settle(number, Told::Refused(error.to_string()));
    }

    /// Tells of a refusal, and sets the change aside if it is in a journal.
    pub(super) async fn note_refusal(
        &self,
        journal: Option<&Arc<dyn HotConversations>>,
        change: &Change,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        tracing::error!(conversation_id = %change.conversation, register = %change.register, %error,
            "the database refuses a change of a conversation");
        self.figures.refused();
        match journal {
            Some(hot) => hot.set_aside(&DeadLetter { change: change.clone(), why: error.to_string() }).await,
            None => Ok(()),
        }
    }
}
