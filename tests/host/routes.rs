//! Which function a request is for: the first whose route and methods fit, in the order of their names.

use std::sync::Arc;

use super::{
    function::{Function, Trigger},
    template::{Parameters, Template},
};

/// The routes of a script host.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    template: Template,
    methods: Option<Vec<String>>,
    function: Arc<Function>,
}

impl RouteTable {
    /// Adds a function behind those that are there. Functions without an HTTP trigger have no route.
    pub fn add(&mut self, prefix: &str, function: &Arc<Function>) -> Result<(), String> {
        if let Trigger::Http(http) = &function.trigger {
            let template = Template::parse(&whole_route(prefix, &http.route))?;
            self.routes.push(Route { template, methods: http.methods.clone(), function: Arc::clone(function) });
        }
        Ok(())
    }

    /// The function for a method and a decoded path. A wrong method is no match.
    pub fn find(&self, method: &str, path: &str) -> Option<(Arc<Function>, Parameters)> {
        self.routes.iter().find_map(|route| {
            let takes = |methods: &Vec<String>| methods.iter().any(|known| known.eq_ignore_ascii_case(method));
            if !route.methods.as_ref().is_none_or(takes) {
                return None;
            }
            Some((Arc::clone(&route.function), route.template.matches(path)?))
        })
    }
}

/// The route with its prefix.
pub fn whole_route(prefix: &str, route: &str) -> String {
    if prefix.is_empty() { route.to_owned() } else { format!("{prefix}/{route}") }
}
