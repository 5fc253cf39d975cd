//! Forwarded HTTP: what it drops and holds back.

use axum::body::Body;
use http::Request;
use serde_json::json;

use super::{
    raw_handler::RawHandler,
    support::{all_paths, get, host_json, options, post, send, soon, staged, whole},
};
use crate::host::Host;

async fn forwarded_host() -> (Host, tempfile::TempDir) {
    let folder = staged(&host_json(json!({ "enableForwardingHttpRequest": true }), json!({})), &all_paths());
    (Host::start(options(&folder)).await.unwrap(), folder)
}

#[tokio::test]
async fn bodies_with_a_length_arrive_and_chunked_ones_are_dropped() {
    let (host, _folder) = forwarded_host().await;
    assert_eq!(post(host.address(), "/api/echo", "12345").await.json()["length"], 5);
    let chunks = Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>("12345")]));
    let answer = whole(send(host.address(), Request::post("/api/echo"), chunks).await).await;
    assert_eq!(answer.json()["length"], 0);
    host.stop().await;
}

#[tokio::test]
async fn answers_are_held_back_until_they_are_whole() {
    let (host, _folder) = forwarded_host().await;
    host.handler().await.unwrap();
    let stream = send(host.address(), Request::get("/api/first-byte"), Body::empty());
    let waited = tokio::time::timeout(std::time::Duration::from_millis(200), stream).await;
    assert!(waited.is_err(), "the first byte has come before the last");
}

#[tokio::test]
async fn a_client_that_leaves_does_not_end_the_call() {
    let (host, _folder) = forwarded_host().await;
    let address = host.address();
    let client = tokio::spawn(async move { get(address, "/api/hold/100").await });
    host.logs().wait_for("holding").await;
    client.abort();
    host.logs().wait_for("Succeeded").await;
    host.stop().await;
}

#[tokio::test]
async fn redirects_and_errors_of_the_handler_pass() {
    let answer = "HTTP/1.1 307 Go\r\nLocation: /there\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
    let handler = RawHandler::start(answer).await;
    let folder = staged(&handler.host_json(json!({ "enableForwardingHttpRequest": true })), &all_paths());
    let host = Host::start(options(&folder)).await.unwrap();
    let answer = soon(get(host.address(), "/api/x")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers["location"].as_bytes(), answer.text().as_str()),
        (307, &b"/there"[..], "no")
    );
    host.stop().await;
}
