//! One call of one function: its identity, its log lines for the platform, and the guard around it.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use http::HeaderMap;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::outcome::Outcome;

/// Carries the platform's id of the invocation, on proxied requests and on triggers alike.
pub(super) const INVOCATION_ID: &str = "x-azure-functions-invocationid";

const LOG_LINES_KEPT: usize = 100;
const LONGEST_ID: usize = 64;

/// The call that is being answered. Queue and timer functions get it as an argument; HTTP handlers find it among the
/// request's extensions: `Extension(invocation): Extension<Invocation>`.
#[derive(Debug, Clone)]
pub struct Invocation {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: Box<str>,
    function: Arc<str>,
    log: Mutex<Vec<String>>,
}

impl Invocation {
    pub(super) fn new(id: Box<str>, function: Arc<str>) -> Self {
        Self { shared: Arc::new(Shared { id, function, log: Mutex::default() }) }
    }

    /// The platform's id of this call; alone, `local-` and a number that is unique in the process.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Name of the function.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.shared.function
    }

    /// Adds a line to the platform's log of this very call, where a queue or timer function succeeds under the host.
    /// Everywhere else the line is dropped; what matters in all ways of running goes to `tracing`.
    pub fn log(&self, line: impl Into<String>) {
        let mut log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() < LOG_LINES_KEPT {
            log.push(line.into());
        }
    }

    pub(super) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every line logged during the call stands in this span.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!("invocation", function = self.function(), invocation_id = self.id())
    }
}

/// Where ids come from: the platform's header if it is to be trusted, else a counter.
#[derive(Debug)]
pub(super) enum InvocationIds {
    Platform(AtomicU64),
    Local(AtomicU64),
}

impl InvocationIds {
    pub(super) fn platform() -> Arc<Self> {
        Arc::new(Self::Platform(AtomicU64::new(0)))
    }

    pub(super) fn local() -> Arc<Self> {
        Arc::new(Self::Local(AtomicU64::new(0)))
    }

    /// The id of a request. The last header counts: the platform appends its own where it does not overwrite.
    pub(super) fn of(&self, headers: &HeaderMap) -> Box<str> {
        let header = match self {
            Self::Platform(_) => headers.get_all(INVOCATION_ID).iter().next_back(),
            Self::Local(_) => None,
        };
        header.and_then(|value| value.to_str().ok()).filter(|id| is_plain(id)).map_or_else(|| self.next(), Box::from)
    }

    /// An id of our own.
    pub(super) fn next(&self) -> Box<str> {
        let (Self::Platform(counter) | Self::Local(counter)) = self;
        let number = counter.fetch_add(1, Ordering::Relaxed) + 1;
        format!("local-{number}").into()
    }
}

/// Whether an id may stand in a log line.
fn is_plain(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Runs a queue or timer function: within the span of its invocation, a panic caught, its end logged once.
pub(super) async fn run_guarded(span: Span, call: impl Future<Output = Outcome> + Send) -> Outcome {
    let guarded = async {
        let started = Instant::now();
        let outcome = AssertUnwindSafe(call)
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Outcome::Retry(format!("the function panicked: {}", panic_text(panic.as_ref()))));
        let elapsed_ms = started.elapsed().as_millis();
        match &outcome {
            Outcome::Done => tracing::debug!(elapsed_ms, "invocation done"),
            Outcome::Retry(reason) => tracing::warn!(elapsed_ms, reason, "invocation is to be retried"),
            Outcome::Fail(reason) => tracing::error!(elapsed_ms, reason, "invocation failed"),
        }
        outcome
    };
    guarded.instrument(span).await
}

/// What a panic said, if it said it in words.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (INVOCATION_ID.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn the_platforms_id_is_the_last_one() {
        let ids = InvocationIds::platform();
        assert_eq!(&*ids.of(&headers(&["forged", "1f8a1c0e-6e0c"])), "1f8a1c0e-6e0c");
    }

    #[test]
    fn an_id_unfit_for_a_log_line_is_replaced() {
        let ids = InvocationIds::platform();
        assert_eq!(&*ids.of(&headers(&["a b"])), "local-1");
        assert_eq!(&*ids.of(&headers(&[&"a".repeat(65)])), "local-2");
        assert_eq!(&*ids.of(&headers(&[])), "local-3");
    }

    #[test]
    fn alone_the_header_of_a_client_means_nothing() {
        assert_eq!(&*InvocationIds::local().of(&headers(&["forged"])), "local-1");
    }

    #[tokio::test]
    async fn a_panic_becomes_a_retry() {
        let invocation = Invocation::new("1".into(), "f".into());
        let outcome = run_guarded(invocation.span(), async { panic!("out of {}", "cheese") }).await;
        assert_eq!(outcome, Outcome::retry("the function panicked: out of cheese"));
    }

    #[test]
    fn the_log_is_bounded_and_taken_once() {
        let invocation = Invocation::new("1".into(), "f".into());
        for number in 0..LOG_LINES_KEPT + 5 {
            invocation.clone().log(number.to_string());
        }
        assert_eq!(invocation.take_log().len(), LOG_LINES_KEPT);
        assert!(invocation.take_log().is_empty());
    }
}
