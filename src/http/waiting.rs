//! Waiting for a job in the request that made it (RFC 7240, `Prefer: wait=N`), and the answer if it takes longer.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AppState, Problem, ProblemCode};
use crate::domain::{Job, JobId, SessionId};

/// How long a client may wait for a job in one request.
const MAX_WAIT: Duration = Duration::from_secs(60);

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// A job that goes on after the answer.
#[derive(Serialize, ToSchema)]
pub struct StartedBody {
    job_id: JobId,
    status_url: String,
}

/// The answer while the job goes on: 202, with its address.
pub fn accepted(job: JobId) -> Result<Response, Problem> {
    let status_url = format!("/api/jobs/{job}");
    let location = HeaderValue::from_str(&status_url).map_err(|_| Problem::of(ProblemCode::Internal))?;
    let body = Json(StartedBody { job_id: job, status_url });
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}

/// The `wait` of the request's `Prefer`, at most 60 seconds.
#[must_use]
pub fn preferred_wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split([',', ';']));
    let seconds = preferences.find_map(|preference| preference.trim().strip_prefix("wait=")?.parse().ok())?;
    Some(Duration::from_secs(seconds).min(MAX_WAIT))
}

/// The answer, with the mark that the client's own `wait` was followed.
#[must_use]
pub fn preference_applied(mut response: Response, wait: Duration) -> Response {
    if let Ok(applied) = HeaderValue::from_str(&format!("wait={}", wait.as_secs())) {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    response
}

/// Waits for the job's end; `None` if it takes longer than `limit`.
pub async fn wait_for(
    state: &AppState,
    session: SessionId,
    id: JobId,
    limit: Duration,
) -> Result<Option<Job>, Problem> {
    let ended = async {
        let mut pause = Duration::from_millis(10);
        loop {
            match state.services.jobs.get(session, id).await? {
                Some(job) if job.state.is_final() => return Ok(Some(job)),
                Some(_) => {}
                None => return Err(Problem::of(ProblemCode::SessionEnded)),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    };
    tokio::time::timeout(limit, ended).await.unwrap_or(Ok(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_out_of_all_preferences_and_bounded() {
        let wait = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_static(value));
            preferred_wait(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("wait=10"), Some(10));
        assert_eq!(wait("respond-async, wait=5"), Some(5));
        assert_eq!(wait("wait=600"), Some(60));
        assert_eq!(wait("wait=soon"), None);
        assert_eq!(wait("return=minimal"), None);
    }
}
