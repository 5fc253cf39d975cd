//! Queues: messages to functions, with the platform's rules for failures.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::runtime::environment::Environment;
use crate::runtime::error::RuntimeError;
use crate::runtime::functions::QueueAction;
use crate::runtime::host_settings::QueueSettings;
use crate::runtime::invocation::{Invocation, InvocationIds, run_guarded};
use crate::runtime::local_queue::{LocalMessage, LocalQueue};
use crate::runtime::manifest::{ManifestError, QueueTrigger};
use crate::runtime::outcome::Outcome;
use crate::runtime::queue_message::RawMessage;
use crate::runtime::schedule::resolve_settings;

/// What became of the messages that were delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    /// Messages that are done.
    pub done: usize,
    /// Deliveries after which the message went back to wait for another.
    pub retried: usize,
    /// Messages that failed for good and were dropped.
    pub failed: usize,
    /// Messages that failed at their last delivery.
    pub poisoned: usize,
}

impl Drained {
    /// Number of deliveries.
    #[must_use]
    pub fn deliveries(&self) -> usize {
        self.done + self.retried + self.failed + self.poisoned
    }

    fn count(&mut self, end: End) {
        *match end {
            End::Done => &mut self.done,
            End::Retried => &mut self.retried,
            End::Failed => &mut self.failed,
            End::Poisoned => &mut self.poisoned,
        } += 1;
    }
}

#[derive(Clone, Copy)]
enum End {
    Done,
    Retried,
    Failed,
    Poisoned,
}

/// One queue function with its queue.
pub(in crate::runtime) struct QueueWorker {
    function: Arc<str>,
    queue: LocalQueue,
    /// The queue for what this one gives up, if a function takes such messages.
    poison_queue: Option<LocalQueue>,
    settings: QueueSettings,
    action: QueueAction,
    ids: Arc<InvocationIds>,
}

/// Finds the queue of each queue function. A function whose queue nobody gave is an error: nothing could reach it.
pub(in crate::runtime) fn queue_workers(
    functions: Vec<(Arc<str>, QueueTrigger, QueueAction)>,
    queues: &[LocalQueue],
    settings: QueueSettings,
    environment: &Environment,
    ids: &Arc<InvocationIds>,
) -> Result<Vec<QueueWorker>, RuntimeError> {
    let find = |name: &str| queues.iter().find(|queue| queue.name() == name).cloned();
    let worker = |(function, declared, action): (Arc<str>, QueueTrigger, QueueAction)| {
        let name = resolve_settings(&declared.queue_name, environment.settings.as_ref())
            .map_err(|source| RuntimeError::function(&function, source))?;
        let queue = find(&name).ok_or_else(|| {
            RuntimeError::function(&function, ManifestError::new(format!("no local queue named {name:?} was given")))
        })?;
        let poison_queue = find(&format!("{name}-poison"));
        Ok(QueueWorker { function, queue, poison_queue, settings, action, ids: Arc::clone(ids) })
    };
    functions.into_iter().map(worker).collect()
}

impl QueueWorker {
    /// Delivers what is visible, one message after the other.
    pub(super) async fn drain(&self, drained: &mut Drained) {
        while let Some(message) = self.queue.take() {
            drained.count(self.deliver(message).await);
        }
    }

    /// Delivers messages as they come, several at a time, until told to stop.
    pub(super) async fn work_until(self: Arc<Self>, stop: CancellationToken) {
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            while running.len() < self.settings.concurrency
                && let Some(message) = self.queue.take()
            {
                let worker = Arc::clone(&self);
                running.spawn(async move { worker.deliver(message).await });
            }
            let has_room = running.len() < self.settings.concurrency;
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = self.queue.changed(), if has_room => {}
                () = self.queue.next_visible(), if has_room => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn deliver(&self, message: LocalMessage) -> End {
        let invocation = Invocation::new(self.ids.next(), Arc::clone(&self.function));
        let raw = RawMessage {
            text: message.text.clone(),
            id: Some(message.id.clone()),
            dequeue_count: Some(message.dequeue_count),
            inserted_at: Some(message.inserted_at),
            max_dequeue_count: self.settings.max_dequeue_count,
        };
        match run_guarded(invocation.span(), (self.action)(raw, invocation.clone())).await {
            Outcome::Done => End::Done,
            Outcome::Fail(_) => End::Failed,
            Outcome::Retry(_) if message.dequeue_count < self.settings.max_dequeue_count => {
                self.queue.put_back(message, self.settings.visibility_timeout);
                End::Retried
            }
            Outcome::Retry(reason) => {
                self.give_up(message, &reason);
                End::Poisoned
            }
        }
    }

    fn give_up(&self, message: LocalMessage, reason: &str) {
        let (function, deliveries) = (&self.function, message.dequeue_count);
        tracing::error!(%function, message_id = message.id, deliveries, reason, "the message is poison");
        if let Some(queue) = &self.poison_queue {
            queue.put(message.text.clone(), Duration::ZERO);
        }
        self.queue.bury(message);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::runtime::clock::fake::FakeClock;
    use crate::runtime::environment::Mode;
    use crate::runtime::standalone::Standalone;
    use crate::runtime::testing::QUEUE_JSON;
    use crate::runtime::{Functions, QueueMessage, dispatch::Dispatch};

    const HOST_JSON: &str = r#"{"version": "2.0", "customHandler": {"enableProxyingHttpRequest": true},
        "extensions": {"queues": {"batchSize": 2, "visibilityTimeout": "00:00:30"}}}"#;

    fn standalone(functions: Functions, clock: Arc<FakeClock>) -> Standalone {
        let mode = Mode::Standalone { address: "127.0.0.1:0".parse().unwrap() };
        Dispatch::assemble(functions.host_json(HOST_JSON), &Environment::new(mode, clock)).unwrap().1.unwrap()
    }

    fn drained(done: usize, retried: usize, failed: usize, poisoned: usize) -> Drained {
        Drained { done, retried, failed, poisoned }
    }

    #[tokio::test]
    async fn a_message_is_retried_after_the_visibility_timeout_and_then_poisoned() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("jobs", clock.clone());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let functions = Functions::new().local_queue(queue.clone()).queue(
            "worker",
            QUEUE_JSON,
            move |message: QueueMessage<String>, _| {
                log.lock().unwrap().push((message.dequeue_count, message.is_last_delivery()));
                async { Outcome::retry("not now") }
            },
        );
        let standalone = standalone(functions, clock.clone());
        queue.send("hello").unwrap();
        for _ in 0..4 {
            assert_eq!(standalone.drain_queues().await, drained(0, 1, 0, 0));
            assert_eq!(standalone.drain_queues().await, drained(0, 0, 0, 0));
            clock.advance(30);
        }
        assert_eq!(standalone.drain_queues().await, drained(0, 0, 0, 1));
        assert_eq!(queue.waiting(), 0);
        assert_eq!(queue.poisoned()[0].text, "\"hello\"");
        let expected = [(1, false), (2, false), (3, false), (4, false), (5, true)];
        assert_eq!(*seen.lock().unwrap(), expected.map(|(count, last)| (Some(count), last)));
    }

