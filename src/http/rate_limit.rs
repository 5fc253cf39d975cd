//! The rate limit of client addresses, as a layer.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue};

use super::{AppState, Problem, ProblemCode, client_address::client_address, problem::in_seconds};
use crate::{domain::rate::Decision, services::auth::rate_limit::Bucket};

/// Counts the request in its bucket and refuses it if its address has used up its quota there. Every answer says how much is left.
pub async fn limit_rate(State((state, bucket)): State<(AppState, Bucket)>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let address = client_address(&parts, state.http.client_ip_header.as_ref());
    let decision = match state.services.rate_limit.take(bucket, &address).await {
        Ok(decision) => decision,
        Err(error) => return Problem::from(error).into_response(),
    };
    let mut response = if decision.allowed {
        next.run(Request::from_parts(parts, body)).await
    } else {
        let what = match bucket {
            Bucket::Requests => "requests",
            Bucket::Logouts => "logouts",
        };
        let detail = format!(
            "{} {what} in a minute may come from one address, and more came from yours; wait {}",
            decision.limit,
            in_seconds(decision.retry_after)
        );
        Problem::new(ProblemCode::RateLimited, detail).retry_after(decision.retry_after).into_response()
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
