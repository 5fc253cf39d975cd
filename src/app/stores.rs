//! Which adapter stands behind each port, as the settings say.

use std::sync::Arc;

use super::{AppError, private_files::make_private, unopened};
use crate::{
    adapters::{
        azure::{self, BlobClocks, BlobDisk, BlobFiles, IdentityTokens, StorageAccess, StorageService},
        cosmos::{CosmosAccess, CosmosTier},
        files::FolderFiles,
        memory::{MemoryJobProgress, MemoryRateLimits, MemoryTemporaryConversations},
        postgres::{PostgresDatabase, PostgresLogin},
        rate_limits_with_fallback::RateLimitsWithFallback,
        redis::{
            RedisConversations, RedisJobProgress, RedisLogin, RedisRateLimits, RedisServer,
            RedisTemporaryConversations, RedisTier,
        },
        sqlite::SqliteDatabase,
        sqlite_cache::{SqliteCache, SqliteCacheTier},
        sqlite_tables::SqliteTables,
        system::SystemClock,
        tiered_cache::TieredCache,
    },
    config::{ServerAccount, ServerLogin, SessionStore, Settings, StorageAccount},
    ports::{
        AccessTokens, Accounts, Audit, CacheTier, Catalog, Clock, Conversations, HotConversations, Ids, JobProgress,
        JobQueue, Jobs, LoginThrottle, OptionalServer, Random, RateLimits, RefreshTokens, Remains, SessionCache,
        SessionFiles, Sessions, SharedTier, TemporaryConversations, Usage,
        schema::{Migrated, SchemaState},
    },
    services::Stores,
};

