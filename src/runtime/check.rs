//! Whether the folders that the platform sees agree with the code. Meant for a test of the application.

use std::collections::BTreeMap;
use std::fmt;

use super::functions::{Action, Endpoint, Functions};
use super::manifest::{HttpTrigger, Manifest, ManifestError};
use super::route_table::{Route, RouteTable};
use super::schedule::Schedule;

/// Methods that a platform's manifest may list although no endpoint is declared with them: routers answer them by
/// themselves or from layers.
const ANSWERED_BY_LAYERS: [&str; 2] = ["head", "options"];

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The function concerned. Empty where the problem itself names it, or concerns `host.json`.
    pub function: String,
    /// What does not agree, in one sentence.
    pub problem: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.function.is_empty() {
            write!(formatter, "{}: ", self.function)?;
        }
        formatter.write_str(&self.problem)
    }
}

/// Compares the registered functions with the folders, each given as its name and the text of its `function.json`.
///
/// Held are: every function has its folder and every folder its function, with the same manifest; names, routes and
/// schedules follow the platform's rules; no two functions claim the same route and method; the platform lets every
/// declared endpoint through, by way of any HTTP function, for all routers are one; and no route or method is open that
/// no endpoint of its function answers. Empty means agreement.
pub fn check_manifests<'a>(functions: &Functions, folders: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Drift> {
    let mut drifts: Vec<Drift> = functions.faults.iter().map(|fault| drift("", fault.to_string())).collect();
    drifts.extend(check_folders(functions, folders));
    for function in &functions.registered {
        if let Action::Timer(declared, _) = &function.action
            && !declared.schedule.contains('%')
            && let Err(error) = Schedule::parse(&declared.schedule)
        {
            drifts.push(drift(&function.name, error.to_string()));
        }
    }
    let (table, broken) = route_table(functions);
    drifts.extend(broken);
    drifts.extend(check_duplicates(&table));
    for function in &functions.registered {
        if let Action::Http(_, http) = &function.action
            && let Some(route) = table.iter().find(|route| route.function == function.name)
        {
            drifts.extend(check_endpoints(route, &http.endpoints, &table));
        }
    }
    drifts
}

/// The name of the HTTP function to which the platform passes a request: of the first in the order of names whose route
/// and methods fit. `None` means that the platform answers 404 itself. The path is percent-decoded and has no query.
#[must_use]
pub fn function_for(functions: &Functions, method: &str, path: &str) -> Option<String> {
    let (table, _) = route_table(functions);
    table.find(method, path).map(|name| name.to_string())
}
/// The routes as the platform tries them, and those that it would refuse.
fn route_table(functions: &Functions) -> (RouteTable, Vec<Drift>) {
    let mut routes = Vec::new();
    let mut broken = Vec::new();
    for function in &functions.registered {
        let Action::Http(declared, _) = &function.action else { continue };
        match Route::new(&function.name, declared, &functions.host.route_prefix) {
            Ok(route) => routes.push(route),
            Err(error) => broken.push(drift("", error.to_string())),
        }
    }
    (RouteTable::new(routes), broken)
}

fn check_folders<'a>(functions: &Functions, folders: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut folders: BTreeMap<&str, Result<Manifest, ManifestError>> =
        folders.into_iter().map(|(name, text)| (name, Manifest::parse(text))).collect();
    for (name, registered) in functions.manifests() {
        match folders.remove(name) {
            None => drifts.push(drift(name, "has no folder")),
            Some(Err(error)) => drifts.push(drift(name, error.to_string())),
            Some(Ok(manifest)) if manifest != *registered => {
                drifts.push(drift(name, "its folder has another function.json than the one it is registered with"));
            }
            Some(Ok(_)) => {}
        }
    }
    drifts.extend(folders.into_keys().map(|name| drift(name, "its folder has no function")));
    drifts
}

