//! `health`: alive, ready, figures, and the contract itself.

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
    services::{
        conversations::ConversationService,
        usage::{Counted, UsageService},
    },
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
    let figures = state.services.health.figures().await?;
    let mut text = String::new();
    gauge(&mut text, "ret_open_sessions", "Open sessions.", figures.open_sessions);
    gauge(&mut text, "ret_accounts", "Accounts.", figures.accounts);
    gauge(&mut text, "ret_file_bytes", "Bytes of all visible files.", figures.file_bytes);
    let _ = writeln!(text, "# HELP ret_jobs Jobs by state.\n# TYPE ret_jobs gauge");
    for (job_state, number) in &figures.jobs {
        let _ = writeln!(text, "ret_jobs{{state=\"{job_state}\"}} {number}");
    }
    let _ = writeln!(
        text,
        "# HELP ret_cache_lookups_total Look-ups in the session cache by outcome.\n# TYPE ret_cache_lookups_total counter"
    );
    let cache = figures.cache;
    let outcomes = [
        ("hit_memory", cache.hits_memory),
        ("hit_shared", cache.hits_shared),
        ("hit_durable", cache.hits_durable),
        ("miss", cache.misses),
    ];
    for (outcome, number) in outcomes {
        let _ = writeln!(text, "ret_cache_lookups_total{{outcome=\"{outcome}\"}} {number}");
    }
    let _ = writeln!(
        text,
        "# HELP ret_cache_shared_failures_total Calls of the shared tier of the session cache that failed.\n\
         # TYPE ret_cache_shared_failures_total counter\nret_cache_shared_failures_total {}",
        cache.shared_failures
    );
    let _ = writeln!(
        text,
        "# HELP ret_job_progress_failures_total Progress of jobs that could not be shown or seen besides their rows.\n\
         # TYPE ret_job_progress_failures_total counter\nret_job_progress_failures_total {}",
        state.services.jobs.progress_failures()
    );
    write_usage(&mut text, &state.services.usage);
    write_history(&mut text, &state.services.conversations).await;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// What models took in this process. There are as many as the settings name, so as many lines.
fn write_usage(text: &mut String, usage: &UsageService) {
    let counts = usage.counts();
    let mut head = |name: &str, help: &str, lines: &[String]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
        for line in lines {
            let _ = writeln!(text, "{name}{line}");
        }
    };
    let turns = |(model, counted): (&String, &Counted)| format!("{{model=\"{}\"}} {}", label(model), counted.turns);
    let tokens = |direction: &str, model: &str, tokens: u64| {
        format!("{{model=\"{}\",direction=\"{direction}\"}} {tokens}", label(model))
    };
    let lines: Vec<String> = counts.iter().map(turns).collect();
    head("ret_chat_answers_total", "Answers of the chat that were begun.", &lines);
    let both = counts.iter().flat_map(|(model, counted)| {
        [tokens("input", model, counted.input_tokens), tokens("output", model, counted.output_tokens)]
    });
    head("ret_chat_tokens_total", "Tokens of requests to models and of their replies.", &both.collect::<Vec<_>>());
    let counts = usage.counts_of_vectors();
    let lines: Vec<String> = counts.iter().map(turns).collect();
    head("ret_vectors_uses_total", "Searches, and attempts at jobs, that had a model make vectors.", &lines);
    let lines =
        counts.iter().map(|(model, counted)| format!("{{model=\"{}\"}} {}", label(model), counted.input_tokens));
    head("ret_vectors_tokens_total", "Tokens of texts that models made vectors of.", &lines.collect::<Vec<_>>());
}

/// A text as the value of a label.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Figures of the conversations.
async fn write_history(text: &mut String, conversations: &ConversationService) {
    let (counts, backlog) = (conversations.counts(), conversations.backlog().await);
    let _ = writeln!(
        text,
        "# HELP ret_history_reads_total Reads of conversations by the tier that answered.\n\
         # TYPE ret_history_reads_total counter"
    );
    for (tier, number) in [("process", counts.hits_process), ("redis", counts.hits_shared), ("database", counts.misses)]
    {
        let _ = writeln!(text, "ret_history_reads_total{{tier=\"{tier}\"}} {number}");
    }
    if let Some(percent) = counts.hit_percent() {
        let help = "Reads of conversations, of 100, that the database did not have to answer.";
        let _ = writeln!(
            text,
            "# HELP ret_history_hit_percent {help}\n# TYPE ret_history_hit_percent gauge\nret_history_hit_percent {percent:.1}"
        );
    }
    let mut counter = |name: &str, help: &str, value: u64| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
    };
    counter("ret_history_joins_total", "Transactions that wrote changes of conversations.", counts.joins);
    counter("ret_history_joined_changes_total", "Changes of conversations in them.", counts.joined_changes);
    counter("ret_history_join_milliseconds_total", "Time they took together.", millis(counts.join_time));
    counter("ret_history_swept_total", "Conversations written from the journal of another process.", counts.swept);
    counter("ret_history_past_redis_total", "Writes of conversations past Redis.", counts.past_hot_tier);
    counter("ret_history_forgotten_total", "Copies dropped because of a write past Redis.", counts.forgotten);
    counter("ret_history_refused_total", "Changes of conversations that the database refused.", counts.refused);
    counter("ret_history_degraded_seconds_total", "Time without Redis.", backlog.degraded.as_secs());
    gauge(text, "ret_history_pending_changes", "Changes of this process that wait for the database.", backlog.changes);
    gauge(text, "ret_history_oldest_pending_seconds", "How long the oldest has waited.", backlog.oldest.as_secs());
    if let Some(journal) = backlog.journal {
        gauge(text, "ret_history_journaled_conversations", "Conversations in the journal.", journal.conversations);
        gauge(text, "ret_history_oldest_journaled_seconds", "How long the oldest is there.", journal.oldest.as_secs());
        gauge(text, "ret_history_dead_letters", "Changes that the database refused, set aside.", journal.dead_letters);
        gauge(text, "ret_redis_memory_bytes", "Memory that Redis has taken.", journal.bytes);
        gauge(text, "ret_redis_memory_limit_bytes", "Memory that it may take; 0: all.", journal.bytes_at_most);
    }
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

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
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