/// Longer parts of conversations are compressed in Redis. Most messages are shorter than this, and few are longer than a megabyte.
const COMPRESS_MESSAGES_ABOVE: usize = 64 << 10;

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
        Ok(Self::Postgres(postgres(settings, server, clock)?))
    }

    /// Its files, if they are here. PostgreSQL cleans up after itself.
    fn remains(&self) -> Option<Arc<dyn Remains>> {
        match self {
            Self::Sqlite(database) => Some(Arc::new(database.clone())),
            Self::Postgres(_) => None,
        }
    }

    /// What the database that is there has of a schema. Changes nothing.
    pub(super) async fn schema_state(settings: &Settings) -> Result<SchemaState, AppError> {
        let Some(server) = &settings.database_server else {
            let file = &settings.database;
            return SqliteDatabase::schema_state(file).await.map_err(unopened("RET_DB", file));
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let state = postgres(settings, server, &clock)?.schema_state().await;
        state.map_err(|source| AppError::Server { setting: "DATABASE_URL", source })
    }

    /// Brings the schema up to date, or makes it.
    pub(super) async fn migrate(settings: &Settings) -> Result<Migrated, AppError> {
        let Some(server) = &settings.database_server else {
            let (root, file) = (&settings.runtime_root, &settings.database);
            make_private(root).map_err(|source| AppError::RuntimeRoot { path: root.clone(), source })?;
            return SqliteDatabase::migrate(file).await.map_err(unopened("RET_DB", file));
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let database = postgres(settings, server, &clock)?;
        let migrated = database.migrate().await;
        database.close().await;
        migrated.map_err(|source| AppError::Server { setting: "DATABASE_URL", source })
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

fn postgres(settings: &Settings, server: &ServerAccount, clock: &Arc<dyn Clock>) -> Result<PostgresDatabase, AppError> {
    let setting = "DATABASE_URL";
    let login = match server.login {
        ServerLogin::AsGiven => PostgresLogin::AsGiven,
        ServerLogin::Identity => PostgresLogin::Identity(identity_tokens(settings, setting)?),
    };
    let (url, connections) = (server.url.expose(), settings.database_connections);
    PostgresDatabase::open(url, login, connections, Arc::clone(clock))
        .map_err(|source| AppError::Server { setting, source })
}

/// The ports of rows.
struct Rows {
    accounts: Arc<dyn Accounts>,
    sessions: Arc<dyn Sessions>,
    refresh_tokens: Arc<dyn RefreshTokens>,
    login_throttle: Arc<dyn LoginThrottle>,
    catalog: Arc<dyn Catalog>,
    jobs: Arc<dyn Jobs>,
    conversations: Arc<dyn Conversations>,
    audit: Arc<dyn Audit>,
    usage: Arc<dyn Usage>,
}

impl Rows {
    fn of<D>(database: &D) -> Self
    where
        D: Accounts
            + Sessions
            + RefreshTokens
            + LoginThrottle
            + Catalog
            + Jobs
            + Conversations
            + Audit
            + Usage
            + Clone
            + 'static,
    {
        Self {
            accounts: Arc::new(database.clone()),
            sessions: Arc::new(database.clone()),
            refresh_tokens: Arc::new(database.clone()),
            login_throttle: Arc::new(database.clone()),
            catalog: Arc::new(database.clone()),
            jobs: Arc::new(database.clone()),
            conversations: Arc::new(database.clone()),
            audit: Arc::new(database.clone()),
            usage: Arc::new(database.clone()),
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
    let Rows { accounts, sessions, refresh_tokens, login_throttle, catalog, jobs, conversations, audit, usage } =
        database.ports();
    let redis = redis(settings, &clock, &random)?;
    Ok(Stores {
        accounts,
        sessions,
        refresh_tokens,
        login_throttle,
        catalog,
        jobs,
        conversations,
        audit,
        usage,
        remains: database.remains(),
        hot_conversations: hot_conversations(settings, redis.as_ref()),
        temporary_conversations: temporary_conversations(redis.as_ref()),
        rate_limits: rate_limits(redis.as_ref()),
        session_cache: session_cache(settings, database, redis.as_ref(), &clock)?,
        session_files: session_files(settings, &clock)?,
        job_queue,
        job_progress: job_progress(redis.as_ref()),
        tables: Arc::new(SqliteTables),
        optional_servers: redis.into_iter().map(|redis| Arc::new(redis) as Arc<dyn OptionalServer>).collect(),
        ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
        clock,
        random,
    })
}

/// The server of what instances share, if there is one.
pub(super) fn redis(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Option<RedisServer>, AppError> {
    let Some(account) = &settings.redis_server else { return Ok(None) };
    let login = match account.login {
        ServerLogin::AsGiven => RedisLogin::AsGiven,
        ServerLogin::Identity => RedisLogin::Identity(identity_tokens(settings, "REDIS_CONNECTION_STRING")?),
    };
    Ok(Some(RedisServer::new(account.url.expose(), login, Arc::clone(clock), Arc::clone(random))?))
}

fn rate_limits(redis: Option<&RedisServer>) -> Arc<dyn RateLimits> {
    let own = Arc::new(MemoryRateLimits::default());
    match redis {
        None => own,
        Some(redis) => Arc::new(RateLimitsWithFallback::new(Arc::new(RedisRateLimits::new(redis.clone())), own)),
    }
}

fn job_progress(redis: Option<&RedisServer>) -> Arc<dyn JobProgress> {
    match redis {
        None => Arc::new(MemoryJobProgress::default()),
        Some(redis) => Arc::new(RedisJobProgress::new(redis.clone())),
    }
}

fn hot_conversations(settings: &Settings, redis: Option<&RedisServer>) -> Option<Arc<dyn HotConversations>> {
    let keep = settings.redis_cache_ttl;
    redis.map(|redis| {
        Arc::new(RedisConversations::new(redis.clone(), keep, COMPRESS_MESSAGES_ABOVE)) as Arc<dyn HotConversations>
    })
}

fn temporary_conversations(redis: Option<&RedisServer>) -> Arc<dyn TemporaryConversations> {
    match redis {
        None => Arc::new(MemoryTemporaryConversations::default()),
        Some(redis) => Arc::new(RedisTemporaryConversations::new(redis.clone(), COMPRESS_MESSAGES_ABOVE)),
    }
}

fn session_cache(
    settings: &Settings,
    database: &Database,
    redis: Option<&RedisServer>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn SessionCache>, AppError> {
    let (max_size, clock) = (settings.session_cache_max_size, Arc::clone(clock));
    if settings.session_store == SessionStore::Sqlite && redis.is_none() {
        let file = &settings.session_database;
        let cache = SqliteCache::open(file, max_size, clock).map_err(unopened("RET_SESSION_DB", file))?;
        return Ok(Arc::new(cache));
    }
    let shared =
        redis.map(|redis| Arc::new(RedisTier::new(redis.clone(), settings.redis_cache_ttl)) as Arc<dyn SharedTier>);
    let compress_above = settings.session_cache_compress_above;
    let durable = durable_cache_tier(settings, database)?;
    Ok(Arc::new(TieredCache::new(durable, shared, max_size, compress_above, clock)))
}

/// The durable tier of the session cache.
fn durable_cache_tier(settings: &Settings, database: &Database) -> Result<Arc<dyn CacheTier>, AppError> {
    match (&settings.session_store, database) {
        (SessionStore::Postgres, Database::Postgres(database)) => Ok(Arc::new(database.clone())),
        (SessionStore::Cosmos(account), _) => {
            let access = match &account.key {
                Some(key) => CosmosAccess::Key(key.expose().to_owned()),
                None => {
                    let identity = azure::identity(settings.client_id.as_deref(), settings.has_managed_identity);
                    let setting = "COSMOS_ENDPOINT";
                    CosmosAccess::Identity(identity.map_err(|source| AppError::Identity { setting, source })?)
                }
            };
            Ok(Arc::new(CosmosTier::new(&account.endpoint, account.database.clone(), access)?))
        }
        // The settings allow postgres only beside a server of the rows.
        (SessionStore::Sqlite | SessionStore::Postgres, _) => {
            let file = &settings.session_database;
            Ok(Arc::new(SqliteCacheTier::open(file).map_err(unopened("RET_SESSION_DB", file))?))
        }
    }
}

fn session_files(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Arc<dyn SessionFiles>, AppError> {
    let root = &settings.runtime_root;
    let Some(account) = &settings.file_storage else {
        return Ok(Arc::new(FolderFiles::open(root).map_err(unopened("RET_RUNTIME_ROOT", root))?));
    };
    let access = storage_access(settings, account, StorageService::Blob)?;
    let clocks = BlobClocks { service: Arc::clone(clock), machine: Arc::new(SystemClock) };
    let disk = BlobDisk { runtime_root: root, kept_bytes: settings.kept_bytes };
    let files = BlobFiles::open(access, &settings.file_container, disk, clocks);
    Ok(Arc::new(files.map_err(unopened("RET_RUNTIME_ROOT", root))?))
}

/// Where clients put large files themselves, if session files are in Blob Storage.
pub(super) fn upload_origin(settings: &Settings) -> Result<Option<String>, AppError> {
    let account = settings.file_storage.as_ref();
    account.map(|account| Ok(storage_access(settings, account, StorageService::Blob)?.origin())).transpose()
}

/// Tokens for a server that a setting names.
pub(super) fn identity_tokens(settings: &Settings, setting: &'static str) -> Result<Arc<dyn AccessTokens>, AppError> {
    let tokens = IdentityTokens::new(settings.client_id.as_deref(), settings.has_managed_identity);
    Ok(Arc::new(tokens.map_err(|source| AppError::Identity { setting, source })?))
}

/// What opens a service of an account.
pub(super) fn storage_access(
    settings: &Settings,
    account: &StorageAccount,
    service: StorageService,
) -> Result<StorageAccess, AppError> {
    let (setting, access) = match account {
        StorageAccount::ConnectionString { setting, value } => {
            (setting, StorageAccess::by_connection_string(service, value.expose()))
        }
        StorageAccount::Identity { setting, endpoint, client_id } => {
            let is_managed = settings.has_managed_identity;
            (setting, StorageAccess::by_identity(service, endpoint, client_id.as_deref(), is_managed))
        }
    };
    access.map_err(|source| AppError::StorageAccount { setting, source })
}
