//! Handlers that are killed, and stores that fail.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Platform, QUEUE, admin, large_document};
use crate::{
    harness::{Client, samples},
    host::{Host, queue_store::QueueStore as _},
};

/// Waits until the job is being done by an attempt that has got somewhere.
async fn progressed(client: &Client, id: &str) {
    let asking = async {
        loop {
            let job = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
            assert!(matches!(job["state"].as_str(), Some("queued" | "running")), "too fast to be killed: {job}");
            if job["state"] == "running" && job["progress"]["bytes_done"].as_u64() > Some(0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), asking).await.expect("the job does not begin");
}

/// Ends the handler's process as a lost machine would.
async fn kill(host: &Host) -> u32 {
    let process = host.handler().await.unwrap().process_id;
    let killed = std::process::Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap();
    assert!(killed.success());
    process
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_twice_still_ends_with_one_complete_result() {
    // A message comes back when the lease of the dead has run out.
    let visibility = ("AzureFunctionsJobHost__extensions__queues__visibilityTimeout", "00:00:11");
    let Some(platform) = Platform::staged(&[visibility]).await else { return };
    let http = platform.start("http").await;
    let worker = platform.start("function:convert_worker").await;
    let client = admin(&http).await;
    let records = 60_000;
    client.upload("large.xml", large_document(records)).await.expect(201);
    let accepted = client.post("/api/convert", json!({ "layout": "relational" })).await.expect(202).json();
    let id = accepted["job_id"].as_str().unwrap();
    let mut killed = Vec::new();
    for _ in 0..2 {
        progressed(&client, id).await;
        killed.push(kill(&worker).await);
        // Until then the row shows the progress of the dead.
        tokio::time::sleep(Duration::from_secs(11)).await;
    }
    let job = client.job_end(id, Duration::from_secs(120)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert!(!killed.contains(&worker.handler().await.unwrap().process_id) && killed[0] != killed[1]);
    let rows = |name: &str| {
        let tables: &Vec<Value> = job["result"]["tables"].as_array().unwrap();
        tables.iter().find(|table| table["name"] == name).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!((rows("r"), rows("i")), (records as u64, 2 * records as u64));
    let outputs = client.get("/api/files?area=output").await.expect(200).json();
    assert_eq!(outputs["items"].as_array().unwrap().len(), job["result"]["tables"].as_array().unwrap().len() + 1);
    client.post("/api/logout", json!({})).await.expect(200);
    assert_eq!(platform.sessions(), Vec::<String>::new(), "nothing of the killed attempts is left");
}

/// The texts in a queue, as soon as there is one.
async fn texts(platform: &Platform, queue: &str) -> Vec<String> {
    let looking = async {
        loop {
            if let Ok(messages) = platform.queues.receive(queue, 32, Duration::from_secs(60)).await
                && !messages.is_empty()
            {
                return messages.into_iter().map(|message| message.text).collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("no message comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_at_every_delivery_says_so_and_its_message_is_kept_apart() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    let http = platform.start("http").await;
    // It rings for jobs that nobody brings back, and leaves this one to the queue.
    let _timer = platform.start("function:cleanup").await;
    let client = admin(&http).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    // Where the session's temporary files go there is something else: the store of files fails.
    let session = platform.folder.path().join("runtime/sessions").join(client.session.as_ref().unwrap());
    let temporary = session.join(".tmp");
    if temporary.exists() {
        std::fs::remove_dir_all(&temporary).unwrap();
    }
    std::fs::write(&temporary, "in the way").unwrap();
    let accepted = client.post("/api/convert", json!({})).await.expect(202).json();
    let id = accepted["job_id"].as_str().unwrap();
    let worker = platform.start("function:convert_worker").await;
    let job = client.job_end(id, Duration::from_secs(60)).await;
    assert_eq!(
        (job["state"].as_str(), job["error"]["code"].as_str()),
        (Some("failed"), Some("job_abandoned")),
        "{job}"
    );
    let poison = texts(&platform, &format!("{QUEUE}-poison")).await;
    assert_eq!(poison, [json!({ "job_id": id }).to_string()]);
    let is_failure = |text: &str| text.contains("Functions.convert_worker' (Failed");
    let failures = worker.logs().since(0).into_iter().filter(|record| is_failure(&record.text)).count();
    assert_eq!(failures, 5, "as many as there are deliveries");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nobody_can_read_is_kept_apart() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    platform.queues.create(QUEUE).await.unwrap();
    platform.queues.send(QUEUE, "no job").await.unwrap();
    let _worker = platform.start("function:convert_worker").await;
    assert_eq!(texts(&platform, &format!("{QUEUE}-poison")).await, ["no job"]);
}