    #[tokio::test]
    async fn each_outcome_has_its_end() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("jobs", clock.clone());
        let functions = Functions::new().local_queue(queue.clone()).queue(
            "worker",
            QUEUE_JSON,
            |message: QueueMessage<u32>, _| async move {
                match message.payload {
                    0 => Outcome::Done,
                    1 => Outcome::fail("recorded"),
                    _ => panic!("too much"),
                }
            },
        );
        let standalone = standalone(functions, clock);
        for payload in 0..3 {
            queue.send(&payload).unwrap();
        }
        queue.send("not a number").unwrap();
        assert_eq!(standalone.drain_queues().await, drained(1, 2, 1, 0));
        assert_eq!(queue.waiting(), 2);
    }

    #[tokio::test]
    async fn poison_goes_to_the_queue_that_takes_it() {
        let clock = FakeClock::new();
        let (queue, poison) = (LocalQueue::new("jobs", clock.clone()), LocalQueue::new("jobs-poison", clock.clone()));
        let poison_json = QUEUE_JSON.replace("jobs", "jobs-poison");
        let functions = Functions::new()
            .local_queue(queue.clone())
            .local_queue(poison)
            .queue("worker", QUEUE_JSON, |_: QueueMessage<u32>, _| async { Outcome::retry("no") })
            .queue("undertaker", &poison_json, |message: QueueMessage<u32>, _| async move {
                if message.payload == 7 { Outcome::Done } else { Outcome::fail("another") }
            });
        let standalone = standalone(functions, clock.clone());
        queue.send(&7).unwrap();
        for _ in 0..4 {
            standalone.drain_queues().await;
            clock.advance(30);
        }
        assert_eq!(standalone.drain_queues().await, drained(1, 0, 0, 1));
    }

    #[tokio::test]
    async fn work_is_done_two_at_a_time_and_ended_before_stopping() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("jobs", clock.clone());
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (Arc::clone(&running), Arc::clone(&most));
        let functions =
            Functions::new().local_queue(queue.clone()).queue("worker", QUEUE_JSON, move |_: QueueMessage<u32>, _| {
                let (running, most) = counters.clone();
                async move {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    Outcome::Done
                }
            });
        let standalone = standalone(functions, clock);
        let (tasks, stop) = (tokio_util::task::TaskTracker::new(), CancellationToken::new());
        standalone.start(&tasks, &stop);
        for number in 0..7 {
            queue.send(&number).unwrap();
        }
        while queue.waiting() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        assert_eq!((running.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (0, 2));
    }

    #[tokio::test]
    async fn a_hidden_message_is_delivered_in_its_time() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("jobs", clock.clone());
        let (sender, mut delivered) = tokio::sync::mpsc::unbounded_channel();
        let functions = Functions::new().local_queue(queue.clone()).queue(
            "worker",
            QUEUE_JSON,
            move |message: QueueMessage<u32>, _| {
                sender.send(message.payload).unwrap();
                async { Outcome::Done }
            },
        );
        let (tasks, stop) = (tokio_util::task::TaskTracker::new(), CancellationToken::new());
        standalone(functions, clock.clone()).start(&tasks, &stop);
        queue.send_later(&7, Duration::from_secs(60)).unwrap();
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert!(delivered.try_recv().is_err());
        clock.advance(60);
        assert_eq!(delivered.recv().await, Some(7));
    }

    #[test]
    fn a_function_without_a_queue_is_an_error() {
        let mode = Mode::Standalone { address: "127.0.0.1:0".parse().unwrap() };
        let functions = Functions::new().queue("worker", QUEUE_JSON, |_: QueueMessage<u32>, _| async { Outcome::Done });
        let error = Dispatch::assemble(functions, &Environment::new(mode, FakeClock::new())).err().unwrap();
        assert!(error.to_string().contains("no local queue named \"jobs\""), "{error}");
    }
}
