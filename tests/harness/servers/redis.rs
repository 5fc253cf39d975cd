//! A Redis server for one test.

use std::{process::Command, sync::Arc};

use ret::adapters::{
    redis::{RedisLogin, RedisServer},
    system::{SystemClock, SystemRandom},
};

use super::{
    left_out,
    process::{Program, ServerProcess, free_port, here, new_folder},
};

/// A server of its own, in memory only.
pub struct Redis(ServerProcess);

impl Redis {
    /// `None` only if there are to be no servers.
    pub async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    /// The same with arguments of its own.
    pub async fn start_with(arguments: &[&str]) -> Option<Self> {
        if left_out() {
            return None;
        }
        let port = free_port();
        // A replica writes what it is sent to a file, which a server that is started there would read.
        let folder = new_folder();
        // As it is set up on Azure: only what has a time to live is evicted.
        let fixed = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory", "100mb"];
        let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
        all.extend(["--maxmemory-policy", "volatile-lru", "--port", &port.to_string()].map(str::to_owned));
        all.extend(["--dir", folder.to_str().unwrap()].map(str::to_owned));
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let installed = Command::new("redis-server").arg("--version").output().is_ok();
        assert!(installed, "redis-server is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1");
        let program = Program {
            name: "redis-server",
            path: "redis-server".into(),
            arguments: all,
            environment: Vec::new(),
            user: None,
            ends_by: "KILL",
            folder: Some(folder),
            address: here(port),
        };
        Some(tokio::task::spawn_blocking(|| Self(ServerProcess::start(program))).await.unwrap())
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.0.port())
    }

    /// The product's own way to it.
    pub fn connected(&self) -> RedisServer {
        Self::connected_at(&self.url())
    }

    /// The product's own way to what stands in front of a server.
    pub fn connected_at(url: &str) -> RedisServer {
        RedisServer::new(url, RedisLogin::AsGiven, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap()
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// Ends it with all that it held.
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Starts it again, empty, where it was.
    pub fn run(&self) {
        self.0.run();
    }

    /// Has it hang: connections stay, nothing is answered.
    pub fn pause(&self) {
        self.0.pause();
    }

    pub fn resume(&self) {
        self.0.resume();
    }
}
