//! A connection in use: every statement limited in time, every connection given back in order or closed.

use std::time::Duration;

use sqlx::{PgConnection, Postgres, pool::PoolConnection, postgres::PgArguments, postgres::PgRow, query::Query};
use tokio::{runtime::Handle, time::timeout};

use super::fault::{Fault, Result};

/// A statement with its arguments.
pub(super) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// How long one statement may take: more, and the server is taken for one that hangs.
const STATEMENT_LIMIT: Duration = Duration::from_secs(3);

/// What stands around the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing: each is by itself.
    Statement,
    /// A transaction.
    Transaction,
}

/// A connection in use.
pub(super) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    scope: Scope,
    /// Whether the server may keep statements by name for later.
    keeps_statements: bool,
    /// `BEGIN` was sent, `COMMIT` was not answered.
    is_open: bool,
    /// A statement was sent whose answer is not read to its end.
    is_midway: bool,
}

impl Lease {
    pub(super) fn new(connection: PoolConnection<Postgres>, scope: Scope, keeps_statements: bool) -> Self {
        Self { connection: Some(connection), scope, keeps_statements, is_open: false, is_midway: false }
    }

    /// Begins the transaction.
    pub(super) async fn start(&mut self) -> Result<()> {
        self.is_open = true;
        self.command("BEGIN").await
    }

    /// Ends the transaction, if there is one, with all its changes kept.
    pub(super) async fn commit(mut self) -> Result<()> {
        if self.scope == Scope::Transaction {
            self.command("COMMIT").await?;
            self.is_open = false;
        }
        Ok(())
    }

    /// How many rows a statement touched.
    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64> {
        let statement = statement.persistent(self.keeps_statements);
        let answer = timeout(STATEMENT_LIMIT, statement.execute(self.in_use()?)).await;
        Ok(self.answered(answer)?.rows_affected())
    }

    /// The row of a statement that gives one at most.
    pub(super) async fn optional<T>(
        &mut self,
        statement: Statement<'_>,
        read: impl FnOnce(&PgRow) -> sqlx::Result<T>,
    ) -> Result<Option<T>> {
        let statement = statement.persistent(self.keeps_statements);
        let answer = timeout(STATEMENT_LIMIT, statement.fetch_optional(self.in_use()?)).await;
        let row = self.answered(answer)?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// All rows of a statement.
    pub(super) async fn all<T>(
        &mut self,
        statement: Statement<'_>,
        read: impl Fn(&PgRow) -> sqlx::Result<T>,
    ) -> Result<Vec<T>> {
        let statement = statement.persistent(self.keeps_statements);
        let answer = timeout(STATEMENT_LIMIT, statement.fetch_all(self.in_use()?)).await;
        let rows = self.answered(answer)?;
        Ok(rows.iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// A statement without arguments and rows.
    pub(super) async fn command(&mut self, sql: &'static str) -> Result<()> {
        let answer = timeout(STATEMENT_LIMIT, sqlx::raw_sql(sql).execute(self.in_use()?)).await;
        self.answered(answer).map(drop)
    }

    fn in_use(&mut self) -> Result<&mut PgConnection> {
        self.is_midway = true;
        self.connection.as_deref_mut().ok_or(Fault::Driver(sqlx::Error::WorkerCrashed))
    }

    fn answered<T>(&mut self, answer: std::result::Result<sqlx::Result<T>, tokio::time::error::Elapsed>) -> Result<T> {
        let answer = answer.map_err(|_| Fault::TimedOut(STATEMENT_LIMIT))?.map_err(Fault::from);
        // Only a connection on which the server's answer was read to its end may be used again.
        self.is_midway = answer.as_ref().is_err_and(Fault::is_broken_connection);
        answer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match Handle::try_current() {
            Ok(runtime) if !self.is_midway => drop(runtime.spawn(give_back(connection, self.is_open))),
            _ => connection.close_on_drop(),
        }
    }
}

/// Takes back what was not committed, and leaves the connection for others if it is alive.
async fn give_back(mut connection: PoolConnection<Postgres>, is_open: bool) {
    if is_open {
        let rollback = timeout(STATEMENT_LIMIT, sqlx::raw_sql("ROLLBACK").execute(&mut *connection)).await;
        if !matches!(rollback, Ok(Ok(_))) {
            connection.close_on_drop();
            return;
        }
    }
    // Asks the server for a sign of life. Without a limit, a server that hangs would keep the place of this connection for good; with it
    // the connection is dropped.
    let _ = timeout(STATEMENT_LIMIT, connection.return_to_pool()).await;
}
