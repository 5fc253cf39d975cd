//! Flex Consumption: a process for each group, and nothing between them but the stores.

use std::collections::BTreeSet;

use serde_json::json;

use super::support::{get, host_json, http_function, is_alive, options, queue_function, soon, staged, timer_function};
use crate::host::FlexHost;

#[tokio::test]
async fn each_group_has_a_process_and_its_own_listeners() {
    let functions = [
        ("echo", http_function("echo", json!(["get"]))),
        ("other", http_function("environment", json!(["get"]))),
        ("work", queue_function()),
        ("tick", timer_function("0 0 0 1 1 *", true)),
    ];
    let handler = json!({ "enableProxyingHttpRequest": true });
    let folder = staged(&host_json(handler, json!({ "queues": { "messageEncoding": "none" } })), &functions);
    let mut options = options(&folder);
    options.queues.create("jobs").await.unwrap();
    options.queues.send("jobs", "hello").await.unwrap();
    let queues = options.queues.clone();
    options.logs = crate::host::Logs::default();
    let host = FlexHost::start(options, |group| vec![("MY_FOLDER".to_owned(), format!("/{group}"))]).await.unwrap();
    assert_eq!(host.groups(), ["function:tick", "function:work", "http"]);

    let mut processes = BTreeSet::new();
    for group in host.groups() {
        processes.insert(soon(host.instance(group).unwrap().handler()).await.unwrap().process_id);
    }
    assert_eq!(processes.len(), 3);
    let address = host.address().unwrap();
    assert_eq!(get(address, "/api/echo").await.json()["group"], "http");
    let variables = get(address, "/api/environment").await.json()["variables"].clone();
    assert_eq!((&variables["MY_FOLDER"], &variables["FUNCTIONS_TARGET_GROUP"]), (&json!("/http"), &json!("http")));

    let logs = host.instance("http").unwrap().logs().clone();
    logs.wait_for("done tick").await;
    logs.wait_for("done work").await;
    assert_eq!(logs.wait_for_many("Executing 'Functions.tick'", 1).await.len(), 1, "one instance ticks");
    assert_eq!(logs.wait_for_many("Executing 'Functions.work'", 1).await.len(), 1, "one instance listens");
    assert!(host.instance("http").unwrap().fire_timer("tick").await.is_err());
    host.instance("function:tick").unwrap().fire_timer("tick").await.unwrap();
    drop(queues);
    host.stop().await;
    assert!(processes.iter().all(|process| !is_alive(*process)));
}
