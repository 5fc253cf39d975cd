//! PgBouncer before the PostgreSQL server of the tests, in transaction mode: what comes after a commit may be done by another connection.

use std::{
    net::Ipv4Addr,
    os::unix::fs::chown,
    process::Command,
    sync::{Arc, OnceLock},
};

use super::{
    Postgres, left_out,
    postgres::somebody_else,
    process::{Program, ServerProcess, new_folder},
};

/// By this port the service knows it.
const PORT: u16 = 6432;

/// The way to a database of its own through a PgBouncer that all tests share.
pub struct PgBouncer {
    process: Arc<ServerProcess>,
    database: Postgres,
}

static SHARED: OnceLock<Arc<ServerProcess>> = OnceLock::new();

impl PgBouncer {
    /// `None` only if there are to be no servers.
    pub async fn database() -> Option<Self> {
        if left_out() {
            return None;
        }
        let database = Postgres::database().await?;
        let port = database.port();
        let start = move || Arc::clone(SHARED.get_or_init(|| Arc::new(start(port))));
        Some(Self { process: tokio::task::spawn_blocking(start).await.unwrap(), database })
    }

    /// The setting that leads to it.
    pub fn url(&self) -> String {
        format!("postgres://ret@{}/{}", self.process.address(), self.database.name())
    }
}

/// Fewer connections than clients have, so that they change hands.
fn start(postgres: u16) -> ServerProcess {
    let (folder, user) = (new_folder(), somebody_else());
    // The port is fixed, so the address is not: all of 127.0.0.0/8 is this machine.
    let [_, first, second, third] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 64 | first, second, third);
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={postgres} user=ret\n[pgbouncer]\nlisten_addr = {address}\nlisten_port = {PORT}\n\
         unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 1000\n"
    );
    let file = folder.join("pgbouncer.ini");
    std::fs::write(&file, settings).unwrap();
    chown(&folder, user, user).unwrap();
    let installed = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];
    let path = installed.into_iter().find(|path| Command::new(path).arg("--version").output().is_ok());
    let path = path.expect("PgBouncer is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1").into();
    ServerProcess::start(Program {
        name: "pgbouncer",
        path,
        arguments: vec!["--quiet".to_owned(), file.to_str().unwrap().to_owned()],
        environment: Vec::new(),
        user,
        ends_by: "KILL",
        folder: Some(folder),
        address: (address, PORT).into(),
    })
}
