//! A stand-in for Cosmos DB: an in-memory server of the same protocol.

use std::{
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    left_out,
    process::{Program, ServerProcess, free_port, here},
};

/// The stand-in asks for a key and takes any.
pub const COSMOS_KEY: &str = "bm8gc2VjcmV0";

/// More databases than tests take.
const DATABASES: usize = 1000;

/// A database of its own in a running server, with the container that the service wants.
pub struct Cosmos {
    server: Arc<ServerProcess>,
    database: usize,
}

static SHARED: OnceLock<Arc<ServerProcess>> = OnceLock::new();
static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Cosmos {
    /// `None` only if there are to be no servers.
    pub async fn database() -> Option<Self> {
        if left_out() {
            return None;
        }
        let start = || Arc::clone(SHARED.get_or_init(|| Arc::new(start())));
        let server = tokio::task::spawn_blocking(start).await.unwrap();
        let database = TAKEN.fetch_add(1, Ordering::Relaxed);
        assert!(database < DATABASES, "tests take more databases than there are");
        Some(Self { server, database })
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/", self.server.port())
    }

    pub fn database_name(&self) -> String {
        format!("test{}", self.database)
    }

    /// The settings that lead to it.
    pub fn settings(&self) -> Vec<(String, String)> {
        vec![
            ("SESSION_STORE".to_owned(), "cosmos".to_owned()),
            ("COSMOS_ENDPOINT".to_owned(), self.endpoint()),
            ("COSMOS_DATABASE".to_owned(), self.database_name()),
            ("COSMOS_KEY".to_owned(), COSMOS_KEY.to_owned()),
        ]
    }
}

fn start() -> ServerProcess {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services");
    let installed = folder.join("node_modules/@vercel/cosmosdb-server").exists();
    assert!(
        installed,
        "the stand-in for Cosmos DB is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1"
    );
    let port = free_port();
    let script = folder.join("cosmos.mjs").to_str().unwrap().to_owned();
    let arguments = vec![script, port.to_string(), DATABASES.to_string()];
    let (path, environment) = ("node".into(), Vec::new());
    ServerProcess::start(Program {
        name: "cosmos.mjs",
        path,
        arguments,
        environment,
        user: None,
        ends_by: "KILL",
        folder: None,
        address: here(port),
    })
}
