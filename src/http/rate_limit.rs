//! The rate limit of client addresses, as a layer.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue};

use super::{AppState, Problem, ProblemCode, client_address::client_address};
use crate::domain::rate::Decision;

/// Counts the request and refuses it if its address has used up its quota. Every answer says how much is left.
pub async fn limit_rate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let address = client_address(&parts, state.http.client_ip_header.as_ref());
    let decision = match state.services.rate_limit.take(&address).await {
        Ok(decision) => decision,
        Err(error) => return Problem::from(error).into_response(),
    };
    let mut response = if decision.allowed {
        next.run(Request::from_parts(parts, body)).await
    } else {
        Problem::of(ProblemCode::RateLimited).retry_after(decision.retry_after).into_response()
    };
    describe(decision, &mut response);
    response
}

fn describe(decision: Decision, response: &mut Response) {
    let seconds = |span: Duration| u64::try_from(span.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(decision.limit));
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(decision.remaining));
    headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(seconds(decision.reset_after)));
}
