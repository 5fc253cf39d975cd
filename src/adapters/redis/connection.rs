//! The connection: one for all calls, made when it is first needed and again when it is lost, with a time limit on each call.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo as _, ProtocolVersion, PushInfo,
    PushKind, RedisError, RedisResult, ScriptInvocation, ServerErrorKind, aio::MultiplexedConnection,
};

use super::{
    breaker::Breaker,
    identity::{self, Identity},
};
use crate::ports::{AccessTokens, Clock, OptionalServer, Random, StoreError, error::StoreErrorKind};

const STORE: &str = "redis";

/// A call fails after this. What it is for goes on without Redis.
const CALL_LIMIT: Duration = Duration::from_millis(300);

/// A connection that is not there after this will not come. Longer than a call, for the first one of a process takes its time; calls do
/// not wait so long.
const CONNECT_LIMIT: Duration = Duration::from_millis(1200);

/// Pause between probes of a server that does not answer.
const PROBE_PAUSE: Duration = Duration::from_millis(500);

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

/// The line to a server, whether there is a connection now or not.
pub(super) struct Line {
    client: Client,
    identity: Option<Identity>,
    current: Mutex<Current>,
    breaker: Breaker,
}

/// The connection that is there or being made.
#[derive(Default)]
struct Current {
    /// Counts connections, so that the end of an earlier one does not end a later one.
    number: u64,
    connecting: Option<Connecting>,
}

type Connecting = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

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
        let line = Line { client, identity, current: Mutex::default(), breaker: Breaker::default() };
        Ok(Self { line: Arc::new(line), random })
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
        let answer = async { ask(self.line.connection().await?).await };
        let outcome = tokio::time::timeout(CALL_LIMIT, answer).await.unwrap_or_else(|_| Err(no_answer()));
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

impl Line {
    /// The connection; waits for it if it is being made.
    fn connection(self: &Arc<Self>) -> Connecting {
        let mut current = self.current();
        if let Some(connecting) = &current.connecting {
            return connecting.clone();
        }
        current.number += 1;
        // In a task of its own: a caller that gives up does not end it.
        let task = tokio::spawn(Arc::clone(self).connect(current.number));
        let connecting = task.map(|ended| ended.unwrap_or_else(|_| Err(no_answer()))).boxed().shared();
        current.connecting = Some(connecting.clone());
        connecting
    }

    async fn connect(self: Arc<Self>, number: u64) -> RedisResult<MultiplexedConnection> {
        let outcome = self.try_to_connect(number).await;
        if outcome.is_err() {
            self.discard(number);
        }
        outcome
    }

    async fn try_to_connect(self: &Arc<Self>, number: u64) -> RedisResult<MultiplexedConnection> {
        let Some(identity) = &self.identity else {
            return open(&self.client, self.on_loss(number)).await;
        };
        let token = identity.token().await?;
        let info = self.client.get_connection_info().clone();
        let signed_in = info.redis_settings().clone().set_password(&token.secret);
        let client = Client::open(info.set_redis_settings(signed_in))?;
        let connection = open(&client, self.on_loss(number)).await?;
        tokio::spawn(identity::keep_signed_in(Arc::downgrade(self), number, token.expires_at));
        Ok(connection)
    }

    /// What the connection calls when it is lost, so that the next call makes another.
    fn on_loss(self: &Arc<Self>, number: u64) -> impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static {
        let line = Arc::downgrade(self);
        move |push| {
            if push.kind == PushKind::Disconnection
                && let Some(line) = line.upgrade()
            {
                line.discard(number);
            }
            Ok(())
        }
    }

    pub(super) fn discard(&self, number: u64) {
        let mut current = self.current();
        let lost = if current.number == number { current.connecting.take() } else { None };
        drop(current);
        drop(lost);
    }

    fn failed(self: &Arc<Self>, error: &RedisError) {
        if self.breaker.failed() {
            tracing::warn!(%error, "redis does not answer; going on without it");
            // On the connection that is there an answer may never come, though the server is back.
            let number = self.current().number;
            self.discard(number);
            tokio::spawn(probe(Arc::downgrade(self)));
        }
    }

    async fn answers(self: &Arc<Self>) -> bool {
        let ask = async {
            let mut connection = self.connection().await?;
            tokio::time::timeout(CALL_LIMIT, redis::cmd("PING").query_async(&mut connection))
                .await
                .unwrap_or_else(|_| Err(no_answer()))
        };
        let answer: RedisResult<()> = ask.await;
        if answer.is_err() {
            let number = self.current().number;
            self.discard(number);
        }
        answer.is_ok()
    }

    pub(super) fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The name that the URL gives to this process.
    pub(super) fn username(&self) -> &str {
        self.client.get_connection_info().redis_settings().username().unwrap_or("default")
    }

    /// The connection of this number, if it is still in use.
    pub(super) fn live(&self, number: u64) -> Option<MultiplexedConnection> {
        let current = self.current();
        if current.number != number {
            return None;
        }
        current.connecting.as_ref()?.peek()?.clone().ok()
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until there is an answer.
async fn probe(line: Weak<Line>) {
    loop {
        tokio::time::sleep(PROBE_PAUSE).await;
        let Some(line) = line.upgrade() else { return };
        if line.answers().await {
            line.breaker.close();
            tracing::info!("redis answers again");
            return;
        }
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

async fn open(
    client: &Client,
    on_loss: impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static,
) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_LIMIT))
        // Each call has its limit.
        .set_response_timeout(None)
        .set_push_sender(on_loss);
    client.get_multiplexed_async_connection_with_config(&config).await
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

fn no_answer() -> RedisError {
    RedisError::from((ErrorKind::Io, "no answer within the time limit"))
}

pub(super) fn failed(kind: StoreErrorKind, operation: &'static str, error: RedisError) -> StoreError {
    StoreError::new(kind, STORE, operation, error)
}
