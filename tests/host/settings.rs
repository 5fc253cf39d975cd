//! `host.json`, with every key open to `AzureFunctionsJobHost__…` of the environment.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::Value;

use super::{environment::Environment, timespan, web_host::HostError};

const OVERRIDES: &str = "AzureFunctionsJobHost__";

/// What the host takes from `host.json` and the environment.
#[derive(Clone, Debug)]
pub struct HostSettings {
    pub route_prefix: String,
    /// `None` is without end.
    pub function_timeout: Option<Duration>,
    /// The functions that may be loaded; `None` is all.
    pub functions: Option<Vec<String>>,
    pub queues: QueueSettings,
    pub handler: HandlerSettings,
    /// Whether a restart ends the old handler before the new one starts.
    pub sequential_restart: bool,
    /// Bodies beyond so many bytes are refused.
    pub body_limit: u64,
    /// Whether `/` says 204 instead of a page.
    pub homepage_disabled: bool,
}

#[derive(Clone, Debug)]
pub struct QueueSettings {
    pub batch_size: usize,
    /// When so few or fewer are being worked on, the next batch is fetched.
    pub new_batch_threshold: usize,
    pub max_dequeue_count: u32,
    /// How long a message that failed is hidden.
    pub visibility_timeout: Duration,
    pub max_polling_interval: Duration,
    pub encoding: MessageEncoding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEncoding {
    Base64,
    None,
}

#[derive(Clone, Debug)]
pub struct HandlerSettings {
    pub executable: String,
    /// Relative ones are taken from the script root.
    pub working_directory: String,
    /// Where a relative executable is looked for; the script root if empty.
    pub worker_directory: String,
    pub arguments: Vec<String>,
    pub worker_path: String,
    pub worker_arguments: Vec<String>,
    pub errors_only: bool,
    pub port: Option<u16>,
    pub initialization_timeout: Duration,
    pub http: HttpMode,
}

/// How a function with one HTTP trigger and one HTTP output is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpMode {
    Invoke,
    Forward,
    Proxy,
}

impl HostSettings {
    /// Reads `host.json` in the script root.
    pub fn read(script_root: &Path, environment: &Environment) -> Result<Self, HostError> {
        let text = std::fs::read_to_string(script_root.join("host.json")).map_err(|error| {
            wrong(format!("host.json cannot be read in {}: {error}; stage it at the root", script_root.display()))
        })?;
        Self::parse(&text, environment)
    }

    pub fn parse(text: &str, environment: &Environment) -> Result<Self, HostError> {
        let configuration = Configuration::of(text, environment)?;
        if configuration.get("version") != Some("2.0") {
            return Err(wrong("the version of host.json must be \"2.0\""));
        }
        Ok(Self {
            route_prefix: configuration.text("extensions:http:routePrefix", "api").trim_matches('/').to_owned(),
            function_timeout: function_timeout(&configuration)?,
            functions: configuration.items("functions"),
            queues: QueueSettings::of(&configuration)?,
            handler: HandlerSettings::of(&configuration, environment)?,
            sequential_restart: configuration.flag("sequentialRestart", false)?,
            body_limit: match environment.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") {
                Some(text) => text.parse().map_err(|_| wrong("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT takes bytes"))?,
                None => 104_857_600,
            },
            homepage_disabled: environment.is_on("AzureWebJobsDisableHomepage"),
        })
    }
}

fn function_timeout(configuration: &Configuration) -> Result<Option<Duration>, HostError> {
    if configuration.get("functionTimeout").is_some_and(|text| text.starts_with("-1")) {
        return Ok(None);
    }
    let timeout = configuration.span("functionTimeout", Duration::from_secs(30 * 60))?;
    if timeout < Duration::from_secs(1) {
        return Err(wrong("functionTimeout takes a second at least, or -1"));
    }
    Ok(Some(timeout))
}

impl QueueSettings {
    fn of(configuration: &Configuration) -> Result<Self, HostError> {
        let key = |name: &str| format!("extensions:queues:{name}");
        let batch_size: usize = configuration.number(&key("batchSize"), 16)?;
        if batch_size == 0 || batch_size > 32 {
            return Err(wrong("extensions.queues.batchSize takes 1 to 32"));
        }
        let encoding = match configuration.text(&key("messageEncoding"), "base64").to_lowercase().as_str() {
            "base64" => MessageEncoding::Base64,
            "none" => MessageEncoding::None,
            _ => return Err(wrong("extensions.queues.messageEncoding takes base64 or none")),
        };
        Ok(Self {
            batch_size,
            new_batch_threshold: configuration.number(&key("newBatchThreshold"), batch_size / 2)?,
            max_dequeue_count: configuration.number(&key("maxDequeueCount"), 5)?,
            visibility_timeout: configuration.span(&key("visibilityTimeout"), Duration::ZERO)?,
            max_polling_interval: configuration.span(&key("maxPollingInterval"), Duration::from_secs(60))?,
            encoding,
        })
    }
}

