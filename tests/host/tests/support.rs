//! Staged folders, handlers and a client for the tests of the emulator.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::{Host, HostOptions, Timings, client::client};

/// A file of `tests/data/host`, without the line's end.
pub fn data(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/host");
    std::fs::read_to_string(folder.join(name)).unwrap().trim_end().to_owned()
}

/// A folder with `host.json` and a `function.json` for each function.
pub fn staged(host_json: &Value, functions: &[(&str, Value)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("host.json"), host_json.to_string()).unwrap();
    for (name, manifest) in functions {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("function.json"), manifest.to_string()).unwrap();
    }
    folder
}

/// A `host.json` for the fake handler with these members of `customHandler` and `extensions` beside.
pub fn host_json(handler: Value, extensions: Value) -> Value {
    let mut handler = handler;
    handler["description"] = json!({
        "defaultExecutablePath": std::env::current_exe().unwrap(),
        "arguments": ["--exact", "host::tests::fake_handler::serve", "--ignored", "--nocapture"],
    });
    json!({ "version": "2.0", "customHandler": handler, "extensions": extensions })
}

/// A `host.json` for the fake handler, proxied.
pub fn proxying() -> Value {
    host_json(json!({ "enableProxyingHttpRequest": true }), json!({}))
}

/// An anonymous HTTP function with an HTTP output.
pub fn http_function(route: &str, methods: Value) -> Value {
    json!({ "bindings": [
        { "name": "req", "type": "httpTrigger", "direction": "in", "authLevel": "anonymous", "methods": methods, "route": route },
        { "name": "res", "type": "http", "direction": "out" },
    ] })
}

/// Functions for every path below `/api`.
pub fn all_paths() -> Vec<(&'static str, Value)> {
    vec![("all", http_function("{*path}", json!(["get", "head", "post", "put", "options"])))]
}

pub fn queue_function() -> Value {
    json!({ "bindings": [{ "name": "item", "type": "queueTrigger", "direction": "in", "queueName": "jobs" }] })
}

pub fn timer_function(schedule: &str, run_on_startup: bool) -> Value {
    json!({ "bindings": [
        { "name": "timer", "type": "timerTrigger", "direction": "in", "schedule": schedule, "runOnStartup": run_on_startup },
    ] })
}

/// Options for a staged folder, with times that suit tests.
pub fn options(folder: &TempDir) -> HostOptions {
    let mut options = HostOptions::new(folder.path()).with_setting("FAKE_HANDLER", "on");
    options.timings = Timings {
        drain: Duration::from_secs(2),
        proxy_retry: Duration::from_millis(20),
        queue_poll: Duration::from_millis(5),
        ..Timings::default()
    };
    options
}

/// A host with the fake handler behind every path below `/api`, proxied.
pub async fn proxied_host() -> (Host, TempDir) {
    let folder = staged(&proxying(), &all_paths());
    (Host::start(options(&folder)).await.unwrap(), folder)
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?} is not JSON"))
    }
}

/// Sends a request; the answer's body is still to be read.
pub async fn send(address: SocketAddr, request: http::request::Builder, body: Body) -> Response<hyper::body::Incoming> {
    let request: Request<Body> = request.body(body).unwrap();
    let (mut parts, body) = request.into_parts();
    parts.uri = format!("http://{address}{}", parts.uri).parse().unwrap();
    client().request(Request::from_parts(parts, body)).await.unwrap()
}

pub async fn whole(response: Response<hyper::body::Incoming>) -> Answer {
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    whole(send(address, Request::get(path), Body::empty()).await).await
}

pub async fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    whole(send(address, Request::post(path), Body::from(body.to_owned())).await).await
}

/// Whether a process is alive: not gone, and not a zombie.
pub fn is_alive(process_id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// The result, or a panic after ten seconds.
pub async fn soon<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("it takes too long")
}
