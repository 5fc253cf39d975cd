//! The server, as the adapters here call it: with a time limit on each call.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo as _, Pipeline, ProtocolVersion, RedisError,
    RedisResult, Script, ScriptInvocation, ServerErrorKind, aio::MultiplexedConnection,
};

use super::{identity::Identity, line::Line};
use crate::ports::{AccessTokens, Clock, OptionalServer, Random, StoreError, error::StoreErrorKind};

const STORE: &str = "redis";

/// A call fails after this. What it is for goes on without Redis.
pub(super) const CALL_LIMIT: Duration = Duration::from_millis(300);

/// How the process signs in.
pub enum RedisLogin {
    /// With what the URL says.
    AsGiven,
    /// As the user that the URL names, by tokens of the process's identity.
    Identity(Arc<dyn AccessTokens>),
}

/// A server. Nothing is connected before the first call. Cheap to clone.
#[derive(Clone)]
pub struct RedisServer {
    line: Arc<Line>,
    pub(super) random: Arc<dyn Random>,
}

impl RedisServer {
    /// The server that a URL names: `redis://` or `rediss://`, database 0.
    pub fn new(
        url: &str,
        login: RedisLogin,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StoreError> {
        let client = client(url).map_err(|error| failed(StoreErrorKind::Internal, "read the URL", error))?;
        let identity = match login {
            RedisLogin::AsGiven => None,
            RedisLogin::Identity(tokens) => Some(Identity::new(tokens, clock, &*random)),
        };
        Ok(Self { line: Arc::new(Line::new(client, identity)), random })
    }

    /// Waits for the connection, which may take longer than a call does.
    pub(super) async fn connected(&self) -> Result<(), StoreError> {
        self.line.connection().await.map(drop).map_err(|error| failed(kind_of(&error), "connect", error))
    }

    /// Sends a command.
    pub(super) async fn command<T: FromRedisValue>(
        &self,
        operation: &'static str,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        self.within_limit(operation, |mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Runs a script; the server is given it first where it does not know it.
    pub(super) async fn script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        self.within_limit(operation, |mut connection| async move { call.invoke_async(&mut connection).await }).await
    }

    /// Sends commands, and calls of scripts, in one message; the server is given the scripts first where it does not know them. All that can be
    /// is done, also if one fails.
    pub(super) async fn pipeline<T: FromRedisValue>(
        &self,
        operation: &'static str,
        calls: &Pipeline,
        scripts: &[&Script],
    ) -> Result<T, StoreError> {
        let ask = |mut connection: MultiplexedConnection| async move {
            match calls.query_async(&mut connection).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    let mut loads = Pipeline::new();
                    for script in scripts {
                        loads.load_script(script);
                    }
                    loads.query_async::<()>(&mut connection).await?;
                    calls.query_async(&mut connection).await
                }
                answered => answered,
            }
        };
        self.within_limit(operation, ask).await
    }

    async fn within_limit<T, F>(
        &self,
        operation: &'static str,
        ask: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if self.line.breaker.is_open() {
            let why = "the server did not answer, and is left alone until it does";
            return Err(StoreError::new(StoreErrorKind::Unavailable, STORE, operation, why));
        }
        let connection = match self.line.connection_soon().await {
            Ok(connection) => connection,
            // Whether that is a failure is found out by who makes the connection.
            Err(error) => return Err(failed(kind_of(&error), operation, error)),
        };
        let outcome = tokio::time::timeout(CALL_LIMIT, ask(connection)).await.unwrap_or_else(|_| Err(no_answer()));
        match &outcome {
            Err(error) if is_outage(error) => self.line.failed(error),
            _ => self.line.breaker.answered(),
        }
        outcome.map_err(|error| failed(kind_of(&error), operation, error))
    }
}

#[async_trait]
impl OptionalServer for RedisServer {
    fn name(&self) -> &'static str {
        STORE
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.command("check", &redis::cmd("PING")).await
    }
}

fn client(url: &str) -> RedisResult<Client> {
    let info = url.into_connection_info()?;
    if info.redis_settings().db() != 0 {
        return Err(RedisError::from((ErrorKind::InvalidClientConfig, "only database 0 can be used")));
    }
    // The newer protocol tells when the connection is lost.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}

/// Whether an error says that the server, or this process's access to it, is away, and not that a call was wrong.
fn is_outage(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::AuthenticationFailed
        | ErrorKind::InvalidClientConfig
        | ErrorKind::RESP3NotSupported => true,
        ErrorKind::Server(kind) => matches!(kind, BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain),
        _ => matches!(error.code(), Some("NOAUTH" | "WRONGPASS")),
    }
}

fn kind_of(error: &RedisError) -> StoreErrorKind {
    match error.code() {
        _ if is_outage(error) => StoreErrorKind::Unavailable,
        Some("OOM") => StoreErrorKind::Full,
        _ => StoreErrorKind::Internal,
    }
}

pub(super) fn no_answer() -> RedisError {
    RedisError::from((ErrorKind::Io, "no answer within the time limit"))
}

fn failed(kind: StoreErrorKind, operation: &'static str, error: RedisError) -> StoreError {
    StoreError::new(kind, STORE, operation, error)
}
