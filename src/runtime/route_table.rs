//! Which HTTP function the platform passes a request to.

use std::sync::Arc;

use super::error::RuntimeError;
use super::manifest::HttpTrigger;
use super::route::RouteTemplate;

/// The routes of all HTTP functions in the order in which the platform tries them: by name, whatever they look like.
#[derive(Debug, Default)]
pub(super) struct RouteTable {
    routes: Vec<Route>,
}

/// The route of one HTTP function.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) function: Arc<str>,
    pub(super) trigger: HttpTrigger,
    pub(super) template: RouteTemplate,
}

impl RouteTable {
    pub(super) fn new(routes: impl IntoIterator<Item = Route>) -> Self {
        let mut routes: Vec<Route> = routes.into_iter().collect();
        routes.sort_by_key(|route| route.function.to_ascii_lowercase());
        Self { routes }
    }

    /// The function that takes a request. `None` means that the platform answers 404 itself.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<&Arc<str>> {
        self.routes.iter().find(|route| route.takes(method, path)).map(|route| &route.function)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

impl Route {
    pub(super) fn new(function: &Arc<str>, trigger: &HttpTrigger, route_prefix: &str) -> Result<Self, RuntimeError> {
        let template =
            trigger.template(function, route_prefix).map_err(|source| RuntimeError::function(function, source))?;
        Ok(Self { function: Arc::clone(function), trigger: trigger.clone(), template })
    }

    pub(super) fn takes(&self, method: &str, path: &str) -> bool {
        self.template.matches(path) && self.trigger.allows(method)
    }
}
