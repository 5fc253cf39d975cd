//! Changes that this process has taken on and the database has not: the first of the two homes of a change.

mod drainer;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, oneshot};

pub(super) use self::drainer::{BATCH_BYTES, BATCH_CHANGES, Drainer};
use crate::{
    domain::{ConversationId, UserId, conversation::Change},
    ports::{conversations::Joined, hot_conversations::Incarnation},
};

/// Batches that are joined side by side, if there is more than one. The order does not matter to a join. Few, for there are few connections.
const BATCHES_AT_ONCE: usize = 2;

/// What nobody waits for gathers for so long, so that it does not take a transaction each.
const GATHER: Duration = Duration::from_millis(20);

/// What is waited for gathers for so long at most, while more writers are on the way than changes are there. So of many at once one half is in the
/// hot tier while the other is in the database, and neither home waits for the other.
const GATHER_AWAITED: Duration = Duration::from_millis(1);

/// How a change comes to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is in the journal of the hot tier, in this life of it.
    Journaled(Incarnation),
    /// Past the hot tier.
    Past {
        /// Whether the conversation may be made by it.
        makes_it: bool,
    },
}

/// A change that is not in the database yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) change: Change,
    pub(super) way: Way,
    since: Instant,
    /// Whether its writer waits for the database.
    is_awaited: bool,
    /// The first of those that were taken on together.
    first: Number,
}

impl Pending {
    pub(super) fn is_journaled(&self) -> bool {
        matches!(self.way, Way::Journaled(_))
    }

    /// Whether its conversation comes to be by it, if it is not there.
    pub(super) fn makes_it(&self) -> bool {
        self.is_journaled() || self.way == Way::Past { makes_it: true }
    }

    fn bytes(&self) -> usize {
        // What goes with a change, roughly.
        self.change.entry.value.len() + 200
    }
}

/// What its writer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The database has answered.
    Joined(Joined),
    /// The database is away; the change is in the journal.
    Journaled,
    /// The database refuses it, and will again.
    Refused(String),
}

/// The number of a change in the queue, in the order of coming.
pub(super) type Number = u64;

/// Changes that are joined together.
pub(super) type Batch = [(Number, Arc<Pending>)];

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    /// Something came that is awaited, or as much as is on the way, or a whole batch.
    awaited: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    next: Number,
    waiting: BTreeMap<Number, Arc<Pending>>,
    /// Those of `waiting` that are in nobody's batch.
    untaken: BTreeSet<Number>,
    /// How many of `untaken` are awaited. Changes, and not writers: one that brings two lets the others wait a moment less.
    awaited_changes: usize,
    /// Writers that are on the way with more, which they will wait for: nearly all bring one change.
    coming_writers: usize,
    by_conversation: HashMap<ConversationId, BTreeSet<Number>>,
    writers: HashMap<Number, Writer>,
    bytes: usize,
    drainers: usize,
    /// Those of `drainers` whose last batch could not be joined.
    failing: usize,
}

/// Somebody who waits for changes that were taken on together.
#[derive(Debug)]
struct Writer {
    teller: oneshot::Sender<Told>,
    left: usize,
    /// What became of them: of the first that was not kept, if there is one.
    told: Option<Told>,
}

impl Queue {
    /// Whether so many bytes more may wait.
    pub(super) fn has_room(&self, changes: usize, bytes: usize) -> bool {
        let inner = self.inner();
        inner.waiting.len() < changes && inner.bytes < bytes
    }

    /// Takes changes on; who wants to know what becomes of them waits for the answer, and says so.
    pub(super) fn take_on(
        &self,
        changes: Vec<Change>,
        way: &Way,
        is_awaited: bool,
    ) -> (Vec<Number>, oneshot::Receiver<Told>) {
        let (teller, told) = oneshot::channel();
        let mut inner = self.inner();
        let (first, left) = (inner.next + 1, changes.len());
        let mut numbers = Vec::with_capacity(left);
        for change in changes {
            let pending = Pending { change, way: way.clone(), since: Instant::now(), is_awaited, first };
            inner.next += 1;
            let number = inner.next;
            inner.bytes += pending.bytes();
            inner.by_conversation.entry(pending.change.conversation).or_default().insert(number);
            inner.waiting.insert(number, Arc::new(pending));
            inner.leave(number);
            numbers.push(number);
        }
        if left > 0 {
            inner.writers.insert(first, Writer { teller, left, told: None });
        }
        let is_enough = is_awaited && (inner.awaited_changes == left || inner.awaited_changes >= inner.coming_writers);
        if is_enough || inner.untaken.len() >= BATCH_CHANGES {
            self.awaited.notify_waiters();
        }
        (numbers, told)
    }

