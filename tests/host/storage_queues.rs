//! Queues in a storage account, or in Azurite.

use std::time::Duration;

use async_trait::async_trait;
use azure_core::{
    error::ErrorKind,
    http::{StatusCode, headers::HeaderName},
};
use azure_storage_queue::{
    QueueClient,
    models::{QueueClientReceiveMessagesOptions, QueueClientUpdateMessageOptions, QueueMessage},
};
use ret::adapters::azure::{StorageAccess, StorageService};
use time::OffsetDateTime;

use super::queue_store::{QueueError, QueueStore, ReceivedMessage};

const POP_RECEIPT: HeaderName = HeaderName::from_static("x-ms-popreceipt");

/// The queues of an account that a connection string leads to.
#[derive(Clone)]
pub struct StorageQueues {
    access: StorageAccess,
}

impl StorageQueues {
    pub fn new(connection_string: &str) -> Result<Self, QueueError> {
        let access = StorageAccess::by_connection_string(StorageService::Queue, connection_string);
        access.map(|access| Self { access }).map_err(|error| QueueError::Store(error.to_string()))
    }

    fn client(&self, queue: &str) -> Result<QueueClient, QueueError> {
        let door = self.access.door(queue, OffsetDateTime::now_utc()).map_err(store_error)?;
        QueueClient::new(door.url, door.credential, None).map_err(store_error)
    }
}

#[async_trait]
impl QueueStore for StorageQueues {
    async fn create(&self, queue: &str) -> Result<(), QueueError> {
        match self.client(queue)?.create(None).await {
            Err(error) if error.http_status() != Some(StatusCode::Conflict) => Err(store_error(error)),
            _ => Ok(()),
        }
    }

    async fn send(&self, queue: &str, text: &str) -> Result<(), QueueError> {
        let message = QueueMessage { message_text: Some(text.to_owned()) }.try_into().map_err(store_error)?;
        self.client(queue)?.send_message(message, None).await.map(drop).map_err(|error| named(error, queue))
    }

    async fn receive(&self, queue: &str, max: usize, visibility: Duration) -> Result<Vec<ReceivedMessage>, QueueError> {
        let options = QueueClientReceiveMessagesOptions {
            number_of_messages: Some(i32::try_from(max).unwrap_or(32)),
            visibility_timeout: Some(seconds(visibility)),
            ..QueueClientReceiveMessagesOptions::default()
        };
        let received = self.client(queue)?.receive_messages(Some(options)).await;
        let messages = received.map_err(|error| named(error, queue))?.into_model().map_err(store_error)?;
        Ok(messages.items.unwrap_or_default().into_iter().map(received_message).collect())
    }

    async fn delete(&self, queue: &str, id: &str, pop_receipt: &str) -> Result<(), QueueError> {
        let deleted = self.client(queue)?.delete_message(id, pop_receipt, None).await;
        deleted.map(drop).map_err(|error| gone(error, queue))
    }

    async fn update_visibility(
        &self,
        queue: &str,
        id: &str,
        pop_receipt: &str,
        visibility: Duration,
    ) -> Result<String, QueueError> {
        let options = QueueClientUpdateMessageOptions::default();
        let updated = self.client(queue)?.update_message(id, pop_receipt, seconds(visibility), Some(options)).await;
        let updated = updated.map_err(|error| gone(error, queue))?;
        updated.headers().get_optional_string(&POP_RECEIPT).ok_or(QueueError::NoMessage)
    }
}

fn received_message(message: azure_storage_queue::models::ReceivedMessage) -> ReceivedMessage {
    let never = OffsetDateTime::UNIX_EPOCH;
    ReceivedMessage {
        id: message.message_id.unwrap_or_default(),
        pop_receipt: message.pop_receipt.unwrap_or_default(),
        text: message.message_text.unwrap_or_default(),
        dequeue_count: message.dequeue_count.and_then(|count| count.try_into().ok()).unwrap_or_default(),
        inserted: message.insertion_time.unwrap_or(never),
        expires: message.expiration_time.unwrap_or(never),
        next_visible: message.time_next_visible.unwrap_or(never),
    }
}

/// The service counts in whole seconds.
fn seconds(span: Duration) -> i32 {
    i32::try_from(span.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

fn named(error: azure_core::Error, queue: &str) -> QueueError {
    match error.http_status() {
        Some(StatusCode::NotFound) => QueueError::NoQueue(queue.to_owned()),
        _ => store_error(error),
    }
}

fn gone(error: azure_core::Error, queue: &str) -> QueueError {
    match error.kind() {
        ErrorKind::HttpResponse { error_code: Some(code), .. }
            if ["MessageNotFound", "PopReceiptMismatch"].contains(&code.as_str()) =>
        {
            QueueError::NoMessage
        }
        _ => named(error, queue),
    }
}

fn store_error(error: azure_core::Error) -> QueueError {
    QueueError::Store(error.to_string())
}
