//! One suite for each port, run on every adapter of it. A behaviour is an async function over the stores; `suite!` makes a test of it for each
//! set of adapters.

mod accounts;
mod audit;
mod blob_files;
mod blob_lost_answers;
mod cache_tier;
mod catalog;
mod conversations;
mod history;
mod history_figures;
mod hot_conversations;
mod job_progress;
mod job_queue;
mod jobs;
mod language_model;
mod language_model_faults;
mod login_throttle;
mod migrations;
mod models_by_settings;
mod postgres_server;
mod races;
mod rate_limits;
mod redis_sign_in;
mod refresh_tokens;
mod session_cache;
mod session_files;
mod sessions;
mod shared_tier;
mod tables;
mod temporary_conversations;
mod tiered_cache;
mod usage;

use std::sync::Arc;

use ret::{
    domain::{Actor, AuditAction, AuditEntry, AuditEntryId, Role, Session, SessionId, Timestamp, User, UserId},
    ports::accounts::Account,
    services::Stores,
};

use crate::harness::{ManualClock, PgBouncer, Servers, TestApp, Way};

/// Stores under test, with what they stand on.
pub struct Bench {
    pub stores: Stores,
    pub clock: Arc<ManualClock>,
    pub app: TestApp,
    /// What is between them and the rows.
    _server: Option<PgBouncer>,
}

impl Bench {
    /// The embedded adapters: SQLite, a folder, this process.
    pub async fn embedded() -> Self {
        let app = TestApp::start_embedded(Way::Alone, &[]).await;
        Self { stores: app.app.stores().clone(), clock: app.clock.clone(), app, _server: None }
    }

    /// The adapters of Azure: Postgres, Redis, Blob Storage, as real servers. `None` only if there are to be none.
    pub async fn azure() -> Option<Self> {
        let servers = Servers::fresh().await?;
        let app = TestApp::start_on_servers(Way::Alone, servers, &[]).await;
        Some(Self { stores: app.app.stores().clone(), clock: app.clock.clone(), app, _server: None })
    }

    /// Rows in Postgres behind PgBouncer, all else embedded. `None` only if there are to be no servers.
    pub async fn pgbouncer() -> Option<Self> {
        let server = PgBouncer::database().await?;
        let app = TestApp::start_embedded(Way::Alone, &[("DATABASE_URL", &server.url())]).await;
        Some(Self { stores: app.app.stores().clone(), clock: app.clock.clone(), app, _server: Some(server) })
    }

    /// Waits for the connection of Redis, if there is one: calls do not wait for one that takes long to make.
    pub async fn connected(&self) {
        let began = std::time::Instant::now();
        let nobody = SessionId(self.stores.ids.next());
        while let Err(error) = self.stores.temporary_conversations.remove_session(nobody).await {
            assert!(began.elapsed() < std::time::Duration::from_secs(10), "{error}");
        }
    }

    /// Lets the time pass after which every instance sees what the others have written to the session cache; none for the embedded one.
    pub fn let_staleness_pass(&self) {
        if self.app.servers.is_some() {
            self.clock.advance(ret::ports::session_cache::STALENESS_OF_TIERS);
        }
    }

    /// The same stores through another instance.
    pub async fn second(&self) -> Self {
        let app = self.app.second_instance().await;
        Self { stores: app.app.stores().clone(), clock: app.clock.clone(), app, _server: None }
    }

    pub fn now(&self) -> Timestamp {
        self.stores.clock.now()
    }

    /// A new entry for the audit log, where it does not matter which.
    pub fn entry(&self) -> AuditEntry {
        self.entry_of(&Actor::default(), AuditAction::AccountChanged)
    }

    pub fn entry_of(&self, actor: &Actor, action: AuditAction) -> AuditEntry {
        AuditEntry::new(AuditEntryId(self.stores.ids.next()), self.now(), actor, action)
    }

    /// An account that is there.
    pub async fn account(&self, username: &str, role: Role) -> User {
        let user = User {
            id: UserId(self.stores.ids.next()),
            username: username.into(),
            role,
            disabled_at: None,
            created_at: self.now(),
        };
        let account = Account { user: user.clone(), password_hash: "$hash$".into() };
        assert_eq!(
            self.stores.accounts.add(&account, &self.entry()).await.unwrap(),
            ret::ports::accounts::AddAccount::Added
        );
        user
    }

    /// An open session of a new account.
    pub async fn session(&self) -> Session {
        let user = self.account(&format!("user-{}", self.stores.ids.next()), Role::User).await;
        self.session_of(user.id).await
    }

    pub async fn session_of(&self, user: UserId) -> Session {
        let session = Session {
            id: SessionId(self.stores.ids.next()),
            user_id: user,
            created_at: self.now(),
            last_seen_at: self.now(),
            closed_at: None,
            conversion: None,
        };
        assert!(self.stores.sessions.open(&session, "$hash$").await.unwrap());
        self.stores.session_files.create_session(session.id, bytes::Bytes::from_static(b"{}")).await.unwrap();
        session
    }
}

macro_rules! suite {
    ($($behaviour:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(crate::contracts::Bench::embedded().await).await;
            })+
        }

        mod azure {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(bench) = crate::contracts::Bench::azure().await else { return };
                super::$behaviour(bench).await;
            })+
        }
    };
}
pub(crate) use suite;

/// The same for a port of rows, which are behind PgBouncer in a third set.
macro_rules! suite_of_rows {
    ($($behaviour:ident),+ $(,)?) => {
        crate::contracts::suite!($($behaviour),+);

        mod pgbouncer {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(bench) = crate::contracts::Bench::pgbouncer().await else { return };
                super::$behaviour(bench).await;
            })+
        }
    };
}
pub(crate) use suite_of_rows;
