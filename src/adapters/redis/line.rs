//! The line to a server: one connection for all calls, made when it is first needed and again when it is lost.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, PushInfo, PushKind, RedisError, RedisResult, aio::MultiplexedConnection,
};
use tokio::{
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use super::{
    breaker::Breaker,
    identity::{self, Identity},
    server::{CALL_LIMIT, no_answer},
};

/// A connection that is not there after this will not come. Longer than a call, for the first one of a process takes its time; calls do
/// not wait so long.
const CONNECT_LIMIT: Duration = Duration::from_millis(1200);

/// Pause between probes of a server that does not answer.
const PROBE_PAUSE: Duration = Duration::from_millis(500);

/// The line to a server, whether there is a connection now or not.
pub(super) struct Line {
    client: Client,
    identity: Option<Identity>,
    current: Mutex<Current>,
    pub(super) breaker: Breaker,
}

/// The connection that is there or being made.
#[derive(Default)]
struct Current {
    /// Counts connections, so that the end of an earlier one does not end a later one.
    number: u64,
    connecting: Option<Connecting>,
    /// So long calls wait for it to be made.
    awaited_until: Option<Instant>,
    /// What signs in again on it.
    keeping: Option<AbortHandle>,
}

pub(super) type Connecting = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

impl Line {
    pub(super) fn new(client: Client, identity: Option<Identity>) -> Self {
        Self { client, identity, current: Mutex::default(), breaker: Breaker::default() }
    }

    /// The connection; waits for it if it is being made.
    pub(super) fn connection(self: &Arc<Self>) -> Connecting {
        let mut current = self.current();
        if let Some(connecting) = &current.connecting {
            return connecting.clone();
        }
        current.number += 1;
        // In a task of its own: a caller that gives up does not end it.
        let task = tokio::spawn(Arc::clone(self).connect(current.number));
        let connecting = task.map(|ended| ended.unwrap_or_else(|_| Err(no_answer()))).boxed().shared();
        current.connecting = Some(connecting.clone());
        current.awaited_until = Some(Instant::now() + CALL_LIMIT);
        connecting
    }

    /// The connection, for a call: all that come while it is being made wait for it together no longer than one call would. So a server that
    /// takes connections and then says nothing costs them no more than one that is connected and does.
    pub(super) async fn connection_soon(self: &Arc<Self>) -> RedisResult<MultiplexedConnection> {
        let connecting = self.connection();
        let until = self.current().awaited_until.unwrap_or_else(Instant::now);
        match timeout_at(until, connecting).await {
            Ok(outcome) => outcome,
            Err(_) => Err(RedisError::from((ErrorKind::Io, "the connection is still being made"))),
        }
    }

    /// A connection that is not made is one failure, however many calls wait for it; one that takes long is none.
    async fn connect(self: Arc<Self>, number: u64) -> RedisResult<MultiplexedConnection> {
        let outcome = self.try_to_connect(number).await;
        if let Err(error) = &outcome {
            self.discard(number);
            self.failed(error);
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
        let keeping = tokio::spawn(identity::keep_signed_in(Arc::downgrade(self), number, token.expires_at));
        let mut current = self.current();
        if current.number == number && current.connecting.is_some() {
            current.keeping = Some(keeping.abort_handle());
        } else {
            keeping.abort();
        }
        drop(current);
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

    /// On a connection that is there an answer may never come, though the server is back, or only that it may not write any more. One that is
    /// being made is waited for: the first of a process takes longer than a call.
    fn discard_made(&self) {
        let current = self.current();
        let number = current.number;
        let is_made = current.connecting.as_ref().is_some_and(|connecting| connecting.peek().is_some());
        drop(current);
        if is_made {
            self.discard(number);
        }
    }

    fn discard(&self, number: u64) {
        let mut current = self.current();
        if current.number == number {
            let lost = (current.connecting.take(), current.keeping.take());
            drop(current);
            if let (_, Some(keeping)) = lost {
                keeping.abort();
            }
        }
    }

    /// A call was not answered, or no connection made.
    pub(super) fn failed(self: &Arc<Self>, error: &RedisError) {
        if self.breaker.failed() {
            tracing::warn!(%error, "redis does not answer; going on without it");
            self.discard_made();
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
            self.discard_made();
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
