//! What all calls have in common: they wait for the handler, end when their time is over, and are logged.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use thiserror::Error;

use super::{
    Clock, Logs,
    client::{Client, Redirects},
    function::Function,
    logs::Level,
    worker::{Handler, Worker},
};

/// Calls functions of one script host.
pub struct Invoker {
    pub worker: Arc<Worker>,
    pub client: Client,
    pub redirects: Redirects,
    /// `None` is without end.
    pub timeout: Option<Duration>,
    pub logs: Logs,
    pub clock: Clock,
}

/// Why a call failed.
#[derive(Debug, Error)]
pub enum InvocationError {
    #[error("{0}")]
    NoHandler(String),
    #[error("{0}")]
    Failed(String),
    #[error("Timeout value was exceeded by the function")]
    TimedOut,
    #[error("the handler was killed")]
    Killed,
    #[error("the client has gone")]
    ClientGone,
    #[error("nothing came or went for too long")]
    Idle,
    #[error("the body is beyond the limit")]
    TooLarge,
}

impl Invoker {
    /// Runs a call on the handler, once there is one. If the call takes too long, the handler is killed, and with it
    /// every other call on it.
    pub async fn run<T, F>(
        &self,
        function: &Function,
        id: &str,
        call: impl FnOnce(Handler) -> F,
    ) -> Result<T, InvocationError>
    where
        F: Future<Output = Result<T, InvocationError>>,
    {
        let category = format!("Function.{}", function.name);
        self.logs.write(Level::Information, &category, format!("Executing 'Functions.{}' (Id={id})", function.name));
        let started = Instant::now();
        let used = OnceLock::new();
        let result = tokio::select! {
            biased;
            result = self.on_handler(&used, call) => result,
            () = over(self.timeout) => {
                if let Some(handler) = used.get() {
                    self.worker.restart_after_timeout(&handler.worker_id);
                    handler.ended.cancelled().await;
                }
                Err(InvocationError::TimedOut)
            }
        };
        let took = started.elapsed().as_millis();
        match &result {
            Ok(_) => {
                let text = format!("Executed 'Functions.{}' (Succeeded, Id={id}, Duration={took}ms)", function.name);
                self.logs.write(Level::Information, &category, text);
            }
            Err(error) => {
                let text =
                    format!("Executed 'Functions.{}' (Failed, Id={id}, Duration={took}ms): {error}", function.name);
                self.logs.write(Level::Error, &category, text);
            }
        }
        result
    }

    async fn on_handler<T, F>(
        &self,
        used: &OnceLock<Handler>,
        call: impl FnOnce(Handler) -> F,
    ) -> Result<T, InvocationError>
    where
        F: Future<Output = Result<T, InvocationError>>,
    {
        let handler = self.worker.ready().await.map_err(InvocationError::NoHandler)?;
        let handler = used.get_or_init(|| handler);
        tokio::select! {
            biased;
            result = call(handler.clone()) => result,
            () = handler.killed.cancelled() => Err(InvocationError::Killed),
        }
    }
}

async fn over(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}
