//! Timers: each ticks by its schedule in a task of its own and never overlaps itself.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::runtime::clock::Clock;
use crate::runtime::environment::Environment;
use crate::runtime::error::RuntimeError;
use crate::runtime::functions::TimerAction;
use crate::runtime::invocation::{Invocation, InvocationIds, run_guarded};
use crate::runtime::manifest::TimerTrigger;
use crate::runtime::outcome::Outcome;
use crate::runtime::schedule::{Schedule, resolve_settings};
use crate::runtime::timer_tick::{ScheduleStatus, TimerTick};

/// A tick that comes later than this after its time is past due.
const PUNCTUAL: Duration = Duration::from_secs(1);

/// The longest sleep at a stretch, so that a machine that slept or whose clock was set is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// One timer function with its schedule.
pub(in crate::runtime) struct TimerJob {
    name: Arc<str>,
    schedule: Schedule,
    run_on_startup: bool,
    monitored: bool,
    action: TimerAction,
    clock: Arc<dyn Clock>,
    ids: Arc<InvocationIds>,
    /// When the function ran last; held during a run, which keeps runs apart.
    last_run: Mutex<Option<SystemTime>>,
}

/// Reads the schedules of all timers.
pub(in crate::runtime) fn timer_jobs(
    timers: Vec<(Arc<str>, TimerTrigger, TimerAction)>,
    environment: &Environment,
    ids: &Arc<InvocationIds>,
) -> Result<Vec<TimerJob>, RuntimeError> {
    let now = environment.clock.now();
    let job = |(name, declared, action): (Arc<str>, TimerTrigger, TimerAction)| {
        let schedule = resolve_settings(&declared.schedule, environment.settings.as_ref())
            .and_then(|text| Schedule::parse(&text))
            .map_err(|source| RuntimeError::function(&name, source))?;
        Ok(TimerJob {
            monitored: declared.use_monitor.unwrap_or(true) && schedule.is_monitored(now),
            run_on_startup: declared.run_on_startup,
            clock: Arc::clone(&environment.clock),
            ids: Arc::clone(ids),
            last_run: Mutex::new(None),
            name,
            schedule,
            action,
        })
    };
    timers.into_iter().map(job).collect()
}

impl TimerJob {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// One run out of turn.
    pub(super) async fn run_now(&self) -> Outcome {
        self.run(self.clock.now()).await
    }

    /// Ticks until told to stop. Ticks that were missed, because a run took longer than the time between two of them or
    /// the machine slept, are made up by one single tick that is past due.
    pub(super) async fn tick_until(self: Arc<Self>, stop: CancellationToken) {
        let mut from = self.clock.now();
        if self.run_on_startup {
            self.run(from).await;
        }
        while let Some(due) = self.schedule.next_after(from) {
            stop.run_until_cancelled(self.sleep_until(due)).await;
            if stop.is_cancelled() {
                return;
            }
            from = self.clock.now().max(due);
            self.run(due).await;
        }
        tracing::warn!(function = %self.name, "the schedule has no further occurrence");
    }

    async fn run(&self, due: SystemTime) -> Outcome {
        let mut last_run = self.last_run.lock().await;
        let started = self.clock.now();
        let is_past_due = started.duration_since(due).is_ok_and(|late| late >= PUNCTUAL);
        let schedule_status = self.monitored.then(|| ScheduleStatus { last: *last_run, next: Some(due) });
        let invocation = Invocation::new(self.ids.next(), Arc::clone(&self.name));
        let call = (self.action)(TimerTick { is_past_due, schedule_status }, invocation.clone());
        let outcome = run_guarded(invocation.span(), call).await;
        *last_run = Some(started);
        outcome
    }

