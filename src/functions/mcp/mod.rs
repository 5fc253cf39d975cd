//! `mcp`: the session's tables for agents, by the Model Context Protocol (streamable HTTP).
//!
//! Every request stands alone: no session of the protocol is kept, and a request is answered by one JSON document. So any instance
//! answers, and `GET` and `DELETE`, which are for streams and sessions of the protocol, are not allowed.

mod resources;
mod server;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Full};
use rmcp::{
    ErrorData,
    model::JsonRpcError,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde::de::IgnoredAny;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::server::TableServer;
use crate::http::{AppState, BodyLimit, Problem, ProblemCode, SignedInUser};

/// Bytes of a refusal of the protocol's own, which are sentences.
const REFUSAL_BYTES: usize = 64 << 10;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(answer, no_stream, no_session))
}

/// Speak the Model Context Protocol: tools over the session's tables, and the tables as resources. One JSON-RPC message in, at most one out;
/// `Accept` has to name `application/json` and `text/event-stream`.
#[utoipa::path(post, path = "/api/mcp", tag = "mcp", security(("bearer" = [])), request_body = Object, responses(
    (status = 200, description = "a JSON-RPC response", body = Object), (status = 202, description = "a notification was taken"),
    (status = 400, description = "a JSON-RPC error without an id: not a message of the protocol, or of a version that is not known"),
    (status = 403, description = "`origin_not_allowed`"), (status = 406, description = "a JSON-RPC error without an id: see `Accept`"),
    (status = 413, description = "`body_too_large`"), (status = 415, description = "`unsupported_media_type`")))]
async fn answer(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    refuse_other_origins(&parts.headers, &state.http.origins)?;
    if !is_json(&parts.headers) {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, "send the message as application/json"));
    }
    let message = body.map_err(|rejection| unread(&rejection))?;
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&message) {
        let what = ErrorData::parse_error(format!("the body is not JSON: {error}"), None);
        return Ok(refused(StatusCode::BAD_REQUEST, what));
    }
    let server = TableServer::new(state.services.agents.tools(who.asker()));
    let service =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), settings());
    let answered = service.handle(Request::from_parts(parts, Full::new(message))).await;
    in_json(answered.map(Body::new)).await
}

/// No stream: nothing is told without being asked.
#[utoipa::path(get, path = "/api/mcp", tag = "mcp", security(("bearer" = [])),
    responses((status = 405, description = "`method_not_allowed`, always: the protocol's streams are not there")))]
async fn no_stream(_: SignedInUser) -> Response {
    only_post()
}

/// No session of the protocol, so none to end.
#[utoipa::path(delete, path = "/api/mcp", tag = "mcp", security(("bearer" = [])),
    responses((status = 405, description = "`method_not_allowed`, always: the protocol's sessions are not there")))]
async fn no_session(_: SignedInUser) -> Response {
    only_post()
}

fn only_post() -> Response {
    ([(header::ALLOW, "POST")], Problem::of(ProblemCode::MethodNotAllowed)).into_response()
}

/// Which names the service has is for those who run it; pages of other origins are refused by [`refuse_other_origins`].
fn settings() -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(super::BODY_LIMIT)
        .disable_allowed_hosts()
        .disable_allowed_origins()
}

/// A browser says whose page asks, and agents are no browsers. A page may reach the service under a name of its own choice (DNS rebinding), so
/// the request's host says nothing; only origins that the settings name count.
fn refuse_other_origins(headers: &HeaderMap, allowed: &[HeaderValue]) -> Result<(), Problem> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    if origins.all(|origin| allowed.contains(origin)) {
        Ok(())
    } else {
        Err(Problem::of(ProblemCode::OriginNotAllowed))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn unread(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => BodyLimit(super::BODY_LIMIT).exceeded(),
        _ => Problem::new(ProblemCode::InvalidBody, "the body could not be read to its end"),
    }
}

/// The protocol's own refusals as JSON-RPC errors without an id; what went wrong here as a problem.
async fn in_json(answer: Response) -> Result<Response, Problem> {
    let status = answer.status();
    if status.is_server_error() {
        tracing::error!(%status, "a message of an agent could not be answered");
        return Err(Problem::of(ProblemCode::Internal));
    }
    if !status.is_client_error() || is_json(answer.headers()) {
        return Ok(answer);
    }
    let text = http_body_util::Limited::new(answer.into_body(), REFUSAL_BYTES).collect().await;
    let text = text.map_err(|_| Problem::of(ProblemCode::Internal))?.to_bytes();
    // The media type was looked at before: what is left of this status is JSON that is no message.
    let status = if status == StatusCode::UNSUPPORTED_MEDIA_TYPE { StatusCode::BAD_REQUEST } else { status };
    Ok(refused(status, ErrorData::invalid_request(String::from_utf8_lossy(&text).into_owned(), None)))
}

fn refused(status: StatusCode, what: ErrorData) -> Response {
    (status, axum::Json(JsonRpcError::new(None, what))).into_response()
}
