//! The wire contract of non-HTTP triggers: what the host posts and what it must be answered.
//!
//! The host takes an answer for success only if it is 2xx, `application/json` and a JSON object. An empty body, 204 or
//! `null` leaves the invocation hanging until the function times out, upon which the whole process is killed. So every
//! answer is made here, and always has the full object.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::invocation::INVOCATION_ID;
use super::outcome::Outcome;

/// What the host posts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InvocationRequest {
    #[serde(default)]
    pub(super) data: Map<String, Value>,
    #[serde(default)]
    pub(super) metadata: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InvocationResponse {
    outputs: Map<String, Value>,
    logs: Vec<String>,
    return_value: Option<Value>,
}

/// Success, with lines for the invocation's log.
pub(super) fn success(logs: Vec<String>) -> Response {
    answer(StatusCode::OK, logs)
}

/// Failure: the host drops body and all, and delivers again or records the failure.
pub(super) fn failure(reason: String) -> Response {
    answer(StatusCode::INTERNAL_SERVER_ERROR, vec![reason])
}

/// The answer for a message that was worked on. `Fail` is a success here: see [`Outcome`].
pub(super) fn queue_answer(outcome: Outcome, mut logs: Vec<String>) -> Response {
    match outcome {
        Outcome::Done => success(logs),
        Outcome::Fail(reason) => {
            logs.push(format!("failed for good: {reason}"));
            success(logs)
        }
        Outcome::Retry(reason) => failure(reason),
    }
}

/// The answer for a tick.
pub(super) fn timer_answer(outcome: Outcome, logs: Vec<String>) -> Response {
    match outcome {
        Outcome::Done => success(logs),
        Outcome::Retry(reason) | Outcome::Fail(reason) => failure(reason),
    }
}

/// Whether a request for a trigger's path can come from the host itself: it carries one invocation id and JSON, and none of
/// the headers that the host sets on a request that it passes on from a client.
pub(super) fn is_from_host(headers: &HeaderMap) -> bool {
    let ids = headers.get_all(INVOCATION_ID).iter().count();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ids == 1 && content_type.starts_with("application/json") && !is_passed_on(headers)
}

/// Whether the host has passed the request on from a client.
pub(super) fn is_passed_on(headers: &HeaderMap) -> bool {
    headers.contains_key("x-ms-invocation-id")
        || headers.contains_key(header::FORWARDED)
        || headers.keys().any(|name| name.as_str().starts_with("x-forwarded-"))
}

fn answer(status: StatusCode, logs: Vec<String>) -> Response {
    (status, Json(InvocationResponse { outputs: Map::new(), logs, return_value: None })).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use http::HeaderName;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        case: String,
        status: u16,
        content_type: Option<String>,
        body: String,
        host_result: String,
    }

    /// The host's judgement of an answer, as its captured cases have it.
    fn host_takes(status: u16, content_type: Option<&str>, body: &[u8]) -> &'static str {
        let json: Result<Option<Map<String, Value>>, _> = serde_json::from_slice(body);
        match (status, body.is_empty(), content_type.is_some_and(|it| it.starts_with("application/json")), json) {
            (300..400, ..) => "host FOLLOWS",
            (400.., ..) => "FAIL",
            (_, true, ..) | (_, _, true, Ok(None)) => "HANG",
            (_, _, true, Ok(Some(_))) => "success",
            _ => "FAIL",
        }
    }

    async fn judged(response: Response) -> (&'static str, String) {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000).await.unwrap();
        let content_type = parts.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
        (host_takes(parts.status.as_u16(), content_type, &body), String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn the_judge_agrees_with_the_captured_cases() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/data/host/response-cases.json")).unwrap();
        assert!(cases.len() > 10);
        for case in cases {
            let verdict = host_takes(case.status, case.content_type.as_deref(), case.body.as_bytes());
            assert!(case.host_result.starts_with(verdict), "{}: {verdict}", case.case);
        }
    }

    #[tokio::test]
    async fn queue_answers_do_what_the_outcome_means() {
        let (verdict, body) = judged(queue_answer(Outcome::Done, vec!["line".into()])).await;
        assert_eq!((verdict, body.as_str()), ("success", r#"{"Outputs":{},"Logs":["line"],"ReturnValue":null}"#));
        let (verdict, body) = judged(queue_answer(Outcome::fail("bad"), vec![])).await;
        assert_eq!(verdict, "success");
        assert!(body.contains("failed for good: bad"));
        assert_eq!(judged(queue_answer(Outcome::retry("later"), vec![])).await.0, "FAIL");
    }

    #[tokio::test]
    async fn timer_answers_do_what_the_outcome_means() {
        assert_eq!(judged(timer_answer(Outcome::Done, vec![])).await.0, "success");
        assert_eq!(judged(timer_answer(Outcome::fail("bad"), vec![])).await.0, "FAIL");
        assert_eq!(judged(timer_answer(Outcome::retry("later"), vec![])).await.0, "FAIL");
    }

    #[test]
    fn the_host_is_told_from_those_it_passes_on() {
        let envelopes: Value = serde_json::from_str(include_str!("../../tests/data/host/wire-envelopes.json")).unwrap();
        let headers = |envelope: &str| -> HeaderMap {
            let headers = envelopes[envelope]["headers"].as_object().unwrap();
            headers
                .iter()
                .filter_map(|(name, value)| {
                    Some((HeaderName::try_from(name.as_str()).ok()?, value.as_str()?.parse().ok()?))
                })
                .collect()
        };
        let genuine = headers("default_invocation");
        assert!(is_from_host(&genuine));
        assert!(!is_from_host(&headers("http_proxying")));
        assert!(!is_from_host(&headers("readiness_probe")));
        for (name, value) in [("x-ms-invocation-id", "1"), ("x-forwarded-for", "::1"), ("forwarded", "for=a")] {
            let mut passed_on = genuine.clone();
            passed_on.insert(name, value.parse().unwrap());
            assert!(!is_from_host(&passed_on), "{name}");
        }
        let mut twice = genuine.clone();
        twice.append(INVOCATION_ID, "forged".parse().unwrap());
        assert!(!is_from_host(&twice));
        let mut text = genuine;
        text.insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert!(!is_from_host(&text));
    }
}