    /// Says that a writer is on the way with something that it will wait for.
    pub(super) fn coming(&self) -> Coming<'_> {
        self.inner().coming_writers += 1;
        Coming(self)
    }

    /// Whether the caller is to drain the queue: there is something in it that those who do are not about to take. One whose batch could not
    /// be joined may be stuck with it.
    pub(super) fn begin_draining(&self) -> bool {
        let mut inner = self.inner();
        let begins =
            inner.drainers < BATCHES_AT_ONCE && inner.untaken.len() > (inner.drainers - inner.failing) * BATCH_CHANGES;
        inner.drainers += usize::from(begins);
        begins
    }

    /// The one who drains, after [`begin_draining`](Self::begin_draining).
    pub(super) fn drainer(&self) -> Drainer<'_> {
        Drainer { queue: self, batch: Vec::new(), is_failing: false, is_over: false }
    }

    /// Whether nothing waits, in no batch either.
    pub(super) fn is_empty(&self) -> bool {
        self.inner().waiting.is_empty()
    }

    /// A change waits no more, and its writer is told.
    pub(super) fn settle(&self, number: Number, told: Told) {
        self.tell(number, told);
        self.inner().remove(number);
    }

    /// A change waits no more.
    pub(super) fn remove(&self, number: Number) {
        self.inner().remove(number);
    }

    /// Once for each change: its writer is told when that is known of all that were taken on together.
    pub(super) fn tell(&self, number: Number, told: Told) {
        let mut inner = self.inner();
        let Some(first) = inner.waiting.get(&number).map(|pending| pending.first) else { return };
        let Some(writer) = inner.writers.get_mut(&first) else { return };
        writer.left = writer.left.saturating_sub(1);
        if writer.told.as_ref().is_none_or(|told| *told == Told::Joined(Joined::Kept)) {
            writer.told = Some(told);
        }
        if writer.left == 0
            && let Some(Writer { teller, told: Some(told), .. }) = inner.writers.remove(&first)
        {
            // One who does not wait any more need not know.
            let _ = teller.send(told);
        }
    }

    /// Changes whose writer has given up. One that is being joined may be kept all the same.
    pub(super) fn withdraw(&self, numbers: &[Number]) {
        let mut inner = self.inner();
        for number in numbers {
            inner.remove(*number);
            inner.writers.remove(number);
        }
    }

    /// The writers of what is journaled need not wait: the database is away.
    pub(super) fn tell_the_journaled(&self) {
        let mut inner = self.inner();
        let journaled: Vec<Number> =
            inner.waiting.values().filter(|pending| pending.is_journaled()).map(|pending| pending.first).collect();
        for number in journaled {
            if let Some(writer) = inner.writers.remove(&number) {
                let _ = writer.teller.send(Told::Journaled);
            }
        }
    }

    /// What waits for a conversation.
    pub(super) fn waiting_for(&self, id: ConversationId) -> Vec<Arc<Pending>> {
        let inner = self.inner();
        let numbers = inner.by_conversation.get(&id).into_iter().flatten();
        numbers.filter_map(|number| inner.waiting.get(number).cloned()).collect()
    }

    /// The number that was given last.
    pub(super) fn last_number(&self) -> Number {
        self.inner().next
    }

    /// What waits and is in the journal of some life of the hot tier.
    pub(super) fn journaled(&self) -> Vec<Change> {
        let inner = self.inner();
        inner.waiting.values().filter(|pending| pending.is_journaled()).map(|pending| pending.change.clone()).collect()
    }

    /// Conversations of a person, or of all, for which something of these numbers waits.
    pub(super) fn conversations(&self, owner: Option<UserId>, up_to: Number) -> BTreeSet<ConversationId> {
        let inner = self.inner();
        let waiting = inner.waiting.range(..=up_to).map(|(_, pending)| pending);
        let of_owner = waiting.filter(|pending| owner.is_none_or(|owner| owner == pending.change.owner));
        of_owner.map(|pending| pending.change.conversation).collect()
    }

    /// How many changes wait, and for how long the oldest has.
    pub(super) fn backlog(&self) -> (usize, Duration) {
        let inner = self.inner();
        let oldest = inner.waiting.values().next().map(|pending| pending.since.elapsed());
        (inner.waiting.len(), oldest.unwrap_or_default())
    }

    /// Waits a little for more: longer, if nobody waits for what is there.
    pub(super) async fn gather(&self) {
        self.gather_for(GATHER, |inner| inner.awaited_changes == 0).await;
        self.gather_for(GATHER_AWAITED, |inner| inner.awaited_changes < inner.coming_writers).await;
    }

    /// Waits while there is something, but no whole batch, and less than wanted.
    async fn gather_for(&self, span: Duration, is_short: impl Fn(&Inner) -> bool) {
        let is_short = || {
            let inner = self.inner();
            (1..BATCH_CHANGES).contains(&inner.untaken.len()) && is_short(&inner)
        };
        let more = async {
            loop {
                let came = self.awaited.notified();
                if !is_short() {
                    return;
                }
                came.await;
            }
        };
        // Either is a reason to go on.
        let _ = tokio::time::timeout(span, more).await;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A writer that is on the way, until it is there or has given up.
pub(super) struct Coming<'q>(&'q Queue);

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        inner.coming_writers -= 1;
        if inner.awaited_changes > 0 && inner.awaited_changes == inner.coming_writers {
            self.0.awaited.notify_waiters();
        }
    }
}

impl Inner {
    /// Leaves a change to whoever takes the next batch.
    fn leave(&mut self, number: Number) {
        if let Some(pending) = self.waiting.get(&number)
            && self.untaken.insert(number)
        {
            self.awaited_changes += usize::from(pending.is_awaited);
        }
    }

    fn take(&mut self, number: Number) -> Option<Arc<Pending>> {
        let pending = self.waiting.get(&number)?;
        if self.untaken.remove(&number) {
            self.awaited_changes -= usize::from(pending.is_awaited);
        }
        Some(Arc::clone(pending))
    }

    fn remove(&mut self, number: Number) -> Option<Arc<Pending>> {
        let pending = self.take(number)?;
        self.waiting.remove(&number);
        self.bytes -= pending.bytes();
        if let Some(numbers) = self.by_conversation.get_mut(&pending.change.conversation) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_conversation.remove(&pending.change.conversation);
            }
        }
        Some(pending)
    }
}
