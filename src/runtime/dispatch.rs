//! The table of functions made ready to answer: one router, and under the host the trigger functions beside it.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures::FutureExt;
use tower::{ServiceExt, service_fn};
use tracing::Instrument;

use super::environment::{Environment, Mode};
use super::error::RuntimeError;
use super::functions::{Action, Functions, Registered};
use super::invocation::{Invocation, InvocationIds, panic_text};
use super::pages::ErrorPages;
use super::route_table::{Route, RouteTable};
use super::standalone::{Standalone, queue_workers, timer_jobs};
use super::trace::follow_request;
use super::triggers::{Claim, Triggers};

/// The function named in the log of a request that no function's route takes.
const NO_FUNCTION: &str = "none";

/// What answers requests.
pub(super) struct Dispatch {
    router: Router,
    routes: RouteTable,
    no_function: Arc<str>,
    triggers: Triggers,
    ids: Arc<InvocationIds>,
    pages: Arc<dyn ErrorPages>,
}

impl Dispatch {
    /// Splits the table: what is asked for over HTTP, and what runs by itself when alone.
    pub(super) fn assemble(
        mut functions: Functions,
        environment: &Environment,
    ) -> Result<(Self, Option<Standalone>), RuntimeError> {
        functions.check()?;
        let mut router = Router::new();
        let mut routes = Vec::new();
        let mut queues = Vec::new();
        let mut timers = Vec::new();
        for Registered { name, action, .. } in functions.registered {
            match action {
                Action::Http(declared, function) => {
                    routes.push(Route::new(&name, &declared, &functions.host.route_prefix)?);
                    router = router.merge(function.router);
                }
                Action::Queue(declared, action) => queues.push((name, declared, action)),
                Action::Timer(declared, action) => timers.push((name, declared, action)),
            }
        }
        let queue_settings = functions.host.queues;
        let (ids, triggers, standalone) = match environment.mode {
            Mode::Handler { .. } => {
                let triggers = Triggers::new(queues, timers, queue_settings.max_dequeue_count);
                (InvocationIds::platform(), triggers, None)
            }
            Mode::Standalone { .. } => {
                let ids = InvocationIds::local();
                let timers = timer_jobs(timers, environment, &ids)?;
                let workers = queue_workers(queues, &functions.local_queues, queue_settings, environment, &ids)?;
                (ids, Triggers::default(), Some(Standalone::new(timers, workers)))
            }
        };
        let pages = functions.pages;
        let not_found = Arc::clone(&pages);
        let router =
            router.fallback(move |request: Request| async move { not_found.not_found(&request.into_parts().0) });
        let router = functions.layers.into_iter().fold(router, |router, layer| layer(router));
        let routes = RouteTable::new(routes);
        Ok((Self { router, routes, no_function: NO_FUNCTION.into(), triggers, ids, pages }, standalone))
    }

    pub(super) fn pages(&self) -> &dyn ErrorPages {
        self.pages.as_ref()
    }

    /// Answers one request.
    pub(super) async fn respond(&self, request: Request) -> Response {
        match self.triggers.claim(&request) {
            Claim::None => self.respond_to_client(request).await,
            Claim::Forged => self.pages.not_found(&request.into_parts().0),
            Claim::Genuine(function, trigger) => trigger.invoke(function, &self.ids, request).await,
        }
    }

    /// Everything a request can reach, for calls within the process.
    pub(super) fn into_router(self: Arc<Self>) -> Router {
        Router::new().fallback_service(service_fn(move |request| {
            let dispatch = Arc::clone(&self);
            async move { Ok::<_, Infallible>(dispatch.respond(request).await) }
        }))
    }

    async fn respond_to_client(&self, mut request: Request) -> Response {
        let function = self.routes.find(request.method().as_str(), request.uri().path()).unwrap_or(&self.no_function);
        let invocation = Invocation::new(self.ids.of(request.headers()), Arc::clone(function));
        let span = invocation.span();
        follow_request(&span, request.headers());
        request.extensions_mut().insert(invocation.clone());
        let guarded =
            AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().map(|handled| match handled {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(panic) => {
                    tracing::error!(reason = panic_text(panic.as_ref()), "the function panicked");
                    self.pages.panicked(&invocation)
                }
            });
        guarded.instrument(span).await
    }
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use http::StatusCode;

    use super::*;
    use crate::runtime::testing::{HTTP_JSON, under_host};

    struct OwnPages;

    impl ErrorPages for OwnPages {
        fn panicked(&self, invocation: &Invocation) -> Response {
            let text = format!("{} broke", invocation.function());
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }

    fn functions() -> Functions {
        async fn who(Extension(it): Extension<Invocation>) -> String {
            format!("{} {}", it.function(), it.id())
        }
        async fn broken() {
            panic!("no");
        }
        let router = Router::new().route("/api/hello", get(who)).route("/api/panic", get(broken));
        Functions::new().http("hello", HTTP_JSON, router)
    }

    async fn ask(functions: Functions, path: &str) -> (u16, String) {
        let (dispatch, _) = Dispatch::assemble(functions, &under_host()).unwrap();
        let request = Request::get(path).header("X-Azure-Functions-InvocationId", "id-7").body(Body::empty()).unwrap();
        let response = Arc::new(dispatch).into_router().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, String::from_utf8(to_bytes(response.into_body(), 1_000).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_handler_knows_its_invocation() {
        assert_eq!(ask(functions(), "/api/hello?x=1").await, (200, "hello id-7".to_owned()));
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        assert_eq!(ask(functions(), "/api/panic").await, (500, "internal error".to_owned()));
        assert_eq!(ask(functions().error_pages(OwnPages), "/api/panic").await, (500, "none broke".to_owned()));
        let broken_layer =
            functions().layer(|router| router.layer(from_fn(|_: Request, _| async { panic!("no") as Response })));
        assert_eq!(ask(broken_layer.error_pages(OwnPages), "/api/hello").await, (500, "hello broke".to_owned()));
    }

    #[tokio::test]
    async fn unknown_paths_have_a_page() {
        assert_eq!(ask(functions(), "/api/other").await, (404, "not found".to_owned()));
    }

    #[tokio::test]
    async fn layers_see_unknown_paths_too() {
        let marked = functions().layer(|router| {
            router.layer(axum::middleware::map_response(|response: Response| async move {
                (StatusCode::IM_A_TEAPOT, response).into_response()
            }))
        });
        assert_eq!(ask(marked, "/api/other").await.0, 418);
    }

    #[test]
    fn a_route_that_the_platform_refuses_is_an_error() {
        let reserved = HTTP_JSON.replace("\"hello\"", "\"admin\"");
        let functions = Functions::new().http("boss", &reserved, Router::new().route("/api/admin", get(|| async {})));
        assert!(Dispatch::assemble(functions, &under_host()).err().unwrap().to_string().contains("keeps for itself"));
    }
}
