//! The whole application in this process, with a clock that the test moves.

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
    runtime::{Environment, Mode, Server, start},
};
use serde_json::json;
use tempfile::TempDir;

use super::{ADMIN_PASSWORD, Client, Transport, USER_PASSWORD};

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
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A running application with its folder.
pub struct TestApp {
    pub app: App,
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub folder: Arc<TempDir>,
    settings: Vec<(String, String)>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with settings of its own. The rate limit is out of the way unless the test sets it.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self::start_in(folder, Arc::default(), settings).await
    }

    async fn start_in(folder: Arc<TempDir>, clock: Arc<ManualClock>, settings: Vec<(String, String)>) -> Self {
        let mut values = BTreeMap::from([
            ("RET_RUNTIME_ROOT".to_owned(), folder.path().to_str().unwrap().to_owned()),
            ("RET_ADMIN_PASSWORD".to_owned(), ADMIN_PASSWORD.to_owned()),
            ("RATE_LIMIT_PER_MINUTE".to_owned(), "1000000".to_owned()),
        ]);
        values.extend(settings.iter().cloned());
        let parsed = Settings::from_values(values).unwrap();
        let app = App::build_with(&parsed, clock.clone(), Arc::new(SystemRandom)).await.unwrap();
        app.make_first_admin(&parsed).await.unwrap();
        let mode = Mode::Standalone { address: ([127, 0, 0, 1], 0).into() };
        let environment = Environment::new(mode, Arc::new(RuntimeClock(clock.clone())));
        let server = start(app.functions(), environment).await.unwrap();
        Self { app, server, clock, folder, settings }
    }

    /// Another instance on the same folder and clock.
    pub async fn second_instance(&self) -> Self {
        Self::start_in(Arc::clone(&self.folder), Arc::clone(&self.clock), self.settings.clone()).await
    }

    /// Stops and starts again on the same folder.
    pub async fn restart(self) -> Self {
        let Self { app, server, clock, folder, settings } = self;
        server.stop().await;
        app.close().await;
        Self::start_in(folder, clock, settings).await
    }

    /// Somebody who is not signed in.
    pub fn client(&self) -> Client {
        Client::new(Transport::InProcess(self.server.router().unwrap()))
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

    /// Runs a timer function now.
    pub async fn run_timer(&self, name: &str) {
        self.server.standalone().unwrap().run_timer(name).await.unwrap();
    }

    /// Paths of all files below the sessions' folder, relative to it.
    pub fn session_files(&self) -> Vec<String> {
        files_below(&self.folder.path().join("sessions"))
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
