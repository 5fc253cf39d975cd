//! What a worker, its heartbeat and its blocking half tell each other.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use tokio_util::task::AbortOnDropHandle;

use crate::domain::Progress;

/// Go on.
pub(super) const CONTINUE: u8 = 0;
/// Somebody asked to cancel.
pub(super) const CANCEL: u8 = 1;
/// The job is another worker's, or its session is closed.
pub(super) const LOST: u8 = 2;

/// What the worker and its heartbeat tell each other.
#[derive(Default)]
pub(super) struct Pulse {
    progress: Mutex<Progress>,
    stop: AtomicU8,
}

impl Pulse {
    pub(super) fn new(progress: Progress) -> Self {
        Self { progress: Mutex::new(progress), stop: AtomicU8::new(CONTINUE) }
    }

    /// How far the work is.
    pub(super) fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of how far the work is.
    pub(super) fn set_progress(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// Whether and why to stop.
    pub(super) fn signal(&self) -> u8 {
        self.stop.load(Ordering::Relaxed)
    }

    /// Says that the work is to stop.
    pub(super) fn stop(&self, why: u8) {
        self.stop.store(why, Ordering::Relaxed);
    }
}

/// Ends the heartbeat, and tells the blocking half to stop, however the attempt ends.
pub(super) struct AttemptGuard {
    pub(super) heartbeat: AbortOnDropHandle<()>,
    pub(super) pulse: Arc<Pulse>,
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        self.heartbeat.abort();
        let _ = self.pulse.stop.compare_exchange(CONTINUE, LOST, Ordering::Relaxed, Ordering::Relaxed);
    }
}
