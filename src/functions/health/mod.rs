//! `health`: alive, ready, figures, and the contract itself.

mod prometheus;

use std::{fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use utoipa::{ToSchema, openapi::OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::Role,
    http::{AppState, Problem, ProblemCode, SignedInUser, signed_in::bearer_token},
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(metrics))
        .routes(routes!(openapi))
        .routes(routes!(docs))
}

#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// Always `ok`.
    status: &'static str,
    version: &'static str,
}

#[derive(Serialize, ToSchema)]
struct ReadyBody {
    /// `ready`, `degraded` (works on without an optional dependency) or `unavailable`.
    status: &'static str,
    dependencies: Vec<DependencyBody>,
    history: HistoryBody,
}

/// What waits of conversations for the database.
#[derive(Serialize, ToSchema)]
struct HistoryBody {
    /// Changes in this process.
    pending_changes: u64,
    oldest_pending_ms: u64,
    /// Conversations in the journal, which all instances share; null without one, or if it does not answer.
    journaled_conversations: Option<u64>,
    oldest_journaled_ms: Option<u64>,
    /// Changes that the database refused.
    dead_letters: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct DependencyBody {
    name: &'static str,
    /// `up` or `down`.
    state: &'static str,
    latency_ms: u64,
}

/// The process is alive.
#[utoipa::path(get, path = "/api/health", tag = "health", responses((status = 200, body = HealthBody)))]
async fn health() -> Json<HealthBody> {
    Json(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Each dependency with its state and latency.
#[utoipa::path(get, path = "/api/ready", tag = "health",
    responses((status = 200, body = ReadyBody), (status = 503, body = ReadyBody)))]
async fn ready(State(state): State<AppState>) -> Response {
    let dependencies = state.services.health.dependencies().await;
    let missing = |optional| dependencies.iter().any(|one| !one.healthy && one.optional == optional);
    let (code, status) = match (missing(false), missing(true)) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (false, true) => (StatusCode::OK, "degraded"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let dependencies = dependencies
        .iter()
        .map(|one| DependencyBody {
            name: one.name,
            state: if one.healthy { "up" } else { "down" },
            latency_ms: millis(one.latency),
        })
        .collect();
    let backlog = state.services.conversations.backlog().await;
    let history = HistoryBody {
        pending_changes: backlog.changes,
        oldest_pending_ms: millis(backlog.oldest),
        journaled_conversations: backlog.journal.map(|journal| journal.conversations),
        oldest_journaled_ms: backlog.journal.map(|journal| millis(journal.oldest)),
        dead_letters: backlog.journal.map(|journal| journal.dead_letters),
    };
    (code, Json(ReadyBody { status, dependencies, history })).into_response()
}

/// Figures as Prometheus text. Needs the role `admin`, or the metrics key as bearer token.
#[utoipa::path(get, path = "/api/metrics", tag = "health", security(("bearer" = [])),
    responses((status = 200, content_type = "text/plain", body = String), (status = 401, description = "`not_signed_in`"),
    (status = 403, description = "`admin_only`")))]
async fn metrics(
    State(state): State<AppState>,
    headers: HeaderMap,
    user: Result<SignedInUser, Problem>,
) -> Result<Response, Problem> {
    if !has_metrics_key(&state, &headers) && user?.0.user.role != Role::Admin {
        return Err(Problem::of(ProblemCode::AdminOnly));
    }
    let text = prometheus::text(&state.services.metrics().await?);
    Ok(([(header::CONTENT_TYPE, prometheus::CONTENT_TYPE)], text).into_response())
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The contract of this service.
#[utoipa::path(get, path = "/api/openapi.json", tag = "health",
    responses((status = 200, content_type = "application/json", body = Object)))]
async fn openapi(Extension(document): Extension<Arc<OpenApi>>) -> Json<OpenApi> {
    Json(OpenApi::clone(&document))
}

/// A page that lists the contract and the problem codes, one anchor each.
#[utoipa::path(get, path = "/api/docs", tag = "health", responses((status = 200, content_type = "text/html", body = String)))]
async fn docs(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    let mut page = String::from(
        "<h1>RET</h1><p>The machine-readable contract: <a href=\"/api/openapi.json\">openapi.json</a>. \
         <a href=\"#problems\">What each problem code means</a> stands below.</p><table><tr><th>call<th>what it does</tr>",
    );
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            let summary = operation.summary.as_deref().unwrap_or_default();
            let _ = write!(page, "<tr><td><code>{method} {path}</code><td>{}</tr>", escape(summary));
        }
    }
    page.push_str("</table><h1 id=\"problems\">Problems</h1>");
    for code in ProblemCode::ALL {
        let _ = write!(
            page,
            "<h2 id=\"{0}\"><code>{0}</code> ({1})</h2><p><b>{2}.</b> {3}</p>",
            code.as_str(),
            code.status().as_u16(),
            escape(code.title()),
            escape(code.help().trim()),
        );
    }
    html(&page)
}

/// The operations of a path with their methods.
pub(super) fn operations(
    item: &utoipa::openapi::PathItem,
) -> impl Iterator<Item = (&'static str, &utoipa::openapi::path::Operation)> {
    let all = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
        ("HEAD", &item.head),
        ("OPTIONS", &item.options),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

/// The same, to be changed.
pub(super) fn operations_mut(
    item: &mut utoipa::openapi::PathItem,
) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
        &mut item.head,
        &mut item.options,
    ];
    all.into_iter().flatten()
}

fn has_metrics_key(state: &AppState, headers: &HeaderMap) -> bool {
    match (&state.http.metrics_key, bearer_token(headers)) {
        (Some(key), Some(token)) => key.as_bytes().ct_eq(token.as_bytes()).into(),
        _ => false,
    }
}

fn html(body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>RET</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><body>{body}</body></html>"
    );
    let policy = HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
