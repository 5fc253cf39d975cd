//! Trigger functions under the host: `POST /{function name}` to the function and its outcome to the answer.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use tracing::Span;

use super::functions::{QueueAction, TimerAction};
use super::invocation::{Invocation, InvocationIds, run_guarded};
use super::manifest::{DataType, QueueTrigger, TimerTrigger};
use super::outcome::Outcome;
use super::queue_message::{RawMessage, Wrapping};
use super::timer_tick::TimerTick;
use super::trace::follow_request;
use super::wire::{InvocationRequest, failure, is_from_host, queue_answer, timer_answer};

/// A queue message has at most 64 KiB, which three encodings and the merged metadata multiply.
const LARGEST_INVOCATION: usize = 4 * 1024 * 1024;

/// The trigger functions by name.
#[derive(Default)]
pub(super) struct Triggers {
    by_name: HashMap<Arc<str>, Trigger>,
}

/// One trigger function: the name under which its data comes, and what to call.
pub(super) struct Trigger {
    binding: String,
    kind: TriggerKind,
}

enum TriggerKind {
    Queue { wrapping: Wrapping, max_dequeue_count: u32, action: QueueAction },
    Timer { action: TimerAction },
}

/// What a request to a trigger's path is.
pub(super) enum Claim<'a> {
    /// Nothing for a trigger.
    None,
    /// The path of a trigger, but not from the host.
    Forged,
    /// An invocation.
    Genuine(&'a Arc<str>, &'a Trigger),
}

impl Triggers {
    pub(super) fn new(
        queues: Vec<(Arc<str>, QueueTrigger, QueueAction)>,
        timers: Vec<(Arc<str>, TimerTrigger, TimerAction)>,
        max_dequeue_count: u32,
    ) -> Self {
        let queues = queues.into_iter().map(|(name, declared, action)| {
            let binary = declared.data_type == Some(DataType::Binary);
            let wrapping = if binary { Wrapping::Base64 } else { Wrapping::Text };
            let kind = TriggerKind::Queue { wrapping, max_dequeue_count, action };
            (name, Trigger { binding: declared.name, kind })
        });
        let timers = timers.into_iter().map(|(name, declared, action)| {
            (name, Trigger { binding: declared.name, kind: TriggerKind::Timer { action } })
        });
        Self { by_name: queues.chain(timers).collect() }
    }

    /// Judges a request by method, path and headers. The names of triggers are taken for `POST` even where a router serves
    /// the same path.
    pub(super) fn claim(&self, request: &Request) -> Claim<'_> {
        if request.method() != Method::POST {
            return Claim::None;
        }
        let path = request.uri().path();
        match self.by_name.get_key_value(path.strip_prefix('/').unwrap_or(path)) {
            None => Claim::None,
            Some(_) if !is_from_host(request.headers()) => Claim::Forged,
            Some((name, trigger)) => Claim::Genuine(name, trigger),
        }
    }
}

impl Trigger {
    /// Runs the function on what the request holds. Whatever happens, the answer is one that the host understands.
    pub(super) async fn invoke(&self, function: &Arc<str>, ids: &InvocationIds, request: Request) -> Response {
        let invocation = Invocation::new(ids.of(request.headers()), Arc::clone(function));
        let span = invocation.span();
        follow_request(&span, request.headers());
        let data = match read_request(request).await {
            Ok(data) => data,
            Err(reason) => {
                tracing::error!(%function, invocation_id = invocation.id(), reason, "the host's request cannot be read");
                return failure(reason);
            }
        };
        match &self.kind {
            TriggerKind::Queue { wrapping, max_dequeue_count, action } => {
                let message = data
                    .data
                    .get(&self.binding)
                    .ok_or_else(|| self.missing())
                    .and_then(|value| RawMessage::from_wire(value, *wrapping, &data.metadata, *max_dequeue_count));
                let outcome = run_or_retry(span, message, |message| action(message, invocation.clone())).await;
                queue_answer(outcome, invocation.take_log())
            }
            TriggerKind::Timer { action } => {
                let tick = data.data.get(&self.binding).ok_or_else(|| self.missing()).and_then(|value| {
                    TimerTick::from_wire(value).map_err(|error| format!("the tick cannot be read: {error}"))
                });
                let outcome = run_or_retry(span, tick, |tick| action(tick, invocation.clone())).await;
                timer_answer(outcome, invocation.take_log())
            }
        }
    }

    fn missing(&self) -> String {
        format!("the host sent no data named {:?}", self.binding)
    }
}

async fn run_or_retry<T: Send, F: Future<Output = Outcome> + Send>(
    span: Span,
    input: Result<T, String>,
    action: impl Fn(T) -> F + Send + Sync,
) -> Outcome {
    let call = async {
        match input {
            Ok(input) => action(input).await,
            Err(reason) => Outcome::Retry(reason),
        }
    };
    run_guarded(span, call).await
}

