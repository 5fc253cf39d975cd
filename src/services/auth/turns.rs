//! Taking turns: logins of one account, or from one address, are decided one after the other, so that a burst of guesses meets the
//! back-off like a sequence of them would.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Keys that share a queue only wait for each other a little longer.
const QUEUES: usize = 256;

/// Queues by key.
#[derive(Clone)]
pub(super) struct Turns {
    queues: Arc<[Arc<Mutex<()>>]>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { queues: (0..QUEUES).map(|_| Arc::default()).collect() }
    }

    /// Waits for the key's turn, which lasts until the guard is dropped. Who takes turns of two kinds takes them in a fixed order.
    pub(super) async fn take(&self, key: &str) -> OwnedMutexGuard<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let queue = usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or(0);
        Arc::clone(&self.queues[queue]).lock_owned().await
    }
}
