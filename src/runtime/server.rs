//! Starting and stopping: from a table of functions and an environment to a process that answers.

use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::dispatch::Dispatch;
use super::environment::{Environment, Mode};
use super::error::{BoxError, RuntimeError};
use super::functions::Functions;
use super::serve::{Edge, serve};
use super::signals::{Signals, StopSignal};
use super::standalone::Standalone;

/// Runs until a signal. See [`run_when_built`] for the exit code.
pub async fn run(functions: Functions, environment: Environment) -> Result<ExitCode, RuntimeError> {
    run_when_built(async { Ok::<_, BoxError>(functions) }, environment).await
}

/// Runs until a signal, listening before the application is built: the host's probe is answered at once, requests wait
/// until `build` has ended.
///
/// The exit code tells the host what to do. 0 leaves its functions without a handler for good, so it is given only where a
/// person has ended the process (SIGINT, or any signal alone). SIGTERM under the host gives 200, which the host takes as
/// a wish to be started again. An error is meant to end the process with another code, which the host counts as a crash.
pub async fn run_when_built<F, E>(build: F, environment: Environment) -> Result<ExitCode, RuntimeError>
where
    F: Future<Output = Result<Functions, E>>,
    E: Into<BoxError>,
{
    let mode = environment.mode;
    let mut signals = Signals::listen(mode).map_err(RuntimeError::Signals)?;
    let building = Building::listen(environment).await?;
    let signal = tokio::select! {
        functions = build => {
            let server = building.finish(functions.map_err(|error| RuntimeError::Build(error.into()))?)?;
            tracing::info!(address = %server.address(), "listening");
            let signal = signals.next().await;
            tracing::info!(?signal, "stopping");
            tokio::select! {
                () = server.stop() => {}
                _ = signals.next() => tracing::warn!("stopping without waiting, at a second signal"),
            }
            signal
        }
        signal = signals.next() => signal,
    };
    Ok(exit_code(mode, signal))
}

/// Starts and returns at once, for tests and for programs that do more than this.
pub async fn start(functions: Functions, environment: Environment) -> Result<Server, RuntimeError> {
    Building::listen(environment).await?.finish(functions)
}

/// A runtime that answers. Dropping it stops it without waiting.
pub struct Server {
    address: SocketAddr,
    edge: Arc<Edge>,
    standalone: Option<Standalone>,
    tasks: TaskTracker,
    stop_on_drop: DropGuard,
    stop_within: Duration,
}

impl Server {
    /// The address it listens on, with the port that the system has chosen if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Timers and queues, if it runs alone.
    #[must_use]
    pub fn standalone(&self) -> Option<&Standalone> {
        self.standalone.as_ref()
    }

    /// All that answers requests, to be called without a socket.
    #[must_use]
    pub fn router(&self) -> Option<Router> {
        self.edge.dispatch.get().map(|dispatch| Arc::clone(dispatch).into_router())
    }

    /// Stops in order: no new connections, ticks and messages; what is under way is finished within the limit.
    pub async fn stop(self) {
        drop(self.stop_on_drop);
        self.tasks.close();
        if tokio::time::timeout(self.stop_within, self.tasks.wait()).await.is_err() {
            tracing::warn!("work was still under way when the time to stop was over");
        }
    }
}

/// A runtime that listens, but whose application is not built.
struct Building {
    address: SocketAddr,
    environment: Environment,
    edge: Arc<Edge>,
    tasks: TaskTracker,
    stop: CancellationToken,
    stop_on_drop: DropGuard,
}

impl Building {
    async fn listen(environment: Environment) -> Result<Self, RuntimeError> {
        let address = environment.mode.address();
        let cannot = |source| RuntimeError::Listen { address, source };
        let listener = listen(address).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let (edge, tasks, stop) = (Edge::new(environment.mode), TaskTracker::new(), CancellationToken::new());
        tasks.spawn(serve(listener, Arc::clone(&edge), environment.limits, stop.clone()));
        let stop_on_drop = stop.clone().drop_guard();
        Ok(Self { address, environment, edge, tasks, stop, stop_on_drop })
    }

