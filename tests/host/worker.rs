//! What a script host knows of its handler: whether it is ready, and how to have it restarted.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::supervisor::{Launching, Supervisor};

/// A handler that has answered the host's probe.
#[derive(Clone, Debug)]
pub struct Handler {
    pub worker_id: String,
    pub process_id: u32,
    pub port: u16,
    /// Cancelled when the host has killed the process, not when it has ended by itself.
    pub killed: CancellationToken,
    /// Cancelled when this is no longer the handler, for whatever reason.
    pub ended: CancellationToken,
}

/// How it stands with the handler.
#[derive(Clone, Debug)]
pub enum WorkerState {
    /// There are no functions, so nothing is launched.
    Idle,
    Starting,
    Ready(Handler),
    /// The executable could not be started; it is not tried again.
    NotLaunched(String),
    Stopped,
}

/// Keeps one handler; calls wait for it here.
pub struct Worker {
    state: watch::Receiver<WorkerState>,
    commands: mpsc::UnboundedSender<Command>,
    initialization_timeout: Duration,
    fatal: watch::Sender<Option<String>>,
}

/// What a supervisor is told.
pub enum Command {
    /// A call on this handler took too long.
    TimedOut(String),
    Stop,
}

impl Worker {
    /// Starts a handler, and does not wait for it. `fatal` is set to a reason when the host is to stop.
    pub fn start(launching: Launching, fatal: watch::Sender<Option<String>>) -> Self {
        let (sender, state) = watch::channel(WorkerState::Starting);
        let (commands, receiver) = mpsc::unbounded_channel();
        let initialization_timeout = launching.initialization_timeout;
        let supervisor = Supervisor { launching, state: sender, commands: receiver, fatal: fatal.clone() };
        tokio::spawn(supervisor.run());
        Self { state, commands, initialization_timeout, fatal }
    }

    /// A worker of a host without functions.
    pub fn idle(fatal: watch::Sender<Option<String>>) -> Self {
        let (_, state) = watch::channel(WorkerState::Idle);
        Self { state, commands: mpsc::unbounded_channel().0, initialization_timeout: Duration::ZERO, fatal }
    }

    pub fn state(&self) -> WorkerState {
        self.state.borrow().clone()
    }

    /// The handler, once it is ready. A wait of four initialization timeouts stops the host.
    pub async fn ready(&self) -> Result<Handler, String> {
        let mut state = self.state.clone();
        let is_decided =
            |state: &WorkerState| matches!(state, WorkerState::Ready(_) | WorkerState::Stopped | WorkerState::Idle);
        match tokio::time::timeout(4 * self.initialization_timeout, state.wait_for(is_decided)).await {
            Ok(Ok(state)) => match &*state {
                WorkerState::Ready(handler) => Ok(handler.clone()),
                _ => Err("the handler is stopped".to_owned()),
            },
            Ok(Err(_)) => Err("the handler is stopped".to_owned()),
            Err(_) => {
                let reason = "Initialization timed out and host is shutting down";
                self.fatal.send_if_modified(|fatal| fatal.replace(reason.to_owned()).is_none());
                Err(reason.to_owned())
            }
        }
    }

    /// Kills the handler and starts another; it is not counted as an error.
    pub fn restart_after_timeout(&self, worker_id: &str) {
        let _ = self.commands.send(Command::TimedOut(worker_id.to_owned()));
    }

    /// Kills the handler; returns when that is done.
    pub async fn stop(&self) {
        if self.commands.send(Command::Stop).is_ok() {
            let mut state = self.state.clone();
            let _ = state.wait_for(|state| matches!(state, WorkerState::Stopped)).await;
        }
    }
}
