//! The host: one front, and one script host behind it after the other.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use thiserror::Error;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    HostOptions, Logs,
    discovery::Refusal,
    front,
    function::Function,
    invocation::InvocationError,
    logs::Level,
    script_host::ScriptHost,
    worker::{Handler, WorkerState},
};

/// Why a host does not start.
#[derive(Debug, Error)]
pub enum HostError {
    #[error("{0}")]
    Configuration(String),
    #[error("the host cannot listen: {0}")]
    Listen(std::io::Error),
}

/// A running host. Dropping it kills the handler without waiting.
pub struct Host {
    shared: Arc<Shared>,
    address: SocketAddr,
    _stop: DropGuard,
}

/// What the front and the host's owner both use.
pub struct Shared {
    pub options: HostOptions,
    current: watch::Sender<Option<Arc<ScriptHost>>>,
    /// Why the host has stopped by itself.
    stopped: watch::Sender<Option<String>>,
    stop: CancellationToken,
}

impl Shared {
    /// The script host, if there is one within the time that requests wait.
    pub async fn script_host(&self) -> Option<Arc<ScriptHost>> {
        let mut current = self.current.subscribe();
        let wait = current.wait_for(Option::is_some);
        match tokio::time::timeout(self.options.timings.start_wait, wait).await {
            Ok(Ok(host)) => host.clone(),
            _ => None,
        }
    }

    /// Takes a script host into service, and stops everything when it says that it must.
    fn take_into_service(self: &Arc<Self>, host: Arc<ScriptHost>) {
        let (shared, mut fatal, this) = (Arc::clone(self), host.fatal.clone(), Arc::downgrade(&host));
        self.current.send_replace(Some(host));
        tokio::spawn(async move {
            let reason = tokio::select! {
                reason = fatal.wait_for(Option::is_some) => reason.ok().and_then(|reason| reason.clone()),
                () = shared.stop.cancelled() => None,
            };
            let is_current = || {
                let current = shared.current.borrow();
                current.as_ref().is_some_and(|current| std::ptr::eq(Arc::as_ptr(current), this.as_ptr()))
            };
            if let Some(reason) = reason
                && is_current()
            {
                shared.options.logs.write(Level::Error, "Host.General", &reason);
                shared.stopped.send_replace(Some(reason));
                shared.end().await;
            }
        });
    }

    async fn end(&self) {
        let last = self.current.send_replace(None);
        if let Some(host) = last {
            host.stop(self.options.timings.drain).await;
        }
        self.stop.cancel();
    }
}

impl Host {
    /// Listens, reads the staged folder and launches the handler, which need not be ready yet.
    pub async fn start(options: HostOptions) -> Result<Self, HostError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(HostError::Listen)?;
        let address = listener.local_addr().map_err(HostError::Listen)?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            options,
            current: watch::channel(None).0,
            stopped: watch::channel(None).0,
            stop: stop.clone(),
        });
        tokio::spawn(front::serve(listener, Arc::clone(&shared), stop.clone()));
        let guard = stop.drop_guard();
        shared.take_into_service(ScriptHost::start(&shared.options)?);
        Ok(Self { shared, address, _stop: guard })
    }

    /// Where the host listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn logs(&self) -> &Logs {
        &self.shared.options.logs
    }

    /// The functions that are served, in the order in which their routes are tried.
    pub fn functions(&self) -> Vec<Arc<Function>> {
        self.script_host().map(|host| host.functions.clone()).unwrap_or_default()
    }

    /// The functions that are not served, and why.
    pub fn refused(&self) -> Vec<Refusal> {
        self.script_host().map(|host| host.refused.clone()).unwrap_or_default()
    }

    pub fn route_prefix(&self) -> String {
        self.script_host().map(|host| host.settings.route_prefix.clone()).unwrap_or_default()
    }

    /// How it stands with the handler.
    pub fn worker_state(&self) -> WorkerState {
        self.script_host().map_or(WorkerState::Stopped, |host| host.invoker.worker.state())
    }

    /// The handler, once it is ready.
    pub async fn handler(&self) -> Result<Handler, String> {
        match self.script_host() {
            Some(host) => host.invoker.worker.ready().await,
            None => Err("the host is stopped".to_owned()),
        }
    }

    /// Runs a timer function now and waits for its end. It must be in this instance's group.
    pub async fn fire_timer(&self, name: &str) -> Result<(), InvocationError> {
        let timer = self.script_host().and_then(|host| host.timer(name));
        let missing = || InvocationError::Failed(format!("no timer {name} is listened to here"));
        timer.ok_or_else(missing)?.fire().await
    }

    /// Reads everything anew, as after a change of settings. By default the new handler is up before the old is killed,
    /// and calls on the old one have their time to end; with `sequentialRestart` or a fixed port the old one goes first.
    pub async fn restart(&self) -> Result<(), HostError> {
        let options = &self.shared.options;
        let old = self.script_host();
        let is_sequential =
            old.as_ref().is_some_and(|old| old.settings.sequential_restart || old.settings.handler.port.is_some());
        if is_sequential {
            self.shared.current.send_replace(None);
            if let Some(old) = &old {
                old.stop(options.timings.drain).await;
            }
            self.shared.take_into_service(ScriptHost::start(options)?);
            return Ok(());
        }
        let new = ScriptHost::start(options)?;
        self.shared.take_into_service(Arc::clone(&new));
        if let Some(old) = old {
            // Whether it comes up or not, the old one ends.
            let _ = new.invoker.worker.ready().await;
            old.stop(options.timings.drain).await;
        }
        Ok(())
    }

    /// Returns the reason when the host has stopped by itself.
    pub async fn stopped(&self) -> String {
        let mut stopped = self.shared.stopped.subscribe();
        let reason = stopped.wait_for(Option::is_some).await;
        let reason = reason.ok().and_then(|reason| reason.clone()).unwrap_or_default();
        self.shared.stop.cancelled().await;
        reason
    }

    /// Stops listeners, waits for calls as long as the platform does, and kills the handler.
    pub async fn stop(self) {
        self.shared.end().await;
    }

    fn script_host(&self) -> Option<Arc<ScriptHost>> {
        self.shared.current.borrow().clone()
    }
}
