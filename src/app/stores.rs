//! Which adapter stands behind each port, as the settings say.

use std::sync::Arc;

use super::{AppError, unopened};
use crate::{
    adapters::{
        azure::IdentityTokens,
        files::FolderFiles,
        memory::MemoryRateLimits,
        postgres::{PostgresDatabase, PostgresLogin},
        sqlite::SqliteDatabase,
        sqlite_cache::SqliteCache,
        sqlite_tables::SqliteTables,
    },
    config::{ServerLogin, Settings},
    ports::{
        AccessTokens, Accounts, Catalog, Clock, Ids, JobQueue, Jobs, LoginThrottle, Random, RateLimits, RefreshTokens,
        SessionCache, SessionFiles, Sessions,
    },
    services::Stores,
};

/// The database of the rows. All ports of rows stand on one, for they share transactions.
pub(super) enum Database {
    Sqlite(SqliteDatabase),
    Postgres(PostgresDatabase),
}

impl Database {
    pub(super) async fn open(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Self, AppError> {
        let Some(server) = &settings.database_server else {
            let file = &settings.database;
            return Ok(Self::Sqlite(SqliteDatabase::open(file).await.map_err(unopened("RET_DB", file))?));
        };
        let login = match server.login {
            ServerLogin::AsGiven => PostgresLogin::AsGiven,
            ServerLogin::Identity => PostgresLogin::Identity(identity_tokens(settings, "DATABASE_URL")?),
        };
        let (url, connections) = (server.url.expose(), settings.database_connections);
        Ok(Self::Postgres(PostgresDatabase::open(url, login, connections, Arc::clone(clock))?))
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close().await,
            Self::Postgres(database) => database.close().await,
        }
    }

    fn ports(&self) -> Rows {
        match self {
            Self::Sqlite(database) => Rows::of(database),
            Self::Postgres(database) => Rows::of(database),
        }
    }
}

/// The ports of rows.
struct Rows {
    accounts: Arc<dyn Accounts>,
    sessions: Arc<dyn Sessions>,
    refresh_tokens: Arc<dyn RefreshTokens>,
    login_throttle: Arc<dyn LoginThrottle>,
    catalog: Arc<dyn Catalog>,
    jobs: Arc<dyn Jobs>,
}

impl Rows {
    fn of<D>(database: &D) -> Self
    where
        D: Accounts + Sessions + RefreshTokens + LoginThrottle + Catalog + Jobs + Clone + 'static,
    {
        Self {
            accounts: Arc::new(database.clone()),
            sessions: Arc::new(database.clone()),
            refresh_tokens: Arc::new(database.clone()),
            login_throttle: Arc::new(database.clone()),
            catalog: Arc::new(database.clone()),
            jobs: Arc::new(database.clone()),
        }
    }
}

/// Every port, over a database and a queue of jobs that are there.
pub(super) async fn stores(
    settings: &Settings,
    database: &Database,
    job_queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Stores, AppError> {
    let Rows { accounts, sessions, refresh_tokens, login_throttle, catalog, jobs } = database.ports();
    Ok(Stores {
        accounts,
        sessions,
        refresh_tokens,
        login_throttle,
        catalog,
        jobs,
        rate_limits: rate_limits(settings),
        session_cache: session_cache(settings, &clock)?,
        session_files: session_files(settings)?,
        job_queue,
        tables: Arc::new(SqliteTables),
        ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
        clock,
        random,
    })
}

fn rate_limits(_settings: &Settings) -> Arc<dyn RateLimits> {
    Arc::new(MemoryRateLimits::default())
}

fn session_cache(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Arc<dyn SessionCache>, AppError> {
    let file = &settings.session_database;
    let cache = SqliteCache::open(file, settings.session_cache_max_size, Arc::clone(clock));
    Ok(Arc::new(cache.map_err(unopened("RET_SESSION_DB", file))?))
}

fn session_files(settings: &Settings) -> Result<Arc<dyn SessionFiles>, AppError> {
    let root = &settings.runtime_root;
    Ok(Arc::new(FolderFiles::open(root).map_err(unopened("RET_RUNTIME_ROOT", root))?))
}

/// Tokens for a server that a setting names.
fn identity_tokens(settings: &Settings, setting: &'static str) -> Result<Arc<dyn AccessTokens>, AppError> {
    let tokens = IdentityTokens::new(settings.client_id.as_deref(), settings.has_managed_identity);
    Ok(Arc::new(tokens.map_err(|source| AppError::Identity { setting, source })?))
}
