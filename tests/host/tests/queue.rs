//! Queue functions: deletion, retries, poison, leases, batches.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{host_json, options, queue_function, soon, staged};
use crate::host::{Host, HostOptions, MemoryQueues, queue_store::QueueStore as _};

/// A folder with one queue function, and options with a queue that the test sees.
async fn staged_queue(queues: Value) -> (HostOptions, Arc<MemoryQueues>, TempDir) {
    let folder = staged(&host_json(json!({}), json!({ "queues": queues })), &[("work", queue_function())]);
    let mut options = options(&folder);
    let store = Arc::new(MemoryQueues::new(options.clock.clone()));
    store.create("jobs").await.unwrap();
    options.queues = Arc::clone(&store) as _;
    (options, store, folder)
}

async fn empty(store: &MemoryQueues, queue: &str) {
    soon(async {
        while !store.texts(queue).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Returns when the message that failed is hidden by the visibility timeout and no longer by its lease.
async fn hidden(store: &MemoryQueues) {
    while !store.is_hidden_for("jobs", Duration::from_secs(3000)) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How often the handler was called, and the body of the last call.
fn calls(host: &Host) -> Vec<Value> {
    let records = host.logs().records();
    let bodies = records.iter().filter_map(|record| record.text.strip_prefix("invoked work "));
    bodies.map(|body| serde_json::from_str(body).unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_delivered_and_deleted() {
    let (options, store, _folder) = staged_queue(json!({})).await;
    store.send("jobs", &STANDARD.encode(r#"{"id":"j7"}"#)).await.unwrap();
    let host = Host::start(options).await.unwrap();
    empty(&store, "jobs").await;
    let calls = calls(&host);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["Data"]["item"], r#""{\"id\":\"j7\"}""#);
    assert_eq!(calls[0]["Metadata"]["DequeueCount"], "1");
    assert_eq!(calls[0]["Metadata"]["Id"], "\"j7\"", "the payload has won");
    assert_eq!(calls[0]["Metadata"]["sys"]["MethodName"], "work");
    host.stop().await;
}

#[tokio::test]
async fn a_message_that_fails_five_times_is_set_aside() {
    let queues = json!({ "messageEncoding": "none", "visibilityTimeout": "01:00:00" });
    let (options, store, _folder) = staged_queue(queues).await;
    store.send("jobs", "fail").await.unwrap();
    let host = Host::start(options.clone()).await.unwrap();
    for failures in 1..5 {
        host.logs().wait_for_many("(Failed", failures).await;
        soon(hidden(&store)).await;
        options.clock.advance(Duration::from_secs(3601));
    }
    // At once, not when it would be visible again.
    host.logs().wait_for("is moved to the queue jobs-poison").await;
    empty(&store, "jobs").await;
    assert_eq!(store.texts("jobs-poison"), ["fail"]);
    let counts: Vec<_> = calls(&host).iter().map(|call| call["Metadata"]["DequeueCount"].clone()).collect();
    assert_eq!(counts, ["1", "2", "3", "4", "5"]);
    host.stop().await;
}

#[tokio::test]
async fn a_failed_message_is_hidden_for_the_visibility_timeout() {
    let (options, store, _folder) =
        staged_queue(json!({ "messageEncoding": "none", "visibilityTimeout": "01:00:00" })).await;
    store.send("jobs", "fail").await.unwrap();
    let host = Host::start(options.clone()).await.unwrap();
    host.logs().wait_for("(Failed").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(calls(&host).len(), 1);
    options.clock.advance(Duration::from_secs(3601));
    host.logs().wait_for_many("(Failed", 2).await;
    assert_eq!(calls(&host)[1]["Metadata"]["DequeueCount"], "2");
    host.stop().await;
}

#[tokio::test]
async fn what_is_not_base64_is_set_aside_without_a_call() {
    let (options, store, _folder) = staged_queue(json!({})).await;
    store.send("jobs", "{}").await.unwrap();
    let host = Host::start(options).await.unwrap();
    empty(&store, "jobs").await;
    assert_eq!((store.texts("jobs-poison"), calls(&host).len()), (vec!["{}".to_owned()], 0));
    host.stop().await;
}

#[tokio::test]
async fn an_answer_that_hangs_is_a_failure_after_the_functions_time() {
    let (mut options, store, _folder) = staged_queue(json!({ "messageEncoding": "none", "maxDequeueCount": 2 })).await;
    options.timings.function_timeout = Some(Duration::from_millis(1500));
    store.send("jobs", "hang").await.unwrap();
    let host = Host::start(options).await.unwrap();
    let first = soon(host.handler()).await.unwrap().process_id;
    host.logs().wait_for("is moved to the queue jobs-poison").await;
    assert_eq!(calls(&host).len(), 2);
    assert_ne!(soon(host.handler()).await.unwrap().process_id, first);
    host.stop().await;
}

#[tokio::test]
async fn a_message_stays_hidden_while_it_is_worked_on() {
    let (mut options, store, _folder) = staged_queue(json!({ "messageEncoding": "none" })).await;
    // The handler takes half as long again.
    options.timings.queue_lease = Duration::from_secs(1);
    store.send("jobs", "crawl").await.unwrap();
    let host = Host::start(options).await.unwrap();
    empty(&store, "jobs").await;
    assert_eq!(calls(&host).len(), 1);
    host.stop().await;
}

#[tokio::test]
async fn so_many_are_worked_on_as_a_batch_and_the_threshold_allow() {
    let queues = json!({ "messageEncoding": "none", "batchSize": 2, "newBatchThreshold": 1 });
    let (options, store, _folder) = staged_queue(queues).await;
    for number in 0..9 {
        let pace = if number % 2 == 0 { "slow" } else { "quick" };
        store.send("jobs", pace).await.unwrap();
    }
    let host = Host::start(options).await.unwrap();
    empty(&store, "jobs").await;
    let (mut now, mut most) = (0, 0);
    for record in host.logs().records().iter().filter(|record| record.category == "Function.work") {
        now += if record.text.starts_with("Executing") { 1 } else { -1 };
        most = most.max(now);
    }
    assert_eq!((calls(&host).len(), most), (9, 3));
    host.stop().await;
}

#[tokio::test]
async fn a_queue_that_comes_later_is_listened_to() {
    let folder = staged(
        &host_json(json!({}), json!({ "queues": { "messageEncoding": "none" } })),
        &[("work", queue_function())],
    );
    let options = options(&folder);
    let host = Host::start(options.clone()).await.unwrap();
    soon(host.handler()).await.unwrap();
    options.queues.create("jobs").await.unwrap();
    options.queues.send("jobs", "late").await.unwrap();
    host.logs().wait_for("done work").await;
    host.stop().await;
}
