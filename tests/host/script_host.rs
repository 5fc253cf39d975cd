//! One life of the host: settings and functions as they were read, a handler, and listeners. A restart begins another.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::{Mutex, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    HandlerSource, HostOptions, Timings,
    client::{Redirects, client},
    discovery::{Discovery, Refusal, discover},
    environment::Environment,
    function::{Function, Trigger},
    invocation::Invoker,
    logs::Level,
    process::{Launch, Source},
    queue::QueueListener,
    routes::RouteTable,
    settings::{HostSettings, HttpMode},
    supervisor::Launching,
    timer::TimerListener,
    web_host::HostError,
    worker::Worker,
};

/// See the module.
pub struct ScriptHost {
    pub settings: HostSettings,
    pub functions: Vec<Arc<Function>>,
    pub refused: Vec<Refusal>,
    pub routes: RouteTable,
    pub invoker: Arc<Invoker>,
    pub timings: Timings,
    /// Calls under way.
    pub calls: TaskTracker,
    timers: BTreeMap<String, Arc<TimerListener>>,
    listening: CancellationToken,
    listeners: TaskTracker,
    /// Why the whole host must stop, once it must.
    pub fatal: watch::Receiver<Option<String>>,
}

impl ScriptHost {
    /// Reads the staged folder, launches the handler without waiting for it, and starts listeners.
    pub fn start(options: &HostOptions) -> Result<Arc<Self>, HostError> {
        let environment = Environment::of(options)?;
        let settings = HostSettings::read(&options.script_root, &environment)?;
        let Discovery { functions, mut refused } = discover(&options.script_root, &settings, &environment)?;
        let mut routes = RouteTable::default();
        let mut served = Vec::new();
        for function in functions {
            match routes.add(&settings.route_prefix, &function) {
                Ok(()) => served.push(function),
                Err(reason) => refused.push(Refusal { name: function.name.clone(), reason }),
            }
        }
        for Refusal { name, reason } in &refused {
            let text = format!("The '{name}' function is in error: {reason}");
            options.logs.write(Level::Error, "Host.Startup", text);
        }
        let (fatal_sender, fatal) = watch::channel(None);
        let invoker = Arc::new(invoker(options, &settings, &environment, served.is_empty(), fatal_sender)?);
        let mut host = Self {
            settings,
            functions: served,
            refused,
            routes,
            invoker,
            timings: options.timings.clone(),
            calls: TaskTracker::new(),
            timers: BTreeMap::new(),
            listening: CancellationToken::new(),
            listeners: TaskTracker::new(),
            fatal,
        };
        host.listen(options);
        Ok(Arc::new(host))
    }

    /// Starts the listeners of this instance's function group, or all if it has none.
    fn listen(&mut self, options: &HostOptions) {
        for function in &self.functions {
            if options.target_group.as_ref().is_some_and(|group| !group.eq_ignore_ascii_case(&function.group())) {
                continue;
            }
            match &function.trigger {
                Trigger::Http(_) => {}
                Trigger::Queue(trigger) => {
                    let listener = QueueListener {
                        function: Arc::clone(function),
                        trigger: trigger.clone(),
                        settings: self.settings.queues.clone(),
                        timings: self.timings.clone(),
                        store: Arc::clone(&options.queues),
                        invoker: Arc::clone(&self.invoker),
                    };
                    self.listeners.spawn(Arc::new(listener).run(self.listening.clone(), self.calls.clone()));
                }
                Trigger::Timer(trigger) => {
                    let listener = Arc::new(TimerListener {
                        function: Arc::clone(function),
                        trigger: trigger.clone(),
                        store: Arc::clone(&options.timers),
                        invoker: Arc::clone(&self.invoker),
                        running: Mutex::default(),
                    });
                    self.timers.insert(function.name.clone(), Arc::clone(&listener));
                    self.listeners.spawn(listener.run(self.listening.clone(), self.calls.clone()));
                }
            }
        }
    }

    /// The listener of a timer function of this instance's group.
    pub fn timer(&self, name: &str) -> Option<Arc<TimerListener>> {
        self.timers.get(name).cloned()
    }

    /// Stops listeners, gives calls their time to end, and kills the handler.
    pub async fn stop(&self, drain: Duration) {
        self.listening.cancel();
        self.listeners.close();
        self.calls.close();
        let ended = async {
            self.listeners.wait().await;
            self.calls.wait().await;
        };
        let _ = tokio::time::timeout(drain, ended).await;
        self.invoker.worker.stop().await;
    }
}

fn invoker(
    options: &HostOptions,
    settings: &HostSettings,
    environment: &Environment,
    is_idle: bool,
    fatal: watch::Sender<Option<String>>,
) -> Result<Invoker, HostError> {
    let client = client();
    let redirects = if settings.handler.http == HttpMode::Forward { Redirects::Pass } else { Redirects::Follow };
    let worker = if is_idle {
        options.logs.write(Level::Warning, "Host.Startup", "No job functions found.");
        Worker::idle(fatal)
    } else {
        let launching = Launching {
            source: source(options, settings, environment)?,
            client: client.clone(),
            redirects,
            initialization_timeout: settings.handler.initialization_timeout,
            timings: options.timings.clone(),
            logs: options.logs.clone(),
        };
        Worker::start(launching, fatal)
    };
    Ok(Invoker {
        worker: Arc::new(worker),
        client,
        redirects,
        timeout: options.timings.function_timeout.or(settings.function_timeout),
        logs: options.logs.clone(),
        clock: options.clock.clone(),
    })
}

fn source(options: &HostOptions, settings: &HostSettings, environment: &Environment) -> Result<Source, HostError> {
    if let HandlerSource::Attached { port } = options.handler {
        return Ok(Source::Attached(port));
    }
    let launch = Launch::of(&options.script_root, &settings.handler, environment)
        .map_err(|error| HostError::Configuration(format!("there is no port for the handler: {error}")))?;
    if options.target_group.is_some() {
        launch.make_executable();
    }
    Ok(Source::Launched(launch))
}
