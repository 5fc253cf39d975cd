//! The composition root: settings in, application out. The only place that names adapters.

mod bell;
mod private_files;
mod stores;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    middleware,
    response::{IntoResponse, Response},
};
use http::{Method, header};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, CorsLayer},
};

use crate::{
    adapters::{
        azure::AccessError,
        redis::RedisReport,
        system::{SystemClock, SystemRandom},
    },
    config::{Environment, Settings},
    domain::user::check_password,
    functions,
    http::{
        AppState, Problem, ProblemCode,
        cookies::CookiePolicy,
        correlation::{CORRELATION_ID, correlate, new_id},
        state::HttpSettings,
    },
    ports::{Clock, Ids, JobQueue, Random, StoreError},
    runtime::{ErrorPages, Functions, Invocation, LocalQueue},
    services::{
        Services, StoreErrorKind, Stores,
        accounts::{AccountError, FIRST_ADMIN, FirstAdmin, FirstPassword},
        auth::Secrets,
    },
};
use bell::{Bell, storage_queue};
use private_files::{make_private, token_key};
use stores::Database;

/// The queue of the same name in `functions/convert_worker/function.json`.
const CONVERT_QUEUE: &str = "convert-jobs";

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
    /// A store cannot be opened where the setting says.
    #[error("{setting}: {path} cannot be opened: {source}")]
    Place {
        /// The setting.
        setting: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A storage account cannot be reached as the setting says.
    #[error("{setting}: {source}")]
    StorageAccount {
        /// The setting.
        setting: &'static str,
        /// Why.
        source: AccessError,
    },
    /// A server cannot be used as the setting says.
    #[error("{setting}: {source}")]
    Server {
        /// The setting.
        setting: &'static str,
        /// Why.
        source: StoreError,
    },
    /// A server is to know the process by its identity, and there is none.
    #[error("{setting}: {source}")]
    Identity {
        /// The setting that names the server.
        setting: &'static str,
        /// Why.
        source: AccessError,
    },
    /// The first account cannot be made.
    #[error("RET_ADMIN_PASSWORD: the first account cannot be made: {0}")]
    FirstAccount(AccountError),
}

impl AppError {
    /// Whether the same may succeed later: a store is away.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let store = match self {
            Self::Store(error) | Self::FirstAccount(AccountError::Store(error)) => error,
            _ => return false,
        };
        store.kind == StoreErrorKind::Unavailable
    }
}

/// The application: services over stores, ready to be served.
pub struct App {
    /// What handlers reach.
    pub state: AppState,
    stores: Stores,
    database: Database,
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
        let database = Database::open(settings, &clock).await?;
        let queue = LocalQueue::new(CONVERT_QUEUE, Arc::new(RuntimeClock(Arc::clone(&clock))));
        let bell = Arc::new(match (settings.handler_port, storage_queue(settings)?) {
            (None, _) => Bell::Queue(queue.clone()),
            (Some(_), Some(queue)) => Bell::Storage(Box::new(queue)),
            (Some(_), None) => Bell::direct(),
        });
        let job_queue = Arc::clone(&bell) as Arc<dyn JobQueue>;
        let stores = stores::stores(settings, &database, job_queue, clock, random).await?;
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

    /// Whether the queue that the host listens to can be reached; `None` if the settings name none. For the doctor, who is often asked
    /// without a host.
    pub async fn check_storage_queue(settings: &Settings) -> Option<Result<(), AppError>> {
        match storage_queue(settings).transpose()? {
            Ok(queue) => Some(queue.check().await.map_err(AppError::from)),
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether the database that is there has the schema of this build; the start would change it. For the doctor.
    pub async fn has_current_schema(settings: &Settings) -> Result<bool, AppError> {
        Database::has_current_schema(settings).await
    }

    /// Asks the Redis server that the settings name, if they name one: for the doctor.
    pub async fn check_redis(settings: &Settings) -> Option<Result<RedisReport, AppError>> {
        let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        match stores::redis(settings, &clock, &random).transpose()? {
            Ok(server) => Some(RedisReport::of(&server).await.map_err(AppError::from)),
            Err(error) => Some(Err(error)),
        }
    }

    /// What would keep the first administrator from being made, if there is no account yet: for the doctor, which changes nothing.
    pub async fn first_admin_problem(&self, settings: &Settings) -> Result<Option<String>, AppError> {
        if self.stores.accounts.count().await? > 0 {
            return Ok(None);
        }
        Ok(match first_password(settings) {
            FirstPassword::Given(password) => check_password(&password, FIRST_ADMIN).err(),
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
    pub async fn close(&self) {
        self.database.close().await;
    }
}

fn unopened(setting: &'static str, path: &Path) -> impl FnOnce(StoreError) -> AppError {
    move |source| AppError::Place { setting, path: path.to_owned(), source }
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

/// The product's clock in the runtime's terms.
pub struct RuntimeClock(pub Arc<dyn Clock>);

impl crate::runtime::Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.0.now().as_millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }
}
