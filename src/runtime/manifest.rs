//! `function.json`: what the platform is told about one function, read and held to the platform's rules.
//!
//! The text that ships with the executable is the single source of routes, methods, queue names and schedules: functions
//! are registered with it, and both ways of running work from it.

use serde::{Deserialize, Serialize};

use super::route::RouteTemplate;

/// A rule of the platform that a manifest breaks, said in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ManifestError(String);

impl ManifestError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A `function.json` with exactly one trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    bindings: Vec<Binding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Binding {
    HttpTrigger(HttpTrigger),
    Http(HttpOutput),
    QueueTrigger(QueueTrigger),
    TimerTrigger(TimerTrigger),
}

/// The one binding that starts a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger<'a> {
    /// A request of a client.
    Http(&'a HttpTrigger),
    /// A message of a storage queue.
    Queue(&'a QueueTrigger),
    /// A tick of a schedule.
    Timer(&'a TimerTrigger),
}

/// An HTTP trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpTrigger {
    /// Name of the binding.
    pub name: String,
    direction: Direction,
    /// Who may call: `anonymous` leaves the question to the application. The platform's default is `function`.
    #[serde(default)]
    pub auth_level: AuthLevel,
    /// Methods in lower case. `None` means all; a request of another method is answered 404 by the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
    /// Template of the path after the route prefix. `None` means the function's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

/// Who may call an HTTP function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthLevel {
    /// Everyone.
    Anonymous,
    /// Holders of a function key.
    #[default]
    Function,
    /// Holders of the master key.
    Admin,
}

/// The answer of an HTTP function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpOutput {
    name: String,
    direction: Direction,
}

/// A queue trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueTrigger {
    /// Name of the binding, under which the message travels.
    pub name: String,
    direction: Direction,
    /// Name of the queue; `%SETTING%` is resolved.
    pub queue_name: String,
    /// Name of the setting that holds the connection.
    pub connection: String,
    /// How the platform hands the message over; text if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_type: Option<DataType>,
}

/// How the platform hands a message over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// Text, as JSON within a JSON string, its members merged into the metadata.
    String,
    /// Base64 of the bytes, nothing merged.
    Binary,
}

/// A timer trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimerTrigger {
    /// Name of the binding.
    pub name: String,
    direction: Direction,
    /// NCRONTAB or time span; `%SETTING%` is resolved.
    pub schedule: String,
    /// Whether the status of the schedule outlives the process. The platform's default is yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_monitor: Option<bool>,
    /// Whether the function runs once at each start of the host.
    #[serde(default)]
    pub run_on_startup: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    In,
    Out,
}

impl Manifest {
    /// Reads a `function.json` and holds it to the rules that do not depend on other functions.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text).map_err(|error| ManifestError::new(error.to_string()))?;
        manifest.check_bindings()?;
        if let Trigger::Http(trigger) = manifest.trigger()? {
            trigger.check_methods()?;
        }
        Ok(manifest)
    }

    /// The binding that starts the function.
    pub fn trigger(&self) -> Result<Trigger<'_>, ManifestError> {
        let mut triggers = self.bindings.iter().filter_map(|binding| match binding {
            Binding::HttpTrigger(trigger) => Some(Trigger::Http(trigger)),
            Binding::QueueTrigger(trigger) => Some(Trigger::Queue(trigger)),
            Binding::TimerTrigger(trigger) => Some(Trigger::Timer(trigger)),
            Binding::Http(_) => None,
        });
        match (triggers.next(), triggers.next()) {
            (Some(trigger), None) => Ok(trigger),
            _ => Err(ManifestError::new("a function needs exactly one trigger")),
        }
    }

    /// The manifest as the platform reads it, with one fixed layout and a line feed at the end.
    pub fn to_json(&self) -> Result<String, ManifestError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| ManifestError::new(error.to_string()))
    }

    fn check_bindings(&self) -> Result<(), ManifestError> {
        let is_http = matches!(self.trigger()?, Trigger::Http(_));
        let outputs = self.bindings.len() - 1;
        if is_http && outputs != 1 {
            return Err(ManifestError::new(
                "an http function needs exactly one http output, or its requests are not proxied",
            ));
        }
        if !is_http && outputs != 0 {
            return Err(ManifestError::new("an http output belongs to an http trigger"));
        }
        for binding in &self.bindings {
            let (name, direction, wanted) = match binding {
                Binding::HttpTrigger(trigger) => (&trigger.name, trigger.direction, Direction::In),
                Binding::QueueTrigger(trigger) => (&trigger.name, trigger.direction, Direction::In),
                Binding::TimerTrigger(trigger) => (&trigger.name, trigger.direction, Direction::In),
                Binding::Http(output) => (&output.name, output.direction, Direction::Out),
            };
            check_binding_name(name)?;
            if direction != wanted {
                return Err(ManifestError::new(format!("binding {name:?} has the wrong direction")));
            }
        }
        Ok(())
    }
}

