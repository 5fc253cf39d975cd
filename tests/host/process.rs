//! The handler's process: how it is launched, what it prints, how it is killed.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
};

use super::{
    Logs,
    console::{self, Stream},
    environment::Environment,
    logs::Level,
    settings::HandlerSettings,
};

/// What is needed to launch the handler, again and again.
#[derive(Clone, Debug)]
pub struct Launch {
    executable: PathBuf,
    arguments: Vec<String>,
    working_directory: PathBuf,
    environment: Environment,
    errors_only: bool,
    pub port: u16,
}

/// Where one handler after the other comes from.
#[derive(Clone, Debug)]
pub enum Source {
    Launched(Launch),
    /// One that runs already, on this port.
    Attached(u16),
}

impl Source {
    pub fn port(&self) -> u16 {
        match self {
            Self::Launched(launch) => launch.port,
            Self::Attached(port) => *port,
        }
    }

    /// The next handler.
    pub fn start(&self, worker_id: &str, logs: &Logs) -> Result<Process, String> {
        match self {
            Self::Launched(launch) => launch.spawn(worker_id, logs),
            Self::Attached(_) => Ok(Process { child: None, id: 0, console: Console::of(worker_id, logs, false) }),
        }
    }
}

/// A port of 127.0.0.1 that was free a moment ago.
pub fn unused_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Launch {
    pub fn of(root: &Path, settings: &HandlerSettings, environment: &Environment) -> std::io::Result<Self> {
        let port = settings.port.map_or_else(unused_port, Ok)?;
        let mut environment = environment.clone();
        for name in ["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"] {
            environment.set(name, port.to_string());
        }
        environment.set("FUNCTIONS_APP_ROOT_PATH", root.display().to_string());
        Ok(Self {
            executable: executable(root, settings),
            arguments: arguments(settings),
            working_directory: root.join(&settings.working_directory),
            environment,
            errors_only: settings.errors_only,
            port,
        })
    }

    /// Gives the executable its mode, as the host does where it runs packages on Linux.
    pub fn make_executable(&self) {
        use std::os::unix::fs::PermissionsExt as _;
        if let Ok(metadata) = std::fs::metadata(&self.executable) {
            let mode = metadata.permissions().mode() | 0o111;
            // A file system that cannot be written to costs a warning only.
            let _ = std::fs::set_permissions(&self.executable, std::fs::Permissions::from_mode(mode));
        }
    }

    /// Starts a process; its lines go to the log.
    fn spawn(&self, worker_id: &str, logs: &Logs) -> Result<Process, String> {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).current_dir(&self.working_directory);
        command.env_clear().envs(self.environment.iter());
        command.env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", worker_id).env("FUNCTIONS_HTTPWORKER_ID", worker_id);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| {
            let name = self.executable.display();
            format!("Failed to start Worker Channel. Process fileName: {name}: {error}")
        })?;
        let console = Console::of(worker_id, logs, self.errors_only);
        if let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(console.clone().read(Stream::Output, output));
            tokio::spawn(console.clone().read(Stream::Error, errors));
        }
        Ok(Process { id: child.id().unwrap_or_default(), child: Some(child), console })
    }
}

/// A relative executable is the file of that name if there is one; if not, `PATH` is searched.
fn executable(root: &Path, settings: &HandlerSettings) -> PathBuf {
    let file = root.join(&settings.worker_directory).join(&settings.executable);
    if file.is_file() { file } else { PathBuf::from(&settings.executable) }
}

/// The arguments are one text without any quoting, split again at spaces; only the worker's path is quoted.
fn arguments(settings: &HandlerSettings) -> Vec<String> {
    let split = |given: &[String]| -> Vec<String> {
        given.iter().flat_map(|argument| argument.split_whitespace()).map(str::to_owned).collect()
    };
    let mut arguments = split(&settings.arguments);
    if !settings.worker_path.is_empty() {
        arguments.push(settings.worker_path.clone());
    }
    arguments.extend(split(&settings.worker_arguments));
    arguments
}

/// A running handler; killed when it is dropped, if the host has launched it.
pub struct Process {
    /// `None` for one that is attached: the host does not learn of its end, and does not bring it about.
    child: Option<Child>,
    /// 0 if it is attached.
    pub id: u32,
    console: Console,
}

impl Process {
    /// The exit code; that of a signal is 128 and its number.
    pub async fn exit(&mut self) -> i32 {
        match &mut self.child {
            Some(child) => child.wait().await.map_or(-1, code),
            None => std::future::pending().await,
        }
    }

    /// The last lines of the error stream that counted as errors, three at most.
    pub fn last_errors(&self) -> String {
        self.console.last_errors.lock().unwrap_or_else(PoisonError::into_inner).join(", ")
    }

    /// Sends SIGKILL, never anything before it, and waits a while.
    pub async fn kill(self, wait: Duration) {
        let Some(mut child) = self.child else { return };
        let _ = child.start_kill();
        let _ = tokio::time::timeout(wait, child.wait()).await;
    }
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

#[derive(Clone)]
struct Console {
    worker_id: String,
    logs: Logs,
    errors_only: bool,
    last_errors: Arc<Mutex<Vec<String>>>,
}

impl Console {
    fn of(worker_id: &str, logs: &Logs, errors_only: bool) -> Self {
        Self { worker_id: worker_id.to_owned(), logs: logs.clone(), errors_only, last_errors: Arc::default() }
    }

    async fn read(self, stream: Stream, from: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.is_empty() {
                self.write(stream, text);
            }
            line.clear();
        }
    }

    fn write(&self, stream: Stream, line: &str) {
        let (level, category, text) = console::grade(stream, line, &self.worker_id, self.errors_only);
        if level == Level::Error {
            let mut last = self.last_errors.lock().unwrap_or_else(PoisonError::into_inner);
            last.push(text.clone());
            let surplus = last.len().saturating_sub(3);
            last.drain(..surplus);
        }
        self.logs.write(level, &category, text);
    }
}
