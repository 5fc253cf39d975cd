use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Clock, Environment, Functions, HttpFunction, Invocation, LocalQueue, Mode, Outcome, QueueMessage, RuntimeError,
    SettingLookup, TimerTick, check_manifests, run, start,
};

// In an application each of these is the file `<name>/function.json`, taken in by `include_str!`.
const GREET: &str = r#"{"bindings": [
  {"type": "httpTrigger", "name": "req", "direction": "in", "authLevel": "anonymous", "methods": ["get"], "route": "greet/{name}"},
  {"type": "http", "name": "res", "direction": "out"}]}"#;
const PRINT: &str = r#"{"bindings": [
  {"type": "queueTrigger", "name": "item", "direction": "in", "queueName": "print-jobs", "connection": "AzureWebJobsStorage"}]}"#;
const SWEEP: &str = r#"{"bindings": [
  {"type": "timerTrigger", "name": "timer", "direction": "in", "schedule": "0 */5 * * * *", "runOnStartup": false}]}"#;

#[derive(Serialize, Deserialize)]
struct PrintJob {
    pages: u32,
}

/// An HTTP function is an axum router with whole paths.
fn greet() -> HttpFunction {
    async fn hello(Path(name): Path<String>, Extension(call): Extension<Invocation>) -> String {
        format!("hello {name}, this is call {}", call.id())
    }
    HttpFunction::new(Router::new().route("/api/greet/{name}", get(hello))).endpoint(Method::GET, "/api/greet/{name}")
}

/// A queue function takes a typed payload and says how it ended.
async fn print(message: QueueMessage<PrintJob>, call: Invocation) -> Outcome {
    match message.payload.pages {
        0 => Outcome::fail("there is nothing to print"),
        pages if pages > 100 && !message.is_last_delivery() => Outcome::retry("the printer is busy"),
        pages => {
            call.log(format!("printed {pages} pages"));
            Outcome::Done
        }
    }
}

/// A timer function is told whether it comes late.
async fn sweep(tick: TimerTick, _call: Invocation) -> Outcome {
    tracing::info!(late = tick.is_past_due, "sweeping");
    Outcome::Done
}

/// The whole table. The clock comes from outside; the queue is for running alone.
fn application(queue: &LocalQueue) -> Functions {
    Functions::new()
        .http("greet", GREET, greet())
        .queue("print", PRINT, print)
        .timer("sweep", SWEEP, sweep)
        .local_queue(queue.clone())
}

/// `main`: under the host if it says so, else alone at this address.
async fn serve(settings: SettingLookup, clock: fn() -> SystemTime) -> Result<ExitCode, RuntimeError> {
    let environment =
        Environment::detect(settings, Arc::new(clock))?.listening_on(SocketAddr::from(([127, 0, 0, 1], 8080)));
    let queue = LocalQueue::new("print-jobs", Arc::clone(&environment.clock));
    run(application(&queue), environment).await
}

/// A test: no waiting for schedules and queues.
#[tokio::test]
async fn everything_is_reached_by_hand() {
    let clock: Arc<dyn Clock> = Arc::new(|| SystemTime::UNIX_EPOCH);
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let environment = Environment::new(Mode::Standalone { address }, clock);
    let queue = LocalQueue::new("print-jobs", Arc::clone(&environment.clock));
    let server = start(application(&queue), environment).await.unwrap();
    let standalone = server.standalone().unwrap();
    assert_eq!(standalone.run_timer("sweep").await.unwrap(), Outcome::Done);
    queue.send(&PrintJob { pages: 3 }).unwrap();
    standalone.drain_queues().await;
    assert_eq!((queue.waiting(), queue.poisoned().len()), (0, 0));
    server.stop().await;
}

#[test]
fn folders_and_code_agree() {
    let queue = LocalQueue::new("print-jobs", Arc::new(|| SystemTime::UNIX_EPOCH));
    let folders = [("greet", GREET), ("print", PRINT), ("sweep", SWEEP)];
    assert_eq!(check_manifests(&application(&queue), folders), []);
}

#[tokio::test]
async fn a_setting_that_means_nothing_ends_main_with_an_error() {
    let settings: SettingLookup = Arc::new(|_| Some("a port".to_owned()));
    assert!(serve(settings, || SystemTime::UNIX_EPOCH).await.is_err());
}
