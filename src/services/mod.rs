//! Use cases, called by functions of any trigger. No HTTP, no SQL: only ports, the domain and the conversion engine.

pub mod accounts;
mod additions;
pub mod agents;
pub mod audit;
pub mod auth;
pub mod chat;
pub mod cleanup;
pub mod conversations;
pub mod conversions;
pub mod documents;
pub mod embedding;
pub mod files;
pub mod health;
pub mod indexing;
pub mod intake;
pub mod jobs;
mod metrics;
pub mod models;
pub mod oversight;
pub mod policy;
mod scan;
pub mod session_end;
pub mod tables;
pub mod uploads;
pub mod usage;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::{Document, SessionId};
use crate::ports::{
    Accounts, Audit, Catalog, Clock, Conversations, HotConversations, JobProgress, JobQueue, Jobs, LoginThrottle,
    OptionalServer, Random, RateLimits, RefreshTokens, Remains, SessionCache, SessionFiles, Sessions, Tables,
    TemporaryConversations, Usage,
};
pub use models::Models;
pub use policy::Policy;
// The layers above see these of the ports, and nothing else.
pub use crate::ports::{Ids, StoreError, error::StoreErrorKind};

/// Everything the services need from the world, put together by the composition root.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of that name")]
pub struct Stores {
    pub accounts: Arc<dyn Accounts>,
    pub sessions: Arc<dyn Sessions>,
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    pub login_throttle: Arc<dyn LoginThrottle>,
    pub rate_limits: Arc<dyn RateLimits>,
    pub session_cache: Arc<dyn SessionCache>,
    pub session_files: Arc<dyn SessionFiles>,
    pub catalog: Arc<dyn Catalog>,
    pub jobs: Arc<dyn Jobs>,
    pub conversations: Arc<dyn Conversations>,
    pub audit: Arc<dyn Audit>,
    pub usage: Arc<dyn Usage>,
    pub remains: Option<Arc<dyn Remains>>,
    pub hot_conversations: Option<Arc<dyn HotConversations>>,
    pub temporary_conversations: Arc<dyn TemporaryConversations>,
    pub job_queue: Arc<dyn JobQueue>,
    pub job_progress: Arc<dyn JobProgress>,
    pub tables: Arc<dyn Tables>,
    pub optional_servers: Vec<Arc<dyn OptionalServer>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub ids: Ids,
}

/// So many rows of documents are asked for in one call.
const DOCUMENTS_AT_ONCE: u32 = 1_000;

impl Stores {
    /// Whether a session is there and not closed.
    pub(crate) async fn session_is_open(&self, session: SessionId) -> Result<bool, StoreError> {
        let row = self.sessions.get(session).await?;
        Ok(row.is_some_and(|row| row.closed_at.is_none()))
    }

    /// All documents of a session, in the order in which they came.
    pub(crate) async fn all_documents(&self, session: SessionId) -> Result<Vec<Document>, StoreError> {
        let mut documents: Vec<Document> = Vec::new();
        loop {
            let after = documents.last().map(|document| document.id);
            let batch = self.catalog.list_documents(session, None, after, DOCUMENTS_AT_ONCE).await?;
            let is_last = batch.len() < DOCUMENTS_AT_ONCE as usize;
            documents.extend(batch);
            if is_last {
                return Ok(documents);
            }
        }
    }
}

/// The services, one for each area of use.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the service of that name")]
pub struct Services {
    pub accounts: accounts::AccountService,
    pub agents: agents::AgentService,
    pub audit: audit::AuditService,
    pub auth: auth::AuthService,
    pub uploads: uploads::UploadService,
    pub documents: documents::DocumentService,
    pub chat: chat::ChatService,
    pub conversations: conversations::ConversationService,
    pub conversions: conversions::ConversionService,
    pub jobs: jobs::JobService,
    pub oversight: oversight::OversightService,
    pub files: files::FileService,
    pub tables: tables::TableService,
    pub session_end: session_end::SessionEnd,
    pub cleanup: cleanup::CleanupService,
    pub health: health::HealthService,
    pub rate_limit: auth::rate_limit::RateLimit,
    pub usage: usage::UsageService,
}

impl Services {
    /// Builds every service over the same stores and policy.
    #[must_use]
    pub fn new(stores: &Stores, policy: &Arc<Policy>, secrets: &auth::Secrets, models: &Models) -> Self {
        let runs = Arc::<chat::Runs>::default();
        let session_end = session_end::SessionEnd::new(stores.clone(), Arc::clone(&runs));
        let audit = audit::AuditService::new(stores.clone(), policy);
        let usage = usage::UsageService::new(stores, policy);
        let auth =
            auth::AuthService::new(stores.clone(), Arc::clone(policy), secrets, session_end.clone(), audit.clone());
        let conversions = conversions::ConversionService::new(stores.clone(), Arc::clone(policy));
        let uploads = uploads::UploadService::new(stores.clone(), Arc::clone(policy), secrets, audit.clone());
        let after_index = match models.embeddings {
            Some(_) => indexing::AfterIndex::Vectors,
            None => indexing::AfterIndex::Nothing,
        };
        let indexing = indexing::IndexService::new(stores.clone(), conversions.clone(), after_index);
        let embedding = embedding::EmbeddingService::new(
            stores.clone(),
            Arc::clone(policy),
            conversions.clone(),
            models.embeddings.clone(),
            usage.clone(),
        );
        let works = jobs::Works { conversions: conversions.clone(), uploads: uploads.clone(), indexing, embedding };
        let conversations = conversations::ConversationService::new(stores.clone(), Arc::clone(policy));
        let tables =
            tables::TableService::new(stores.clone(), Arc::clone(policy), models.embeddings.clone(), usage.clone());
        let jobs = jobs::JobService::new(stores.clone(), Arc::clone(policy), session_end.clone(), works);
        let oversight = oversight::OversightService::new(
            stores.clone(),
            jobs.clone(),
            conversations.clone(),
            session_end.clone(),
            audit.clone(),
        );
        Self {
            accounts: accounts::AccountService::new(stores.clone(), auth.clone(), session_end.clone(), audit.clone()),
            agents: agents::AgentService::new(tables.clone(), Arc::clone(policy)),
            chat: chat::ChatService::new(
                stores.clone(),
                Arc::clone(policy),
                tables.clone(),
                conversations.clone(),
                models.clone(),
                usage.clone(),
                runs,
            ),
            conversations,
            documents: documents::DocumentService::new(stores.clone()),
            files: files::FileService::new(stores.clone()),
            tables,
            cleanup: cleanup::CleanupService::new(
                stores.clone(),
                Arc::clone(policy),
                session_end.clone(),
                audit.clone(),
                usage.clone(),
            ),
            health: health::HealthService::new(stores.clone()),
            rate_limit: auth::rate_limit::RateLimit::new(stores.clone(), Arc::clone(policy)),
            audit,
            auth,
            uploads,
            conversions,
            jobs,
            oversight,
            session_end,
            usage,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of at most `limit` items out of up to `limit + 1` that were read; the cursor names the last one shown.
    pub(crate) fn of(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }
}

/// Waits for leave to do one of a limited number of things; it is held until dropped.
pub(crate) async fn take_slot(slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    let slot = Arc::clone(slots).acquire_owned().await;
    slot.map_err(|error| StoreError::new(StoreErrorKind::Unavailable, "worker", "wait for a slot", error))
}

/// Runs blocking work off the asynchronous threads; a panic in it becomes an internal failure.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::new(StoreErrorKind::Internal, "worker", operation, error))
}
