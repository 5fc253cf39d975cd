//! How the service and what it depends on are doing.

use std::time::Duration;

use super::Stores;
use crate::{
    domain::{SessionId, Timestamp},
    ports::{StoreError, error::StoreErrorKind, session_cache::CacheStats},
};

/// One dependency's state.
#[derive(Clone, Debug)]
pub struct DependencyState {
    /// Its name.
    pub name: &'static str,
    /// Whether it answered.
    pub healthy: bool,
    /// How long the answer took.
    pub latency: Duration,
    /// Whether the service works on, exactly, without it.
    pub optional: bool,
}

/// Figures about the service, as stored and counted now.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Open sessions.
    pub open_sessions: u64,
    /// Accounts.
    pub accounts: u64,
    /// Jobs by state.
    pub jobs: Vec<(String, u64)>,
    /// Bytes of visible files.
    pub file_bytes: u64,
    /// What the session cache did.
    pub cache: CacheStats,
}

/// Looks after the dependencies.
#[derive(Clone)]
pub struct HealthService {
    stores: Stores,
}

impl HealthService {
    pub(super) fn new(stores: Stores) -> Self {
        Self { stores }
    }

    /// Asks every dependency something small, all at once: the slowest is waited for, not the sum.
    pub async fn dependencies(&self) -> Vec<DependencyState> {
        // An id that no session has: the look-up goes the whole way and finds nothing.
        let nobody = SessionId(uuid::Uuid::nil());
        let servers = &self.stores.optional_servers;
        let servers = servers.iter().map(|server| self.probe(server.name(), true, server.check()));
        let (database, cache, files, queue, servers) = tokio::join!(
            self.probe("database", false, self.stores.sessions.get(nobody)),
            self.probe("session_cache", true, self.stores.session_cache.get("readiness")),
            self.probe("session_files", false, self.check_session_files()),
            self.probe("job_queue", true, self.stores.job_queue.check()),
            futures::future::join_all(servers),
        );
        [database, cache, files, queue].into_iter().chain(servers).collect()
    }

    /// Files may be kept nowhere yet, but not if there are sessions that had some.
    async fn check_session_files(&self) -> Result<(), StoreError> {
        match self.stores.session_files.missing_place().await? {
            Some(place) if self.stores.sessions.count_open().await? > 0 => {
                let missing = format!("there are open sessions, but not the {place}, where their files were");
                Err(StoreError::new(StoreErrorKind::Internal, "session files", "check", missing))
            }
            _ => Ok(()),
        }
    }

    async fn probe<T>(
        &self,
        name: &'static str,
        optional: bool,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> DependencyState {
        let asked = self.now();
        let answer = question.await;
        if let Err(error) = &answer {
            tracing::warn!(dependency = name, %error, "a dependency is not ready");
        }
        DependencyState { name, healthy: answer.is_ok(), latency: self.now().since(asked), optional }
    }

    /// Figures for the metrics and the administrator.
    pub async fn figures(&self) -> Result<Figures, StoreError> {
        Ok(Figures {
            open_sessions: self.stores.sessions.count_open().await?,
            accounts: self.stores.accounts.count().await?,
            jobs: self.stores.jobs.count_by_state().await?,
            file_bytes: self.stores.catalog.total_bytes().await?,
            cache: self.stores.session_cache.stats(),
        })
    }

    fn now(&self) -> Timestamp {
        self.stores.clock.now()
    }
}
