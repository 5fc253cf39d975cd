//! The job queue as a queue of Azure Storage, which the Functions host listens to.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::StatusCode;
use azure_storage_queue::{
    QueueClient, QueueClientOptions,
    models::{QueueClientSendMessageOptions, QueueMessage},
};
use serde::Serialize;

use super::{
    Door, StorageAccess,
    client::{CALL_LIMIT, Connections, Kept, in_time, now},
    failure::Failure,
};
use crate::{
    domain::JobId,
    ports::{Clock, JobQueue, StoreError, error::StoreErrorKind},
};

/// The store's name in errors.
const STORE: &str = "storage queue";

/// Seconds after which a message that nobody took is removed. The timer rings for jobs that still wait, so that messages do not pile
/// up behind a long one.
const TIME_TO_LIVE: i32 = 15 * 60;

/// A queue of Azure Storage. It is made if it is not there. The timer rings again for jobs that nobody was told of.
pub struct StorageQueue {
    access: StorageAccess,
    name: &'static str,
    clock: Arc<dyn Clock>,
    connections: Connections,
    client: Kept<Arc<QueueClient>>,
}

impl StorageQueue {
    /// The queue of that name. The clock is the machine's, for the service judges signatures by its own. Nothing is connected before the
    /// first call.
    #[must_use]
    pub fn new(access: StorageAccess, name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { access, name, clock, connections: Connections::default(), client: Kept::default() }
    }

    fn client(&self) -> azure_core::Result<Arc<QueueClient>> {
        let now = now(self.clock.as_ref());
        self.client.get(now, || {
            let Door { url, credential, until } = self.access.door(self.name, now)?;
            let client_options = self.connections.client_options();
            let options = QueueClientOptions { client_options, ..QueueClientOptions::default() };
            Ok((Arc::new(QueueClient::new(url, credential, Some(options))?), until))
        })
    }

    /// Puts a message of the queue's function there.
    pub async fn announce<T: Serialize>(&self, message: &T) -> Result<(), StoreError> {
        let text = serde_json::to_string(message);
        let text = text.map_err(|error| StoreError::new(StoreErrorKind::Internal, STORE, "ring", error))?;
        in_time(CALL_LIMIT, self.send(&text)).await.map_err(away("ring"))
    }

    async fn send(&self, text: &str) -> azure_core::Result<()> {
        let client = self.client()?;
        match send(&client, text).await {
            Err(error) if error.http_status() == Some(StatusCode::NotFound) => {
                client.create(None).await?;
                send(&client, text).await
            }
            sent => sent,
        }
    }
}

/// Whatever is wrong with the queue, the same call may succeed later.
fn away(operation: &'static str) -> impl Fn(Failure) -> StoreError {
    move |failure| StoreError::new(StoreErrorKind::Unavailable, STORE, operation, failure.to_string())
}

async fn send(client: &QueueClient, text: &str) -> azure_core::Result<()> {
    let message = QueueMessage { message_text: Some(text.to_owned()) };
    let options = QueueClientSendMessageOptions {
        message_time_to_live: Some(TIME_TO_LIVE),
        ..QueueClientSendMessageOptions::default()
    };
    client.send_message(message.try_into()?, Some(options)).await.map(drop)
}

#[async_trait]
impl JobQueue for StorageQueue {
    async fn ring(&self, job: JobId) -> Result<(), StoreError> {
        self.announce(&serde_json::json!({ "job_id": job })).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let asked = in_time(CALL_LIMIT, async { self.client()?.exists().await }).await;
        asked.map(drop).map_err(away("check"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{adapters::azure::StorageService, domain::Timestamp};
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Default)]
    struct Minutes(AtomicI64);

    impl Clock for Minutes {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed) * 60_000)
        }
    }

    #[tokio::test]
    async fn a_client_is_kept_while_its_signature_holds() {
        let clock = Arc::new(Minutes::default());
        let access = StorageAccess::by_connection_string(StorageService::Queue, "UseDevelopmentStorage=true").unwrap();
        let queue = StorageQueue::new(access, "jobs", clock.clone());
        let first = queue.client().unwrap();
        clock.0.store(29, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&first, &queue.client().unwrap()));
        clock.0.store(31, Ordering::Relaxed);
        let second = queue.client().unwrap();
        assert_ne!(first.url(), second.url(), "a new signature");
    }
}