    async fn sleep_until(&self, due: SystemTime) {
        while let Ok(wait) = due.duration_since(self.clock.now()) {
            if wait.is_zero() {
                return;
            }
            self.clock.sleep(wait.min(LONGEST_SLEEP)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::runtime::clock::fake::{FakeClock, START};
    use crate::runtime::environment::Mode;

    struct Bench {
        clock: Arc<FakeClock>,
        job: Arc<TimerJob>,
        ticks: mpsc::UnboundedReceiver<TimerTick>,
        /// One permit lets one run end.
        may_end: Arc<tokio::sync::Semaphore>,
        stop: CancellationToken,
    }

    impl Bench {
        fn new(binding: &str) -> Self {
            let clock = FakeClock::new();
            let (sender, ticks) = mpsc::unbounded_channel();
            let may_end = Arc::new(tokio::sync::Semaphore::new(0));
            let permits = Arc::clone(&may_end);
            let action: TimerAction = Arc::new(move |tick, _| {
                let (sender, permits) = (sender.clone(), Arc::clone(&permits));
                Box::pin(async move {
                    sender.send(tick).unwrap();
                    permits.acquire().await.unwrap().forget();
                    Outcome::Done
                })
            });
            let text = format!(r#"{{"name": "timer", "direction": "in", {binding}}}"#);
            let declared: TimerTrigger = serde_json::from_str(&text).unwrap();
            let mode = Mode::Standalone { address: "127.0.0.1:0".parse().unwrap() };
            let environment = Environment::new(mode, clock.clone());
            let jobs = timer_jobs(vec![("clean".into(), declared, action)], &environment, &InvocationIds::local());
            let job = Arc::new(jobs.unwrap().remove(0));
            Self { clock, job, ticks, may_end, stop: CancellationToken::new() }
        }

        fn start(&self) -> tokio::task::JoinHandle<()> {
            let (job, stop) = (Arc::clone(&self.job), self.stop.clone());
            tokio::spawn(job.tick_until(stop))
        }

        /// Lets every task run until all of them wait.
        async fn settle() {
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
        }

        async fn advance(&self, seconds: u64) {
            Self::settle().await;
            self.clock.advance(seconds);
            Self::settle().await;
        }
    }

    #[tokio::test]
    async fn ticks_follow_the_schedule() {
        let mut bench = Bench::new(r#""schedule": "*/15 * * * * *""#);
        bench.may_end.add_permits(100);
        bench.start();
        bench.advance(14).await;
        assert!(bench.ticks.try_recv().is_err());
        for _ in 0..3 {
            bench.advance(1).await;
            assert!(!bench.ticks.try_recv().unwrap().is_past_due);
            assert!(bench.ticks.try_recv().is_err());
            bench.advance(14).await;
            assert!(bench.ticks.try_recv().is_err());
        }
    }

    #[tokio::test]
    async fn run_on_startup_runs_at_once() {
        let mut bench = Bench::new(r#""schedule": "0 */5 * * * *", "runOnStartup": true"#);
        bench.start();
        Bench::settle().await;
        let status = bench.ticks.try_recv().unwrap().schedule_status.unwrap();
        assert_eq!((status.last, status.next), (None, Some(SystemTime::UNIX_EPOCH + START)));
    }

    #[tokio::test]
    async fn a_timer_does_not_overlap_itself_and_missed_ticks_are_made_up_by_one() {
        let mut bench = Bench::new(r#""schedule": "*/15 * * * * *""#);
        bench.start();
        bench.advance(15).await;
        assert!(!bench.ticks.try_recv().unwrap().is_past_due);
        bench.advance(40).await;
        assert!(bench.ticks.try_recv().is_err(), "overlapped");
        bench.may_end.add_permits(1);
        Bench::settle().await;
        assert!(bench.ticks.try_recv().unwrap().is_past_due);
        bench.may_end.add_permits(1);
        Bench::settle().await;
        assert!(bench.ticks.try_recv().is_err(), "made up for twice");
        bench.advance(5).await;
        assert!(!bench.ticks.try_recv().unwrap().is_past_due);
    }

    #[tokio::test]
    async fn a_machine_that_slept_is_past_due() {
        let mut bench = Bench::new(r#""schedule": "0 */5 * * * *""#);
        bench.may_end.add_permits(100);
        bench.start();
        bench.advance(400).await;
        let tick = bench.ticks.try_recv().unwrap();
        assert!(tick.is_past_due);
        assert_eq!(tick.schedule_status.unwrap().next, Some(SystemTime::UNIX_EPOCH + START + Duration::from_secs(300)));
        bench.advance(200).await;
        let tick = bench.ticks.try_recv().unwrap();
        assert!(!tick.is_past_due);
        assert_eq!(tick.schedule_status.unwrap().last, Some(SystemTime::UNIX_EPOCH + START + Duration::from_secs(400)));
    }

    #[tokio::test]
    async fn stopping_waits_for_the_run_under_way() {
        let mut bench = Bench::new(r#""schedule": "*/15 * * * * *""#);
        let task = bench.start();
        bench.advance(15).await;
        assert!(bench.ticks.try_recv().is_ok());
        bench.stop.cancel();
        Bench::settle().await;
        assert!(!task.is_finished());
        bench.may_end.add_permits(1);
        task.await.unwrap();
    }

    #[tokio::test]
    async fn a_run_out_of_turn_waits_for_the_other() {
        let mut bench = Bench::new(r#""schedule": "0 0 0 1 1 *""#);
        let job = Arc::clone(&bench.job);
        let first = tokio::spawn(async move { job.run_now().await });
        let job = Arc::clone(&bench.job);
        let second = tokio::spawn(async move { job.run_now().await });
        Bench::settle().await;
        assert!(bench.ticks.try_recv().is_ok());
        assert!(bench.ticks.try_recv().is_err(), "overlapped");
        bench.may_end.add_permits(2);
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (Outcome::Done, Outcome::Done));
    }
}
