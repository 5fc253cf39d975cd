//! Requests to the handler carry the headers of `wire-envelopes.json`, no more and no less.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::{
    raw_handler::{RawHandler, Seen},
    support::{Answer, all_paths, data, options, send, soon, staged, timer_function, whole},
};
use crate::host::{HOST_VERSION, Host, HostOptions};

const OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

fn envelope(name: &str) -> Value {
    serde_json::from_str::<Value>(&data("wire-envelopes.json")).unwrap()[name].clone()
}

/// Names in lower case without the note about the client's own.
fn names(envelope: &Value) -> BTreeSet<String> {
    let named = envelope["headers"].as_object().unwrap().keys().filter(|name| !name.starts_with('<'));
    named.map(|name| name.to_lowercase()).collect()
}

fn names_of(seen: &Seen) -> BTreeSet<String> {
    seen.headers.iter().map(|(name, _)| name.clone()).collect()
}

fn with(mut names: BTreeSet<String>, more: &[&str]) -> BTreeSet<String> {
    names.extend(more.iter().map(|name| (*name).to_owned()));
    names
}

async fn host_with(handler: &RawHandler, mode: Value) -> (Host, tempfile::TempDir) {
    let folder = staged(&handler.host_json(mode), &all_paths());
    (Host::start(options(&folder)).await.unwrap(), folder)
}

/// Sends a request with headers that a client may try.
async fn ask(host: &Host, body: Body) -> Answer {
    let request = Request::post("/api/a%20b?x=1&x=2&y=%2B")
        .header("host", "shop.example:8080")
        .header("user-agent", "curl/8.5.0")
        .header("content-type", "text/plain")
        .header("content-encoding", "identity")
        .header("connection", "keep-alive")
        .header("te", "trailers")
        .header("forwarded", "for=1.2.3.4")
        .header("x-forwarded-for", "1.2.3.4")
        .header("x-forwarded-proto", "https")
        .header("x-ms-invocation-id", "mine")
        .header("x-azure-functions-invocationid", "mine")
        .header("x-custom", "kept");
    soon(async { whole(send(host.address(), request, body).await).await }).await
}

#[tokio::test]
async fn the_probe_is_a_get_of_the_root_with_nothing_but_a_host() {
    let handler = RawHandler::start(OK).await;
    let (host, _folder) = host_with(&handler, json!({ "enableProxyingHttpRequest": true })).await;
    let probe = handler.request(0).await;
    assert_eq!((probe.method.as_str(), probe.target.as_str(), probe.body.as_str()), ("GET", "/", ""));
    assert_eq!(names_of(&probe), names(&envelope("readiness_probe")));
    assert_eq!(probe.header("host"), Some(format!("127.0.0.1:{}", handler.port).as_str()));
    host.stop().await;
}

#[tokio::test]
async fn an_invocation_has_the_headers_of_its_envelope_and_chunks() {
    let handler = RawHandler::start(OK).await;
    let folder = staged(&handler.host_json(json!({})), &[("Tick", timer_function("0 0 0 1 1 *", true))]);
    let host = Host::start(HostOptions { target_group: None, ..options(&folder) }).await.unwrap();
    let seen = handler.request(1).await;
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/Tick"));
    assert_eq!(names_of(&seen), names(&envelope("default_invocation")));
    assert_eq!(seen.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(seen.header("transfer-encoding"), Some("chunked"));
    assert_eq!(seen.header("user-agent"), Some(format!("Azure-Functions-Host/{HOST_VERSION}").as_str()));
    assert_eq!(seen.header("x-azure-functions-hostversion"), Some(HOST_VERSION));
    assert!(uuid::Uuid::parse_str(seen.header("x-azure-functions-invocationid").unwrap()).is_ok());
    let body: Value = serde_json::from_str(seen.unchunked()).unwrap();
    assert_eq!(body["Metadata"]["sys"]["MethodName"], "Tick");
    assert_eq!(body["Data"]["timer"]["IsPastDue"], false);
    host.stop().await;
}

#[tokio::test]
async fn a_proxied_request_has_the_hosts_headers_in_place_of_the_clients() {
    let handler = RawHandler::start(OK).await;
    let (host, _folder) = host_with(&handler, json!({ "enableProxyingHttpRequest": true })).await;
    assert_eq!(ask(&host, Body::from("hello")).await.status, 200);
    let seen = handler.request(1).await;
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/a%20b?x=1&x=2&y=%2B"));
    let clients = ["content-type", "content-encoding", "content-length", "x-custom"];
    assert_eq!(names_of(&seen), with(names(&envelope("http_proxying")), &clients));
    assert_eq!(seen.header("host"), Some(format!("127.0.0.1:{}", handler.port).as_str()));
    assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(seen.header("x-forwarded-host"), Some("shop.example:8080"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("http"));
    assert_eq!(seen.header("user-agent"), Some("curl/8.5.0"));
    let id = seen.header("x-ms-invocation-id").unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok());
    let ids: Vec<_> = seen.headers.iter().filter(|(name, _)| name == "x-azure-functions-invocationid").collect();
    assert_eq!((ids.len(), ids[0].1.as_str()), (1, id));
    assert_eq!(seen.body, "hello");
    host.stop().await;
}

#[tokio::test]
async fn a_forwarded_request_has_the_clients_headers_and_ids_added() {
    let handler = RawHandler::start(OK).await;
    let (host, _folder) = host_with(&handler, json!({ "enableForwardingHttpRequest": true })).await;
    assert_eq!(ask(&host, Body::from("hello")).await.status, 200);
    let seen = handler.request(1).await;
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/a%20b?x=1,2&y=%2B"));
    let clients = ["content-type", "content-length", "x-custom", "te", "connection", "forwarded"];
    let forged = ["x-forwarded-for", "x-forwarded-proto", "x-ms-invocation-id"];
    assert_eq!(names_of(&seen), with(with(names(&envelope("http_forwarding")), &clients), &forged));
    assert_eq!(seen.header("host"), Some("shop.example:8080"));
    assert_eq!(seen.header("user-agent"), Some(format!("curl/8.5.0 Azure-Functions-Host/{HOST_VERSION}").as_str()));
    assert_eq!(seen.header("x-forwarded-for"), Some("1.2.3.4"));
    let ids: Vec<_> = seen.headers.iter().filter(|(name, _)| name == "x-azure-functions-invocationid").collect();
    assert_eq!((ids.len(), ids[0].1.as_str()), (2, "mine"), "the client's own comes first");
    assert_eq!(seen.body, "hello");
    host.stop().await;
}

#[tokio::test]
async fn the_default_mode_sends_http_as_a_value_to_the_functions_name() {
    let handler = RawHandler::start(OK).await;
    let (host, _folder) = host_with(&handler, json!({})).await;
    assert_eq!(ask(&host, Body::from(r#"{"x":"payload"}"#)).await.status, 204);
    let seen = handler.request(1).await;
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/all"));
    assert_eq!(names_of(&seen), names(&envelope("default_invocation")));
    let body: Value = serde_json::from_str(seen.unchunked()).unwrap();
    let request = &body["Data"]["req"];
    assert_eq!(request["Url"], "http://shop.example:8080/api/a%20b?x=1&x=2&y=%2B");
    assert_eq!(request["Query"], json!({ "x": "1,2", "y": "+" }));
    assert_eq!(request["Params"], json!({ "path": "a b" }));
    assert_eq!(request["Headers"]["X-Custom"], json!(["kept"]));
    assert_eq!(request["Body"], r#"{"x":"payload"}"#);
    assert_eq!(body["Metadata"]["x"], "\"2\"", "the query has won over the body");
    host.stop().await;
}
