//! Making vectors is mostly waiting for a model: one job at a time does that in a process, so that it never keeps all workers from conversions.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::JobId,
    services::{Stores, jobs::ring},
};

/// The turn of this process, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_taken: bool,
    waiting: BTreeSet<JobId>,
}

impl Turn {
    /// Takes the turn; `None` if another job has it: then it is rung for this one once that is over.
    pub(super) fn take(self: &Arc<Self>, job: JobId, stores: &Stores) -> Option<Taken> {
        let mut state = self.state();
        if state.is_taken {
            state.waiting.insert(job);
            return None;
        }
        state.is_taken = true;
        Some(Taken { turn: Arc::clone(self), stores: stores.clone() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn that was taken; it lasts until this is dropped.
pub(super) struct Taken {
    turn: Arc<Turn>,
    stores: Stores,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.turn.state();
            state.is_taken = false;
            std::mem::take(&mut state.waiting)
        };
        // Without a runtime the process ends, and the timer of another one rings.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let stores = self.stores.clone();
            runtime.spawn(async move {
                for job in waiting {
                    ring(&stores, job).await;
                }
            });
        }
    }
}
