//! What a worker, its heartbeat and its blocking half tell each other.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use tokio_util::task::AbortOnDropHandle;

use crate::domain::Progress;

/// Go on.
pub(crate) const CONTINUE: u8 = 0;
/// Somebody asked to cancel.
pub(crate) const CANCEL: u8 = 1;
/// The job is another worker's, or its session is closed.
pub(crate) const LOST: u8 = 2;

/// What the worker and its heartbeat tell each other.
#[derive(Default)]
pub(crate) struct Pulse {
    progress: Mutex<Progress>,
    stop: AtomicU8,
}

impl Pulse {
    pub(crate) fn new(progress: Progress) -> Self {
        Self { progress: Mutex::new(progress), stop: AtomicU8::new(CONTINUE) }
    }

    /// How far the work is.
    pub(crate) fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of how far the work is.
    pub(crate) fn set_progress(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// Whether and why to stop.
    pub(crate) fn signal(&self) -> u8 {
        self.stop.load(Ordering::Relaxed)
    }

    /// Says that the work is to stop.
    pub(crate) fn stop(&self, why: u8) {
        self.stop.store(why, Ordering::Relaxed);
    }
}

/// Ends the heartbeat, and tells the blocking half to stop, however the attempt ends.
pub(crate) struct AttemptGuard {
    pub(crate) heartbeat: AbortOnDropHandle<()>,
    pub(crate) pulse: Arc<Pulse>,
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        self.heartbeat.abort();
        let _ = self.pulse.stop.compare_exchange(CONTINUE, LOST, Ordering::Relaxed, Ordering::Relaxed);
    }
}
