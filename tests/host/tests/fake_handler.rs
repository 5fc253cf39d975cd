//! A handler that does as it is told. It is this test binary, launched by the emulator to run the one "test" below.

use std::{io::Write as _, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use bytes::Bytes;
use http::{StatusCode, header};
use serde_json::{Value, json};

/// Serves until it is killed, if a host has launched it. `FAKE_START` says how it begins.
#[test]
#[ignore = "the handler of other tests, launched by their hosts"]
fn serve() {
    if std::env::var("FAKE_HANDLER").is_err() {
        return;
    }
    let start = std::env::var("FAKE_START").unwrap_or_default();
    match start.split_once(':') {
        Some(("exit", code)) => leave(code.parse().unwrap()),
        Some(("slow", milliseconds)) => std::thread::sleep(Duration::from_millis(milliseconds.parse().unwrap())),
        Some(("late-exit", code)) => {
            std::thread::sleep(Duration::from_millis(50));
            leave(code.parse().unwrap());
        }
        _ if start == "never" => std::thread::sleep(Duration::from_secs(600)),
        _ => {}
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(listen());
}

fn leave(code: i32) -> ! {
    eprintln!("leaving with {code}");
    std::process::exit(code);
}

async fn listen() {
    let port = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").unwrap();
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
    let router = Router::new()
        .route("/", get(|| async { "ready" }))
        .route("/{function}", post(invoked))
        .route("/api/echo", any(echo))
        .route("/api/echo/{*path}", any(echo))
        .route("/api/stream", post(|request: Request| async { request.into_body() }))
        .route("/api/exit/{code}", any(exit))
        .route("/api/hold/{milliseconds}", any(hold))
        .route("/api/first-byte", get(first_byte))
        .route("/api/drip", get(drip))
        .route("/api/lines", get(lines))
        .route("/api/environment", get(environment));
    axum::serve(listener, router).await.unwrap();
}

/// Answers an invocation as its body asks for: `fail`, `hang`, `slow`, `crawl`, or with success at once.
async fn invoked(Path(function): Path<String>, body: String) -> Response {
    say(&format!("invoked {function} {body}"));
    let asks_for = |word: &str| body.contains(word);
    if asks_for("hang") {
        return StatusCode::OK.into_response();
    }
    if asks_for("fail") {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if asks_for("slow") {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    if asks_for("crawl") {
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    let res = json!({ "statusCode": "201", "headers": { "x-from": "handler" }, "body": { "ok": true } });
    Json(json!({ "Outputs": { "res": res }, "Logs": [format!("done {function}")] })).into_response()
}

/// Tells what has arrived.
async fn echo(request: Request) -> Json<Value> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect();
    Json(json!({
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": headers,
        "length": body.len(),
        "process": std::process::id(),
        "group": std::env::var("FUNCTIONS_TARGET_GROUP").ok(),
    }))
}

/// Answers, and ends a moment later.
async fn exit(Path(code): Path<i32>) -> &'static str {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        leave(code);
    });
    "leaving"
}

/// Answers after a while, and says so if nobody waits any more.
async fn hold(Path(milliseconds): Path<u64>) -> String {
    struct Dropped;
    impl Drop for Dropped {
        fn drop(&mut self) {
            say("nobody waits");
        }
    }
    say("holding");
    let dropped = Dropped;
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    std::mem::forget(dropped);
    std::process::id().to_string()
}

/// One byte, and nothing more for a long time.
async fn first_byte() -> Body {
    let never = futures::stream::pending();
    let first = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"1"))]);
    Body::from_stream(futures::StreamExt::chain(first, never))
}

/// Four bytes, 200 ms apart.
async fn drip() -> Body {
    Body::from_stream(futures::stream::unfold(0, |count| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        (count < 4).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(b"x")), count + 1))
    }))
}

async fn lines() -> &'static str {
    say("an error on stdout");
    eprintln!("a plain line on stderr");
    eprintln!("a WARNing on stderr");
    "said"
}

async fn environment() -> Response {
    let variables: serde_json::Map<_, _> = std::env::vars().map(|(name, value)| (name, value.into())).collect();
    let folder = std::env::current_dir().unwrap();
    let body = json!({ "variables": variables, "folder": folder }).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Writes a line past the capture of the test runner.
fn say(line: &str) {
    let mut output = std::io::stdout();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}
