//! Durable rows on one machine: accounts, sessions, tokens, files' rows, jobs, the audit log, usage, in one SQLite file.
//!
//! Several processes may use the file at once (write-ahead log, `BEGIN IMMEDIATE` for every write). A commit is on disk before it
//! is acknowledged.

mod accounts;
mod audit;
mod catalog;
mod conversations;
mod jobs;
mod login_throttle;
mod refresh_tokens;
mod remains;
mod rows;
mod sessions;
mod usage;

use std::{fs::File, io, path::Path, str::FromStr, time::Duration};

use log::LevelFilter;
use sqlx::{
    ConnectOptions as _, Connection as _, Executor, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::migrations::{self, Applied};
use crate::ports::{
    StoreError,
    error::StoreErrorKind,
    schema::{Migrated, SchemaStanding, SchemaState},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The embedded database. Cheap to clone; implements the row-keeping ports.
#[derive(Clone, Debug)]
pub struct SqliteDatabase {
    pool: SqlitePool,
}

/// Waits until no other process makes or changes the schema, and keeps others from it until the file is dropped.
async fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let locked = tokio::task::spawn_blocking(move || {
        // The first that happens to the folder of the database.
        let file = File::create(name).map_err(|error| {
            io::Error::new(error.kind(), format!("{error}; its folder must be there, and may be written"))
        })?;
        file.lock()?;
        Ok(file)
    });
    locked.await.map_err(io::Error::other)?
}

impl SqliteDatabase {
    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let _alone =
            lock(path).await.map_err(|error| StoreError::new(StoreErrorKind::Internal, "sqlite", "lock", error))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10))
            // Mostly one that waits for another process.
            .log_slow_statements(LevelFilter::Debug, Duration::from_secs(1));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(15))
            .connect_with(options)
            .await
            .map_err(failed("open"))?;
        let has_table = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
        let is_new = !sqlx::query_scalar::<_, bool>(has_table).fetch_one(&pool).await.map_err(failed("open"))?;
        let found = if is_new { Vec::new() } else { applied(&pool).await.map_err(failed("migrate"))? };
        if standing(&found)? == SchemaStanding::Behind {
            MIGRATIONS.run(&pool).await.map_err(unmade)?;
        }
        Ok(Self { pool })
    }

    /// What a file that is there has of a schema. Changes nothing.
    pub async fn schema_state(path: &Path) -> Result<SchemaState, StoreError> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed("open"))?;
        // Without the table it is another's file, or an empty one: opening it will tell.
        let found = applied(&mut connection).await.unwrap_or_default();
        Ok(SchemaState { version: found.last().map(|last| last.version), standing: standing(&found)? })
    }

    /// Opens the file as `open` does, and tells what that has done to its schema.
    pub async fn migrate(path: &Path) -> Result<Migrated, StoreError> {
        let is_there = tokio::fs::try_exists(path).await.unwrap_or(true);
        let before = if is_there { Self::schema_state(path).await?.version } else { None };
        let database = Self::open(path).await?;
        database.close().await;
        Ok(Migrated { before, after: Self::schema_state(path).await? })
    }

    /// Answers if the database can be read: for readiness.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map_err(failed("ping"))?;
        Ok(())
    }

    /// Closes the connections; outstanding work is finished first.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that holds the write lock from its start, so that it never fails half-way for another writer.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }
}

/// The migrations that a file has.
async fn applied(from: impl Executor<'_, Database = Sqlite>) -> Result<Vec<Applied>, sqlx::Error> {
    let all = "SELECT version, description, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
    let read = |(version, description, checksum)| Applied { version, description, checksum };
    let found = sqlx::query_as::<_, (i64, String, Vec<u8>)>(all).fetch_all(from).await?;
    Ok(found.into_iter().map(read).collect())
}

fn standing(applied: &[Applied]) -> Result<SchemaStanding, StoreError> {
    migrations::standing(applied, &MIGRATIONS).map_err(unmade)
}

fn unmade(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "sqlite", "migrate", cause)
}

/// Gives a failure of the driver its meaning.
fn failed(operation: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| {
        let kind = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => StoreErrorKind::Unavailable,
            // Primary result codes of SQLite: 5 busy, 6 locked, 13 full; extended codes keep them in the low byte.
            sqlx::Error::Database(database) => match database.code().and_then(|code| u32::from_str(&code).ok()) {
                Some(code) if matches!(code & 0xff, 5 | 6) => StoreErrorKind::Unavailable,
                Some(code) if code & 0xff == 13 => StoreErrorKind::Full,
                // 18 too big, 19 constraint, 20 mismatch.
                Some(code) if matches!(code & 0xff, 18..=20) => StoreErrorKind::Refused,
                _ => StoreErrorKind::Internal,
            },
            _ => StoreErrorKind::Internal,
        };
        StoreError::new(kind, "sqlite", operation, error)
    }
}
