//! A PostgreSQL server. All tests share one, each with a database of its own; a test of faults starts another for itself.

use std::{
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    left_out,
    process::{Program, ServerProcess, free_port, new_folder},
};

/// Whom the server runs as when the tests run as root, whom it refuses: nobody.
const NOBODY: u32 = 65_534;

/// A database of its own in a running server.
pub struct Postgres {
    server: Arc<Server>,
    database: String,
}

struct Server {
    process: ServerProcess,
}

static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Postgres {
    /// An empty database that nobody else uses. `None` only if there are to be no servers.
    pub async fn database() -> Option<Self> {
        if left_out() {
            return None;
        }
        let server = tokio::task::spawn_blocking(Server::shared).await.unwrap();
        Some(Self::new_in(server).await)
    }

    /// The same in a server of its own, which the test may stop.
    pub async fn alone() -> Option<Self> {
        if left_out() {
            return None;
        }
        let server = tokio::task::spawn_blocking(|| Arc::new(Server::start())).await.unwrap();
        Some(Self::new_in(server).await)
    }

    async fn new_in(server: Arc<Server>) -> Self {
        use sqlx::{Connection as _, Executor as _};
        let database = format!("test{}", TAKEN.fetch_add(1, Ordering::Relaxed));
        let mut connection = loop {
            // The port is there a moment before the server is ready.
            match sqlx::PgConnection::connect(&server.url("postgres")).await {
                Ok(connection) => break connection,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {database}"));
        connection.execute(sqlx::raw_sql(statement)).await.unwrap();
        Self { server, database }
    }

    /// The setting that leads to it.
    pub fn url(&self) -> String {
        self.server.url(&self.database)
    }

    /// Ends the server as a lost machine would; its children notice, and end too.
    pub fn kill(&self) {
        self.server.process.kill();
    }

    pub fn run(&self) {
        self.server.process.run();
    }

    pub fn pause(&self) {
        self.server.process.pause();
    }

    pub fn resume(&self) {
        self.server.process.resume();
    }
}

impl Server {
    fn shared() -> Arc<Self> {
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::start())))
    }

    fn start() -> Self {
        let folder = new_folder();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let user = is_root.then_some(NOBODY);
        chown(&folder, user, user).unwrap();
        let programs = installed();
        let data = folder.join("data").to_str().unwrap().to_owned();
        let mut initdb = Command::new(programs.join("initdb"));
        if let Some(user) = user {
            initdb.uid(user).gid(user);
        }
        let options = ["--auth=trust", "--username=ret", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", &data];
        let made = initdb.args(options).current_dir("/").stdin(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let place = ["-D", &data, "-p", &port.to_string(), "-h", "127.0.0.1", "-k", folder.to_str().unwrap()];
        let mut arguments: Vec<String> = place.map(str::to_owned).to_vec();
        // Processes are killed here, machines are not.
        for setting in ["fsync=off", "full_page_writes=off", "max_connections=300", "shared_buffers=32MB"] {
            arguments.extend(["-c".to_owned(), setting.to_owned()]);
        }
        let path = programs.join("postgres");
        let (name, environment, folder) = ("postgres", Vec::new(), Some(folder));
        Self { process: ServerProcess::start(Program { name, path, arguments, environment, user, folder, port }) }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://ret@127.0.0.1:{}/{database}", self.process.port())
    }
}

/// The folder of the newest installed server's programs.
fn installed() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let found = debian.chain(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    let mut found: Vec<PathBuf> = found.filter(|folder| has_server(folder)).collect();
    found.sort_by_key(|folder| version_of(folder));
    found.pop().expect("PostgreSQL is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1")
}

fn has_server(folder: &Path) -> bool {
    folder.join("initdb").exists() && folder.join("postgres").exists()
}

fn version_of(folder: &Path) -> Option<u32> {
    folder.parent()?.file_name()?.to_str()?.parse().ok()
}
