//! Ticks a timer function by its schedule, and makes up for a tick that no host was there for.

use std::sync::Arc;

use serde::Serialize;
use time::{OffsetDateTime, macros::datetime};
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    encode::{Dictionary, body, local_time, object},
    function::{Function, TimerTrigger},
    ids::new_id,
    invocation::{InvocationError, Invoker},
    metadata::System,
    schedule::Schedule,
    timer_store::{ScheduleStatus, TimerStore},
};

const NEVER: OffsetDateTime = datetime!(0001-01-01 00:00 UTC);

/// Listens for one function.
pub struct TimerListener {
    pub function: Arc<Function>,
    pub trigger: TimerTrigger,
    pub store: Arc<TimerStore>,
    pub invoker: Arc<Invoker>,
    /// Held while it runs: a timer does not overlap itself.
    pub running: Mutex<()>,
}

impl TimerListener {
    /// Ticks until `stop`; a tick that has begun is in `calls`, and goes on.
    pub async fn run(self: Arc<Self>, stop: CancellationToken, calls: TaskTracker) {
        let lease = tokio::select! {
            lease = self.store.lease(&self.function.name) => lease,
            () = stop.cancelled() => return,
        };
        let is_past_due = self.is_past_due();
        if is_past_due || self.trigger.run_on_startup {
            self.tick(&calls, is_past_due).await;
        }
        let clock = &self.invoker.clock;
        while let Some(next) = self.trigger.schedule.next(clock.now()) {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = clock.sleep_until(next) => self.tick(&calls, false).await,
            }
        }
        drop(lease);
    }

    /// Runs the function now, as a tick that is not past due.
    pub async fn fire(&self) -> Result<(), InvocationError> {
        self.invoke(false).await
    }

    async fn tick(self: &Arc<Self>, calls: &TaskTracker, is_past_due: bool) {
        let listener = Arc::clone(self);
        // What comes of it is in the log; a failure does not stop the schedule.
        let _ = calls.spawn(async move { listener.invoke(is_past_due).await }).await;
    }

    async fn invoke(&self, is_past_due: bool) -> Result<(), InvocationError> {
        let _alone = self.running.lock().await;
        let now = self.invoker.clock.now();
        let status = if self.has_monitor() { self.store.status(&self.function.name) } else { None };
        let system = System { function: &self.function.name, now, id: new_id() };
        let request = encode(&self.function.binding, &self.trigger.schedule, status.as_ref(), is_past_due, &system);
        let result = self.invoker.invoke(&self.function, request).await;
        if self.has_monitor()
            && let Some(next) = self.trigger.schedule.next(now)
        {
            self.store.set_status(&self.function.name, ScheduleStatus { last: Some(now), next, updated: now });
        }
        result.map(drop)
    }

    /// Timers that may be due more than once in a minute are not remembered.
    fn has_monitor(&self) -> bool {
        self.trigger.use_monitor && !self.trigger.schedule.is_below_a_minute(self.invoker.clock.now())
    }

    /// Whether an occurrence has passed while no host was there. A timer that is new begins to be remembered.
    fn is_past_due(&self) -> bool {
        if !self.has_monitor() {
            return false;
        }
        let (schedule, now) = (&self.trigger.schedule, self.invoker.clock.now());
        let known = self.store.status(&self.function.name);
        let Some(status) = known else {
            if let Some(next) = schedule.next(now) {
                self.store.set_status(&self.function.name, ScheduleStatus { last: None, next, updated: now });
            }
            return false;
        };
        let base = status.last.unwrap_or(status.updated);
        let Some(expected) = schedule.next(base) else { return false };
        if expected == status.next {
            return now > status.next;
        }
        // The schedule was changed since. What the new one has missed does not count.
        let (next, updated) =
            if now > expected { (schedule.next(now).unwrap_or(expected), now) } else { (expected, base) };
        self.store.set_status(&self.function.name, ScheduleStatus { last: None, next, updated });
        false
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TimerInfo {
    schedule: WrittenSchedule,
    schedule_status: Option<WrittenStatus>,
    is_past_due: bool,
}

#[derive(Serialize)]
struct WrittenSchedule {
    #[serde(rename = "AdjustForDST")]
    adjust_for_dst: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenStatus {
    last: String,
    next: String,
    last_updated: String,
}

/// The body of an invocation with a tick.
pub fn encode(
    binding: &str,
    schedule: &Schedule,
    status: Option<&ScheduleStatus>,
    is_past_due: bool,
    system: &System<'_>,
) -> Vec<u8> {
    let schedule_status = status.map(|status| WrittenStatus {
        last: local_time(status.last.unwrap_or(NEVER)),
        next: local_time(status.next),
        last_updated: local_time(status.updated),
    });
    let schedule = WrittenSchedule { adjust_for_dst: schedule.adjusts_for_dst() };
    let mut metadata = Dictionary::default();
    metadata.set("sys", system.json());
    body(binding, object(&TimerInfo { schedule, schedule_status, is_past_due }), metadata)
}
