//! The executable in a process of its own: to be killed, measured, started again.

use std::{
    fs::OpenOptions,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::{NamedTempFile, TempDir};

use super::{ADMIN_PASSWORD, Client, Transport};

/// A running executable on a folder of its own.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    pub folder: Arc<TempDir>,
    settings: Vec<(String, String)>,
    told_port_by: &'static str,
    /// What it prints, on both streams.
    printed: NamedTempFile,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
}

impl Process {
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(TempDir::new().unwrap()), owned(settings), "RET_HTTP_PORT").await
    }

    /// The same as the handler of a Functions host, which announces jobs in the host's queue.
    pub async fn start_as_handler(settings: &[(&str, &str)]) -> Self {
        let told_port_by = "FUNCTIONS_CUSTOMHANDLER_PORT";
        Self::start_in(Arc::new(TempDir::new().unwrap()), owned(settings), told_port_by).await
    }

    async fn start_in(folder: Arc<TempDir>, settings: Vec<(String, String)>, told_port_by: &'static str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let printed = NamedTempFile::new().unwrap();
        let stream = || Stdio::from(OpenOptions::new().append(true).open(printed.path()).unwrap());
        let started = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_ret"))
            .env("RET_RUNTIME_ROOT", folder.path())
            .env(told_port_by, port.to_string())
            .env("RET_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("RATE_LIMIT_PER_MINUTE", "1000000")
            .env("LOG_LEVEL", "warn")
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let started_in = Duration::ZERO;
        let mut process = Self { child, address, folder, settings, told_port_by, printed, started_in };
        let client = process.client();
        // On a machine that is busy with other tests it takes its time.
        while started.elapsed() < Duration::from_secs(120) {
            let request = client.build(http::Method::GET, "/api/health", axum::body::Body::empty(), &[]);
            if client.try_send(request).await.is_ok_and(|answer| answer.status.is_success()) {
                process.started_in = started.elapsed();
                return process;
            }
            assert!(process.child.try_wait().unwrap().is_none(), "the process ended by itself");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("the process does not answer");
    }

    /// Ends the process as a power cut would, without a chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the process as a service manager does, and waits for its end.
    pub fn stop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success() && self.child.wait().unwrap().success());
    }

    /// Starts again on the same folder, after a kill.
    pub async fn restart(mut self) -> Self {
        self.kill();
        self.start_again().await
    }

    /// Starts again on the same folder, when the process has ended.
    pub async fn start_again(mut self) -> Self {
        let (folder, settings) = (Arc::clone(&self.folder), std::mem::take(&mut self.settings));
        let told_port_by = self.told_port_by;
        drop(self);
        Self::start_in(folder, settings, told_port_by).await
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.printed.path()).unwrap()).into_owned()
    }

    /// Names of its threads.
    pub fn threads(&self) -> Vec<String> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let names = threads.flatten().filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        names.map(|name| name.trim().to_owned()).collect()
    }

    pub fn client(&self) -> Client {
        Client::new(Transport::tcp(self.address))
    }

    pub async fn admin(&self) -> Client {
        self.client().login("admin", ADMIN_PASSWORD).await
    }

    pub fn sessions_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("sessions")
    }

    /// Resident memory in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// The most that was ever resident, in bytes.
    pub fn resident_at_most(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a folder holds no file at any depth.
pub fn is_empty(folder: &Path) -> bool {
    super::in_process::files_below(folder).is_empty()
}
