//! A server in a process of its own.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Runs the server, tells its process id, and ends it when standard input is closed: at the latest when the tests are over, however
/// they end. Then its folder goes too, unless a line says `keep`.
const KEEPER: &str = r#"
signal=$1; folder=$2; shift 2
"$@" >/dev/null 2>&1 &
echo $!
read -r order
kill -s "$signal" $! 2>/dev/null
kill -CONT $! 2>/dev/null
wait $!
[ -z "$folder" ] || [ "$order" = keep ] || rm -rf "$folder"
"#;

/// How to start a server.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    /// Whom it runs as, if not as the tests.
    pub(super) user: Option<u32>,
    /// The signal that ends it: `KILL`, unless it would leave something behind.
    pub(super) ends_by: &'static str,
    /// What goes when the server goes for good.
    pub(super) folder: Option<PathBuf>,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

/// A running server. It may be killed, paused and started again by the tests.
pub(super) struct ServerProcess {
    program: Program,
    running: Mutex<Option<Running>>,
}

struct Running {
    keeper: Child,
    id: String,
}

impl ServerProcess {
    /// Starts it and waits until it listens.
    pub(super) fn start(program: Program) -> Self {
        let server = Self { program, running: Mutex::default() };
        server.run();
        server
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.program.address
    }

    pub(super) fn port(&self) -> u16 {
        self.program.address.port()
    }

    /// Starts it again, after it was killed.
    pub(super) fn run(&self) {
        let Program { name, path, arguments, environment, user, ends_by, address, .. } = &self.program;
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh", ends_by]).arg(self.folder()).arg(path).args(arguments).current_dir("/");
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        if let Some(user) = user {
            std::os::unix::process::CommandExt::uid(&mut command, *user);
            std::os::unix::process::CommandExt::gid(&mut command, *user);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let mut id = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut id).unwrap();
        let id = id.trim().to_owned();
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(signal(&id, "0"), "{name} ended by itself");
            assert!(started.elapsed() < Duration::from_secs(120), "{name} does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        *self.running() = Some(Running { keeper, id });
    }

    /// Ends it as a lost machine would; what it keeps in files stays.
    pub(super) fn kill(&self) {
        if let Some(mut running) = self.running().take() {
            // Stopped first, so that it starts no other; and the others while it is known whose they are.
            signal(&running.id, "STOP");
            for child in children(&running.id) {
                signal(&child, "KILL");
            }
            signal(&running.id, "KILL");
            // Not before its keeper has taken note is its process id free: it stands in files by which a server knows that it is running.
            let _ = running.keeper.stdin.take().map(|mut keeper| keeper.write_all(b"keep\n"));
            let _ = running.keeper.wait();
        }
    }

    /// Has it hang: connections stay, nothing is answered.
    pub(super) fn pause(&self) {
        assert!(signal_all(&self.id(), "STOP"));
    }

    pub(super) fn resume(&self) {
        assert!(signal_all(&self.id(), "CONT"));
    }

    fn id(&self) -> String {
        self.running().as_ref().expect("the server runs").id.clone()
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.program.folder.clone().unwrap_or_default()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(mut running) = self.running().take() {
            drop(running.keeper.stdin.take());
            let _ = running.keeper.wait();
        } else if let Some(folder) = &self.program.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The same for the process and those that it has started; it first, so that it starts no more once it is stopped.
fn signal_all(id: &str, name: &str) -> bool {
    let sent = signal(id, name);
    for child in children(id) {
        signal(&child, name);
    }
    sent
}

fn children(id: &str) -> Vec<String> {
    let found = Command::new("pgrep").args(["-P", id]).output().expect("pgrep is installed");
    String::from_utf8_lossy(&found.stdout).split_whitespace().map(str::to_owned).collect()
}

fn signal(id: &str, name: &str) -> bool {
    let sent = Command::new("kill").args([&format!("-{name}"), id]).stderr(Stdio::null()).status();
    sent.is_ok_and(|status| status.success())
}

/// A port of this machine, as an address.
pub(super) fn here(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A new folder for a server's files, which its process removes.
pub(super) fn new_folder() -> PathBuf {
    tempfile::Builder::new().prefix("ret-test-").tempdir().unwrap().keep()
}
