//! The schema: looked at by the first call, made or brought up to date by one instance while others wait.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use sqlx::{
    Connection as _, Row as _,
    migrate::{MigrateError, Migrator},
    postgres::PgRow,
};
use tokio::time::timeout;

use super::{
    super::migrations::{self, Applied},
    connections::Connections,
    fault::{Fault, Result, SchemaTrouble},
};
use crate::ports::{
    error::StoreErrorKind,
    schema::{Migrated, SchemaStanding, SchemaState},
};

/// How long a call waits for the schema. Making it goes on after that.
const WAIT_LIMIT: Duration = Duration::from_secs(3);

/// How long making it may take, the wait for another instance included.
const CHANGE_LIMIT: Duration = Duration::from_secs(300);

/// Changes of the schema are far apart; no call of the usual limit is under way in the transaction that makes them.
const NO_LIMITS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// Who holds this lock changes the schema: "ret schema", a number that other programs on the database hardly use.
const LOCK: &str = "SELECT pg_advisory_xact_lock(8241985702561408865)";

/// What is known of the schema.
#[derive(Default)]
pub(super) struct Schema {
    is_ready: AtomicBool,
    /// The look at it that is under way, or was the last.
    attempt: Mutex<Option<Attempt>>,
}

type Attempt = Shared<BoxFuture<'static, std::result::Result<(), SchemaTrouble>>>;

impl Schema {
    /// Returns when the schema is one that this version works with.
    pub(super) async fn ready(&self, connections: &Arc<Connections>) -> Result<()> {
        if self.is_ready.load(Ordering::Acquire) {
            return Ok(());
        }
        let attempt = timeout(WAIT_LIMIT, self.attempt(connections)).await;
        attempt.map_err(|_| Fault::TimedOut(WAIT_LIMIT))??;
        self.is_ready.store(true, Ordering::Release);
        Ok(())
    }

    /// One look for all who wait, in a task of its own: they may give up, it goes on.
    fn attempt(&self, connections: &Arc<Connections>) -> Attempt {
        let mut last = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = last.as_ref().filter(|attempt| attempt.peek().is_none()) {
            return under_way.clone();
        }
        let connections = Arc::clone(connections);
        let work = async move { bring_up_to_date(&connections).await.map_err(SchemaTrouble::from) };
        let attempt = work.boxed().shared();
        tokio::spawn(attempt.clone());
        *last = Some(attempt.clone());
        attempt
    }
}

/// What is there; an error if this version must not use it. Changes nothing.
pub(super) async fn state_of(connections: &Connections) -> Result<SchemaState> {
    let applied = applied(connections).await?;
    let version = applied.last().map(|last| last.version);
    Ok(SchemaState { version, standing: standing(&applied, &migrator())? })
}

/// Makes what is missing, for whoever wants to have it before the first call.
pub(super) async fn migrate(connections: &Connections) -> Result<Migrated> {
    let before = state_of(connections).await?.version;
    bring_up_to_date(connections).await?;
    Ok(Migrated { before, after: state_of(connections).await? })
}

async fn bring_up_to_date(connections: &Connections) -> Result<()> {
    let migrator = migrator();
    if standing(&applied(connections).await?, &migrator)? != SchemaStanding::Behind {
        return Ok(());
    }
    let changed = timeout(CHANGE_LIMIT, change(connections, &migrator)).await;
    match changed.map_err(|_| Fault::TimedOut(CHANGE_LIMIT))? {
        // A newer version may have been first, while this one waited.
        Err(Fault::Schema(trouble)) if standing(&applied(connections).await?, &migrator)? == SchemaStanding::Behind => {
            Err(Fault::Schema(trouble))
        }
        Err(Fault::Schema(_)) => Ok(()),
        changed => changed,
    }
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    // Its lock is the connection's, which is several connections' behind PgBouncer. Ours is the transaction's.
    migrator.set_locking(false);
    migrator
}

/// Looked up without the migrator: that would make its table, for which the user may lack the right once all is made.
async fn applied(connections: &Connections) -> Result<Vec<Applied>> {
    let statement = sqlx::query("SELECT version, description, checksum FROM _sqlx_migrations ORDER BY version");
    let mut lease = connections.begin_now().await?;
    let read = |row: &PgRow| {
        let (version, description, checksum) =
            (row.try_get("version")?, row.try_get("description")?, row.try_get("checksum")?);
        Ok(Applied { version, description, checksum })
    };
    match lease.all(statement, read).await {
        Err(fault) if fault.is_missing_table() => Ok(Vec::new()),
        applied => applied,
    }
}

fn standing(applied: &[Applied], migrator: &Migrator) -> Result<SchemaStanding> {
    migrations::standing(applied, migrator)
        .map_err(|text| Fault::Schema(SchemaTrouble { kind: StoreErrorKind::Internal, text }))
}

/// All that is missing, in one transaction: other instances wait for its end, and then find nothing to do.
async fn change(connections: &Connections, migrator: &Migrator) -> Result<()> {
    let mut connection = connections.acquire().await?;
    connection.close_on_drop();
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(NO_LIMITS).execute(&mut *transaction).await?;
    sqlx::raw_sql(LOCK).execute(&mut *transaction).await?;
    if connections.is_through_pgbouncer() {
        // The migrator gives names to its statements, which outlive it on the server's connection.
        sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *transaction).await?;
    }
    // As `run`, which the compiler does not take for a task that may move to another thread.
    migrator.run_direct(None, &mut *transaction, false).await.map_err(|error| match error {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => refused(Fault::Driver(cause)),
        other => Fault::Schema(SchemaTrouble { kind: StoreErrorKind::Internal, text: other.to_string() }),
    })?;
    if connections.is_through_pgbouncer() {
        sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Says what mends it that the user lacks the right.
fn refused(fault: Fault) -> Fault {
    if !fault.is_lacking_right() {
        return fault;
    }
    let text = format!(
        "{fault}: the schema has to be brought up to date by a user that may, who owns its tables; run `ret migrate` as that user"
    );
    Fault::Schema(SchemaTrouble { kind: fault.kind(), text })
}
