//! The whole application in this process, alone or behind the emulated host, with a clock that the test moves.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use ret::{
    adapters::system::SystemRandom,
    app::{App, RuntimeClock},
    config::Settings,
    domain::Timestamp,
    ports::Clock,
    runtime::{Environment, Mode, Outcome, Server, start},
    services::Policy,
};
use serde_json::json;
use tempfile::TempDir;

use super::{
    ADMIN_PASSWORD, Client, Servers, Transport, USER_PASSWORD, Way, client::CLIENT_ADDRESS, through_host::HostInFront,
};

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_772_359_200_000))
    }
}

impl ManualClock {
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn set_back(&self, span: Duration) {
        self.0.fetch_sub(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What an application keeps its data in.
enum Stores {
    Embedded,
    /// The servers that are used on Azure.
    Azure,
}

impl Stores {
    /// Those that `RET_TEST_STORES` asks for.
    fn asked_for() -> Self {
        match std::env::var("RET_TEST_STORES").as_deref() {
            Err(_) => Self::Embedded,
            Ok("azure") => Self::Azure,
            Ok(other) => {
                panic!("RET_TEST_STORES takes azure, not {other:?}; without it the stores are the embedded ones")
            }
        }
    }

    async fn servers(self) -> Option<Servers> {
        match self {
            Self::Embedded => None,
            Self::Azure => Some(Servers::fresh().await.expect("RET_TEST_STORES=azure needs servers")),
        }
    }
}

/// A running application with its folder.
pub struct TestApp {
    pub app: App,
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub folder: Arc<TempDir>,
    /// Tests say by it what the host answers itself.
    pub way: Way,
    host: Option<HostInFront>,
    settings: Vec<(String, String)>,
    policy: fn(&mut Policy),
    /// The servers under it, if it is not all embedded.
    pub servers: Option<Arc<Servers>>,
}

/// What instances have in common.
struct Base {
    folder: Arc<TempDir>,
    clock: Arc<ManualClock>,
    way: Way,
    settings: Vec<(String, String)>,
    /// What is otherwise than the settings say: limits that are no settings.
    policy: fn(&mut Policy),
    servers: Option<Arc<Servers>>,
}

impl Base {
    fn over(way: Way, servers: Option<Servers>, settings: &[(&str, &str)]) -> Self {
        let mut all: Vec<_> = servers.iter().flat_map(Servers::settings).collect();
        all.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let (folder, servers) = (Arc::new(TempDir::new().unwrap()), servers.map(Arc::new));
        Self { folder, clock: Arc::default(), way, settings: all, policy: |_| {}, servers }
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with settings of its own. The rate limit is out of the way unless the test sets it.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_by(Way::asked_for(), settings).await
    }

    /// The same with limits of its own that are no settings.
    pub async fn start_limited(policy: fn(&mut Policy), settings: &[(&str, &str)]) -> Self {
        let base = Base::over(Way::asked_for(), Stores::asked_for().servers().await, settings);
        Self::start_on(Base { policy, ..base }).await
    }

    /// The same by a given way, whatever the environment asks for.
    pub async fn start_by(way: Way, settings: &[(&str, &str)]) -> Self {
        Self::start_on(Base::over(way, Stores::asked_for().servers().await, settings)).await
    }

    /// The same over given servers in the place of the embedded stores.
    pub async fn start_on_servers(way: Way, servers: Servers, settings: &[(&str, &str)]) -> Self {
        Self::start_on(Base::over(way, Some(servers), settings)).await
    }

    /// The same on the embedded stores, whatever the environment asks for.
    pub async fn start_embedded(way: Way, settings: &[(&str, &str)]) -> Self {
        Self::start_on(Base::over(way, None, settings)).await
    }

    async fn start_on(base: Base) -> Self {
        let Base { folder, clock, way, settings, policy, servers } = base;
        let mut values = BTreeMap::from([
            ("RET_RUNTIME_ROOT".to_owned(), folder.path().to_str().unwrap().to_owned()),
            ("RET_ADMIN_PASSWORD".to_owned(), ADMIN_PASSWORD.to_owned()),
            ("RATE_LIMIT_PER_MINUTE".to_owned(), "1000000".to_owned()),
        ]);
        if way == Way::ThroughHost {
            // Any port: the server tells which it has got. Without a storage account jobs are done in this process.
            values.insert("FUNCTIONS_CUSTOMHANDLER_PORT".to_owned(), "0".to_owned());
            values.insert("CLIENT_IP_HEADER".to_owned(), CLIENT_ADDRESS.to_owned());
        }
        values.extend(settings.iter().cloned());
        let mut parsed = Settings::from_values(values).unwrap();
        policy(&mut parsed.policy);
        let app = App::build_with(&parsed, clock.clone(), Arc::new(SystemRandom)).await.unwrap();
        app.make_first_admin(&parsed).await.unwrap();
        let mode = match way {
            Way::Alone => Mode::Standalone { address: ([127, 0, 0, 1], 0).into() },
            Way::ThroughHost => Mode::Handler { port: 0 },
        };
        // Timers run when a test says so: none is due, however late it is for the application.
        let environment = Environment::new(mode, Arc::new(RuntimeClock(Arc::new(ManualClock::default()))));
        let server = start(app.functions(), environment).await.unwrap();
        let host = match way {
            Way::Alone => None,
            Way::ThroughHost => {
                let seconds = clock.now().as_millis() / 1000;
                let now = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
                let queues = servers.as_ref().map(|servers| &servers.azurite);
                Some(HostInFront::of(server.address().port(), now, queues).await)
            }
        };
        Self { app, server, clock, folder, way, host, settings, policy, servers }
    }

    /// Another instance on the same folder and clock.
    pub async fn second_instance(&self) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        let (settings, policy, servers) = (self.settings.clone(), self.policy, self.servers.clone());
        Self::start_on(Base { folder, clock, way: self.way, settings, policy, servers }).await
    }

    /// Stops and starts again on the same folder.
    pub async fn restart(self) -> Self {
        let Self { app, server, clock, folder, way, host, settings, policy, servers } = self;
        if let Some(host) = host {
            host.stop().await;
        }
        server.stop().await;
        app.close().await;
        Self::start_on(Base { folder, clock, way, settings, policy, servers }).await
    }

    /// Somebody who is not signed in.
    pub fn client(&self) -> Client {
        Client::new(match &self.host {
            None => Transport::InProcess(self.server.router().unwrap()),
            Some(host) => Transport::tcp(host.address()),
        })
    }

    pub async fn admin(&self) -> Client {
        self.client().login("admin", ADMIN_PASSWORD).await
    }

    /// Makes an account and signs in.
    pub async fn user(&self, name: &str) -> Client {
        let admin = self.admin().await;
        let new = json!({ "username": name, "password": USER_PASSWORD });
        admin.post("/api/admin/users", new).await.expect(201);
        admin.post("/api/logout", json!({})).await.expect(200);
        self.client().login(name, USER_PASSWORD).await
    }

    /// Runs a timer function now; it must succeed.
    pub async fn run_timer(&self, name: &str) {
        match &self.host {
            None => {
                let outcome = self.server.standalone().unwrap().run_timer(name).await.unwrap();
                assert_eq!(outcome, Outcome::Done);
            }
            Some(host) => host.fire_timer(name).await,
        }
    }

    /// So much longer jobs are left to a queue of Azure, which delivers again, before the timer rings for them.
    pub fn trust_in_the_queue(&self) -> Duration {
        match (self.way, &self.servers) {
            (Way::ThroughHost, Some(_)) => Duration::from_secs(60),
            _ => Duration::ZERO,
        }
    }

    /// Paths of all files of sessions, starting with the session's id, with what is not finished.
    pub fn session_files(&self) -> Vec<String> {
        match &self.servers {
            None => files_below(&self.folder.path().join("sessions")),
            Some(servers) => servers.azurite.blobs("sessions"),
        }
    }

    /// Puts a file among those of sessions that nobody has asked for.
    pub fn leave_behind(&self, path: &str, content: &'static str) {
        match &self.servers {
            None => {
                let path = self.folder.path().join("sessions").join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            Some(servers) => servers.azurite.put_blob("sessions", path, content),
        }
    }
}

/// Paths of all files below a folder, relative to it, sorted.
pub fn files_below(folder: &std::path::Path) -> Vec<String> {
    fn walk(folder: &std::path::Path, root: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}
