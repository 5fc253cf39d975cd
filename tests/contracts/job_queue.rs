//! What every queue of jobs promises: who listens hears of the job.

use std::sync::Arc;

use azure_storage_queue::{QueueClient, models::QueueClientReceiveMessagesOptions};
use ret::{
    adapters::azure::{StorageAccess, StorageQueue, StorageService},
    domain::JobId,
    functions::convert_worker::ConvertMessage,
    ports::JobQueue,
};
use uuid::Uuid;

use super::Bench;
use crate::harness::{Azurite, TestApp};

const JOB: JobId = JobId(Uuid::from_u128(7));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_of_this_process_rings() {
    let Bench { stores, app: TestApp { app, server, .. }, .. } = Bench::embedded().await;
    // Nobody listens any more.
    server.stop().await;
    stores.job_queue.check().await.unwrap();
    stores.job_queue.ring(JOB).await.unwrap();
    assert_eq!(app.queue().waiting(), 1);
}

fn storage_queue(connection: &str, name: &'static str) -> (StorageQueue, StorageAccess) {
    let access = StorageAccess::by_connection_string(StorageService::Queue, connection).unwrap();
    (StorageQueue::new(access.clone(), name, Arc::new(ret::adapters::system::SystemClock)), access)
}

/// The texts of all messages.
async fn texts(access: &StorageAccess, name: &str) -> Vec<String> {
    let url = access.door(name, time::OffsetDateTime::now_utc()).unwrap().url;
    let client = QueueClient::new(url, None, None).unwrap();
    let options = QueueClientReceiveMessagesOptions { number_of_messages: Some(32), ..Default::default() };
    let messages = client.receive_messages(Some(options)).await.unwrap().into_model().unwrap();
    messages.items.unwrap_or_default().into_iter().filter_map(|message| message.message_text).collect()
}

#[tokio::test]
async fn a_storage_queue_is_made_when_it_first_rings() {
    let Some(azurite) = Azurite::account().await else { return };
    let (queue, access) = storage_queue(&azurite.connection_string(), "first-ring");
    queue.check().await.expect("one that is still to be made is well");
    queue.ring(JOB).await.unwrap();
    queue.check().await.unwrap();
    let heard = texts(&access, "first-ring").await;
    let message: ConvertMessage = serde_json::from_str(&heard[0]).unwrap();
    assert_eq!((message.job_id, heard.len()), (JOB, 1));
}

#[tokio::test]
async fn two_storage_queues_may_be_made_at_once() {
    let Some(azurite) = Azurite::account().await else { return };
    let (queue, access) = storage_queue(&azurite.connection_string(), "two-rings");
    let (first, second) = tokio::join!(queue.ring(JOB), queue.ring(JOB));
    first.and(second).unwrap();
    assert_eq!(texts(&access, "two-rings").await.len(), 2);
}

#[tokio::test]
async fn a_storage_queue_that_is_away_is_an_error_in_time() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let connection = format!("AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:{port}/a");
    let (queue, _) = storage_queue(&connection, "away");
    let started = std::time::Instant::now();
    let error = queue.ring(JOB).await.unwrap_err();
    assert_eq!(error.kind, ret::ports::error::StoreErrorKind::Unavailable);
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
    assert!(!error.to_string().contains("sig="), "no secret in {error}");
}

#[tokio::test]
async fn a_wrong_key_is_an_error() {
    let Some(azurite) = Azurite::account().await else { return };
    let connection = azurite.connection_string().replace("AccountKey=Eby8", "AccountKey=AAAA");
    let (queue, _) = storage_queue(&connection, "wrong-key");
    queue.check().await.unwrap_err();
    let error = queue.ring(JOB).await.unwrap_err().to_string();
    assert!(error.contains("403") && !error.contains("sig="), "{error}");
}