impl HttpTrigger {
    /// The whole template: the prefix of all HTTP functions, then the route or the name of the function.
    pub fn template(&self, function: &str, route_prefix: &str) -> Result<RouteTemplate, ManifestError> {
        let route = self.route.as_deref().unwrap_or(function).trim_matches('/');
        let lower_case = route.to_ascii_lowercase();
        if lower_case.starts_with("admin") || lower_case.starts_with("runtime") {
            return Err(ManifestError::new(format!(
                "route {route:?} starts with a word that the platform keeps for itself; \
                 write it as a constraint: {{root:regex(^admin$)}}"
            )));
        }
        RouteTemplate::parse(&format!("{}/{route}", route_prefix.trim_matches('/')))
    }

    /// Whether a request of this method reaches the function.
    #[must_use]
    pub fn allows(&self, method: &str) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|allowed| allowed.eq_ignore_ascii_case(method)))
    }

    fn check_methods(&self) -> Result<(), ManifestError> {
        const KNOWN: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];
        match self.methods.iter().flatten().find(|method| !KNOWN.contains(&method.as_str())) {
            Some(method) => Err(ManifestError::new(format!("{method:?} is no method in lower case"))),
            None => Ok(()),
        }
    }
}

/// Holds a function's name, which is the name of its folder, to the platform's rule.
pub(super) fn check_function_name(name: &str) -> Result<(), ManifestError> {
    let good = name.len() <= 128
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    if good && name != "host" {
        return Ok(());
    }
    Err(ManifestError::new(
        "the name must be 1 to 128 lower-case letters, digits, _ and -, start with a letter and not be host",
    ))
}

fn check_binding_name(name: &str) -> Result<(), ManifestError> {
    let plain = name.len() <= 128
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain || name == "$return" {
        return Ok(());
    }
    Err(ManifestError::new(format!(
        "binding name {name:?} must be 1 to 128 letters and digits and start with a letter"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: &str = r#"{"bindings": [
        {"type": "httpTrigger", "name": "req", "direction": "in", "authLevel": "anonymous", "methods": ["get"], "route": "a/{b}"},
        {"type": "http", "name": "res", "direction": "out"}]}"#;

    fn refusal(text: &str) -> String {
        Manifest::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_manifest_survives_printing() {
        for text in [
            HTTP,
            r#"{"bindings": [{"type": "queueTrigger", "name": "item", "direction": "in", "queueName": "q", "connection": "C", "dataType": "binary"}]}"#,
            r#"{"bindings": [{"type": "timerTrigger", "name": "t", "direction": "in", "schedule": "0 * * * * *", "useMonitor": false}]}"#,
        ] {
            let manifest = Manifest::parse(text).unwrap();
            assert_eq!(Manifest::parse(&manifest.to_json().unwrap()).unwrap(), manifest);
        }
    }

    #[test]
    fn the_platforms_defaults_are_ours() {
        let manifest = Manifest::parse(
            r#"{"bindings": [{"type": "httpTrigger", "name": "req", "direction": "in"}, {"type": "http", "name": "res", "direction": "out"}]}"#,
        )
        .unwrap();
        let Trigger::Http(trigger) = manifest.trigger().unwrap() else { panic!("not http") };
        assert_eq!(trigger.auth_level, AuthLevel::Function);
        assert!(trigger.allows("PATCH"));
        assert_eq!(trigger.template("hello", "api").unwrap().as_str(), "api/hello");
        assert_eq!(trigger.template("hello", "").unwrap().as_str(), "hello");
    }

    #[test]
    fn methods_are_as_listed() {
        let manifest = Manifest::parse(HTTP).unwrap();
        let Trigger::Http(trigger) = manifest.trigger().unwrap() else { panic!("not http") };
        assert!(trigger.allows("GET"));
        assert!(!trigger.allows("HEAD"));
    }

    #[test]
    fn broken_rules_are_named() {
        assert!(refusal(r#"{"bindings": []}"#).contains("exactly one trigger"));
        assert!(refusal(&HTTP.replace(r#""direction": "out""#, r#""direction": "in""#)).contains("direction"));
        assert!(refusal(&HTTP.replace("req", "my req")).contains("binding name"));
        assert!(refusal(&HTTP.replace(r#"["get"]"#, r#"["fetch"]"#)).contains("fetch"));
        assert!(refusal(&HTTP.replace("authLevel", "authlevel")).contains("unknown field"));
        let without_output = r#"{"bindings": [{"type": "httpTrigger", "name": "req", "direction": "in"}]}"#;
        assert!(refusal(without_output).contains("http output"));
    }

    #[test]
    fn reserved_routes_are_refused() {
        for route in ["admin/{*x}", "/Admin", "administration", "runtime/x"] {
            let manifest = Manifest::parse(&HTTP.replace("a/{b}", route)).unwrap();
            let Trigger::Http(trigger) = manifest.trigger().unwrap() else { panic!("not http") };
            assert!(trigger.template("f", "api").unwrap_err().to_string().contains("keeps for itself"), "{route}");
        }
    }

    #[test]
    fn function_names() {
        for good in ["a", "convert_worker", "x-1"] {
            assert!(check_function_name(good).is_ok(), "{good}");
        }
        for bad in ["", "host", "1a", "_a", "Abc", "a b", "a/b", &"a".repeat(129)] {
            assert!(check_function_name(bad).is_err(), "{bad}");
        }
    }
}
