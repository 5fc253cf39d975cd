//! A handler that runs already: everything is as with one that was launched, but its process is not the host's.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use time::macros::datetime;

use super::{
    raw_handler::RawHandler,
    support::{all_paths, get, options, queue_function, soon, staged, timer_function},
};
use crate::host::{Clock, HandlerSource, Host, HostOptions, queue_store::QueueStore as _};

const ANSWER: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// A folder without an executable, and options to stand before the handler.
fn before(handler: &RawHandler) -> (HostOptions, TempDir) {
    let host_json = json!({ "version": "2.0", "customHandler": {
        "description": { "defaultExecutablePath": "not-there" }, "enableProxyingHttpRequest": true,
    } });
    let mut functions = all_paths();
    functions.push(("tick", timer_function("*/1 * * * * *", false)));
    functions.push(("job", queue_function()));
    let folder = staged(&host_json, &functions);
    let mut options = options(&folder);
    options.handler = HandlerSource::Attached { port: handler.port };
    (options, folder)
}

#[tokio::test]
async fn an_attached_handler_is_probed_called_and_left_running() {
    let handler = RawHandler::start(ANSWER).await;
    let (mut options, _folder) = before(&handler);
    options.clock = Clock::standing_at(datetime!(2026-03-01 10:00 UTC));
    options.queues.create("jobs").await.unwrap();
    let host = Host::start(options.clone()).await.unwrap();
    assert_eq!(soon(get(host.address(), "/api/x?y=1")).await.text(), "{}");
    assert_eq!(handler.request(0).await.target, "/", "the probe comes first");
    let proxied = handler.request(1).await;
    assert_eq!((proxied.target.as_str(), proxied.header("x-forwarded-for")), ("/api/x?y=1", Some("127.0.0.1")));
    soon(host.fire_timer("tick")).await.unwrap();
    assert_eq!(handler.request(2).await.target, "/tick", "as a clock that stands still lets no timer tick by itself");
    options.queues.send("jobs", "e30=").await.unwrap();
    assert_eq!(handler.request(3).await.target, "/job");
    host.stop().await;
    let again = Host::start(options).await.unwrap();
    assert_eq!(soon(get(again.address(), "/api/x")).await.status, 200, "the handler outlives its host");
    again.stop().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_does_not_detach_the_handler() {
    let handler = RawHandler::start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let (mut options, _folder) = before(&handler);
    options.clock = Clock::standing_at(datetime!(2026-03-01 10:00 UTC));
    options.timings.function_timeout = Some(Duration::from_millis(200));
    let host = Host::start(options).await.unwrap();
    assert!(soon(host.fire_timer("tick")).await.is_err(), "an empty answer hangs");
    assert_eq!(soon(get(host.address(), "/api/x")).await.status, 200);
    host.stop().await;
}
