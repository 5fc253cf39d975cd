//! The table of functions: each name with its `function.json` and the code that answers.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use http::Method;
use serde::de::DeserializeOwned;

use super::error::RuntimeError;
use super::host_settings::HostSettings;
use super::invocation::Invocation;
use super::local_queue::LocalQueue;
use super::manifest::{HttpTrigger, Manifest, ManifestError, QueueTrigger, TimerTrigger, Trigger, check_function_name};
use super::outcome::Outcome;
use super::pages::{ErrorPages, PlainPages};
use super::queue_message::{QueueMessage, RawMessage};
use super::timer_tick::TimerTick;

pub(super) type QueueAction = Arc<dyn Fn(RawMessage, Invocation) -> BoxFuture<'static, Outcome> + Send + Sync>;
pub(super) type TimerAction = Arc<dyn Fn(TimerTick, Invocation) -> BoxFuture<'static, Outcome> + Send + Sync>;
pub(super) type RouterLayer = Box<dyn FnOnce(Router) -> Router + Send>;

/// Everything an application registers. Faults are kept and reported when the runtime starts, so that calls chain.
pub struct Functions {
    pub(super) host: HostSettings,
    pub(super) registered: Vec<Registered>,
    pub(super) local_queues: Vec<LocalQueue>,
    pub(super) layers: Vec<RouterLayer>,
    pub(super) pages: Arc<dyn ErrorPages>,
    pub(super) faults: Vec<RuntimeError>,
}

pub(super) struct Registered {
    pub(super) name: Arc<str>,
    pub(super) manifest: Manifest,
    pub(super) action: Action,
}

/// The trigger as declared with the code that answers it.
pub(super) enum Action {
    Http(HttpTrigger, HttpFunction),
    Queue(QueueTrigger, QueueAction),
    Timer(TimerTrigger, TimerAction),
}

/// A router with whole paths (`/api/...`) and the list of what it serves.
#[derive(Debug, Default)]
pub struct HttpFunction {
    pub(super) router: Router,
    pub(super) endpoints: Vec<Endpoint>,
}

/// One method and path that a router serves, so that a test can hold the manifest's route and methods to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The whole path as routers write it: `/api/files/{area}/{*path}`.
    pub path: String,
}

impl HttpFunction {
    /// A function that answers with this router. The router must have no fallback of its own.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self { router, endpoints: Vec::new() }
    }

    /// Says that the router serves this.
    #[must_use]
    pub fn endpoint(mut self, method: Method, path: impl Into<String>) -> Self {
        self.endpoints.push(Endpoint { method, path: path.into() });
        self
    }

    /// Says that the router serves all of these, which an application may read off its own description of the router.
    #[must_use]
    pub fn endpoints(mut self, endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        self.endpoints.extend(endpoints);
        self
    }
}

impl From<Router> for HttpFunction {
    fn from(router: Router) -> Self {
        Self::new(router)
    }
}

impl Default for Functions {
    fn default() -> Self {
        Self::new()
    }
}

