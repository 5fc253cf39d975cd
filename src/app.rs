//! The composition root: settings in, application out. The only file that names adapters.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use axum::{
    middleware,
    response::{IntoResponse, Response},
};
use http::{Method, header};
use tokio::sync::Semaphore;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, CorsLayer},
};

use crate::{
    adapters::{
        azure::{AccessError, QueueAccess, StorageQueue},
        files::FolderFiles,
        memory::MemoryRateLimits,
        sqlite::SqliteDatabase,
        sqlite_cache::SqliteCache,
        sqlite_tables::SqliteTables,
        system::{SystemClock, SystemRandom},
    },
    config::{Environment, QueueAccount, Secret, Settings},
    domain::{JobId, user::check_password},
    functions::{self, convert_worker::ConvertMessage},
    http::{
        AppState, Problem, ProblemCode,
        cookies::CookiePolicy,
        correlation::{CORRELATION_ID, correlate, new_id},
        state::HttpSettings,
    },
    ports::{Clock, Ids, JobQueue, Random, StoreError, error::StoreErrorKind},
    runtime::{ErrorPages, Functions, Invocation, LocalQueue},
    services::{
        Services, Stores,
        accounts::{AccountError, FirstAdmin, FirstPassword},
        auth::Secrets,
        jobs::{JobService, OnTrouble},
    },
};

/// The queue of the same name in `functions/convert_worker/function.json`.
const CONVERT_QUEUE: &str = "convert-jobs";

/// Messages that wait in the queue of this process.
const BELLS_AT_MOST: usize = 200;
/// Jobs that run at once in this process when no queue orders them.
const JOBS_AT_ONCE: usize = 2;
/// How long a queue that the host listens to is trusted to deliver, or to deliver again: more than `visibilityTimeout` of host.json.
const STORAGE_QUEUE_TRUST: Duration = Duration::from_secs(60);

/// Why the application could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The runtime root cannot be used.
    #[error("RET_RUNTIME_ROOT: the folder {path} cannot be used: {source}")]
    RuntimeRoot {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job queue cannot be reached as the setting says.
    #[error("{setting}: {source}")]
    JobQueue {
        /// The setting.
        setting: &'static str,
        /// Why.
        source: AccessError,
    },
    /// The first account cannot be made.
    #[error("RET_ADMIN_PASSWORD: the first account cannot be made: {0}")]
    FirstAccount(AccountError),
}

/// The application: services over stores, ready to be served.
pub struct App {
    /// What handlers reach.
    pub state: AppState,
    stores: Stores,
    database: SqliteDatabase,
    queue: LocalQueue,
    cors: CorsLayer,
    title: String,
}

