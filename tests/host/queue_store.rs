//! Where queues are kept, as the host sees it: a storage account, or memory.

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;
use time::OffsetDateTime;

/// Queues of texts with visibility, as Azure Queue Storage has them. Names of queues are in lower case.
#[async_trait]
pub trait QueueStore: Send + Sync {
    /// Makes a queue; one that is there already stays as it is.
    async fn create(&self, queue: &str) -> Result<(), QueueError>;

    /// Adds a message that is visible at once. [`QueueError::NoQueue`] if the queue is not there.
    async fn send(&self, queue: &str, text: &str) -> Result<(), QueueError>;

    /// Takes up to `max` (1 to 32) visible messages: each is counted as dequeued once more, gets a new pop receipt, and
    /// is hidden for `visibility`.
    async fn receive(&self, queue: &str, max: usize, visibility: Duration) -> Result<Vec<ReceivedMessage>, QueueError>;

    /// Removes a message that the receipt still holds; else [`QueueError::NoMessage`].
    async fn delete(&self, queue: &str, id: &str, pop_receipt: &str) -> Result<(), QueueError>;

    /// Hides a message that the receipt still holds for so long from now; zero shows it at once. Gives the new receipt.
    async fn update_visibility(
        &self,
        queue: &str,
        id: &str,
        pop_receipt: &str,
        visibility: Duration,
    ) -> Result<String, QueueError>;
}

/// A message that was received and is hidden for a while.
#[derive(Clone, Debug)]
pub struct ReceivedMessage {
    pub id: String,
    /// Proves who received it last.
    pub pop_receipt: String,
    /// As it was sent, which may be base64.
    pub text: String,
    /// How often it was received, this time among them.
    pub dequeue_count: u32,
    pub inserted: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub next_visible: OffsetDateTime,
}

#[derive(Debug, Error)]
pub enum QueueError {
    #[error("there is no queue {0}; create it")]
    NoQueue(String),
    #[error("the message is gone, or somebody has received it since")]
    NoMessage,
    #[error("{0}")]
    Store(String),
}
