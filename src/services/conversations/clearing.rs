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
    ports::HotConversations,
};

/// For so long what is to be cleared gathers.
const GATHER: Duration = Duration::from_millis(20);

/// What is in the database and may still be in the journal.
#[derive(Debug, Default)]
pub(super) struct Clearing(Mutex<Joined>);

#[derive(Debug, Default)]
struct Joined {
    registers: BTreeMap<ConversationId, HashMap<Register, Revision>>,
    /// The changes of the queue that they were.
    numbers: Vec<Number>,
    is_under_way: bool,
}

impl Clearing {
    fn joined(&self) -> MutexGuard<'_, Joined> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// Has changes cleared that the database has kept. Until then they wait in the queue.
    pub(super) fn clear_soon(self: &Arc<Self>, hot: &Arc<dyn HotConversations>, kept: &[(Number, &Pending)]) {
        let mut joined = self.clearing.joined();
        for (number, pending) in kept {
            let change = &pending.change;
            let registers = joined.registers.entry(change.conversation).or_default();
            let revision = registers.entry(change.register).or_insert(change.entry.revision);
            *revision = (*revision).max(change.entry.revision);
            joined.numbers.push(*number);
        }
        if !joined.is_under_way && !joined.numbers.is_empty() {
            joined.is_under_way = true;
            tokio::spawn(Arc::clone(self).clear(Arc::clone(hot)));
        }
    }

    async fn clear(self: Arc<Self>, hot: Arc<dyn HotConversations>) {
        loop {
            tokio::time::sleep(GATHER).await;
            let (registers, numbers) = {
                let mut joined = self.clearing.joined();
                joined.is_under_way = !joined.numbers.is_empty();
                if !joined.is_under_way {
                    return;
                }
                (std::mem::take(&mut joined.registers), std::mem::take(&mut joined.numbers))
            };
            let registers = registers.into_iter().map(|(id, kept)| (id, kept.into_iter().collect())).collect();
            if let Err(error) = hot.clear(&registers).await {
                // The journal keeps it, and it is joined once more.
                self.link.degrade(&error);
            }
            for number in numbers {
                self.queue.remove(number);
            }
        }
    }
}
