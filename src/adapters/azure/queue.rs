//! The job queue as a queue of Azure Storage, which the Functions host listens to.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, StatusCode, Transport};
use azure_storage_queue::{
    QueueClient, QueueClientOptions,
    models::{QueueClientSendMessageOptions, QueueMessage},
};
use time::OffsetDateTime;

use super::{QueueAccess, queue_access::QueueDoor};
use crate::{
    domain::JobId,
    ports::{Clock, JobQueue, StoreError, error::StoreErrorKind},
};

/// How long one call may take, retries included. The timer rings again for jobs that nobody was told of.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Seconds after which a message that nobody took is removed. The timer rings for jobs that still wait, so that messages do not pile
/// up behind a long one.
const TIME_TO_LIVE: i32 = 15 * 60;

/// How often a call is tried again.
const RETRIES: u32 = 2;

/// A queue of Azure Storage. It is made if it is not there.
pub struct StorageQueue {
    access: QueueAccess,
    name: &'static str,
    clock: Arc<dyn Clock>,
    /// The connections, from the first call on.
    transport: OnceLock<Transport>,
    /// The client in use, and until when its URL holds.
    client: Mutex<Option<(Arc<QueueClient>, Option<OffsetDateTime>)>>,
}

impl StorageQueue {
    /// The queue of that name. Nothing is connected before the first call.
    #[must_use]
    pub fn new(access: QueueAccess, name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { access, name, clock, transport: OnceLock::new(), client: Mutex::default() }
    }

    /// The client, made anew only when the signature in its URL runs out: one with an identity keeps its token.
    fn client(&self) -> azure_core::Result<Arc<QueueClient>> {
        let now =
            OffsetDateTime::UNIX_EPOCH + Duration::from_millis(self.clock.now().as_millis().try_into().unwrap_or(0));
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((client, until)) = &*kept
            && until.is_none_or(|until| now < until)
        {
            return Ok(Arc::clone(client));
        }
        let QueueDoor { url, credential, until } = self.access.queue(self.name, now)?;
        let retry = RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: RETRIES,
            max_total_elapsed: TIME_LIMIT.try_into().unwrap_or(azure_core::time::Duration::SECOND),
            ..ExponentialRetryOptions::default()
        });
        let transport = Some(self.transport.get_or_init(Transport::default).clone());
        let client_options = ClientOptions { retry, transport, ..ClientOptions::default() };
        let options = QueueClientOptions { client_options, ..QueueClientOptions::default() };
        let client = Arc::new(QueueClient::new(url, credential, Some(options))?);
        *kept = Some((Arc::clone(&client), until));
        Ok(client)
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

/// Waits no longer than a call may take.
async fn in_time<T>(
    operation: &'static str,
    call: impl Future<Output = azure_core::Result<T>>,
) -> Result<T, StoreError> {
    let unavailable = |source: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::new(StoreErrorKind::Unavailable, "storage queue", operation, source)
    };
    match tokio::time::timeout(TIME_LIMIT, call).await {
        Ok(answer) => answer.map_err(|error| unavailable(error.into())),
        Err(elapsed) => Err(unavailable(elapsed.into())),
    }
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
        let text = serde_json::json!({ "job_id": job }).to_string();
        in_time("ring", self.send(&text)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        in_time("check", async { self.client()?.exists().await }).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
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
        let access = QueueAccess::by_connection_string("UseDevelopmentStorage=true").unwrap();
        let queue = StorageQueue::new(access, "jobs", clock.clone());
        let first = queue.client().unwrap();
        clock.0.store(29, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&first, &queue.client().unwrap()));
        clock.0.store(31, Ordering::Relaxed);
        let second = queue.client().unwrap();
        assert_ne!(first.url(), second.url(), "a new signature");
    }
}
