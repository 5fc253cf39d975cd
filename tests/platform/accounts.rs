//! Handlers that share nothing but servers: rows in Postgres, the session cache in Redis and Cosmos DB, the host's state in one storage
//! account and session files in another.

use std::time::Duration;

use serde_json::json;

use super::{QUEUE, admin, on_servers};
use crate::{harness::samples, host::queue_store::QueueStore as _};

#[tokio::test(flavor = "multi_thread")]
async fn files_are_in_one_account_and_messages_in_the_other() {
    let Some((platform, servers)) = on_servers().await else { return };
    let (host, files) = (&platform.azurite, &servers.azurite);
    let http = platform.start("http").await;
    let client = admin(&http).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    let accepted = client.post("/api/convert", json!({})).await.expect(202).json();
    let id = accepted["job_id"].as_str().unwrap();
    assert_eq!(host.messages(QUEUE).await, [json!({ "job_id": id }).to_string()]);

    let _worker = platform.start("function:convert_worker").await;
    let job = client.job_end(id, Duration::from_secs(60)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let table = client.get(&format!("/api/files/{}", job["result"]["tables"][0]["path"].as_str().unwrap())).await;
    assert!(!table.expect(200).body.is_empty());
    let session = client.session.as_ref().unwrap();
    let kept = files.blobs("sessions");
    assert!(kept.len() > 3 && kept.iter().all(|name| name.starts_with(session)), "{kept:?}");
    assert_eq!(host.blobs("sessions"), Vec::<String>::new());
    assert_eq!(files.messages(QUEUE).await, Vec::<String>::new());
    assert_eq!(platform.sessions(), Vec::<String>::new(), "nothing on the disk");

    client.post("/api/logout", json!({})).await.expect(200);
    assert_eq!(files.blobs("sessions"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nobody_can_read_holds_no_job_up() {
    let Some((platform, _servers)) = on_servers().await else { return };
    let http = platform.start("http").await;
    let client = admin(&http).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    platform.queues.create(QUEUE).await.unwrap();
    platform.queues.send(QUEUE, "no job").await.unwrap();
    let _worker = platform.start("function:convert_worker").await;
    let job = client.convert(json!({})).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let poison = format!("{QUEUE}-poison");
    let kept_apart = async {
        while platform.azurite.messages(&poison).await != ["no job"] {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What the conversion asked for behind it, its index, is done as well.
        while !platform.azurite.messages(QUEUE).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), kept_apart).await.expect("it is kept apart, and nothing else waits");
}