impl Functions {
    /// No functions, and the platform's defaults for `host.json`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            host: HostSettings::default(),
            registered: Vec::new(),
            local_queues: Vec::new(),
            layers: Vec::new(),
            pages: Arc::new(PlainPages),
            faults: Vec::new(),
        }
    }

    /// Takes the text of `host.json`, for the route prefix and the settings of queues.
    #[must_use]
    pub fn host_json(mut self, text: &str) -> Self {
        match HostSettings::parse(text) {
            Ok(settings) => self.host = settings,
            Err(error) => self.faults.push(RuntimeError::Host(error)),
        }
        self
    }

    /// Registers an HTTP function: name of its folder, text of its `function.json`, and what answers.
    ///
    /// All routers are merged into one, so which function's route the platform matched does not matter. As with any
    /// merge of axum routers, two that serve the same path panic here and now.
    #[must_use]
    pub fn http(self, name: &str, function_json: &str, function: impl Into<HttpFunction>) -> Self {
        let function = function.into();
        self.register(name, function_json, |trigger| match trigger {
            Trigger::Http(declared) => Some(Action::Http(declared.clone(), function)),
            _ => None,
        })
    }

    /// Registers a queue function. A message that cannot be read as `T` is not handed over; it counts as `Retry`.
    #[must_use]
    pub fn queue<T, F, Fut>(self, name: &str, function_json: &str, handler: F) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        F: Fn(QueueMessage<T>, Invocation) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let action: QueueAction = Arc::new(move |message: RawMessage, invocation| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                match message.read() {
                    Ok(message) => handler(message, invocation).await,
                    Err(error) => Outcome::Retry(format!("the message cannot be read: {error}")),
                }
            })
        });
        self.register(name, function_json, |trigger| match trigger {
            Trigger::Queue(declared) => Some(Action::Queue(declared.clone(), action)),
            _ => None,
        })
    }

    /// Registers a timer function.
    #[must_use]
    pub fn timer<F, Fut>(self, name: &str, function_json: &str, handler: F) -> Self
    where
        F: Fn(TimerTick, Invocation) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let action: TimerAction = Arc::new(move |tick, invocation| {
            let handler = Arc::clone(&handler);
            Box::pin(async move { handler(tick, invocation).await })
        });
        self.register(name, function_json, |trigger| match trigger {
            Trigger::Timer(declared) => Some(Action::Timer(declared.clone(), action)),
            _ => None,
        })
    }

    /// Gives a queue of this process to the queue functions that are triggered by a queue of its name. Used alone only.
    #[must_use]
    pub fn local_queue(mut self, queue: LocalQueue) -> Self {
        self.local_queues.push(queue);
        self
    }

    /// Wraps all HTTP functions and the answer for unknown paths, in `tower` layers for instance. The last call is
    /// outermost.
    #[must_use]
    pub fn layer(mut self, layer: impl FnOnce(Router) -> Router + Send + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// Words the runtime's own answers.
    #[must_use]
    pub fn error_pages(mut self, pages: impl ErrorPages + 'static) -> Self {
        self.pages = Arc::new(pages);
        self
    }

    /// Name and manifest of every function, in the order of registration.
    pub fn manifests(&self) -> impl Iterator<Item = (&str, &Manifest)> {
        self.registered.iter().map(|function| (&*function.name, &function.manifest))
    }

    /// The first fault found so far.
    pub(super) fn check(&mut self) -> Result<(), RuntimeError> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults.remove(0)) }
    }

    fn register(mut self, name: &str, function_json: &str, pair: impl FnOnce(Trigger<'_>) -> Option<Action>) -> Self {
        match self.checked(name, function_json, pair) {
            Ok(registered) => self.registered.push(registered),
            Err(source) => self.faults.push(RuntimeError::function(name, source)),
        }
        self
    }

    fn checked(
        &self,
        name: &str,
        function_json: &str,
        pair: impl FnOnce(Trigger<'_>) -> Option<Action>,
    ) -> Result<Registered, ManifestError> {
        check_function_name(name)?;
        if self.registered.iter().any(|earlier| &*earlier.name == name) {
            return Err(ManifestError::new("the name is registered twice"));
        }
        let manifest = Manifest::parse(function_json)?;
        let action = pair(manifest.trigger()?)
            .ok_or_else(|| ManifestError::new("function.json has another kind of trigger than the code"))?;
        if matches!(&action, Action::Http(_, function) if !function.router.has_routes()) {
            return Err(ManifestError::new("its router has no routes"));
        }
        Ok(Registered { name: name.into(), manifest, action })
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;
    use crate::runtime::testing::{HTTP_JSON, QUEUE_JSON, TIMER_JSON, done};

    fn fault(mut functions: Functions) -> String {
        functions.check().unwrap_err().to_string()
    }

    #[test]
    fn a_good_table_has_no_fault() {
        let mut functions = Functions::new()
            .http("hello", HTTP_JSON, Router::new().route("/api/hello", get(|| async { "hi" })))
            .queue("worker", QUEUE_JSON, |_: QueueMessage<String>, _| done())
            .timer("clean", TIMER_JSON, |_, _| done());
        functions.check().unwrap();
        assert_eq!(functions.manifests().map(|(name, _)| name).collect::<Vec<_>>(), ["hello", "worker", "clean"]);
    }

    #[test]
    fn the_trigger_must_be_the_one_in_the_manifest() {
        assert!(fault(Functions::new().timer("clean", QUEUE_JSON, |_, _| done())).contains("another kind of trigger"));
    }

    #[test]
    fn a_name_is_taken_once_and_must_be_allowed() {
        let twice =
            Functions::new().timer("clean", TIMER_JSON, |_, _| done()).timer("clean", TIMER_JSON, |_, _| done());
        assert!(fault(twice).contains("registered twice"));
        assert!(fault(Functions::new().timer("Clean", TIMER_JSON, |_, _| done())).contains("lower-case"));
    }

    #[test]
    fn a_router_must_serve_something() {
        assert!(fault(Functions::new().http("hello", HTTP_JSON, Router::new())).contains("no routes"));
    }

    #[test]
    fn a_bad_host_json_is_a_fault() {
        assert!(fault(Functions::new().host_json("{}")).starts_with("host.json"));
    }
}
