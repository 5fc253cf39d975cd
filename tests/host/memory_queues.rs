//! Queues in memory, for hosts that share nothing but this process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{
    Clock,
    ids::new_id,
    queue_store::{QueueError, QueueStore, ReceivedMessage},
};

const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);

/// See [`QueueStore`].
pub struct MemoryQueues {
    clock: Clock,
    queues: Mutex<HashMap<String, Vec<ReceivedMessage>>>,
}

impl MemoryQueues {
    pub fn new(clock: Clock) -> Self {
        Self { clock, queues: Mutex::default() }
    }

    /// The texts in a queue, hidden ones among them.
    pub fn texts(&self, queue: &str) -> Vec<String> {
        let queues = self.lock();
        queues.get(queue).into_iter().flatten().map(|message| message.text.clone()).collect()
    }

    /// Whether no message becomes visible for so long.
    pub fn is_hidden_for(&self, queue: &str, span: Duration) -> bool {
        let end = self.clock.now() + span;
        self.lock().get(queue).into_iter().flatten().all(|message| message.next_visible > end)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<ReceivedMessage>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_queue<T>(
        &self,
        queue: &str,
        work: impl FnOnce(&mut Vec<ReceivedMessage>, OffsetDateTime) -> T,
    ) -> Result<T, QueueError> {
        let now = self.clock.now();
        let mut queues = self.lock();
        let messages = queues.get_mut(queue).ok_or_else(|| QueueError::NoQueue(queue.to_owned()))?;
        messages.retain(|message| message.expires > now);
        Ok(work(messages, now))
    }
}

#[async_trait]
impl QueueStore for MemoryQueues {
    async fn create(&self, queue: &str) -> Result<(), QueueError> {
        self.lock().entry(queue.to_owned()).or_default();
        Ok(())
    }

    async fn send(&self, queue: &str, text: &str) -> Result<(), QueueError> {
        self.in_queue(queue, |messages, now| {
            messages.push(ReceivedMessage {
                id: new_id().to_string(),
                pop_receipt: String::new(),
                text: text.to_owned(),
                dequeue_count: 0,
                inserted: now,
                expires: now + KEPT_FOR,
                next_visible: now,
            });
        })
    }

    async fn receive(&self, queue: &str, max: usize, visibility: Duration) -> Result<Vec<ReceivedMessage>, QueueError> {
        self.in_queue(queue, |messages, now| {
            let visible = messages.iter_mut().filter(|message| message.next_visible <= now);
            let take = |message: &mut ReceivedMessage| {
                message.dequeue_count += 1;
                message.pop_receipt = new_id().to_string();
                message.next_visible = now + visibility;
                message.clone()
            };
            visible.take(max).map(take).collect()
        })
    }

    async fn delete(&self, queue: &str, id: &str, pop_receipt: &str) -> Result<(), QueueError> {
        self.in_queue(queue, |messages, _| {
            let before = messages.len();
            messages.retain(|message| message.id != id || message.pop_receipt != pop_receipt);
            if messages.len() < before { Ok(()) } else { Err(QueueError::NoMessage) }
        })?
    }

    async fn update_visibility(
        &self,
        queue: &str,
        id: &str,
        pop_receipt: &str,
        visibility: Duration,
    ) -> Result<String, QueueError> {
        self.in_queue(queue, |messages, now| {
            let held = messages.iter_mut().find(|message| message.id == id && message.pop_receipt == pop_receipt);
            let message = held.ok_or(QueueError::NoMessage)?;
            message.pop_receipt = new_id().to_string();
            message.next_visible = now + visibility;
            Ok(message.pop_receipt.clone())
        })?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_message_is_hidden_until_its_time_and_counted_each_time() {
        let clock = Clock::default();
        let queues = MemoryQueues::new(clock.clone());
        assert!(matches!(queues.send("jobs", "a").await, Err(QueueError::NoQueue(_))));
        queues.create("jobs").await.unwrap();
        queues.send("jobs", "a").await.unwrap();
        let first = queues.receive("jobs", 9, LONG).await.unwrap().remove(0);
        assert!(queues.receive("jobs", 9, LONG).await.unwrap().is_empty());
        clock.advance(LONG);
        let second = queues.receive("jobs", 9, LONG).await.unwrap().remove(0);
        assert_eq!((first.dequeue_count, second.dequeue_count), (1, 2));
        assert!(matches!(queues.delete("jobs", &first.id, &first.pop_receipt).await, Err(QueueError::NoMessage)));
        queues.delete("jobs", &second.id, &second.pop_receipt).await.unwrap();
        assert!(queues.texts("jobs").is_empty());
    }

    #[tokio::test]
    async fn an_update_renews_the_receipt_and_may_show_the_message_at_once() {
        let queues = MemoryQueues::new(Clock::default());
        queues.create("jobs").await.unwrap();
        queues.send("jobs", "a").await.unwrap();
        let taken = queues.receive("jobs", 1, LONG).await.unwrap().remove(0);
        let renewed = queues.update_visibility("jobs", &taken.id, &taken.pop_receipt, LONG).await.unwrap();
        assert!(queues.update_visibility("jobs", &taken.id, &taken.pop_receipt, LONG).await.is_err());
        queues.update_visibility("jobs", &taken.id, &renewed, Duration::ZERO).await.unwrap();
        assert_eq!(queues.receive("jobs", 1, LONG).await.unwrap().len(), 1);
    }
}
