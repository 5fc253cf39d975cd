//! Instances, on lines of their own to the servers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::RwLock;

use super::{
    Setup,
    deaths::{Deaths, Home},
    fence::Fence,
    proxy::{Line, Passes, Proxy},
    servers::Servers,
    trouble,
};
use crate::harness::{Client, Process};

static LIVES: AtomicUsize = AtomicUsize::new(1);

/// A process, which may be killed and started again.
pub struct Instance {
    process: RwLock<Option<Running>>,
    pub to_redis: Option<Proxy>,
    pub to_database: Option<Proxy>,
    settings: Vec<(String, String)>,
    deaths: Arc<Deaths>,
    /// The file from which its clock is set.
    clock: Option<tempfile::NamedTempFile>,
}

struct Running {
    process: Process,
    client: Client,
    life: usize,
}

impl Instance {
    pub async fn start(servers: &Servers, setup: Setup) -> Self {
        let Setup { mode, trouble, without } = setup;
        let has_journal = without != Some(Fence::SharedJournal);
        let passes = if has_journal { Passes::Everything } else { Passes::JournalsRenamed };
        let to_redis = Proxy::to(servers.leader().port(), passes).await;
        let to_database = Proxy::to(servers.postgres.port(), Passes::Everything).await;
        let clock = (trouble.sets_clocks()).then(|| tempfile::NamedTempFile::new().unwrap());
        let mut settings = common(&servers.database_url(to_database.address.port()));
        settings.extend([
            ("REDIS_ENABLED".into(), "true".into()),
            ("REDIS_CONNECTION_STRING".into(), format!("redis://{}", to_redis.address)),
            ("HISTORY_ACK".into(), mode.setting().into()),
            ("HISTORY_POLL_MS".into(), "200".into()),
        ]);
        if let Some(clock) = &clock {
            settings.extend(trouble::clock_settings(clock.path()));
        }
        let (to_redis, to_database) = (Some(to_redis), Some(to_database));
        let (process, deaths) = (RwLock::new(None), Arc::clone(&servers.deaths));
        let instance = Self { process, to_redis, to_database, settings, deaths, clock };
        instance.begin().await;
        instance
    }

    /// One that knows the database only.
    pub async fn without_redis(servers: &Servers) -> Self {
        let settings = common(&servers.database_url(servers.postgres.port()));
        let (process, deaths) = (RwLock::new(None), Arc::clone(&servers.deaths));
        let instance = Self { process, to_redis: None, to_database: None, settings, deaths, clock: None };
        instance.begin().await;
        instance
    }

    async fn begin(&self) {
        let settings: Vec<(&str, &str)> =
            self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let process = Process::start(&settings).await;
        // The database may be on its way back.
        for _ in 0..100 {
            let login = serde_json::json!({ "username": "admin", "password": crate::harness::ADMIN_PASSWORD });
            let body = Some(login);
            let answer = trouble::try_to(&process.client(), http::Method::POST, "/api/auth/login", body).await;
            if let Some(answer) = answer.filter(|answer| answer.status == 200) {
                let mut client = process.client();
                client.keep(&answer);
                let life = LIVES.fetch_add(1, Ordering::SeqCst);
                *self.process.write().await = Some(Running { process, client, life });
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody can sign in");
    }

    pub async fn kill(&self) {
        if let Some(mut running) = self.process.write().await.take() {
            running.process.kill();
            self.deaths.died(Home::Process(running.life));
        }
    }

    pub async fn start_again(&self) {
        if self.process.read().await.is_none() {
            self.begin().await;
        }
    }

    /// Runs, on lines that are whole.
    pub async fn revive(&self, servers: &Servers) {
        let ports = [servers.leader().port(), servers.postgres.port()];
        for (line, port) in [&self.to_redis, &self.to_database].into_iter().zip(ports) {
            if let Some(line) = line {
                line.lead_to(port);
            }
        }
        self.start_again().await;
    }

    pub fn set(&self, to_redis: Line, to_database: Line) {
        for (line, state) in [(&self.to_redis, to_redis), (&self.to_database, to_database)] {
            if let Some(line) = line {
                line.set(state);
            }
        }
    }

    /// Sets its clock so many seconds off.
    pub fn set_clock(&self, seconds: i64) {
        if let Some(clock) = &self.clock {
            std::fs::write(clock.path(), format!("{seconds:+}\n")).unwrap();
        }
    }

    /// Somebody signed in, and the number of the life that serves; `None` while it does not run.
    pub async fn reach(&self) -> Option<(Client, usize)> {
        self.process.read().await.as_ref().map(|running| (running.client.clone(), running.life))
    }

    pub async fn client(&self) -> Client {
        self.reach().await.unwrap().0
    }

    /// How much waits for the database.
    pub async fn waiting(&self) -> u64 {
        let client = self.client().await;
        // A reading keeps the link up, which sweeps.
        let nobody = "/api/conversations/00000000-0000-7000-8000-000000000000";
        drop(trouble::try_to(&client, http::Method::GET, nobody, None).await);
        let Some(ready) = trouble::try_to(&client, http::Method::GET, "/api/ready", None).await else { return 1 };
        let history = &ready.json()["history"];
        history["pending_changes"].as_u64().unwrap() + history["journaled_conversations"].as_u64().unwrap_or(1)
    }
}

fn common(database: &str) -> Vec<(String, String)> {
    [
        ("DATABASE_URL", database),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "100000"),
        ("SESSION_IDLE_SECONDS", "1000000"),
        ("JWT_SECRET_KEY", "a-key-that-all-instances-of-the-laboratory-share"),
        ("SESSION_STORE", "postgres"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}