fn check_duplicates(table: &RouteTable) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for (index, later) in table.iter().enumerate() {
        for earlier in table.iter().take(index) {
            let same_route = earlier.template.as_str().eq_ignore_ascii_case(later.template.as_str());
            if same_route && have_common_method(&earlier.trigger, &later.trigger) {
                let problem = format!("claims a route and a method that {} claims too", earlier.function);
                drifts.push(drift(&later.function, problem));
            }
        }
    }
    drifts
}

fn check_endpoints(own: &Route, endpoints: &[Endpoint], table: &RouteTable) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for endpoint in endpoints {
        // A route for everything says nothing of the endpoints of other functions.
        let is_meant = |route: &Route| route.function == own.function || !route.template.takes_every_path();
        if !table.iter().any(|route| is_meant(route) && covers(route, endpoint)) {
            let Endpoint { method, path } = endpoint;
            drifts.push(drift(&own.function, format!("no route lets {method} {path} through")));
        }
    }
    if !endpoints.iter().any(|endpoint| covers(own, endpoint)) {
        let template = own.template.as_str();
        drifts.push(drift(&own.function, format!("none of its endpoints is under its route {template:?}")));
    }
    for method in own.trigger.methods.iter().flatten() {
        let answered = endpoints.iter().any(|endpoint| endpoint.method.as_str().eq_ignore_ascii_case(method));
        if !answered && !ANSWERED_BY_LAYERS.contains(&method.as_str()) {
            drifts.push(drift(&own.function, format!("lets {method} through, which none of its endpoints answers")));
        }
    }
    drifts
}

fn covers(route: &Route, endpoint: &Endpoint) -> bool {
    sample_paths(&endpoint.path).iter().any(|path| route.takes(endpoint.method.as_str(), path))
}

fn have_common_method(left: &HttpTrigger, right: &HttpTrigger) -> bool {
    match &left.methods {
        None => true,
        Some(methods) => methods.iter().any(|method| right.allows(method)),
    }
}

/// Paths of an endpoint with words, then with numbers, in the place of its parameters.
fn sample_paths(path: &str) -> [String; 2] {
    ["word", "1"].map(|value| {
        let fill = |segment: &str| if segment.starts_with('{') { value.to_owned() } else { segment.to_owned() };
        path.split('/').map(fill).collect::<Vec<_>>().join("/")
    })
}

