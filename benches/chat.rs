//! How soon an answer begins: the first byte of the stream, and the first words in it, beside a plain axum stream of server-sent events.
//!
//! ```sh
//! cargo bench --bench chat
//! ```
//!
//! The executable runs in a process of its own on the embedded stores; the model is a server of this process that answers at once, by a
//! script. Questions come one after the other over one kept connection, each to the end before the next, and each begins a conversation.
//! It fails where the first byte of one in twenty answers comes later than [`GOAL`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    reason = "a measuring program fails by panicking; it shares the model with the tests"
)]

#[path = "../tests/harness/model_server/mod.rs"]
mod model_server;

use std::{
    convert::Infallible,
    net::TcpListener,
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use axum::{
    Router,
    response::{Sse, sse::Event},
    routing::post,
};
use futures::stream;
use model_server::{ModelServer, Turn};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

const ASKED: usize = 300;
/// Asked before it is measured, until everything has been used once.
const WARM_UP: usize = 30;
/// What p95 may be.
const GOAL: Duration = Duration::from_millis(50);

const PASSWORD: &str = "an-admin-password";
const ROWS: usize = 1_000;

/// What was taken of the time of each question.
#[derive(Default)]
struct Times {
    first_byte: Vec<Duration>,
    first_words: Vec<Duration>,
    end: Vec<Duration>,
}

struct Service {
    child: Child,
    base: String,
    _folder: tempfile::TempDir,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(Box::pin(measure()))
}

async fn measure() -> ExitCode {
    let model = ModelServer::start().await;
    model.otherwise(answer);
    let client = Client::new();
    let plain = plain_stream().await;
    let service = Service::start(&client, &model).await;
    let token = service.with_tables(&client).await;
    let chat = |question: &str| {
        let body = json!({ "message": question, "stream": true }).to_string();
        let asked = client.post(format!("{}/api/chat", service.base)).bearer_auth(&token);
        asked.header("content-type", "application/json").body(body)
    };
    let rows = [
        ("a plain axum stream", times(|| client.post(&plain)).await),
        ("an answer in words", times(|| chat("Say hello.")).await),
        ("an answer by one statement", times(|| chat("Count the rows.")).await),
    ];
    println!("| {ASKED} times | first byte: median | p95 | first words: median | p95 | end: median |");
    println!("|---|---|---|---|---|---|");
    for (what, times) in &rows {
        let [byte, words, end] = [&times.first_byte, &times.first_words, &times.end].map(|times| figures(times));
        println!("| {what} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {:.1?} |", byte.0, byte.1, words.0, words.1, end.0);
    }
    let slowest = rows[1..].iter().map(|(_, times)| figures(&times.first_byte).1).max().unwrap();
    let (verdict, code) = if slowest <= GOAL { ("within", ExitCode::SUCCESS) } else { ("beyond", ExitCode::FAILURE) };
    println!("\nthe first byte of an answer, p95: {slowest:.1?}, {verdict} {GOAL:?}");
    code
}

/// What the model answers.
fn answer(asked: &Value) -> Turn {
    let messages = asked["messages"].as_array().unwrap();
    let last = messages.last().unwrap();
    let wants_statement = last["content"].as_str().is_some_and(|text| text.starts_with("Count"));
    match last["role"].as_str() {
        Some("tool") => Turn::says("There are 1000 [[q1:1:n]] of them."),
        _ if wants_statement => Turn::calls("run_sql", json!({ "sql": "SELECT count(*) AS n FROM record" })),
        _ => Turn::says("Hello, here I am, and at once."),
    }
}

/// A stream of the same form without anything behind it.
async fn plain_stream() -> String {
    let events = || async {
        let events =
            ["start", "delta", "done"].map(|name| Ok::<_, Infallible>(Event::default().event(name).data("{}")));
        Sse::new(stream::iter(events))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(events))).await });
    format!("http://{address}/")
}

impl Service {
    async fn start(client: &Client, model: &ModelServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_ret"))
            .env("RET_RUNTIME_ROOT", folder.path())
            .env("RET_HTTP_PORT", port.to_string())
            .env("RET_ADMIN_PASSWORD", PASSWORD)
            .env("RATE_LIMIT_PER_MINUTE", "1000000")
            .env("LOG_LEVEL", "warn")
            .envs(model.openai_settings())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let service = Self { child, base: format!("http://127.0.0.1:{port}"), _folder: folder };
        let health = format!("{}/api/health", service.base);
        let began = Instant::now();
        while client.get(&health).send().await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "the executable does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        service
    }

    /// Logs in and converts a table; the token.
    async fn with_tables(&self, client: &Client) -> String {
        let login = json!({ "username": "admin", "password": PASSWORD }).to_string();
        let asked = client.post(format!("{}/api/auth/login", self.base)).header("content-type", "application/json");
        let granted: Value = serde_json::from_str(&good(asked.body(login)).await.text().await.unwrap()).unwrap();
        let token = granted["access_token"].as_str().unwrap().to_owned();
        let record = |row: usize| format!("<record><id>{row}</id><name>name {row}</name></record>");
        let document = format!("<records>{}</records>", (0..ROWS).map(record).collect::<String>());
        let upload = client.put(format!("{}/api/upload/records.xml", self.base)).bearer_auth(&token);
        good(upload.body(document)).await;
        let convert = client.post(format!("{}/api/convert", self.base)).bearer_auth(&token);
        let converted = good(convert.header("prefer", "wait=30")).await.text().await.unwrap();
        assert!(converted.contains("succeeded"), "{converted}");
        token
    }
}

async fn good(request: RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{:?}", response.text().await);
    response
}

async fn times(request: impl Fn() -> RequestBuilder) -> Times {
    let mut times = Times::default();
    for number in 0..WARM_UP + ASKED {
        let request = request();
        let began = Instant::now();
        let mut response = good(request).await;
        let (mut first_byte, mut first_words, mut seen) = (None, None, String::new());
        while let Some(bytes) = response.chunk().await.unwrap() {
            first_byte.get_or_insert_with(|| began.elapsed());
            seen.push_str(&String::from_utf8_lossy(&bytes));
            if first_words.is_none() && seen.contains("event: delta") {
                first_words = Some(began.elapsed());
            }
        }
        assert!(seen.contains("event: done"), "{seen}");
        if number >= WARM_UP {
            times.first_byte.push(first_byte.unwrap());
            times.first_words.push(first_words.unwrap());
            times.end.push(began.elapsed());
        }
    }
    times
}

/// Median and 95th percentile.
fn figures(times: &[Duration]) -> (Duration, Duration) {
    let mut times = times.to_vec();
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 95 / 100])
}
