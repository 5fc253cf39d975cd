//! The job queue as a queue of Azure Storage, which the Functions host listens to.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, StatusCode, Transport};
use azure_storage_queue::{
    QueueClient, QueueClientOptions,
    models::{QueueClientSendMessageOptions, QueueMessage},
};
use time::OffsetDateTime;

use super::QueueAccess;
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
#[derive(Clone)]
pub struct StorageQueue {
    access: QueueAccess,
    name: &'static str,
    clock: Arc<dyn Clock>,
    /// The connections, from the first call on.
    transport: Arc<OnceLock<Transport>>,
}

impl StorageQueue {
    /// The queue of that name. Nothing is connected before the first call.
    #[must_use]
    pub fn new(access: QueueAccess, name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { access, name, clock, transport: Arc::default() }
    }

    fn client(&self) -> azure_core::Result<QueueClient> {
        let now =
            OffsetDateTime::UNIX_EPOCH + Duration::from_millis(self.clock.now().as_millis().try_into().unwrap_or(0));
        let (url, credential) = self.access.queue(self.name, now)?;
        let retry = RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: RETRIES,
            max_total_elapsed: TIME_LIMIT.try_into().unwrap_or(azure_core::time::Duration::SECOND),
            ..ExponentialRetryOptions::default()
        });
        let transport = Some(self.transport.get_or_init(Transport::default).clone());
        let client_options = ClientOptions { retry, transport, ..ClientOptions::default() };
        QueueClient::new(url, credential, Some(QueueClientOptions { client_options, ..QueueClientOptions::default() }))
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
        let unavailable = |source: Box<dyn std::error::Error + Send + Sync>| {
            StoreError::new(StoreErrorKind::Unavailable, "storage queue", "ring", source)
        };
        match tokio::time::timeout(TIME_LIMIT, self.send(&text)).await {
            Ok(sent) => sent.map_err(|error| unavailable(error.into())),
            Err(elapsed) => Err(unavailable(elapsed.into())),
        }
    }
}
