//! The correlation id: in every answer, in every problem document, in every log line of a request.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::TraceContextExt as _;
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::Problem;
use crate::services::Ids;

/// The header's name.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Gives the request its id, runs it in a span of its own, and writes problems out.
pub async fn correlate(State(ids): State<Ids>, request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(|| new_id(&ids));
    let trace_id = trace_id(request.headers()).or_else(exported_trace_id);
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = %request.uri().path(),
        correlation_id = %id,
        trace_id,
        user_id = tracing::field::Empty,
        session_id = tracing::field::Empty,
    );
    async move {
        let mut response = next.run(request).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let mut written = problem.render(&id);
            for (name, value) in response.headers() {
                written.headers_mut().entry(name.clone()).or_insert_with(|| value.clone());
            }
            tracing::info!(status = written.status().as_u16(), code = problem.code().as_str(), "request refused");
            response = written;
        } else {
            tracing::debug!(status = response.status().as_u16(), "request answered");
        }
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(CORRELATION_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

/// An id for a request that brought none.
#[must_use]
pub fn new_id(ids: &Ids) -> String {
    format!("evt_{}", ids.next().simple())
}

/// The client's own id: 8 to 128 letters, digits, `.`, `_` or `-`, so that it can stand in logs as it is.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(CORRELATION_ID)?.to_str().ok()?;
    let well_formed = (8..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    well_formed.then(|| id.to_owned())
}

/// The trace id of a W3C `traceparent`.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let hexadecimal = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let valid = version.len() == 2
        && version != "ff"
        && trace.len() == 32
        && parent.len() == 16
        && [version, trace, parent].into_iter().all(hexadecimal)
        && trace.bytes().any(|byte| byte != b'0');
    valid.then(|| trace.to_owned())
}

/// The id under which this request's trace is exported, if it is.
fn exported_trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &'static str, value: &str) -> HeaderMap {
        [(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())].into_iter().collect()
    }

    #[test]
    fn only_well_formed_ids_are_taken_over() {
        assert_eq!(given_id(&header("x-correlation-id", "order-4711")).as_deref(), Some("order-4711"));
        for bad in ["short", "with space and more", "quote\"quote\"", &"x".repeat(129)] {
            assert_eq!(given_id(&header("x-correlation-id", bad)), None, "{bad}");
        }
    }

    #[test]
    fn a_valid_traceparent_gives_its_trace_id() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        let parent = format!("00-{id}-b7ad6b7169203331-01");
        assert_eq!(trace_id(&header("traceparent", &parent)).as_deref(), Some(id));
        for bad in ["00-0-0-0", &parent.to_uppercase(), &parent.replace(id, &"0".repeat(32)), "ff"] {
            assert_eq!(trace_id(&header("traceparent", bad)), None, "{bad}");
        }
    }
}