impl HandlerSettings {
    fn of(configuration: &Configuration, environment: &Environment) -> Result<Self, HostError> {
        let key = |name: &str| format!("customHandler:description:{name}");
        let executable = environment.expand(configuration.text(&key("defaultExecutablePath"), ""));
        if executable.is_empty() {
            return Err(wrong("customHandler.description.defaultExecutablePath cannot be empty"));
        }
        let http = if configuration.flag("customHandler:enableProxyingHttpRequest", false)? {
            HttpMode::Proxy
        } else if configuration.flag("customHandler:enableForwardingHttpRequest", false)? {
            HttpMode::Forward
        } else {
            HttpMode::Invoke
        };
        let expanded = |name: &str| {
            let items = configuration.items(&key(name)).unwrap_or_default();
            items.iter().map(|item| environment.expand(item)).collect()
        };
        let port = configuration.get("customHandler:port").map(str::parse).transpose();
        Ok(Self {
            executable,
            working_directory: environment.expand(configuration.text(&key("workingDirectory"), "")),
            worker_directory: environment.expand(configuration.text(&key("workerDirectory"), "")),
            arguments: expanded("arguments"),
            worker_path: environment.expand(configuration.text(&key("defaultWorkerPath"), "")),
            worker_arguments: expanded("workerArguments"),
            errors_only: configuration.flag(&key("useStdErrorStreamForErrorsOnly"), true)?,
            port: port.map_err(|_| wrong("customHandler.port takes a port"))?,
            initialization_timeout: configuration
                .span("customHandler:initializationTimeout", Duration::from_secs(30))?,
            http,
        })
    }
}

/// Keys with colons between their parts, in lower case, and values as text.
struct Configuration {
    values: BTreeMap<String, String>,
}

impl Configuration {
    fn of(text: &str, environment: &Environment) -> Result<Self, HostError> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| wrong(format!("host.json is not JSON: {error}")))?;
        let mut values = BTreeMap::new();
        flatten(&mut values, String::new(), &json);
        for (name, value) in environment.iter() {
            if name.get(..OVERRIDES.len()).is_some_and(|head| head.eq_ignore_ascii_case(OVERRIDES)) {
                values.insert(name[OVERRIDES.len()..].replace("__", ":").to_lowercase(), value.to_owned());
            }
        }
        Ok(Self { values })
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.values.get(&key.to_lowercase()).map(String::as_str)
    }

    fn text<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        self.get(key).unwrap_or(default)
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool, HostError> {
        let Some(text) = self.get(key) else { return Ok(default) };
        text.to_lowercase().parse().map_err(|_| wrong(format!("{key} takes true or false")))
    }

    fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> Result<T, HostError> {
        let Some(text) = self.get(key) else { return Ok(default) };
        text.parse().map_err(|_| wrong(format!("{key} takes a number")))
    }

    fn span(&self, key: &str, default: Duration) -> Result<Duration, HostError> {
        let Some(text) = self.get(key) else { return Ok(default) };
        timespan::parse(text).ok_or_else(|| wrong(format!("{key} takes a time span such as 00:00:30")))
    }

    /// The items of an array, which may also be one text that holds a JSON array.
    fn items(&self, key: &str) -> Option<Vec<String>> {
        if let Some(array) = self.get(key).and_then(|text| serde_json::from_str(text).ok()) {
            return Some(array);
        }
        let numbered = (0..).map_while(|index| self.get(&format!("{key}:{index}")).map(str::to_owned));
        let items: Vec<String> = numbered.collect();
        (!items.is_empty()).then_some(items)
    }
}

fn flatten(values: &mut BTreeMap<String, String>, path: String, json: &Value) {
    let below = |name: &str| {
        let name = name.to_lowercase();
        if path.is_empty() { name } else { format!("{path}:{name}") }
    };
    match json {
        Value::Object(members) => members.iter().for_each(|(name, value)| flatten(values, below(name), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| flatten(values, below(&index.to_string()), value));
        }
        Value::Null => {}
        Value::String(text) => drop(values.insert(path, text.clone())),
        other => drop(values.insert(path, other.to_string())),
    }
}

fn wrong(problem: impl Into<String>) -> HostError {
    HostError::Configuration(problem.into())
}
