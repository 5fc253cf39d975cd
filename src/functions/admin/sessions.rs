//! Who is signed in.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{SessionId, Timestamp, UserId},
    http::{
        AdminUser, AppPath, AppQuery, AppState, Problem, ProblemCode,
        paging::{ItemPage, PageQuery},
    },
    services::oversight::SessionOutline,
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_sessions)).routes(routes!(end_session))
}

/// An open session, whoever's.
#[derive(Serialize, ToSchema)]
struct OpenSessionBody {
    id: SessionId,
    user_id: UserId,
    username: String,
    created_at: Timestamp,
    /// When a request of it was last seen, give or take half a minute.
    last_seen_at: Timestamp,
    /// Visible files: uploads, what they hold, and tables.
    files: u64,
    bytes: u64,
    /// Jobs that wait or run.
    unfinished_jobs: u64,
}

impl From<SessionOutline> for OpenSessionBody {
    fn from(outline: SessionOutline) -> Self {
        let SessionOutline { session, username, files, bytes, unfinished_jobs } = outline;
        Self {
            id: session.id,
            user_id: session.user_id,
            username,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            files,
            bytes,
            unfinished_jobs,
        }
    }
}

/// Open sessions of everybody, the newest first.
#[utoipa::path(get, path = "/api/admin/sessions", tag = "admin", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = ItemPage<OpenSessionBody>), (status = 400, description = "`invalid_parameter`"),
    (status = 403, description = "`admin_only`")))]
async fn list_sessions(
    State(state): State<AppState>,
    _admin: AdminUser,
    AppQuery(page): AppQuery<PageQuery>,
) -> Result<Json<ItemPage<OpenSessionBody>>, Problem> {
    let before = page.cursor(|text| text.parse().ok())?;
    let sessions = state.services.oversight.sessions(before, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(sessions, OpenSessionBody::from)))
}

/// End a session of anybody; everything of it is removed, as by logging out.
#[utoipa::path(delete, path = "/api/admin/sessions/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "the session")),
    responses((status = 204, description = "ended"), (status = 403, description = "`admin_only`"),
    (status = 404, description = "`not_found`: no such session is open")))]
async fn end_session(
    State(state): State<AppState>,
    AdminUser(admin): AdminUser,
    AppPath(id): AppPath<SessionId>,
) -> Result<StatusCode, Problem> {
    let ended = state.services.oversight.end_session(&admin.actor(), id).await?;
    let ended = ended.ok_or_else(|| Problem::of(ProblemCode::NotFound))?;
    tracing::info!(ended_session_id = %id, by = %admin.user.id, files = ended.files, bytes = ended.bytes, "session ended");
    Ok(StatusCode::NO_CONTENT)
}
