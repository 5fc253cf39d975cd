//! What ends the process: signals, and under the host the end of the host.

use std::io;
use std::time::Duration;

use super::environment::Mode;

/// How often a handler looks whether its host still lives.
const HOST_CHECKED_EVERY: Duration = Duration::from_secs(5);

/// Why the process is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopSignal {
    /// A person at the terminal.
    Interrupt,
    /// Whoever manages the process.
    Terminate,
    /// The host has ended without ending its handler.
    HostGone,
}

/// The signals that end the process, from now on no longer at once.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    host: Option<u32>,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn listen(mode: Mode) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            host: matches!(mode, Mode::Handler { .. }).then(std::os::unix::process::parent_id),
        })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            _ = self.terminate.recv() => StopSignal::Terminate,
            () = host_gone(self.host, std::os::unix::process::parent_id, HOST_CHECKED_EVERY) => StopSignal::HostGone,
        }
    }

    #[cfg(not(unix))]
    pub(super) fn listen(_mode: Mode) -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> StopSignal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        StopSignal::Interrupt
    }
}

/// Resolves once the parent is no longer the one that started this process. The platform ends the handler of a host that
/// stops in order, but nobody ends the handler of a host that is killed.
async fn host_gone(host: Option<u32>, parent: impl Fn() -> u32, every: Duration) {
    let Some(host) = host else { return std::future::pending().await };
    while parent() == host {
        tokio::time::sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_handler_notices_that_its_host_is_gone() {
        let looks = AtomicU32::new(0);
        let parent = || if looks.fetch_add(1, Ordering::Relaxed) < 3 { 40 } else { 1 };
        host_gone(Some(40), parent, Duration::from_millis(1)).await;
        assert_eq!(looks.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn alone_there_is_no_host_to_lose() {
        let waiting = host_gone(None, || 1, Duration::from_millis(1));
        assert!(tokio::time::timeout(Duration::from_millis(20), waiting).await.is_err());
    }
}
