//! What a host is started with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::{
    Clock, HostError, Logs, MemoryQueues, StorageQueues, TimerStore, environment::Environment, queue_store::QueueStore,
};

/// What a host is started with; `new` has the platform's values.
#[derive(Clone)]
pub struct HostOptions {
    /// The staged folder: `host.json`, the executable, one folder for each function.
    pub script_root: PathBuf,
    pub handler: HandlerSource,
    /// App settings: environment of host and handler beyond this process's own, which they win over.
    pub environment: Vec<(String, String)>,
    /// Where the host listens on 127.0.0.1; 0 takes a free port.
    pub port: u16,
    pub auth: Auth,
    pub cors: Option<Cors>,
    /// The function group that this instance serves under Flex Consumption.
    pub target_group: Option<String>,
    pub timings: Timings,
    pub clock: Clock,
    pub queues: Arc<dyn QueueStore>,
    pub timers: Arc<TimerStore>,
    pub logs: Logs,
}

/// Where the handler comes from.
#[derive(Clone, Copy, Debug)]
pub enum HandlerSource {
    /// The host launches the executable that `host.json` names, and kills it.
    Launched,
    /// It listens already on this port of 127.0.0.1. The host probes and calls it, and leaves it running; the staged folder
    /// needs no executable.
    Attached { port: u16 },
}

/// Who may call functions that are not anonymous.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Everyone, as under Core Tools.
    Bypassed,
    /// Who sends one of these in `x-functions-key` or `?code=`.
    Keys(Vec<String>),
}

/// Origins whose preflights the host answers itself.
#[derive(Clone, Debug)]
pub struct Cors {
    /// `*` is every origin.
    pub origins: Vec<String>,
    pub credentials: bool,
}

/// Times that tests shorten.
#[derive(Clone, Debug)]
pub struct Timings {
    /// Between two looks at a handler that does not answer yet.
    pub probe_interval: Duration,
    /// In place of `functionTimeout`, which has seconds at least.
    pub function_timeout: Option<Duration>,
    /// A proxied exchange without a byte in either direction ends after this.
    pub proxy_idle: Duration,
    /// The first pause before a proxied request is sent again; pauses double up to five of these.
    pub proxy_retry: Duration,
    /// How long a request waits for a script host before it is answered 503.
    pub start_wait: Duration,
    /// How long listeners and calls may take to end when a script host stops.
    pub drain: Duration,
    /// How long a killed process is waited for.
    pub kill_wait: Duration,
    /// How long a received message is hidden; renewed at half.
    pub queue_lease: Duration,
    /// The first pause of a queue listener that found nothing.
    pub queue_poll: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            probe_interval: Duration::from_millis(25),
            function_timeout: None,
            proxy_idle: Duration::from_secs(240),
            proxy_retry: Duration::from_millis(50),
            start_wait: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            kill_wait: Duration::from_secs(1),
            queue_lease: Duration::from_secs(600),
            queue_poll: Duration::from_millis(100),
        }
    }
}

impl HostOptions {
    /// A host on a free port, with queues and timers in memory and the platform's times.
    pub fn new(script_root: impl Into<PathBuf>) -> Self {
        let clock = Clock::default();
        Self {
            script_root: script_root.into(),
            handler: HandlerSource::Launched,
            environment: Vec::new(),
            port: 0,
            auth: Auth::Bypassed,
            cors: None,
            target_group: None,
            timings: Timings::default(),
            queues: Arc::new(MemoryQueues::new(clock.clone())),
            clock,
            timers: Arc::new(TimerStore::default()),
            logs: Logs::default(),
        }
    }

    /// Takes the queues of the account in `AzureWebJobsStorage`, if that is set.
    pub fn with_storage(mut self) -> Result<Self, HostError> {
        let environment = Environment::of(&self)?;
        if let Some(connection) = environment.get("AzureWebJobsStorage").filter(|connection| !connection.is_empty()) {
            let queues = StorageQueues::new(connection);
            self.queues = Arc::new(queues.map_err(|error| HostError::Configuration(error.to_string()))?);
        }
        Ok(self)
    }

    /// Adds an app setting.
    #[must_use]
    pub fn with_setting(mut self, key: &str, value: impl Into<String>) -> Self {
        self.environment.push((key.to_owned(), value.into()));
        self
    }

    /// Adds what Core Tools adds to the environment when it serves on `port`.
    #[must_use]
    pub fn with_core_tools(mut self, port: u16) -> Self {
        let root = self.script_root.display().to_string();
        self.port = port;
        self.with_setting("FUNCTIONS_CORETOOLS_ENVIRONMENT", "true")
            .with_setting("AzureFunctionsJobHost__SequentialRestart", "true")
            .with_setting("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
            .with_setting("AzureWebJobsScriptRoot", root)
            .with_setting("WEBSITE_HOSTNAME", format!("localhost:{port}"))
    }
}
