//! Work that begins in the process of one group and goes on in another's.

use std::time::Duration;

use serde_json::json;

use super::{Platform, QUEUE, admin, client};
use crate::{
    harness::{Client, samples},
    host::{Host, queue_store::QueueStore as _},
};

/// Somebody with a document, who has asked for its tables; the id of the job.
async fn asked_to_convert(http: &Host) -> (Client, String) {
    let client = admin(http).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    let accepted = client.post("/api/convert", json!({})).await.expect(202).json();
    let id = accepted["job_id"].as_str().unwrap().to_owned();
    (client, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_asked_for_over_http_is_done_in_the_workers_process() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    let http = platform.start("http").await;
    let (client, id) = asked_to_convert(&http).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let waiting = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
    assert_eq!(waiting["state"], "queued", "no process but the worker's does it");

    let worker = platform.start("function:convert_worker").await;
    let job = client.job_end(&id, Duration::from_secs(60)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_ne!(http.handler().await.unwrap().process_id, worker.handler().await.unwrap().process_id);
    let tables = client.get("/api/tables").await.expect(200).json();
    assert_eq!(tables["items"].as_array().unwrap().len(), job["result"]["tables"].as_array().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_delivered_twice_gives_one_result() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    let http = platform.start("http").await;
    let (client, id) = asked_to_convert(&http).await;
    for _ in 0..3 {
        platform.queues.send(QUEUE, &json!({ "job_id": id }).to_string()).await.unwrap();
    }
    let _worker = platform.start("function:convert_worker").await;
    let job = client.job_end(&id, Duration::from_secs(60)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let drained = async {
        while !platform.queues.receive(QUEUE, 32, Duration::from_secs(1)).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), drained).await.expect("all deliveries end");
    assert_eq!(client.get(&format!("/api/jobs/{id}")).await.expect(200).json(), job, "later deliveries change nothing");
    let outputs = client.get("/api/files?area=output").await.expect(200).json();
    // Its tables and their description.
    assert_eq!(outputs["items"].as_array().unwrap().len(), job["result"]["tables"].as_array().unwrap().len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timer_in_a_process_of_its_own_ends_idle_sessions_of_others() {
    let Some(platform) = Platform::staged(&[("SESSION_IDLE_SECONDS", "1")]).await else { return };
    let http = platform.start("http").await;
    let timer = platform.start("function:cleanup").await;
    let user = admin(&http).await;
    user.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert!(!platform.sessions().is_empty());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    timer.fire_timer("cleanup").await.unwrap();
    assert_eq!(platform.sessions(), Vec::<String>::new());
    user.get("/api/auth/me").await.expect(401);
    client(&http).get("/api/health").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_host_reaches_a_trigger() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    let http = platform.start("http").await;
    for path in ["/cleanup", "/convert_worker", "/api/cleanup", "/api/convert_worker"] {
        let answer = client(&http).post(path, json!({ "Data": {}, "Metadata": {} })).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}
