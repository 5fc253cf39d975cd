//! Restarts of the host: overlapping by default, one after the other if asked for.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::Request;
use serde_json::json;

use super::support::{
    all_paths, get, host_json, is_alive, options, proxied_host, proxying, send, soon, staged, timer_function, whole,
};
use crate::host::{Host, worker::WorkerState};

#[tokio::test]
async fn an_overlapping_restart_loses_no_call() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder);
    options.timings.drain = Duration::from_secs(9);
    let host = Arc::new(Host::start(options).await.unwrap());
    let old = soon(host.handler()).await.unwrap();
    let address = host.address();
    let held = tokio::spawn(async move { get(address, "/api/hold/1500").await });
    host.logs().wait_for("holding").await;
    let restarted = tokio::spawn({
        let host = Arc::clone(&host);
        async move { host.restart().await.unwrap() }
    });
    host.logs().wait_for_many("is ready", 2).await;
    let new = soon(host.handler()).await.unwrap();
    assert!(is_alive(old.process_id) && is_alive(new.process_id), "both live for a while");
    assert_ne!(old.port, new.port);
    let mut answers = Vec::new();
    while !restarted.is_finished() {
        answers.push(soon(get(address, "/api/echo")).await);
    }
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.json()["process"] == new.process_id));
    assert_eq!(soon(held).await.unwrap().text(), old.process_id.to_string(), "the old one answers what it was asked");
    assert!(!is_alive(old.process_id));
}

#[tokio::test]
async fn an_old_handler_lives_until_the_new_one_is_ready() {
    let folder = staged(&proxying(), &all_paths());
    let host = Arc::new(Host::start(options(&folder).with_setting("FAKE_START", "slow:300")).await.unwrap());
    let old = soon(host.handler()).await.unwrap();
    let restarted = tokio::spawn({
        let host = Arc::clone(&host);
        async move { host.restart().await.unwrap() }
    });
    let mut looks = 0;
    while !restarted.is_finished() {
        let is_old_alive = is_alive(old.process_id);
        if matches!(host.worker_state(), WorkerState::Starting) {
            assert!(is_old_alive);
            looks += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(looks > 0 && !is_alive(old.process_id));
}

#[tokio::test]
async fn a_sequential_restart_ends_the_old_handler_first() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder).with_core_tools(0);
    options.timings.drain = Duration::from_secs(9);
    options.timings.start_wait = Duration::from_millis(50);
    let host = Arc::new(Host::start(options).await.unwrap());
    let old = soon(host.handler()).await.unwrap();
    let address = host.address();
    let held = tokio::spawn(async move { get(address, "/api/hold/1000").await });
    host.logs().wait_for("holding").await;
    let restarted = tokio::spawn({
        let host = Arc::clone(&host);
        async move { host.restart().await.unwrap() }
    });
    // While the old one ends there is no script host; who waits too long is told so.
    let mut told = soon(get(address, "/api/echo")).await;
    while told.status == 200 && told.json()["process"] == old.process_id {
        told = soon(get(address, "/api/echo")).await;
    }
    assert_eq!((told.status.as_u16(), told.text().as_str()), (503, "Function host is not running."));
    soon(restarted).await.unwrap();
    assert!(!is_alive(old.process_id));
    assert_eq!(soon(held).await.unwrap().status, 200);
    assert_eq!(soon(get(address, "/api/echo")).await.status, 200);
}

#[tokio::test]
async fn a_restart_reads_the_folder_anew() {
    let (host, folder) = proxied_host().await;
    let put = || Request::delete("/api/echo");
    assert_eq!(whole(send(host.address(), put(), Body::empty()).await).await.status, 404);
    let manifest = super::support::http_function("{*path}", json!(["delete"]));
    std::fs::write(folder.path().join("all/function.json"), manifest.to_string()).unwrap();
    soon(host.restart()).await.unwrap();
    assert_eq!(whole(send(host.address(), put(), Body::empty()).await).await.status, 200);
    host.stop().await;
}

#[tokio::test]
async fn a_timer_ticks_on_one_of_two_hosts() {
    let folder = staged(&host_json(json!({}), json!({})), &[("tick", timer_function("0 0 * * * *", true))]);
    let options = options(&folder);
    let first = Host::start(options.clone()).await.unwrap();
    first.logs().wait_for("done tick").await;
    let mut second_options = options.clone();
    second_options.logs = crate::host::Logs::default();
    let second = Host::start(second_options).await.unwrap();
    soon(second.handler()).await.unwrap();
    // Time in which it would tick.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(second.logs().records().iter().all(|record| !record.text.contains("invoked")), "the first holds the lease");
    first.stop().await;
    second.logs().wait_for("done tick").await;
    second.stop().await;
}