impl App {
    /// Opens the stores that the settings name and builds the services.
    pub async fn build(settings: &Settings) -> Result<Self, AppError> {
        Self::build_with(settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await
    }

    /// The same with a given clock and randomness: for tests.
    pub async fn build_with(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, AppError> {
        let root = &settings.runtime_root;
        let unusable = |source| AppError::RuntimeRoot { path: root.clone(), source };
        make_private(root).map_err(unusable)?;
        let token_key = token_key(settings.token_key.as_ref(), root, random.as_ref()).map_err(unusable)?;
        let database = SqliteDatabase::open(&settings.database).await?;
        let cache = SqliteCache::open(&settings.session_database, settings.session_cache_max_size, Arc::clone(&clock))?;
        let queue = LocalQueue::new(CONVERT_QUEUE, Arc::new(RuntimeClock(Arc::clone(&clock))));
        let bell = Arc::new(match (settings.handler_port, &settings.job_queue) {
            (None, _) => Bell::Queue(queue.clone()),
            (Some(_), Some(account)) => {
                Bell::Storage(StorageQueue::new(queue_access(account, settings)?, CONVERT_QUEUE, Arc::clone(&clock)))
            }
            (Some(_), None) => Bell::Direct {
                service: Box::default(),
                slots: Arc::new(Semaphore::new(JOBS_AT_ONCE)),
                bells: Arc::new(Semaphore::new(BELLS_AT_MOST)),
            },
        });
        let stores = Stores {
            accounts: Arc::new(database.clone()),
            sessions: Arc::new(database.clone()),
            refresh_tokens: Arc::new(database.clone()),
            login_throttle: Arc::new(database.clone()),
            rate_limits: Arc::new(MemoryRateLimits::default()),
            session_cache: Arc::new(cache),
            session_files: Arc::new(FolderFiles::open(root)?),
            catalog: Arc::new(database.clone()),
            jobs: Arc::new(database.clone()),
            job_queue: Arc::clone(&bell) as Arc<dyn JobQueue>,
            tables: Arc::new(SqliteTables),
            ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
            clock,
            random,
        };
        let mut policy = settings.policy.clone();
        if matches!(*bell, Bell::Storage(_)) {
            policy.job_ring_after = STORAGE_QUEUE_TRUST;
            policy.job_lost_after = STORAGE_QUEUE_TRUST;
        }
        let services = Services::new(&stores, &Arc::new(policy), &Secrets { token_key });
        bell.answer_with(&services.jobs);
        let http = HttpSettings {
            client_ip_header: settings.client_ip_header.clone(),
            cookies: match settings.environment {
                Environment::Production => CookiePolicy::SecureOnly,
                Environment::Development => CookiePolicy::ByConnection,
            },
            // Past the host, which takes no large bodies: for clients of this machine, where the handler listens. A store with addresses of its
            // own makes no use of it.
            upload_origin: settings.handler_port.map(|port| format!("http://127.0.0.1:{port}")),
            metrics_key: settings.metrics_key.as_ref().map(|key| key.expose().to_owned()),
        };
        let title = settings.app_name.clone();
        let cors = cors(&settings.cors_origins);
        Ok(Self { state: AppState { services, http: Arc::new(http) }, stores, database, queue, cors, title })
    }

    /// Makes the first administrator if there is no account at all.
    pub async fn make_first_admin(&self, settings: &Settings) -> Result<Option<FirstAdmin>, AppError> {
        self.state.services.accounts.bootstrap(first_password(settings)).await.map_err(AppError::FirstAccount)
    }

    /// What would keep the first administrator from being made, if there is no account yet: for the doctor, which changes nothing.
    pub async fn first_admin_problem(&self, settings: &Settings) -> Result<Option<String>, AppError> {
        if self.stores.accounts.count().await? > 0 {
            return Ok(None);
        }
        Ok(match first_password(settings) {
            FirstPassword::Given(password) => check_password(&password, "admin").err(),
            FirstPassword::Generate => None,
            FirstPassword::Missing => Some("it must be set for the first start when ENV is production".into()),
        })
    }

    /// All functions, with the layers that every request passes.
    #[must_use]
    pub fn functions(&self) -> Functions {
        let ids = self.stores.ids.clone();
        let cors = self.cors.clone();
        functions::register(Functions::new(), &self.state, &self.title)
            .local_queue(self.queue.clone())
            .error_pages(Pages { ids: ids.clone() })
            .layer(move |router| {
                router
                    .layer(CatchPanicLayer::custom(|_| Problem::of(ProblemCode::Internal).into_response()))
                    .layer(cors)
                    .layer(middleware::from_fn_with_state(ids, correlate))
            })
    }

    /// The stores behind the services: for tests.
    #[must_use]
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// The job queue: for tests.
    #[must_use]
    pub fn queue(&self) -> &LocalQueue {
        &self.queue
    }

    /// Closes the database.
    pub async fn close(self) {
        self.database.close().await;
    }
}

/// The queue service that the setting names.
fn queue_access(account: &QueueAccount, settings: &Settings) -> Result<QueueAccess, AppError> {
    let (setting, access) = match account {
        QueueAccount::ConnectionString { setting, value } => {
            (setting, QueueAccess::by_connection_string(value.expose()))
        }
        QueueAccount::Identity { setting, endpoint, client_id } => {
            (setting, QueueAccess::by_identity(endpoint, client_id.as_deref(), settings.has_managed_identity))
        }
    };
    access.map_err(|source| AppError::JobQueue { setting, source })
}

/// Where the settings say that the first administrator's password comes from.
fn first_password(settings: &Settings) -> FirstPassword {
    match (&settings.admin_password, settings.environment) {
        (Some(password), _) => FirstPassword::Given(password.expose().to_owned()),
        (None, Environment::Development) => FirstPassword::Generate,
        (None, Environment::Production) => FirstPassword::Missing,
    }
}

/// Lets pages of the given origins call the API with a bearer token; never with the cookie.
fn cors(origins: &[http::HeaderValue]) -> CorsLayer {
    if origins.is_empty() {
        return CorsLayer::new();
    }
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([CORRELATION_ID, header::LOCATION, header::ETAG, header::RETRY_AFTER])
}

/// The runtime's own answers in the product's words.
struct Pages {
    ids: Ids,
}

impl ErrorPages for Pages {
    fn panicked(&self, invocation: &Invocation) -> Response {
        Problem::of(ProblemCode::Internal).render(invocation.id())
    }

    fn not_found(&self) -> Response {
        Problem::of(ProblemCode::NotFound).into_response()
    }

    fn bad_request(&self, reason: &'static str) -> Response {
        let id = new_id(&self.ids);
        let mut response = Problem::new(ProblemCode::BadRequest, reason).render(&id);
        if let Ok(value) = http::HeaderValue::from_str(&id) {
            response.headers_mut().insert(CORRELATION_ID, value);
        }
        response
    }
}

/// Rings for a job within this process.
enum Bell {
    /// Alone: on the runtime's own queue, which calls the queue function.
    Queue(LocalQueue),
    /// Under a host: on the queue that it listens to.
    Storage(StorageQueue),
    /// Under a host without a queue of its own: the work starts here at once. Should the process end, the timer rings again.
    Direct {
        /// What does the work; set once the services are built.
        service: Box<OnceLock<JobService>>,
        /// How many jobs run at once.
        slots: Arc<Semaphore>,
        /// How many wait for their turn.
        bells: Arc<Semaphore>,
    },
}

impl Bell {
    fn answer_with(&self, jobs: &JobService) {
        if let Self::Direct { service, .. } = self {
            // Set only here, once.
            let _ = service.set(jobs.clone());
        }
    }
}

#[async_trait]
impl JobQueue for Bell {
    async fn ring(&self, job: JobId) -> Result<(), StoreError> {
        match self {
            // So many bells are heard as well as more; the timer rings again for what then still waits.
            Self::Queue(queue) if queue.waiting() >= BELLS_AT_MOST => Ok(()),
            Self::Queue(queue) => queue
                .send(&ConvertMessage { job_id: job })
                .map_err(|error| StoreError::new(StoreErrorKind::Internal, "queue", "ring", error)),
            Self::Storage(queue) => queue.ring(job).await,
            Self::Direct { service, slots, bells } => {
                if let (Some(service), Ok(bell)) = (service.get().cloned(), Arc::clone(bells).try_acquire_owned()) {
                    let slots = Arc::clone(slots);
                    tokio::spawn(async move {
                        let _slot = slots.acquire_owned().await;
                        drop(bell);
                        if let Err(error) = service.work(job, OnTrouble::Retry).await {
                            tracing::warn!(job_id = %job, %error, "a job was put off; the timer rings for it again");
                        }
                    });
                }
                Ok(())
            }
        }
    }
}

/// The product's clock in the runtime's terms.
pub struct RuntimeClock(pub Arc<dyn Clock>);

impl crate::runtime::Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.0.now().as_millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }
}

/// Makes the folder, if it is not there, for its owner only: it holds people's documents.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The key that signs access tokens: given, or made at the first start and kept beside the data, readable by its owner only.
fn token_key(given: Option<&Secret>, root: &Path, random: &dyn Random) -> std::io::Result<Vec<u8>> {
    if let Some(given) = given {
        return Ok(given.expose().as_bytes().to_vec());
    }
    let path = root.join("token.key");
    match std::fs::read(&path) {
        Ok(kept) if kept.len() >= 32 => return Ok(kept),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut key = vec![0; 32];
    random.fill(&mut key);
    let mut file = tempfile::Builder::new().prefix(".token-").tempfile_in(root)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    // Another instance may have been first: then its key is the key.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key),
        Err(_) => std::fs::read(&path),
    }
}
