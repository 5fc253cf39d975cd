//! `jobs`: watch and cancel work in the background.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, sse::Event},
};
use futures::Stream;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{Job, JobId, SessionId},
    http::{
        AppPath, AppQuery, AppState, Problem, ProblemCode, SignedInUser,
        event_stream::event_stream,
        paging::{ItemPage, PageQuery},
    },
    services::jobs::CancelRequest,
};

/// How often a watched job is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, cancel)).routes(routes!(events))
}

/// The session's jobs, newest first.
#[utoipa::path(get, path = "/api/jobs", tag = "jobs", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = ItemPage<Job>)))]
async fn list(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppQuery(page): AppQuery<PageQuery>,
) -> Result<Json<ItemPage<Job>>, Problem> {
    let before = page.cursor(|text| text.parse::<JobId>().ok())?;
    let jobs = state.services.jobs.list(who.session.id, before, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(jobs, |job| job)))
}

/// One job with its progress, and with its result once it has one.
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs", security(("bearer" = [])),
    params(("id" = JobId, Path, description = "the job")),
    responses((status = 200, body = Job), (status = 404, description = "`not_found`")))]
async fn get(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(id): AppPath<JobId>,
) -> Result<Json<Job>, Problem> {
    Ok(Json(find(&state, who.session.id, id).await?))
}

/// Cancel a job; what it had written so far is removed.
#[utoipa::path(delete, path = "/api/jobs/{id}", tag = "jobs", security(("bearer" = [])),
    params(("id" = JobId, Path, description = "the job")),
    responses((status = 204, description = "cancelled, or it had ended before"),
    (status = 202, description = "its worker will stop within a second or two"), (status = 404, description = "`not_found`")))]
async fn cancel(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(id): AppPath<JobId>,
) -> Result<StatusCode, Problem> {
    match state.services.jobs.cancel(who.session.id, id).await? {
        CancelRequest::Cancelled | CancelRequest::AlreadyFinal => Ok(StatusCode::NO_CONTENT),
        CancelRequest::Requested => Ok(StatusCode::ACCEPTED),
        CancelRequest::NotFound => Err(Problem::of(ProblemCode::NotFound)),
    }
}

/// The job as server-sent events: `progress` whenever it changes, `done` at the end.
#[utoipa::path(get, path = "/api/jobs/{id}/events", tag = "jobs", security(("bearer" = [])),
    params(("id" = JobId, Path, description = "the job")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 404, description = "`not_found`")))]
async fn events(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(id): AppPath<JobId>,
) -> Result<impl IntoResponse, Problem> {
    let first = find(&state, who.session.id, id).await?;
    Ok(event_stream(watch(state, who.session.id, first)))
}

async fn find(state: &AppState, session: SessionId, id: JobId) -> Result<Job, Problem> {
    state.services.jobs.get(session, id).await?.ok_or_else(|| Problem::of(ProblemCode::NotFound))
}

/// Where a watcher stands.
enum Watch {
    Show(Box<Job>),
    Wait(Box<Job>),
    Over,
}

fn watch(state: AppState, session: SessionId, first: Job) -> impl Stream<Item = Event> {
    futures::stream::unfold((state, Watch::Show(Box::new(first))), move |(state, at)| async move {
        let job = match at {
            Watch::Over => return None,
            Watch::Show(job) => job,
            Watch::Wait(last) => next_change(&state, session, *last).await?,
        };
        let last = job.state.is_final();
        let event = Event::default().event(if last { "done" } else { "progress" }).json_data(&job).unwrap_or_default();
        Some((event, (state, if last { Watch::Over } else { Watch::Wait(job) })))
    })
}

/// The job as soon as it looks different; `None` once it is gone with its session, or the store is away: the client asks again.
async fn next_change(state: &AppState, session: SessionId, last: Job) -> Option<Box<Job>> {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let mut job = state.services.jobs.get(session, last.id).await.ok().flatten()?;
        if job.attempt == last.attempt {
            // What was shown between two heartbeats may be forgotten before the row knows it.
            job.progress = job.progress.furthest(last.progress);
        }
        if job != last {
            return Some(Box::new(job));
        }
    }
}
