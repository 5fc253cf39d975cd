//! Keeps a handler alive, as far as the platform does.

use std::time::Duration;

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Logs, Timings,
    client::{Call, CallError, Client, Redirects, exchange},
    crash::{Errors, Exit, Verdict},
    ids::new_id,
    logs::Level,
    process::{Process, Source},
    worker::{Command, Handler, WorkerState},
};

const CATEGORY: &str = "Host.Worker";

/// Where handlers come from, and how they are probed.
pub struct Launching {
    pub source: Source,
    pub client: Client,
    pub redirects: Redirects,
    pub initialization_timeout: Duration,
    pub timings: Timings,
    pub logs: Logs,
}

/// Launches one handler after the other, until there is a reason not to.
pub struct Supervisor {
    pub launching: Launching,
    pub state: watch::Sender<WorkerState>,
    pub commands: mpsc::UnboundedReceiver<Command>,
    pub fatal: watch::Sender<Option<String>>,
}

/// Why a process is no longer the handler.
enum End {
    Stopped,
    TimedOut,
    Intentional,
    Error(String),
}

impl Supervisor {
    /// Runs until the host is stopped, or must be.
    pub async fn run(mut self) {
        let mut errors = Errors::default();
        loop {
            self.state.send_replace(WorkerState::Starting);
            let worker_id = new_id().to_string();
            let process = match self.launching.source.start(&worker_id, &self.launching.logs) {
                Ok(process) => process,
                Err(problem) => return self.not_launched(problem).await,
            };
            match self.life(process, worker_id).await {
                End::Stopped => break,
                End::TimedOut => self.log(Level::Warning, "a function took too long; the handler is restarted"),
                End::Intentional => self.log(Level::Information, "the handler asked to be restarted"),
                End::Error(problem) => {
                    self.log(Level::Error, &problem);
                    if errors.add(Instant::now()) == Verdict::StopHost {
                        let reason = "Exceeded http worker restart retry count. Shutting down Functions Host";
                        self.log(Level::Error, reason);
                        self.fatal.send_replace(Some(reason.to_owned()));
                        break;
                    }
                }
            }
        }
        self.state.send_replace(WorkerState::Stopped);
    }

    /// An executable that does not start is no error of a handler: nothing is tried again, and calls wait in vain.
    async fn not_launched(mut self, problem: String) {
        self.log(Level::Error, &problem);
        self.state.send_replace(WorkerState::NotLaunched(problem));
        while !matches!(self.commands.recv().await, Some(Command::Stop) | None) {}
        self.state.send_replace(WorkerState::Stopped);
    }

    /// From the launch of a process to its end, or to its being killed.
    async fn life(&mut self, mut process: Process, worker_id: String) -> End {
        let (killed, ended) = (CancellationToken::new(), CancellationToken::new());
        let handler = Handler { worker_id, process_id: process.id, port: self.launching.source.port(), killed, ended };
        let probe = self.launching.probe();
        tokio::pin!(probe);
        let (mut is_probing, mut is_running) = (true, true);
        let end = loop {
            tokio::select! {
                code = process.exit(), if is_running => match Exit::of(code) {
                    // Nobody notices: what was ready stays ready, and calls are refused.
                    Exit::Silent => is_running = false,
                    Exit::Intentional => break End::Intentional,
                    Exit::Crash => {
                        // The last lines may still be in the pipe.
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        break End::Error(format!("the handler exited with code {code}: {}", process.last_errors()));
                    }
                },
                is_ready = &mut probe, if is_probing => {
                    is_probing = false;
                    if !is_ready {
                        break End::Error("Initializing HttpWorker timed out.".to_owned());
                    }
                    self.log(Level::Information, &format!("handler process {} is ready", handler.process_id));
                    self.state.send_replace(WorkerState::Ready(handler.clone()));
                }
                command = self.commands.recv() => match command {
                    Some(Command::TimedOut(id)) if id == handler.worker_id => break End::TimedOut,
                    Some(Command::TimedOut(_)) => {}
                    Some(Command::Stop) | None => break End::Stopped,
                }
            }
        };
        // Calls must find the next handler from here on, not the one that is being killed.
        if !matches!(end, End::Stopped) {
            self.state.send_replace(WorkerState::Starting);
        }
        process.kill(self.launching.timings.kill_wait).await;
        if matches!(end, End::Stopped | End::TimedOut) {
            handler.killed.cancel();
        }
        handler.ended.cancel();
        end
    }

    fn log(&self, level: Level, text: &str) {
        self.launching.logs.write(level, CATEGORY, text);
    }
}

impl Launching {
    /// Asks for `/` until there is an answer, whichever. Only the pauses count towards the timeout.
    fn probe(&self) -> impl Future<Output = bool> + use<> {
        let (client, redirects, pause) = (self.client.clone(), self.redirects, self.timings.probe_interval);
        let (uri, timeout) = (format!("http://127.0.0.1:{}/", self.source.port()), self.initialization_timeout);
        async move {
            let mut waited = Duration::ZERO;
            loop {
                let answer = exchange(&client, Call::get(uri.clone()), redirects).await;
                if !matches!(answer, Err(CallError::Refused(_))) {
                    return true;
                }
                if waited >= timeout {
                    return false;
                }
                tokio::time::sleep(pause).await;
                waited += pause;
            }
        }
    }
}
