//! A PostgreSQL server. All tests share one, each with a database of its own; a test of faults starts another for itself.

use std::{
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    left_out,
    process::{Program, ServerProcess, free_port, here, new_folder},
};

/// Whom the server runs as when the tests run as root, whom it refuses: nobody.
const NOBODY: u32 = 65_534;

/// The tests' own user needs no password, others do, and send it as it is: a token on Azure is sent so too.
const WHO_NEEDS_A_PASSWORD: &str = "host all ret 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 password\n";

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
        let server = tokio::task::spawn_blocking(|| Arc::new(Server::start(&[]))).await.unwrap();
        Some(Self::new_in(server).await)
    }

    /// The same, which forces every commit to the disk as one at work does.
    pub async fn that_syncs() -> Option<Self> {
        if left_out() {
            return None;
        }
        let settings = &["fsync=on", "full_page_writes=on"];
        let server = tokio::task::spawn_blocking(|| Arc::new(Server::start(settings))).await.unwrap();
        Some(Self::new_in(server).await)
    }

    /// The same with the certificate for `localhost` of `tests/data/tls`.
    pub async fn with_certificate() -> Option<Self> {
        if left_out() {
            return None;
        }
        let server = tokio::task::spawn_blocking(|| Arc::new(Server::start(&["ssl=on"]))).await.unwrap();
        Some(Self::new_in(server).await)
    }

    async fn new_in(server: Arc<Server>) -> Self {
        let database = format!("test{}", TAKEN.fetch_add(1, Ordering::Relaxed));
        execute(&server.url("postgres"), format!("CREATE DATABASE {database}")).await;
        Self { server, database }
    }

    /// Runs statements in the database, by a user who may do everything.
    pub async fn execute(&self, statements: String) {
        execute(&self.url(), statements).await;
    }

    /// The same in another database of its server.
    pub async fn execute_in(&self, database: &str, statements: String) {
        execute(&self.server.url(database), statements).await;
    }

    /// The setting that leads to it.
    pub fn url(&self) -> String {
        self.server.url(&self.database)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.server.process.port()
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.database
    }

    /// Ends the server as a lost machine would, with all its processes.
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

/// Removes what a test made on the shared server, before hundreds of them fill the disk.
impl Drop for Postgres {
    fn drop(&mut self) {
        if Arc::strong_count(&self.server) > 1 {
            let (url, database) = (self.server.url("postgres"), std::mem::take(&mut self.database));
            let work = async move { execute(&url, format!("DROP DATABASE {database} WITH (FORCE)")).await };
            let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _ = std::thread::spawn(move || runtime().block_on(work)).join();
        }
    }
}

async fn execute(url: &str, statements: String) {
    use sqlx::{Connection as _, Executor as _};
    let mut connection = loop {
        // The port is there a moment before the server is ready.
        match sqlx::PgConnection::connect(url).await {
            Ok(connection) => break connection,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    };
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statements))).await.unwrap();
}

impl Server {
    fn shared() -> Arc<Self> {
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::start(&[]))))
    }

    fn start(settings: &[&str]) -> Self {
        let folder = new_folder();
        let user = somebody_else();
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
        std::fs::write(Path::new(&data).join("pg_hba.conf"), WHO_NEEDS_A_PASSWORD).unwrap();
        for (name, mode) in [("localhost.pem", 0o644), ("localhost.key", 0o600)] {
            let there = Path::new(&data).join(name);
            std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name), &there).unwrap();
            std::fs::set_permissions(&there, std::fs::Permissions::from_mode(mode)).unwrap();
            chown(&there, user, user).unwrap();
        }
        let port = free_port();
        let place = ["-D", &data, "-p", &port.to_string(), "-h", "127.0.0.1", "-k", folder.to_str().unwrap()];
        let mut arguments: Vec<String> = place.map(str::to_owned).to_vec();
        // Processes are killed here, machines are not.
        let fixed = ["fsync=off", "full_page_writes=off", "max_connections=300", "shared_buffers=32MB"];
        let small = ["wal_level=minimal", "max_wal_senders=0", "max_wal_size=64MB"];
        let certificate = ["ssl_cert_file=localhost.pem", "ssl_key_file=localhost.key"];
        for setting in fixed.iter().chain(&small).chain(&certificate).chain(settings) {
            arguments.extend(["-c".to_owned(), (*setting).to_owned()]);
        }
        let path = programs.join("postgres");
        let (name, environment, folder) = ("postgres", Vec::new(), Some(folder));
        Self {
            process: ServerProcess::start(Program {
                name,
                path,
                arguments,
                environment,
                user,
                // At once, but its shared memory goes with it.
                ends_by: "QUIT",
                folder,
                address: here(port),
            }),
        }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://ret@127.0.0.1:{}/{database}", self.process.port())
    }
}

/// Whom a server runs as that refuses root, if the tests run as root.
pub(super) fn somebody_else() -> Option<u32> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    is_root.then_some(NOBODY)
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
