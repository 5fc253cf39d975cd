//! Manifests, environments and a client of bare bytes, which several tests share.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::clock::fake::FakeClock;
use super::environment::{Environment, Mode};
use super::outcome::Outcome;

pub(crate) const HTTP_JSON: &str = r#"{"bindings": [
    {"type": "httpTrigger", "name": "req", "direction": "in", "authLevel": "anonymous", "methods": ["get"], "route": "hello"},
    {"type": "http", "name": "res", "direction": "out"}]}"#;

pub(crate) const QUEUE_JSON: &str = r#"{"bindings": [
    {"type": "queueTrigger", "name": "item", "direction": "in", "queueName": "jobs", "connection": "AzureWebJobsStorage"}]}"#;

pub(crate) const TIMER_JSON: &str = r#"{"bindings": [
    {"type": "timerTrigger", "name": "timer", "direction": "in", "schedule": "0 */5 * * * *"}]}"#;

pub(crate) async fn done() -> Outcome {
    Outcome::Done
}

/// Under a host that has given a free port.
pub(crate) fn under_host() -> Environment {
    Environment::new(Mode::Handler { port: 0 }, FakeClock::new())
}

/// Alone at a free port.
pub(crate) fn alone() -> Environment {
    Environment::new(Mode::Standalone { address: SocketAddr::from(([127, 0, 0, 1], 0)) }, FakeClock::new())
}

/// Sends bytes and reads until the other side closes: head and body of everything it said.
pub(crate) async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_close(&mut stream).await
}

pub(crate) async fn read_to_close(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("not closed").unwrap();
    String::from_utf8(answer).unwrap()
}

/// A request head with `Host` and `Connection: close`, and more lines if given (each ended by CR LF).
pub(crate) fn head(request_line: &str, more: &str) -> String {
    format!("{request_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
}

/// An invocation as the host posts it.
pub(crate) fn invocation(function: &str, more: &str, body: &str) -> String {
    let length = body.len();
    let headers = format!(
        "Content-Type: application/json; charset=utf-8\r\nX-Azure-Functions-HostVersion: 4.1052.200\r\n\
         X-Azure-Functions-InvocationId: 1f8a1c0e\r\nContent-Length: {length}\r\n{more}"
    );
    head(&format!("POST /{function}"), &headers) + body
}