    fn finish(self, functions: Functions) -> Result<Server, RuntimeError> {
        let (dispatch, standalone) = Dispatch::assemble(functions, &self.environment)?;
        // Nothing else sets it.
        let _ = self.edge.dispatch.set(Arc::new(dispatch));
        if let Some(standalone) = &standalone {
            standalone.start(&self.tasks, &self.stop);
        }
        let Self { address, environment, edge, tasks, stop_on_drop, .. } = self;
        Ok(Server { address, edge, standalone, tasks, stop_on_drop, stop_within: environment.limits.stop_within })
    }
}

/// Listens with room for a burst of connections: with the usual 128 places, more at once wait a second until they are sent again.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    const PLACES: u32 = 4096;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(PLACES)
}

fn exit_code(mode: Mode, signal: StopSignal) -> ExitCode {
    const START_ME_AGAIN: u8 = 200;
    match (mode, signal) {
        (Mode::Handler { .. }, StopSignal::Terminate) => ExitCode::from(START_ME_AGAIN),
        _ => ExitCode::SUCCESS,
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::sync::mpsc;

    use super::*;
    use crate::runtime::testing::{
        HTTP_JSON, QUEUE_JSON, TIMER_JSON, alone, done, exchange, head, invocation, under_host,
    };
    use crate::runtime::{LocalQueue, Outcome, QueueMessage};

    fn hello() -> Functions {
        Functions::new().http("hello", HTTP_JSON, Router::new().route("/api/hello", get(|| async { "hi" })))
    }

    #[tokio::test]
    async fn the_probe_does_not_wait_for_the_application_and_requests_do() {
        let building = Building::listen(under_host()).await.unwrap();
        let address = building.address;
        assert!(exchange(address, &head("GET /", "")).await.starts_with("HTTP/1.1 200"));
        let request = tokio::spawn(async move { exchange(address, &head("GET /api/hello", "")).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!request.is_finished());
        let _server = building.finish(hello()).unwrap();
        assert!(request.await.unwrap().ends_with("hi"));
    }

    #[tokio::test]
    async fn an_application_that_cannot_be_built_ends_the_runtime() {
        let failed = run_when_built(async { Err::<Functions, _>("no database") }, alone()).await;
        assert_eq!(failed.unwrap_err().to_string(), "the application could not be built: no database");
        let failed = run(Functions::new().timer("clean", "{}", |_, _| done()), alone()).await;
        assert!(failed.unwrap_err().to_string().starts_with("function clean"));
    }

    #[tokio::test]
    async fn an_address_in_use_is_an_error() {
        let server = start(hello(), alone()).await.unwrap();
        let error = start(hello(), alone().listening_on(server.address())).await.err().unwrap();
        assert!(error.to_string().starts_with("cannot listen on 127.0.0.1"));
    }

    #[tokio::test]
    async fn alone_triggers_run_by_themselves_and_have_no_path() {
        let environment = alone();
        let queue = LocalQueue::new("jobs", Arc::clone(&environment.clock));
        let (sender, mut delivered) = mpsc::unbounded_channel();
        let functions = hello()
            .local_queue(queue.clone())
            .timer("clean", TIMER_JSON, |_, _| async { panic!("called over http") })
            .queue("worker", QUEUE_JSON, move |message: QueueMessage<String>, _| {
                sender.send(message.payload).unwrap();
                done()
            });
        let server = start(functions, environment).await.unwrap();
        queue.send("hello").unwrap();
        assert_eq!(delivered.recv().await.unwrap(), "hello");
        let answer = exchange(server.address(), &invocation("clean", "", "{}")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_timer_is_run_by_hand() {
        let server = start(Functions::new().timer("clean", TIMER_JSON, |_, _| done()), alone()).await.unwrap();
        let standalone = server.standalone().unwrap();
        assert_eq!(standalone.run_timer("clean").await.unwrap(), Outcome::Done);
        assert!(standalone.run_timer("other").await.is_err());
    }

    #[test]
    fn only_a_person_ends_a_handler_for_good() {
        let handler = Mode::Handler { port: 1 };
        let code = |mode, signal| format!("{:?}", exit_code(mode, signal));
        assert_eq!(code(handler, StopSignal::Terminate), format!("{:?}", ExitCode::from(200)));
        assert_eq!(code(handler, StopSignal::Interrupt), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(code(alone().mode, StopSignal::Terminate), format!("{:?}", ExitCode::SUCCESS));
    }
}
