//! What becomes of a host whose handler ends, hangs, or never begins.

use std::time::Duration;

use serde_json::json;

use super::support::{
    all_paths, get, host_json, is_alive, options, post, proxied_host, proxying, queue_function, soon, staged,
    timer_function,
};
use crate::host::{
    Host, Level,
    worker::{Handler, WorkerState},
};

/// Has the handler leave with a code; returns when the host has noticed.
async fn leave(host: &Host, code: u8) -> Handler {
    let handler = soon(host.handler()).await.unwrap();
    get(host.address(), &format!("/api/exit/{code}")).await;
    soon(handler.ended.cancelled()).await;
    handler
}

#[tokio::test]
async fn exit_code_0_leaves_a_dead_handler_in_place() {
    let (host, _folder) = proxied_host().await;
    let handler = soon(host.handler()).await.unwrap();
    get(host.address(), "/api/exit/0").await;
    while is_alive(handler.process_id) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(soon(get(host.address(), "/api/echo")).await.status, 500);
    assert_eq!(host.handler().await.unwrap().process_id, handler.process_id);
    host.stop().await;
}

#[tokio::test]
async fn exit_code_200_restarts_without_end() {
    let (host, _folder) = proxied_host().await;
    let mut processes = Vec::new();
    for _ in 0..4 {
        processes.push(leave(&host, 200).await.process_id);
    }
    processes.dedup();
    assert_eq!(processes.len(), 4);
    assert_eq!(soon(get(host.address(), "/api/echo")).await.status, 200);
    host.stop().await;
}

#[tokio::test]
async fn the_third_crash_stops_the_host() {
    let (host, _folder) = proxied_host().await;
    leave(&host, 3).await;
    leave(&host, 200).await;
    leave(&host, 1).await;
    assert_eq!(soon(get(host.address(), "/api/echo")).await.status, 200, "two crashes are forgiven");
    leave(&host, 3).await;
    assert!(soon(host.stopped()).await.starts_with("Exceeded http worker restart retry count"));
    let crash = host.logs().wait_for("exited with code 3").await;
    assert_eq!(crash.level, Level::Error);
    assert!(crash.text.contains("leaving with 3"), "{crash:?}");
}

#[tokio::test]
async fn a_handler_that_crashes_at_its_start_is_started_three_times() {
    let folder = staged(&proxying(), &all_paths());
    let host = Host::start(options(&folder).with_setting("FAKE_START", "exit:5")).await.unwrap();
    soon(host.stopped()).await;
    assert_eq!(host.logs().wait_for_many("exited with code 5", 3).await.len(), 3);
}

#[tokio::test]
async fn a_handler_that_does_not_get_ready_counts_as_a_crash() {
    let handler = json!({ "enableProxyingHttpRequest": true, "initializationTimeout": "00:00:00.1" });
    for start in ["never", "late-exit:0"] {
        let folder = staged(&host_json(handler.clone(), json!({})), &all_paths());
        let host = Host::start(options(&folder).with_setting("FAKE_START", start)).await.unwrap();
        let reason = soon(host.stopped()).await;
        assert!(!reason.is_empty());
        assert!(!host.logs().wait_for_many("Initializing HttpWorker timed out.", 2).await.is_empty(), "{start}");
    }
}

#[tokio::test]
async fn calls_wait_for_a_handler_that_starts_slowly() {
    let folder = staged(&proxying(), &all_paths());
    let host = Host::start(options(&folder).with_setting("FAKE_START", "slow:300")).await.unwrap();
    assert!(matches!(host.worker_state(), WorkerState::Starting));
    assert_eq!(soon(get(host.address(), "/api/echo")).await.status, 200);
    host.stop().await;
}

