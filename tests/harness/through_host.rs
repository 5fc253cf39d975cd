//! The emulated Functions host in front of an application of this process.

use std::{net::SocketAddr, path::Path};

use tempfile::TempDir;
use time::OffsetDateTime;

use super::Azurite;
use crate::host::{Clock, HandlerSource, Host, HostOptions};

/// How requests and ticks get to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It runs alone and is called within this process.
    Alone,
    /// It runs as the host's handler; the host is called over TCP.
    ThroughHost,
}

impl Way {
    /// The way that `RET_TEST_THROUGH` asks for.
    pub fn asked_for() -> Self {
        match std::env::var("RET_TEST_THROUGH").as_deref() {
            Err(_) => Self::Alone,
            Ok("host") => Self::ThroughHost,
            Ok(other) => panic!("RET_TEST_THROUGH takes host, not {other:?}; without it the application runs alone"),
        }
    }
}

/// A host whose handler is a server of this process.
pub struct HostInFront {
    host: Host,
    _folder: TempDir,
}

impl HostInFront {
    /// Stands in front of a server on this port, with the repository's manifests, and listens to the queues of a storage account, if there
    /// is one. Returns when it takes requests.
    ///
    /// Timers tick at the start if they say so, and else only when they are fired.
    pub async fn of(port: u16, now: OffsetDateTime, queues: Option<&Azurite>) -> Self {
        let folder = staged();
        let mut options = HostOptions::new(folder.path());
        if let Some(account) = queues {
            options = options
                .with_setting("AzureWebJobsStorage", account.connection_string())
                // Nobody waits for a listener that found nothing for a while.
                .with_setting("AzureFunctionsJobHost__extensions__queues__maxPollingInterval", "00:00:00.1000000")
                .with_storage()
                .unwrap();
        }
        options.handler = HandlerSource::Attached { port };
        options.clock = Clock::standing_at(now);
        let host = Host::start(options).await.unwrap();
        assert!(host.refused().is_empty(), "{:?}", host.refused());
        host.handler().await.unwrap();
        Self { host, _folder: folder }
    }

    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// Has a timer function ticked now; returns when it has succeeded.
    pub async fn fire_timer(&self, name: &str) {
        self.host.fire_timer(name).await.unwrap();
    }

    pub async fn stop(self) {
        self.host.stop().await;
    }
}

/// What the host sees of the repository, as a package has it: `host.json`, and the folders of `functions/` beside it.
fn staged() -> TempDir {
    let (root, folder) = (Path::new(env!("CARGO_MANIFEST_DIR")), TempDir::new().unwrap());
    std::fs::copy(root.join("host.json"), folder.path().join("host.json")).unwrap();
    for function in std::fs::read_dir(root.join("functions")).unwrap() {
        let function = function.unwrap();
        let target = folder.path().join(function.file_name());
        std::fs::create_dir(&target).unwrap();
        std::fs::copy(function.path().join("function.json"), target.join("function.json")).unwrap();
    }
    folder
}
