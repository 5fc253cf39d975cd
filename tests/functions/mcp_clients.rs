//! Clients of the Model Context Protocol that others wrote, against the executable: the official SDK for TypeScript in both of its versions.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::harness::{Process, samples};

/// What the client of a version was answered. `None` only if `RET_TEST_ONLY_EMBEDDED` says that nothing but Rust is needed.
async fn answers(version: &'static str) -> Option<Value> {
    if std::env::var_os("RET_TEST_ONLY_EMBEDDED").is_some() {
        println!("left out: RET_TEST_ONLY_EMBEDDED is set");
        return None;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services");
    let installed = folder.join("node_modules/@modelcontextprotocol").exists();
    assert!(installed, "the SDK is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1");
    let process = Process::start(&[]).await;
    let client = process.admin().await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let (url, token) = (format!("http://{}/api/mcp", process.address), client.token.unwrap());
    let run = move || Command::new("node").arg(folder.join("mcp.mjs")).args([version, &url, &token]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn check(answers: &Value) {
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(answers["server"]["name"], "ret");
    assert!(answers["instructions"].as_str().unwrap().contains("list_tables"));
    assert_eq!(names(&answers["tools"]), ["list_tables", "describe_table", "search_rows", "run_sql", "make_chart"]);
    assert!(answers["tools"].as_array().unwrap().iter().all(|tool| tool["annotations"]["readOnlyHint"] == true));
    assert_eq!(names(&answers["resources"]), ["order", "line"]);
    assert_eq!(answers["resourceTemplates"].as_array().unwrap().len(), 1);
    let gave = |name: &str| &answers[name]["structuredContent"];
    assert_eq!(names(&gave("tables")["tables"]), ["order", "line"]);
    assert_eq!(gave("described")["table"], "line");
    assert_eq!(gave("found")["hits"][0]["table"], "order");
    assert_eq!(gave("counted")["rows"], json!([[3, 13]]));
    assert_eq!(gave("chart")["specification"]["mark"], "bar");
    assert_eq!(answers["refused"]["isError"], true);
    let read: Value = serde_json::from_str(answers["read"]["contents"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(read["rows"].as_array().unwrap().len(), 3);
    assert_eq!(answers["unknown"]["code"], -32602);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sdk_lists_and_calls_after_a_handshake() {
    let Some(answers) = answers("1").await else { return };
    assert_eq!(answers["protocol"], "2025-11-25");
    check(&answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_sdk_lists_and_calls_without_one() {
    let Some(answers) = answers("2").await else { return };
    assert_eq!(answers["protocol"], "2026-07-28");
    check(&answers);
}
