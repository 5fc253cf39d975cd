//! The connections: few, opened when one is needed, closed when none is.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Connection as _, PgPool, Postgres, pool::PoolConnection, postgres::PgPoolOptions};

use super::{
    fault::{Fault, Result},
    lease::{Lease, Scope},
    login::Login,
    schema::Schema,
};

/// How long a call waits for a connection: for another call to give one back, for a server that is starting, or for one that hangs.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(2);

/// A connection that was not used for so long is asked whether it is alive before it is used: the server may have been restarted. So is each
/// that was idle when another turned out to be broken.
const TRUSTED_FOR: Duration = Duration::from_millis(200);

/// An idle instance holds no connection: many of them share the few that a server has.
const CLOSED_AFTER: Duration = Duration::from_secs(60);
/// Even a busy one begins anew, so that it follows a server that moves.
const USED_FOR: Duration = Duration::from_secs(30 * 60);

/// How many broken connections one call may come upon. After the first no idle one is used unasked.
pub(super) const BROKEN_AT_MOST: u32 = 3;

/// When a connection was last found to be broken.
#[derive(Default)]
struct LastBroken(Mutex<Option<Instant>>);

impl LastBroken {
    fn is_after(&self, moment: Option<Instant>) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| moment.is_none_or(|moment| moment <= last))
    }

    fn is_now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// The server's connections, behind which the schema is as this version wants it.
pub(super) struct Connections {
    pool: PgPool,
    login: Login,
    schema: Schema,
    through_pgbouncer: bool,
    last_broken: Arc<LastBroken>,
}

impl Connections {
    pub(super) fn new(login: Login, max_connections: NonZeroU32) -> Self {
        let last_broken = Arc::new(LastBroken::default());
        let doubt = Arc::clone(&last_broken);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections.get())
            .acquire_timeout(ACQUIRE_LIMIT)
            .idle_timeout(CLOSED_AFTER)
            .max_lifetime(USED_FOR)
            .test_before_acquire(false)
            .before_acquire(move |connection, used| {
                let is_doubtful = doubt.is_after(Instant::now().checked_sub(used.idle_for));
                let is_trusted = used.idle_for < TRUSTED_FOR && !is_doubtful;
                Box::pin(async move { Ok(is_trusted || connection.ping().await.is_ok()) })
            })
            .connect_lazy_with(login.options());
        let through_pgbouncer = login.is_through_pgbouncer();
        Self { pool, login, schema: Schema::default(), through_pgbouncer, last_broken }
    }

    /// A connection for one statement. Behind PgBouncer that takes a transaction, for the server's connection may be another between
    /// the two halves of a statement.
    pub(super) async fn single(self: &Arc<Self>) -> Result<Lease> {
        self.schema.ready(self).await?;
        if self.through_pgbouncer { self.begin_now().await } else { self.lease(Scope::Statement).await }
    }

    /// A connection with a transaction on it, which is taken back unless it is committed.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<Lease> {
        self.schema.ready(self).await?;
        self.begin_now().await
    }

    /// The same whatever the schema is.
    pub(super) async fn begin_now(&self) -> Result<Lease> {
        for _ in 0..BROKEN_AT_MOST {
            let mut lease = self.lease(Scope::Transaction).await?;
            match lease.start().await {
                // Nothing was asked of it yet.
                Err(fault) if fault.is_broken_connection() => self.found_broken(),
                Err(fault) => return Err(fault),
                Ok(()) => return Ok(lease),
            }
        }
        Err(Fault::Driver(sqlx::Error::BeginFailed))
    }

    async fn lease(&self, scope: Scope) -> Result<Lease> {
        Ok(Lease::new(self.acquire().await?, scope, !self.through_pgbouncer))
    }

    /// A connection as it is, for the schema.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>> {
        self.login.renew(&self.pool).await?;
        self.pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => Fault::NoConnection(ACQUIRE_LIMIT),
            other => Fault::Driver(other),
        })
    }

    /// Others may be broken too.
    pub(super) fn found_broken(&self) {
        self.last_broken.is_now();
    }

    pub(super) fn is_through_pgbouncer(&self) -> bool {
        self.through_pgbouncer
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
