//! Azurite's queue service, which the tests start on a free port.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// The key of every account; no secret.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// More accounts than tests take.
const ACCOUNTS: usize = 100;

/// An account of its own in a running server.
pub struct Azurite {
    server: Arc<Server>,
    account: String,
}

/// One server serves all tests that run at a time; the last that lets go of it ends it.
struct Server {
    child: Child,
    port: u16,
}

static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Azurite {
    /// An account that nobody else uses. `None` only if `RET_TEST_ONLY_EMBEDDED` says that there are to be no servers.
    pub async fn account() -> Option<Self> {
        if std::env::var_os("RET_TEST_ONLY_EMBEDDED").is_some() {
            println!("left out: RET_TEST_ONLY_EMBEDDED is set");
            return None;
        }
        let server = tokio::task::spawn_blocking(Server::running).await.unwrap();
        let account = account_name(TAKEN.fetch_add(1, Ordering::Relaxed));
        Some(Self { server, account })
    }

    /// The setting that leads to it.
    pub fn connection_string(&self) -> String {
        let Self { server, account } = self;
        let endpoint = format!("http://127.0.0.1:{}/{account}", server.port);
        format!("AccountName={account};AccountKey={KEY};QueueEndpoint={endpoint}")
    }
}

impl Server {
    fn running() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start());
            *shared = Arc::downgrade(&started);
            started
        })
    }

    fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services/node_modules/.bin/azurite-queue");
        assert!(program.exists(), "Azurite is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let accounts: Vec<String> = (0..ACCOUNTS).map(|number| format!("{}:{KEY}", account_name(number))).collect();
        let child = Command::new(program)
            .args(["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"])
            .args(["--queueHost", "127.0.0.1", "--queuePort", &port.to_string()])
            .env("AZURITE_ACCOUNTS", accounts.join(";"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs Azurite");
        let mut server = Self { child, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(server.child.try_wait().unwrap().is_none(), "Azurite ended by itself");
            assert!(started.elapsed() < Duration::from_secs(60), "Azurite does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn account_name(number: usize) -> String {
    format!("account{number}")
}
