//! Azurite's queue service, which the tests start on a free port.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, Weak},
    time::{Duration, Instant},
};

/// A running server. One serves all tests that run at a time; the last that lets go of it ends it.
pub struct Azurite {
    child: Child,
    port: u16,
}

static SHARED: Mutex<Weak<Azurite>> = Mutex::new(Weak::new());

impl Azurite {
    /// The server. `None` only if `RET_TEST_ONLY_EMBEDDED` says that there are to be no servers.
    pub async fn shared() -> Option<Arc<Self>> {
        if std::env::var_os("RET_TEST_ONLY_EMBEDDED").is_some() {
            println!("left out: RET_TEST_ONLY_EMBEDDED is set");
            return None;
        }
        Some(tokio::task::spawn_blocking(Self::running).await.unwrap())
    }

    fn running() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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
        let child = Command::new(program)
            .args(["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"])
            .args(["--queueHost", "127.0.0.1", "--queuePort", &port.to_string()])
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

    /// The setting that leads to it.
    pub fn connection_string(&self) -> String {
        format!(
            "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/\
             KBHBeksoGMGw==;QueueEndpoint=http://127.0.0.1:{}/devstoreaccount1",
            self.port
        )
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
