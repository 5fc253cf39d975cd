//! Taking batches out of the queue.

use std::sync::Arc;

use super::{Batch, Inner, Number, Pending, Queue};

/// Changes that are joined at once.
pub(in super::super) const BATCH_CHANGES: usize = 256;
/// Bytes of them.
pub(in super::super) const BATCH_BYTES: usize = 4 << 20;

/// Somebody who takes batches out of the queue. Dropped, also by a panic, what is left of its batch is for others.
pub(in super::super) struct Drainer<'q> {
    pub(super) queue: &'q Queue,
    pub(super) batch: Vec<(Number, Arc<Pending>)>,
    pub(super) is_failing: bool,
    pub(super) is_over: bool,
}

impl Drainer<'_> {
    /// The next changes to join, the oldest first. With none left the draining is over.
    pub(in super::super) fn next_batch(&mut self) -> Option<&Batch> {
        self.give_back();
        let mut inner = self.queue.inner();
        self.batch = inner.take_batch();
        self.is_over = self.batch.is_empty();
        if self.is_over {
            inner.drainers -= 1;
            inner.failing -= usize::from(std::mem::take(&mut self.is_failing));
        }
        (!self.is_over).then_some(&*self.batch)
    }

    /// The batch is in the database: what of it still waits does so for something else.
    pub(in super::super) fn is_joined(&mut self) {
        self.batch.clear();
        self.fails(false);
    }

    /// Whether the last batch could not be joined.
    pub(in super::super) fn fails(&mut self, is_failing: bool) {
        if self.is_failing != is_failing {
            self.is_failing = is_failing;
            let failing = &mut self.queue.inner().failing;
            *failing = if is_failing { *failing + 1 } else { *failing - 1 };
        }
    }

    /// What of the batch still waits is for the next.
    pub(in super::super) fn give_back(&mut self) {
        let mut inner = self.queue.inner();
        for (number, _) in self.batch.drain(..) {
            inner.leave(number);
        }
    }
}

impl Drop for Drainer<'_> {
    fn drop(&mut self) {
        self.give_back();
        self.fails(false);
        if !self.is_over {
            self.queue.inner().drainers -= 1;
        }
    }
}

impl Inner {
    fn take_batch(&mut self) -> Vec<(Number, Arc<Pending>)> {
        let (mut bytes, mut batch) = (0, Vec::new());
        while batch.len() < BATCH_CHANGES
            && let Some(number) = self.untaken.first().copied()
        {
            bytes += self.waiting.get(&number).map_or(0, |pending| pending.bytes());
            if bytes > BATCH_BYTES && !batch.is_empty() {
                break;
            }
            batch.extend(self.take(number).map(|pending| (number, pending)));
        }
        batch
    }
}
