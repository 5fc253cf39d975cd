//! `logout`: ends the session; everything of it is removed.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{AuditAction, SessionId},
    http::{
        AppState, Problem, ProblemCode,
        client_address::ClientAddress,
        cookies::{no_refresh_cookie, refresh_token, refuse_cross_site},
        signed_in::bearer_token,
    },
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(logout)).routes(routes!(logout_below_auth))
}

#[derive(Serialize, ToSchema)]
struct LogoutBody {
    /// Always true.
    success: bool,
    removed: RemovedBody,
}

/// What went. All zero when there was nothing left.
#[derive(Serialize, ToSchema)]
struct RemovedBody {
    sessions: u64,
    files: u64,
    bytes: u64,
    cache_entries: u64,
    refresh_tokens: u64,
    /// Conversations that were to be kept nowhere.
    temporary_conversations: u64,
    /// Conversations that waited for the database and were written; they stay, for the next session.
    conversations_flushed: u64,
}

/// Log out. May be repeated.
#[utoipa::path(post, path = "/api/logout", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = LogoutBody), (status = 401, description = "`not_signed_in`: no token of a session was sent")))]
async fn logout(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    end_session(&state, &address, &headers).await
}

/// The same under the path of `auth`.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = LogoutBody), (status = 401, description = "`not_signed_in`: no token of a session was sent")))]
async fn logout_below_auth(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    end_session(&state, &address, &headers).await
}

async fn end_session(state: &AppState, address: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let session = session_of(state, headers).await?;
    let audit = &state.services.audit;
    // Asked before: afterwards the session is nobody's.
    let who = audit.actor_of(session).await.at(address);
    // What they have said until now is written with the rest.
    state.services.chat.end_of_session(session).await;
    let conversations_flushed = state.services.conversations.flush_of_session(session).await;
    let ended = state.services.session_end.end(session).await?;
    tracing::info!(session_id = %session, files = ended.files, bytes = ended.bytes, "logged out");
    if ended.sessions > 0 {
        let removed = json!({ "files": ended.files, "bytes": ended.bytes });
        audit.record(audit.entry(&who, AuditAction::Logout).about(session).with(removed)).await;
    }
    let removed = RemovedBody {
        sessions: ended.sessions,
        files: ended.files,
        bytes: ended.bytes,
        cache_entries: ended.cache_entries,
        refresh_tokens: ended.refresh_tokens,
        temporary_conversations: ended.temporary_conversations,
        conversations_flushed,
    };
    let mut response = Json(LogoutBody { success: true, removed }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, no_refresh_cookie(headers, state.http.cookies)?);
    Ok(response)
}

/// The session of the bearer token, dead or alive, else that of the cookie.
async fn session_of(state: &AppState, headers: &HeaderMap) -> Result<SessionId, Problem> {
    let auth = &state.services.auth;
    if let Some(session) = bearer_token(headers).and_then(|token| auth.session_of_access_token(token)) {
        return Ok(session);
    }
    let not_signed_in = || Problem::of(ProblemCode::NotSignedIn);
    let token = refresh_token(headers, state.http.cookies).ok_or_else(not_signed_in)?;
    refuse_cross_site(headers)?;
    auth.session_of_refresh_token(&token).await?.ok_or_else(not_signed_in)
}
