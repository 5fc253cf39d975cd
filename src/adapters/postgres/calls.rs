//! Calls as the ports make them: tried again where that is safe, and with their failures in the ports' terms.

use std::time::Duration;

use sqlx::postgres::PgRow;

use super::{
    PostgresDatabase,
    connections::BROKEN_AT_MOST,
    fault::{Fault, Result},
    lease::Statement,
};
use crate::ports::StoreError;

/// How often a call gives way to others that it cannot stand beside.
const CONFLICTS: u32 = 5;
/// The pause after the first of them; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

impl PostgresDatabase {
    /// A call that changes something. It is tried again only when the server says that nothing of it happened.
    pub(super) async fn write<T, F>(&self, operation: &'static str, work: impl Fn() -> F) -> StoreResult<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.unless_thrown_back(&work).await.map_err(|fault| fault.into_store_error(operation))
    }

    /// A call that only reads, and may be made again when its connection was lost: [`BROKEN_AT_MOST`] times in all.
    pub(super) async fn read<T, F>(&self, operation: &'static str, work: impl Fn() -> F) -> StoreResult<T>
    where
        F: Future<Output = Result<T>>,
    {
        for _ in 1..BROKEN_AT_MOST {
            match self.unless_thrown_back(&work).await {
                Err(fault) if fault.is_broken_connection() => {}
                read => return read.map_err(|fault| fault.into_store_error(operation)),
            }
        }
        self.write(operation, work).await
    }

    async fn unless_thrown_back<T, F>(&self, work: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut pause = FIRST_PAUSE;
        for _ in 0..CONFLICTS {
            match work().await {
                Err(fault) if fault.is_conflict() => tokio::time::sleep(pause).await,
                done => return done.inspect_err(|fault| self.watch(fault)),
            }
            pause *= 2;
        }
        work().await.inspect_err(|fault| self.watch(fault))
    }

    fn watch(&self, fault: &Fault) {
        if fault.is_broken_connection() {
            self.connections.found_broken();
        }
    }

    /// One statement that changes something: how many rows.
    pub(super) async fn execute<'q>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
    ) -> StoreResult<u64> {
        let work = async || {
            let mut lease = self.connections.single().await?;
            let rows = lease.execute(statement()).await?;
            lease.commit().await?;
            Ok(rows)
        };
        self.write(operation, work).await
    }

    /// One statement that changes something and gives a row of what it changed.
    pub(super) async fn execute_returning<'q, T>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
        read: impl Fn(&PgRow) -> sqlx::Result<T>,
    ) -> StoreResult<Option<T>> {
        let work = async || {
            let mut lease = self.connections.single().await?;
            let row = lease.optional(statement(), &read).await?;
            lease.commit().await?;
            Ok(row)
        };
        self.write(operation, work).await
    }

    /// The one row that a statement finds, if any.
    pub(super) async fn find_one<'q, T>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
        read: impl Fn(&PgRow) -> sqlx::Result<T>,
    ) -> StoreResult<Option<T>> {
        let work = async || self.connections.single().await?.optional(statement(), &read).await;
        self.read(operation, work).await
    }

    /// All rows that a statement finds.
    pub(super) async fn find_all<'q, T>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
        read: impl Fn(&PgRow) -> sqlx::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let work = async || self.connections.single().await?.all(statement(), &read).await;
        self.read(operation, work).await
    }
}

type StoreResult<T> = std::result::Result<T, StoreError>;

/// The one row of a statement that always gives one.
pub(super) fn always<T>(row: Option<T>) -> Result<T> {
    row.ok_or(Fault::Driver(sqlx::Error::RowNotFound))
}
