//! What is worked on.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{JobId, JobKind, JobState, Progress, SessionId, Timestamp, UserId},
    http::{
        AdminUser, AppPath, AppQuery, AppState, Problem, ProblemCode,
        paging::{ItemPage, PageQuery},
    },
    services::jobs::{CancelRequest, JobOutline},
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_jobs)).routes(routes!(cancel_job))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// Jobs in this state only.
    state: Option<JobState>,
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A job, whoever's. What it was asked for and what came out of it is its owner's business and not shown.
#[derive(Serialize, ToSchema)]
struct AnyJobBody {
    id: JobId,
    session_id: SessionId,
    user_id: UserId,
    username: String,
    kind: JobKind,
    state: JobState,
    /// How often a worker has taken it up.
    attempt: u32,
    progress: Progress,
    error: Option<AnyJobErrorBody>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

/// Why a job failed.
#[derive(Serialize, ToSchema)]
struct AnyJobErrorBody {
    code: String,
    detail: String,
    /// Documents at fault.
    documents: usize,
}

impl From<JobOutline> for AnyJobBody {
    fn from(job: JobOutline) -> Self {
        Self {
            id: job.id,
            session_id: job.session,
            user_id: job.user,
            username: job.username,
            kind: job.kind,
            state: job.state,
            attempt: job.attempt,
            progress: job.progress,
            error: job.error.map(|error| AnyJobErrorBody {
                code: error.code,
                detail: error.detail,
                documents: error.errors.len(),
            }),
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

/// Jobs of everybody, the newest first.
#[utoipa::path(get, path = "/api/admin/jobs", tag = "admin", security(("bearer" = [])), params(JobsQuery),
    responses((status = 200, body = ItemPage<AnyJobBody>), (status = 400, description = "`invalid_parameter`"),
    (status = 403, description = "`admin_only`")))]
async fn list_jobs(
    State(state): State<AppState>,
    _admin: AdminUser,
    AppQuery(query): AppQuery<JobsQuery>,
) -> Result<Json<ItemPage<AnyJobBody>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let before = page.cursor(|text| text.parse().ok())?;
    let jobs = state.services.oversight.jobs(query.state, before, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(jobs, AnyJobBody::from)))
}

/// Cancel a job of anybody; what it had written so far is removed.
#[utoipa::path(delete, path = "/api/admin/jobs/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = JobId, Path, description = "the job")),
    responses((status = 204, description = "cancelled, or it had ended before"),
    (status = 202, description = "its worker will stop within a second or two"),
    (status = 403, description = "`admin_only`"), (status = 404, description = "`not_found`")))]
async fn cancel_job(
    State(state): State<AppState>,
    AdminUser(admin): AdminUser,
    AppPath(id): AppPath<JobId>,
) -> Result<StatusCode, Problem> {
    let asked = state.services.oversight.cancel_job(&admin.actor(), id).await?;
    tracing::info!(job_id = %id, by = %admin.user.id, ?asked, "job cancelled");
    match asked {
        CancelRequest::Cancelled | CancelRequest::AlreadyFinal => Ok(StatusCode::NO_CONTENT),
        CancelRequest::Requested => Ok(StatusCode::ACCEPTED),
        CancelRequest::NotFound => Err(Problem::of(ProblemCode::NotFound)),
    }
}
