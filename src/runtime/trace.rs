//! W3C trace context: whose trace a call belongs to, also across messages. Where no traces are exported none of this does anything.

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::{propagation::TextMapPropagator as _, trace::TraceContextExt as _};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const HEADER: &str = "traceparent";

/// Has a span that nobody has entered yet go on with the trace that the request names.
pub(super) fn follow_request(span: &Span, headers: &HeaderMap) {
    if headers.contains_key(HEADER) {
        // Fails where no traces are exported.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&HeaderExtractor(headers)));
    }
}

/// The same for the `traceparent` that a message brought. Where the span stands besides is kept as a link.
pub fn follow(span: &Span, trace_parent: &str) {
    let carrier = HashMap::from([(HEADER.to_owned(), trace_parent.to_owned())]);
    let brought = TraceContextPropagator::new().extract(&carrier);
    if brought.span().span_context().is_valid() && span.set_parent(brought).is_ok() {
        span.add_link(Span::current().context().span().span_context().clone());
    }
}

/// The `traceparent` of the current span, for a message that others go on with.
#[must_use]
pub fn trace_parent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove(HEADER)
}
