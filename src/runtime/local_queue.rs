//! A queue within the process, for running alone: what the platform's storage queue is under the host.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tokio::sync::Notify;

use super::clock::Clock;

const POISONED_KEPT: usize = 100;

/// A queue of this process: clones share the messages. They are lost with the process, so a message is only a bell for
/// something that is stored elsewhere.
#[derive(Clone)]
pub struct LocalQueue {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    clock: Arc<dyn Clock>,
    store: Mutex<Store>,
    changed: Notify,
}

#[derive(Default)]
struct Store {
    waiting: VecDeque<LocalMessage>,
    poisoned: VecDeque<LocalMessage>,
    sent: u64,
}

/// A message of a [`LocalQueue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalMessage {
    /// Unique in its queue.
    pub id: String,
    /// The payload as JSON.
    pub text: String,
    /// When it was sent.
    pub inserted_at: SystemTime,
    /// How often it has been taken.
    pub dequeue_count: u32,
    visible_at: SystemTime,
}

impl LocalQueue {
    /// An empty queue. Queue functions find it by the queue name of their `function.json`.
    #[must_use]
    pub fn new(name: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        let shared = Shared { name: name.into(), clock, store: Mutex::default(), changed: Notify::new() };
        Self { shared: Arc::new(shared) }
    }

    /// The name of the queue.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Puts a message at the end. The error is the payload's: it has no JSON form.
    pub fn send<T: Serialize + ?Sized>(&self, payload: &T) -> Result<(), serde_json::Error> {
        self.send_later(payload, Duration::ZERO)
    }

    /// Puts a message into the queue that stays hidden for a while.
    pub fn send_later<T: Serialize + ?Sized>(&self, payload: &T, delay: Duration) -> Result<(), serde_json::Error> {
        self.put(serde_json::to_string(payload)?, delay);
        Ok(())
    }

    /// Number of messages that wait, hidden ones included, without those a function is working on.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.store().waiting.len()
    }

    /// The latest messages (at most 100) that failed at every delivery, oldest first.
    #[must_use]
    pub fn poisoned(&self) -> Vec<LocalMessage> {
        self.store().poisoned.iter().cloned().collect()
    }

    pub(super) fn put(&self, text: String, delay: Duration) {
        let now = self.shared.clock.now();
        let mut store = self.store();
        store.sent += 1;
        let id = store.sent.to_string();
        let visible_at = now + delay;
        store.waiting.push_back(LocalMessage { id, text, inserted_at: now, dequeue_count: 0, visible_at });
        drop(store);
        self.shared.changed.notify_one();
    }

    /// Takes the first visible message out of the queue and counts the delivery.
    pub(super) fn take(&self) -> Option<LocalMessage> {
        let now = self.shared.clock.now();
        let mut store = self.store();
        let index = store.waiting.iter().position(|message| message.visible_at <= now)?;
        let mut message = store.waiting.remove(index)?;
        message.dequeue_count += 1;
        Some(message)
    }

    /// Puts a taken message back, hidden for a while.
    pub(super) fn put_back(&self, mut message: LocalMessage, delay: Duration) {
        message.visible_at = self.shared.clock.now() + delay;
        self.store().waiting.push_back(message);
        self.shared.changed.notify_one();
    }

    /// Keeps a taken message among the poisoned ones.
    pub(super) fn bury(&self, message: LocalMessage) {
        let mut store = self.store();
        if store.poisoned.len() == POISONED_KEPT {
            store.poisoned.pop_front();
        }
        store.poisoned.push_back(message);
    }

    /// Resolves when a message has come in since the last call. One worker waits for each queue.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Resolves when the next hidden message becomes visible, and never if none is hidden.
    pub(super) async fn next_visible(&self) {
        let earliest = self.store().waiting.iter().map(|message| message.visible_at).min();
        match earliest {
            Some(time) => {
                let wait = time.duration_since(self.shared.clock.now()).unwrap_or_default();
                self.shared.clock.sleep(wait).await;
            }
            None => std::future::pending().await,
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::clock::fake::FakeClock;

    #[test]
    fn messages_come_in_order_and_carry_their_facts() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("q", clock.clone());
        queue.send(&1).unwrap();
        queue.send("two").unwrap();
        let first = queue.take().unwrap();
        assert_eq!((first.id.as_str(), first.text.as_str(), first.dequeue_count), ("1", "1", 1));
        assert_eq!(first.inserted_at, clock.now());
        assert_eq!(queue.take().unwrap().text, "\"two\"");
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn hidden_messages_wait_for_their_time() {
        let clock = FakeClock::new();
        let queue = LocalQueue::new("q", clock.clone());
        queue.send_later(&1, Duration::from_secs(30)).unwrap();
        assert_eq!(queue.take(), None);
        assert_eq!(queue.waiting(), 1);
        clock.advance(30);
        let message = queue.take().unwrap();
        queue.put_back(message, Duration::from_secs(5));
        assert_eq!(queue.take(), None);
        clock.advance(5);
        assert_eq!(queue.take().unwrap().dequeue_count, 2);
    }

    #[test]
    fn only_the_latest_poisoned_messages_are_kept() {
        let queue = LocalQueue::new("q", FakeClock::new());
        for number in 0..=POISONED_KEPT {
            queue.send(&number).unwrap();
            queue.bury(queue.take().unwrap());
        }
        let texts: Vec<String> = queue.poisoned().into_iter().map(|message| message.text).collect();
        assert_eq!((texts.len(), texts[0].as_str()), (POISONED_KEPT, "1"));
    }
}