#[tokio::test]
async fn an_executable_that_is_missing_is_not_tried_again_and_a_call_stops_the_host() {
    let mut host_json = proxying();
    host_json["customHandler"]["description"]["defaultExecutablePath"] = json!("not-there");
    host_json["customHandler"]["initializationTimeout"] = json!("00:00:00.05");
    let folder = staged(&host_json, &all_paths());
    let host = Host::start(options(&folder)).await.unwrap();
    host.logs().wait_for("Failed to start Worker Channel. Process fileName: not-there").await;
    assert!(matches!(host.worker_state(), WorkerState::NotLaunched(_)));
    let address = host.address();
    let call = tokio::spawn(async move { get(address, "/api/echo").await });
    assert_eq!(soon(host.stopped()).await, "Initialization timed out and host is shutting down");
    // The host may be gone before its answer is.
    if let Ok(answer) = soon(call).await {
        assert_eq!(answer.status, 500);
    }
    assert_eq!(host.logs().wait_for_many("Failed to start", 1).await.len(), 1);
}

#[tokio::test]
async fn an_executable_without_its_mode_is_not_launched_but_under_flex_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut host_json = proxying();
    host_json["customHandler"]["description"]["defaultExecutablePath"] = json!("handler");
    let folder = staged(&host_json, &all_paths());
    let script = folder.path().join("handler");
    let exec = format!("#!/bin/sh\nexec {} \"$@\"\n", std::env::current_exe().unwrap().display());
    std::fs::write(&script, exec).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o644)).unwrap();
    let host = Host::start(options(&folder)).await.unwrap();
    host.logs().wait_for("Failed to start Worker Channel").await;
    host.stop().await;
    let mut flex = options(&folder);
    flex.target_group = Some("http".to_owned());
    let host = Host::start(flex).await.unwrap();
    assert_eq!(soon(get(host.address(), "/api/echo")).await.json()["group"], "http");
    host.stop().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_costs_every_call_beside_it() {
    let functions = [all_paths().remove(0), ("job", queue_function()), ("tick", timer_function("0 0 0 1 1 *", false))];
    let folder = staged(&host_json(json!({ "enableProxyingHttpRequest": true }), json!({})), &functions);
    let mut options = options(&folder);
    options.timings.function_timeout = Some(Duration::from_millis(400));
    let host = Host::start(options).await.unwrap();
    let first = soon(host.handler()).await.unwrap();
    let address = host.address();
    let slow = tokio::spawn(async move { get(address, "/api/hold/60000").await });
    host.logs().wait_for("holding").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let beside = tokio::spawn(async move { post(address, "/api/hold/60000", "x").await });
    host.logs().wait_for_many("holding", 2).await;
    assert_eq!((soon(slow).await.unwrap().status.as_u16(), soon(beside).await.unwrap().status.as_u16()), (500, 500));
    host.logs().wait_for("Timeout value was exceeded").await;
    host.logs().wait_for_many("(Failed", 2).await;
    assert!(!is_alive(first.process_id));
    for _ in 0..3 {
        // Timeouts are not counted as crashes.
        assert_eq!(soon(get(host.address(), "/api/hold/60000")).await.status, 500);
    }
    assert_ne!(soon(host.handler()).await.unwrap().process_id, first.process_id);
    host.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_calls_and_then_kills() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder);
    options.timings.drain = Duration::from_millis(500);
    let host = Host::start(options).await.unwrap();
    let handler = soon(host.handler()).await.unwrap();
    let address = host.address();
    let short = tokio::spawn(async move { get(address, "/api/hold/200").await });
    let long = tokio::spawn(async move { get(address, "/api/hold/60000").await });
    host.logs().wait_for_many("holding", 2).await;
    let logs = host.logs().clone();
    host.stop().await;
    assert_eq!(soon(short).await.unwrap().text(), handler.process_id.to_string());
    assert!(!is_alive(handler.process_id));
    long.abort();
    assert!(logs.records().iter().all(|record| !record.text.contains("exited with code")), "a kill is no crash");
}

#[tokio::test]
async fn a_host_that_is_dropped_takes_its_handler_with_it() {
    let (host, _folder) = proxied_host().await;
    let process_id = soon(host.handler()).await.unwrap().process_id;
    drop(host);
    soon(async {
        while is_alive(process_id) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
