//! Telling the hot tier, some time after the commit, what it need not journal any more. That stays true whenever it comes, so it is
//! gathered: of a conversation that is written to again and again the hot tier is told once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Core,
    pending::{Number, Pending},
};
use crate::{
    domain::{
        ConversationId,
        conversation::{Register, Revision},
    },
    ports::{HotConversations, conversations::Joined},
};

/// For so long what is to be cleared gathers.
const GATHER: Duration = Duration::from_millis(20);

type Registers = BTreeMap<ConversationId, HashMap<Register, Revision>>;

/// What is in the database and may still be in the journal.
#[derive(Debug, Default)]
pub(super) struct Clearing(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    registers: Registers,
    /// The changes of the queue that they were.
    numbers: Vec<Number>,
    is_under_way: bool,
}

impl Clearing {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// Has changes cleared that the database has kept. Until then they wait in the queue.
    pub(super) fn clear_soon(
        self: &Arc<Self>,
        hot: &Arc<dyn HotConversations>,
        kept: &[(&(Number, Arc<Pending>), &Joined)],
    ) {
        let mut waiting = self.clearing.waiting();
        for ((number, pending), _) in kept {
            let change = &pending.change;
            let registers = waiting.registers.entry(change.conversation).or_default();
            let revision = registers.entry(change.register).or_insert(change.entry.revision);
            *revision = (*revision).max(change.entry.revision);
            waiting.numbers.push(*number);
        }
        if !waiting.is_under_way && !waiting.numbers.is_empty() {
            waiting.is_under_way = true;
            tokio::spawn(Arc::clone(self).clear(Arc::clone(hot)));
        }
    }

    async fn clear(self: Arc<Self>, hot: Arc<dyn HotConversations>) {
        loop {
            tokio::time::sleep(GATHER).await;
            let Some((registers, taken)) = self.clearing_batch() else { return };
            let registers = registers.into_iter().map(|(id, kept)| (id, kept.into_iter().collect())).collect();
            if let Err(error) = hot.clear(&registers).await {
                // The journal keeps it, and it is joined once more.
                self.link.degrade(&error);
            }
            taken.are_cleared();
        }
    }

    /// What is to be cleared; with nothing left that is over.
    fn clearing_batch(&self) -> Option<(Registers, Taken<'_>)> {
        let mut waiting = self.clearing.waiting();
        waiting.is_under_way = !waiting.numbers.is_empty();
        let numbers = std::mem::take(&mut waiting.numbers);
        waiting.is_under_way.then(|| (std::mem::take(&mut waiting.registers), Taken { core: self, numbers }))
    }
}

/// Changes that are being cleared. Dropped otherwise, by a panic, they wait no more either, and the next that come begin anew: the journal
/// keeps what it has.
struct Taken<'c> {
    core: &'c Core,
    numbers: Vec<Number>,
}

impl Taken<'_> {
    fn are_cleared(mut self) {
        self.remove();
    }

    fn remove(&mut self) {
        for number in self.numbers.drain(..) {
            self.core.queue.remove(number);
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.numbers.is_empty() {
            self.remove();
            self.core.clearing.waiting().is_under_way = false;
        }
    }
}
