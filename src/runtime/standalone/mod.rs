//! Running alone: the ticks and messages that the platform would send, made within the process.

mod queues;
mod timers;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::error::RuntimeError;
use super::outcome::Outcome;

use queues::QueueWorker;
use timers::TimerJob;

pub use queues::Drained;
pub(super) use queues::queue_workers;
pub(super) use timers::timer_jobs;

/// The timers and queues of a runtime that runs alone, for tests to work by hand. Clones share everything.
#[derive(Clone)]
pub struct Standalone {
    timers: Vec<Arc<TimerJob>>,
    workers: Vec<Arc<QueueWorker>>,
}

impl Standalone {
    pub(super) fn new(timers: Vec<TimerJob>, workers: Vec<QueueWorker>) -> Self {
        Self {
            timers: timers.into_iter().map(Arc::new).collect(),
            workers: workers.into_iter().map(Arc::new).collect(),
        }
    }

    /// Runs a timer function now, whatever its schedule, after a run that is under way. The error says that there is none
    /// of this name.
    pub async fn run_timer(&self, name: &str) -> Result<Outcome, RuntimeError> {
        match self.timers.iter().find(|timer| timer.name() == name) {
            Some(timer) => Ok(timer.run_now().await),
            None => Err(RuntimeError::UnknownFunction { name: name.to_owned(), trigger: "timer" }),
        }
    }

    /// Works on every message that is visible now, one after the other, also on those that come in meanwhile. Messages
    /// that stay hidden for a while, after a failure for instance, are left.
    pub async fn drain_queues(&self) -> Drained {
        let mut drained = Drained::default();
        loop {
            let before = drained.deliveries();
            for worker in &self.workers {
                worker.drain(&mut drained).await;
            }
            if drained.deliveries() == before {
                return drained;
            }
        }
    }

    /// Lets the timers tick and the queues drain until told to stop. What is under way then is finished.
    pub(super) fn start(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for timer in &self.timers {
            tasks.spawn(Arc::clone(timer).tick_until(stop.clone()));
        }
        for worker in &self.workers {
            tasks.spawn(Arc::clone(worker).work_until(stop.clone()));
        }
    }
}