async fn read_request(request: Request) -> Result<InvocationRequest, String> {
    let body = to_bytes(request.into_body(), LARGEST_INVOCATION).await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::{get, post};
    use serde::Deserialize;
    use serde_json::Value;

    use crate::runtime::testing::{HTTP_JSON, QUEUE_JSON, TIMER_JSON, exchange, head, invocation, under_host};
    use crate::runtime::{Functions, Outcome, QueueMessage, Server, start};

    const QUEUE_BODY: &str = include_str!("../../tests/data/host/queue-request.json");
    const TIMER_BODY: &str = include_str!("../../tests/data/host/timer-request-pastdue-firstrun.json");

    #[derive(Deserialize)]
    struct Job {
        job_id: String,
    }

    async fn server(outcome: Outcome) -> Server {
        let router = Router::new().route("/clean", get(|| async { "page" }).post(|| async { "form" }));
        let router = router.route("/api/echo", post(|body: String| async { body }));
        let functions = Functions::new()
            .http("web", HTTP_JSON, router)
            .queue("worker", QUEUE_JSON, move |message: QueueMessage<Job>, invocation| {
                let outcome = outcome.clone();
                async move {
                    invocation.log(format!("{} {}", invocation.id(), message.payload.job_id));
                    outcome
                }
            })
            .timer("clean", TIMER_JSON, |tick, _| async move {
                if tick.is_past_due { Outcome::Done } else { panic!("on time") }
            });
        start(functions, under_host()).await.unwrap()
    }

    async fn invoke(server: &Server, request: &str) -> (String, Value) {
        let answer = exchange(server.address(), request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    #[tokio::test]
    async fn a_queue_function_is_called_and_answers_by_the_contract() {
        let server = server(Outcome::Done).await;
        let (head, body) = invoke(&server, &invocation("worker", "", QUEUE_BODY)).await;
        assert!(head.starts_with("http/1.1 200") && head.contains("content-type: application/json"), "{head}");
        assert_eq!(body, serde_json::json!({"Outputs": {}, "Logs": ["1f8a1c0e a1b2"], "ReturnValue": null}));
    }

    #[tokio::test]
    async fn a_chunked_body_is_read() {
        let server = server(Outcome::Done).await;
        let headers = "Content-Type: application/json; charset=utf-8\r\nX-Azure-Functions-InvocationId: 1\r\n\
                       Transfer-Encoding: chunked\r\n";
        let chunks = format!("{:x}\r\n{QUEUE_BODY}\r\n0\r\n\r\n", QUEUE_BODY.len());
        let (head, _) = invoke(&server, &(head("POST /worker", headers) + &chunks)).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
    }

    #[tokio::test]
    async fn a_retry_is_a_failure_of_the_invocation() {
        let server = server(Outcome::retry("busy")).await;
        let (head, body) = invoke(&server, &invocation("worker", "", QUEUE_BODY)).await;
        assert!(head.starts_with("http/1.1 500"), "{head}");
        assert_eq!(body["Logs"][0], "busy");
    }

    #[tokio::test]
    async fn a_timer_function_is_called_and_a_panic_is_a_failure() {
        let server = server(Outcome::Done).await;
        let (head, _) = invoke(&server, &invocation("clean", "", TIMER_BODY)).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let on_time = include_str!("../../tests/data/host/timer-request.json");
        let (head, body) = invoke(&server, &invocation("clean", "", on_time)).await;
        assert!(head.starts_with("http/1.1 500"), "{head}");
        assert_eq!(body["Logs"][0], "the function panicked: on time");
    }

    #[tokio::test]
    async fn what_cannot_be_read_fails_and_never_hangs() {
        let server = server(Outcome::Done).await;
        for body in ["", "{}", "null", r#"{"Data":{"item":"\"text\""},"Metadata":{}}"#, r#"{"Data":{"item":7}}"#] {
            let (head, answer) = invoke(&server, &invocation("worker", "", body)).await;
            assert!(head.starts_with("http/1.1 500") && answer.is_object(), "{body}: {head}");
        }
    }

    #[tokio::test]
    async fn only_the_host_reaches_a_trigger() {
        let server = server(Outcome::Done).await;
        for more in [
            "x-ms-invocation-id: 1\r\n",
            "X-Forwarded-For: 192.0.2.1\r\n",
            "X-Forwarded-Anything: 1\r\n",
            "X-Azure-Functions-InvocationId: 2\r\n",
        ] {
            let (head, _) = invoke(&server, &invocation("clean", more, TIMER_BODY)).await;
            assert!(head.starts_with("http/1.1 404"), "{more}: {head}");
        }
        let plain = head("POST /clean", "Content-Type: application/json\r\nContent-Length: 2\r\n") + "{}";
        assert!(invoke(&server, &plain).await.0.starts_with("http/1.1 404"));
    }

    #[tokio::test]
    async fn other_methods_and_paths_are_the_routers() {
        let server = server(Outcome::Done).await;
        assert!(exchange(server.address(), &head("GET /clean", "")).await.ends_with("page"));
        let proxied = head("POST /api/echo", "x-ms-invocation-id: 1\r\nContent-Length: 2\r\n") + "hi";
        assert!(exchange(server.address(), &proxied).await.ends_with("hi"));
    }
}