fn drift(function: &str, problem: impl Into<String>) -> Drift {
    Drift { function: function.to_owned(), problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use http::Method;

    use super::*;
    use crate::runtime::HttpFunction;
    use crate::runtime::testing::{HTTP_JSON, TIMER_JSON, done};

    fn http_json(route: &str, methods: &str) -> String {
        HTTP_JSON.replace(r#""hello""#, &format!("{route:?}")).replace(r#"["get"]"#, methods)
    }

    fn serving(endpoints: &[(Method, &str)]) -> HttpFunction {
        let own = format!("/{}", endpoints[0].1.replace(['/', '{', '}', '*'], ""));
        let function = HttpFunction::new(Router::new().route(&own, get(|| async {})));
        endpoints.iter().fold(function, |function, (method, path)| function.endpoint(method.clone(), *path))
    }

    fn problems(functions: &Functions) -> Vec<String> {
        let texts: Vec<(String, String)> =
            functions.manifests().map(|(name, manifest)| (name.to_owned(), manifest.to_json().unwrap())).collect();
        let folders = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        check_manifests(functions, folders).iter().map(Drift::to_string).collect()
    }

    #[test]
    fn agreement_is_empty() {
        let files = http_json("{root:regex(^(files|download)$)}/{*rest}", r#"["get", "head", "delete"]"#);
        let functions = Functions::new()
            .http("hello", HTTP_JSON, serving(&[(Method::GET, "/api/hello")]))
            .http(
                "files",
                &files,
                serving(&[(Method::GET, "/api/files/{area}/{*path}"), (Method::DELETE, "/api/download")]),
            )
            .timer("clean", TIMER_JSON, |_, _| done());
        assert_eq!(problems(&functions), Vec::<String>::new());
    }

    #[test]
    fn folders_and_functions_must_pair() {
        let functions = Functions::new()
            .timer("clean", TIMER_JSON, |_, _| done())
            .timer("sweep", TIMER_JSON, |_, _| done())
            .timer("wipe", TIMER_JSON, |_, _| done());
        let other = TIMER_JSON.replace("*/5", "*/6");
        let folders = [("clean", other.as_str()), ("sweep", "{"), ("stray", TIMER_JSON)];
        let drifts = check_manifests(&functions, folders);
        let concerned: Vec<&str> = drifts.iter().map(|drift| drift.function.as_str()).collect();
        assert_eq!(concerned, ["clean", "sweep", "wipe", "stray"]);
    }

    #[test]
    fn an_endpoint_that_the_platform_blocks_is_found() {
        let functions = Functions::new().http(
            "hello",
            HTTP_JSON,
            serving(&[(Method::GET, "/api/hello"), (Method::POST, "/api/hello"), (Method::GET, "/api/other")]),
        );
        assert_eq!(
            problems(&functions),
            ["hello: no route lets POST /api/hello through", "hello: no route lets GET /api/other through"]
        );
    }

    #[test]
    fn an_endpoint_may_come_by_way_of_another_function() {
        let functions = Functions::new()
            .http("auth", &http_json("auth/{*path}", r#"["post"]"#), serving(&[(Method::POST, "/api/auth/login")]))
            .http(
                "logout",
                &http_json("logout", r#"["post"]"#),
                serving(&[(Method::POST, "/api/logout"), (Method::POST, "/api/auth/logout")]),
            );
        assert_eq!(problems(&functions), Vec::<String>::new());
        assert_eq!(function_for(&functions, "POST", "/api/auth/logout").as_deref(), Some("auth"));
        assert_eq!(function_for(&functions, "post", "/api/logout").as_deref(), Some("logout"));
        assert_eq!(function_for(&functions, "GET", "/api/logout"), None);
    }

    #[test]
    fn a_route_for_everything_does_not_stand_for_a_missing_one() {
        let functions = Functions::new()
            .host_json(
                r#"{"version": "2.0", "extensions": {"http": {"routePrefix": ""}},
                    "customHandler": {"description": {"defaultExecutablePath": "ret"}, "enableProxyingHttpRequest": true}}"#,
            )
            .http(
                "hello",
                &http_json("api/hello", r#"["get"]"#),
                serving(&[(Method::GET, "/api/hello"), (Method::GET, "/api/other")]),
            )
            .http("web", &http_json("{*path}", r#"["get"]"#), serving(&[(Method::GET, "/{*path}")]));
        assert_eq!(problems(&functions), ["hello: no route lets GET /api/other through"]);
    }

    #[test]
    fn doors_that_lead_nowhere_are_found() {
        let functions = Functions::new().http("hello", HTTP_JSON, serving(&[(Method::GET, "/api/hello")])).http(
            "hullo",
            &http_json("hullo", r#"["get", "put", "options"]"#),
            serving(&[(Method::GET, "/api/hello/")]),
        );
        assert_eq!(
            problems(&functions),
            [
                "hullo: none of its endpoints is under its route \"api/hullo\"",
                "hullo: lets put through, which none of its endpoints answers"
            ]
        );
    }

    #[test]
    fn what_the_platform_refuses_is_found() {
        let functions = Functions::new()
            .http("admin", &http_json("admin/{*x}", r#"["get"]"#), serving(&[(Method::GET, "/api/admin/a")]))
            .http("hello", HTTP_JSON, serving(&[(Method::GET, "/api/hello")]))
            .http("twin", &http_json("Hello", r#"["get"]"#), serving(&[(Method::GET, "/api/hello/")]))
            .timer("clean", &TIMER_JSON.replace("0 */5", "99 */5"), |_, _| done());
        let problems = problems(&functions);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("clean: schedule"));
        assert!(problems[1].contains("keeps for itself"));
        assert!(problems[2].starts_with("twin: claims a route and a method that hello claims"));
    }
}
