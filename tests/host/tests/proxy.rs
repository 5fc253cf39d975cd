//! Proxied HTTP: streams, time that passes without a byte, clients that leave, handlers that are not there.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    raw_handler::RawHandler,
    support::{all_paths, get, options, post, proxied_host, proxying, send, soon, staged, whole},
};
use crate::host::Host;

fn channel_body() -> (mpsc::Sender<Result<&'static str, std::io::Error>>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    let stream =
        futures::stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) });
    (sender, Body::from_stream(stream))
}

#[tokio::test]
async fn both_bodies_are_streamed() {
    let (host, _folder) = proxied_host().await;
    let (sender, body) = channel_body();
    sender.send(Ok("one")).await.unwrap();
    let mut response = soon(send(host.address(), Request::post("/api/stream"), body)).await;
    for expected in ["one", "two", "three"] {
        let frame = soon(response.body_mut().frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), expected);
        // The next piece is sent only when this one has come back.
        let next = if expected == "one" { "two" } else { "three" };
        if expected != "three" {
            sender.send(Ok(next)).await.unwrap();
        }
    }
    drop(sender);
    assert!(soon(response.body_mut().frame()).await.is_none());
    host.stop().await;
}

#[tokio::test]
async fn large_bodies_come_through_whole() {
    let (host, _folder) = proxied_host().await;
    let text = "0123456789abcdef".repeat(300_000);
    let answer = soon(post(host.address(), "/api/stream", &text)).await;
    assert!(answer.body == text.as_bytes());
    host.stop().await;
}

#[tokio::test]
async fn a_head_has_no_body_and_headers_pass() {
    let (host, _folder) = proxied_host().await;
    let answer = whole(send(host.address(), Request::head("/api/echo/x"), Body::empty()).await).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_ne!(answer.headers["content-length"], "0");
    let answer = get(host.address(), "/api/missing").await;
    assert_eq!(answer.status, 404, "the handler's own status");
    host.stop().await;
}

#[tokio::test]
async fn the_head_of_an_answer_waits_for_its_first_byte() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
    let handler = RawHandler::start(head).await;
    let folder = staged(&handler.host_json(json!({ "enableProxyingHttpRequest": true })), &all_paths());
    let host = Host::start(options(&folder)).await.unwrap();
    // The connection ends without the byte that was announced.
    assert_eq!(soon(get(host.address(), "/api/x")).await.status, 500);
    host.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_call() {
    let (host, _folder) = proxied_host().await;
    host.handler().await.unwrap();
    let client = tokio::spawn(send_get(host.address(), "/api/hold/60000"));
    host.logs().wait_for("holding").await;
    client.abort();
    host.logs().wait_for("nobody waits").await;
    host.logs().wait_for("the client has gone").await;
    host.stop().await;
}

async fn send_get(address: std::net::SocketAddr, path: &'static str) {
    get(address, path).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_ends_the_call_too() {
    let (host, _folder) = proxied_host().await;
    let mut response = soon(send(host.address(), Request::get("/api/first-byte"), Body::empty())).await;
    assert_eq!(soon(response.body_mut().frame()).await.unwrap().unwrap().into_data().unwrap(), "1");
    drop(response);
    host.logs().wait_for("the client has gone").await;
    host.stop().await;
}

#[tokio::test]
async fn a_call_without_a_byte_ends() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder);
    options.timings.proxy_idle = Duration::from_millis(500);
    let host = Host::start(options).await.unwrap();
    host.handler().await.unwrap();
    assert_eq!(soon(get(host.address(), "/api/hold/60000")).await.status, 500);
    let mut response = soon(send(host.address(), Request::get("/api/first-byte"), Body::empty())).await;
    assert!(soon(response.body_mut().frame()).await.unwrap().is_ok());
    assert!(soon(response.body_mut().frame()).await.unwrap().is_err(), "the answer is broken off");
    host.stop().await;
}

#[tokio::test]
async fn bytes_of_either_side_keep_a_call_alive() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder);
    options.timings.proxy_idle = Duration::from_millis(500);
    let host = Host::start(options).await.unwrap();
    host.handler().await.unwrap();
    let (sender, body) = channel_body();
    let pieces = tokio::spawn(async move {
        for _ in 0..4 {
            sender.send(Ok("x")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    // This answer comes when the last byte has come.
    let answer = soon(async { whole(send(host.address(), Request::post("/api/echo"), body).await).await }).await;
    pieces.await.unwrap();
    assert_eq!(answer.json()["length"], 4);
    assert_eq!(soon(get(host.address(), "/api/drip")).await.text(), "xxxx");
    host.stop().await;
}

#[tokio::test]
async fn a_request_is_sent_again_unless_its_body_was_begun() {
    // The connection ends without an answer.
    let handler = RawHandler::start("").await;
    let folder = staged(&handler.host_json(json!({ "enableProxyingHttpRequest": true })), &all_paths());
    let host = Host::start(options(&folder)).await.unwrap();
    assert_eq!(soon(post(host.address(), "/api/x", "body")).await.status, 500);
    assert_eq!(handler.connections(), 2, "the probe and one attempt");
    assert_eq!(soon(get(host.address(), "/api/x")).await.status, 500);
    assert_eq!(handler.connections(), 12, "ten more attempts");
    host.stop().await;
}

#[tokio::test]
async fn a_handler_that_is_away_for_a_moment_is_asked_again() {
    let (host, _folder) = proxied_host().await;
    let first = host.handler().await.unwrap();
    get(host.address(), "/api/exit/200").await;
    soon(first.ended.cancelled()).await;
    let answer = soon(get(host.address(), "/api/echo")).await;
    assert_ne!(answer.json()["process"], first.process_id);
    host.stop().await;
}

#[tokio::test]
async fn a_dead_handler_is_asked_ten_times() {
    let (host, _folder) = proxied_host().await;
    let handler = host.handler().await.unwrap();
    get(host.address(), "/api/exit/0").await;
    host.logs().wait_for("leaving with 0").await;
    while super::support::is_alive(handler.process_id) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let started = Instant::now();
    assert_eq!(soon(post(host.address(), "/api/echo", "x")).await.status, 500);
    // Pauses of 20, 40, 80 and six times 100 ms.
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(740) && took < Duration::from_secs(3), "{took:?}");
    host.stop().await;
}
