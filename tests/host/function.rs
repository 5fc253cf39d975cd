//! A function as its `function.json` describes it.

use serde_json::Value;

use super::{environment::Environment, schedule::Schedule};

/// A function that was loaded.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of its folder.
    pub name: String,
    /// The name of the trigger's binding.
    pub binding: String,
    pub trigger: Trigger,
    /// The name of the HTTP output, if there is one.
    pub http_output: Option<String>,
    /// Whether an HTTP trigger and an HTTP output are all that it has.
    pub is_http_in_and_out: bool,
}

#[derive(Clone, Debug)]
pub enum Trigger {
    Http(HttpTrigger),
    Queue(QueueTrigger),
    Timer(TimerTrigger),
}

#[derive(Clone, Debug)]
pub struct HttpTrigger {
    /// Below the route prefix.
    pub route: String,
    /// In upper case; `None` is all.
    pub methods: Option<Vec<String>>,
    pub auth_level: AuthLevel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthLevel {
    Anonymous,
    Function,
    Admin,
}

#[derive(Clone, Debug)]
pub struct QueueTrigger {
    pub queue: String,
    pub data_type: DataType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    Text,
    Binary,
}

#[derive(Clone, Debug)]
pub struct TimerTrigger {
    pub schedule: Schedule,
    pub run_on_startup: bool,
    pub use_monitor: bool,
}

impl Function {
    /// The group that scales with it under Flex Consumption.
    pub fn group(&self) -> String {
        match self.trigger {
            Trigger::Http(_) => "http".to_owned(),
            Trigger::Queue(_) | Trigger::Timer(_) => format!("function:{}", self.name),
        }
    }

    /// Reads a `function.json`, or says what is wrong with it.
    pub fn parse(name: &str, text: &str, environment: &Environment) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("function.json is not JSON: {error}"))?;
        let bindings = member(&json, "bindings").and_then(Value::as_array).ok_or("function.json has no bindings")?;
        let bindings = bindings.iter().map(Binding::read).collect::<Result<Vec<_>, _>>()?;
        let is_repeated = |(at, binding): (usize, &Binding<'_>)| {
            bindings[..at].iter().any(|before| before.name.eq_ignore_ascii_case(&binding.name))
        };
        if bindings.iter().enumerate().any(is_repeated) {
            return Err("multiple bindings have the same name".to_owned());
        }
        let mut triggers = bindings.iter().filter(|binding| binding.is_trigger());
        let trigger = triggers.next().ok_or("no trigger binding specified; a function must have one")?;
        if triggers.next().is_some() {
            return Err("multiple trigger bindings; a function may have one".to_owned());
        }
        let outputs: Vec<_> = bindings.iter().filter(|binding| !binding.is_input).collect();
        let http_output = outputs.iter().find(|binding| binding.kind == "http").map(|binding| binding.name.clone());
        Ok(Self {
            name: name.to_owned(),
            binding: trigger.name.clone(),
            trigger: trigger.trigger(name, environment)?,
            is_http_in_and_out: trigger.kind == "httptrigger"
                && bindings.len() == 2
                && outputs.len() == 1
                && http_output.is_some(),
            http_output,
        })
    }
}

struct Binding<'a> {
    json: &'a Value,
    name: String,
    /// In lower case.
    kind: String,
    is_input: bool,
}

impl<'a> Binding<'a> {
    fn read(json: &'a Value) -> Result<Self, String> {
        let text = |key: &str| member(json, key).and_then(Value::as_str).unwrap_or_default();
        let (name, kind) = (text("name").to_owned(), text("type").to_lowercase());
        if !is_binding_name(&name) {
            return Err(format!("the binding name {name:?} is invalid"));
        }
        if kind.is_empty() {
            return Err(format!("the binding {name} has no type"));
        }
        let is_input = match text("direction").to_lowercase().as_str() {
            "" | "in" => true,
            "out" => false,
            other => return Err(format!("the binding {name} has the direction {other}; this host knows in and out")),
        };
        Ok(Self { json, name, kind, is_input })
    }

    fn is_trigger(&self) -> bool {
        self.is_input && self.kind.ends_with("trigger")
    }

    fn trigger(&self, function: &str, environment: &Environment) -> Result<Trigger, String> {
        match self.kind.as_str() {
            "httptrigger" => self.http_trigger(function).map(Trigger::Http),
            "queuetrigger" => self.queue_trigger(environment).map(Trigger::Queue),
            "timertrigger" => self.timer_trigger(environment).map(Trigger::Timer),
            other => Err(format!("the binding type {other} is not registered")),
        }
    }

    fn http_trigger(&self, function: &str) -> Result<HttpTrigger, String> {
        let route = self.text("route").filter(|route| !route.trim().is_empty()).unwrap_or(function);
        let auth_level = match self.text("authLevel").map(str::to_lowercase).as_deref() {
            Some("anonymous") => AuthLevel::Anonymous,
            None | Some("function") => AuthLevel::Function,
            Some("admin") => AuthLevel::Admin,
            Some(other) => return Err(format!("the authLevel {other} is unknown")),
        };
        let methods = member(self.json, "methods")
            .and_then(Value::as_array)
            .map(|methods| methods.iter().filter_map(Value::as_str).map(str::to_uppercase).collect::<Vec<_>>());
        let methods = methods.filter(|methods| !methods.is_empty());
        Ok(HttpTrigger { route: route.trim_start_matches('/').to_owned(), methods, auth_level })
    }

    fn queue_trigger(&self, environment: &Environment) -> Result<QueueTrigger, String> {
        let queue = self.text("queueName").map(|name| environment.expand(name).to_lowercase());
        let queue = queue.filter(|name| !name.is_empty()).ok_or("a queueTrigger needs a queueName")?;
        let is_binary = self.text("dataType").is_some_and(|kind| kind.eq_ignore_ascii_case("binary"));
        Ok(QueueTrigger { queue, data_type: if is_binary { DataType::Binary } else { DataType::Text } })
    }

    fn timer_trigger(&self, environment: &Environment) -> Result<TimerTrigger, String> {
        let text = environment.expand(self.text("schedule").ok_or("a timerTrigger needs a schedule")?);
        let schedule = Schedule::parse(&text)
            .ok_or_else(|| format!("{text:?} is neither an NCRONTAB schedule nor a time span"))?;
        let flag = |key: &str, default| member(self.json, key).and_then(Value::as_bool).unwrap_or(default);
        Ok(TimerTrigger {
            schedule,
            run_on_startup: flag("runOnStartup", false),
            use_monitor: flag("useMonitor", true),
        })
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        member(self.json, key).and_then(Value::as_str)
    }
}

/// A member of an object, whatever the case of its name.
pub fn member<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    json.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn is_binding_name(name: &str) -> bool {
    name == "$return"
        || name.len() <= 128
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
