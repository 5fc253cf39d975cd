//! The table of functions: for each folder in `functions/` one module of the same name.

mod admin;
mod auth;
mod chat;
mod cleanup;
mod compare;
mod convert;
pub mod convert_worker;
mod files;
mod health;
mod jobs;
mod logout;
mod mcp;
mod tables;
mod upload;
mod web;
mod writeback;

pub use web::not_found_page;

use std::sync::Arc;

use axum::{Extension, Router, extract::MatchedPath, middleware};
use http::Method;
use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder,
    path::Operation,
    security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    http::{AppState, BodyLimit, Problem, ProblemCode, contract, rate_limit::limit_rate},
    runtime::{Functions, HttpFunction, QueueMessage},
    services::auth::rate_limit::Bucket,
};

/// Largest JSON body that is read. Uploads lift it for themselves.
const BODY_LIMIT: usize = 1 << 20;

/// Bytes of what a message has in a body besides its text.
const MESSAGE_MEMBERS: usize = 64 << 10;

/// The text of `host.json`.
pub const HOST_JSON: &str = include_str!("../../host.json");

macro_rules! manifest {
    ($name:literal) => {
        include_str!(concat!("../../functions/", $name, "/function.json"))
    };
}

/// Whether a function's requests count towards the rate limit, and with which others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    As(Bucket),
    No,
}

/// An HTTP function: name, manifest, router, and whether its requests are counted.
type HttpEntry = (&'static str, &'static str, OpenApiRouter<AppState>, Counted);

fn http_functions() -> Vec<HttpEntry> {
    vec![
        ("admin", manifest!("admin"), admin::router(), Counted::As(Bucket::Requests)),
        ("auth", manifest!("auth"), auth::router(), Counted::As(Bucket::Requests)),
        ("chat", manifest!("chat"), chat::router(), Counted::As(Bucket::Requests)),
        ("compare", manifest!("compare"), compare::router(), Counted::As(Bucket::Requests)),
        ("convert", manifest!("convert"), convert::router(), Counted::As(Bucket::Requests)),
        ("files", manifest!("files"), files::router(), Counted::As(Bucket::Requests)),
        ("health", manifest!("health"), health::router(), Counted::No),
        ("jobs", manifest!("jobs"), jobs::router(), Counted::As(Bucket::Requests)),
        ("logout", manifest!("logout"), logout::router(), Counted::As(Bucket::Logouts)),
        ("mcp", manifest!("mcp"), mcp::router(), Counted::As(Bucket::Requests)),
        ("tables", manifest!("tables"), tables::router(), Counted::As(Bucket::Requests)),
        ("upload", manifest!("upload"), upload::router(), Counted::As(Bucket::Requests)),
    ]
}

/// Registers every function over the given state; `title` names the service in its contract.
#[must_use]
pub fn register(functions: Functions, state: &AppState, title: &str) -> Functions {
    let document = Arc::new(openapi(title));
    let mut functions = functions.host_json(HOST_JSON);
    for (name, manifest, router, counted) in http_functions() {
        let (router, described) = router.split_for_parts();
        let router = router.method_not_allowed_fallback(method_not_allowed);
        let router = match counted {
            Counted::As(bucket) => router.layer(middleware::from_fn_with_state((state.clone(), bucket), limit_rate)),
            Counted::No => router,
        };
        // Where messages are sent, one that is too long is told as such, not as a body.
        let limit = match name {
            "chat" => BODY_LIMIT.max(2 * state.services.conversations.message_bytes_at_most() + MESSAGE_MEMBERS),
            _ => BODY_LIMIT,
        };
        let router = router
            .layer(axum::extract::DefaultBodyLimit::max(limit))
            .layer(Extension(BodyLimit(limit)))
            .layer(Extension(Arc::clone(&document)))
            .with_state(state.clone());
        functions = functions.http(name, manifest, described_function(router, &described));
    }
    functions = functions.http("web", manifest!("web"), web::function(&state.http.page_targets));
    let worker = state.clone();
    let cleaner = state.clone();
    let writer = state.clone();
    functions
        .queue(
            "convert_worker",
            manifest!("convert_worker"),
            move |message: QueueMessage<convert_worker::ConvertMessage>, invocation| {
                convert_worker::work(worker.clone(), message, invocation)
            },
        )
        .timer("cleanup", manifest!("cleanup"), move |tick, invocation| {
            cleanup::clean_up(cleaner.clone(), tick, invocation)
        })
        .timer("writeback", manifest!("writeback"), move |tick, invocation| {
            writeback::write_back(writer.clone(), tick, invocation)
        })
}

/// The contract of all HTTP functions.
#[must_use]
pub fn openapi(title: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title(title)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("XML in, clean tables out; a session that leaves nothing behind."))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    for (_, _, router, counted) in http_functions() {
        let mut part = router.into_openapi();
        let operations = part.paths.paths.values_mut().flat_map(health::operations_mut);
        operations.for_each(|operation| contract::complete(operation, counted != Counted::No));
        document.merge(part);
    }
    document.paths.paths.values_mut().flat_map(health::operations_mut).for_each(name_by_tag);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document
}

/// Puts the tag in front of an operation's name: names of handlers are told apart within their function only.
fn name_by_tag(operation: &mut Operation) {
    if let (Some(tag), Some(name)) = (operation.tags.as_ref().and_then(|tags| tags.first()), &operation.operation_id) {
        operation.operation_id = Some(format!("{tag}_{name}"));
    }
}

/// A function with the list of what it serves, taken from its part of the contract.
fn described_function(router: Router, described: &OpenApi) -> HttpFunction {
    let mut function = HttpFunction::new(router);
    for (path, item) in &described.paths.paths {
        for (method, _) in health::operations(item) {
            if let Ok(method) = Method::from_bytes(method.as_bytes()) {
                function = function.endpoint(method, path.as_str());
            }
        }
    }
    function
}

async fn method_not_allowed(
    asked: Method,
    path: Option<MatchedPath>,
    contract: Option<Extension<Arc<OpenApi>>>,
) -> Problem {
    let item = contract.as_ref().zip(path).and_then(|(contract, path)| contract.paths.paths.get(path.as_str()));
    let methods: Vec<&str> = item.into_iter().flat_map(health::operations).map(|(method, _)| method).collect();
    if methods.is_empty() {
        return Problem::of(ProblemCode::MethodNotAllowed);
    }
    let detail = format!("the path takes {}, not {asked}; see the contract at /api/openapi.json", methods.join(", "));
    Problem::new(ProblemCode::MethodNotAllowed, detail)
}
