//! The composition root: settings in, application out. The only place that names adapters.

mod bell;
mod checks;
mod error;
mod models;
mod private_files;
mod stores;
mod web;

use std::{sync::Arc, time::Duration};

use axum::{middleware, response::IntoResponse as _};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer};

use crate::{
    adapters::system::{SystemClock, SystemRandom},
    config::{Environment, Settings},
    functions,
    http::{AppState, Problem, ProblemCode, cookies::CookiePolicy, correlation::correlate, state::HttpSettings},
    ports::{Clock, JobQueue, Random, schema::Migrated},
    runtime::{Functions, LocalQueue},
    services::{
        Models, Services, Stores,
        accounts::{FirstAdmin, FirstPassword},
        auth::Secrets,
    },
};
use bell::{Bell, storage_queue};
use error::unopened;
use private_files::{make_private, token_key};
use stores::Database;
use web::{Pages, cors};

pub use error::AppError;
pub use models::ModelReport;
pub use web::RuntimeClock;

/// The queue of the same name in `functions/convert_worker/function.json`.
const CONVERT_QUEUE: &str = "convert-jobs";

/// How long a queue that the host listens to is trusted to deliver, or to deliver again: more than `visibilityTimeout` of host.json.
const STORAGE_QUEUE_TRUST: Duration = Duration::from_secs(60);

/// The application: services over stores, ready to be served.
pub struct App {
    /// What handlers reach.
    pub state: AppState,
    stores: Stores,
    models: Models,
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
        let models = models::models(settings, Arc::clone(&clock), Arc::clone(&random))?;
        let stores = stores::stores(settings, &database, job_queue, clock, random).await?;
        let mut policy = settings.policy.clone();
        if matches!(*bell, Bell::Storage(_)) {
            policy.job_ring_after = STORAGE_QUEUE_TRUST;
            policy.job_lost_after = STORAGE_QUEUE_TRUST;
        }
        let services = Services::new(&stores, &Arc::new(policy), &Secrets { token_key }, &models);
        bell.answer_with(&services.jobs);
        // Past the host, which takes no large bodies: for clients of this machine, where the handler listens. A store with addresses of its own
        // makes no use of it.
        let upload_origin = settings.handler_port.map(|port| format!("http://127.0.0.1:{port}"));
        let http = HttpSettings {
            page_targets: upload_origin.iter().cloned().chain(stores::upload_origin(settings)?).collect(),
            client_ip_header: settings.client_ip_header.clone(),
            cookies: match settings.environment {
                Environment::Production => CookiePolicy::SecureOnly,
                Environment::Development => CookiePolicy::ByConnection,
            },
            upload_origin,
            origins: settings.cors_origins.clone(),
            metrics_key: settings.metrics_key.as_ref().map(|key| key.expose().to_owned()),
        };
        let title = settings.app_name.clone();
        let cors = cors(&settings.cors_origins);
        Ok(Self { state: AppState { services, http: Arc::new(http) }, stores, models, database, queue, cors, title })
    }

    /// Brings the schema of the database that the settings name up to date, or makes it, and nothing else.
    pub async fn migrate(settings: &Settings) -> Result<Migrated, AppError> {
        Database::migrate(settings).await
    }

    /// Makes the first administrator if there is no account at all.
    pub async fn make_first_admin(&self, settings: &Settings) -> Result<Option<FirstAdmin>, AppError> {
        self.state.services.accounts.bootstrap(first_password(settings)).await.map_err(AppError::FirstAccount)
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

    /// The models that the settings name: for tests.
    #[must_use]
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// The job queue: for tests.
    #[must_use]
    pub fn queue(&self) -> &LocalQueue {
        &self.queue
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.state.services.conversations.finish().await;
        self.database.close().await;
    }
}

/// Where the settings say that the first administrator's password comes from.
fn first_password(settings: &Settings) -> FirstPassword {
    match (&settings.admin_password, settings.environment) {
        (Some(password), _) => FirstPassword::Given(password.expose().to_owned()),
        (None, Environment::Development) => FirstPassword::Generate,
        (None, Environment::Production) => FirstPassword::Missing,
    }
}
