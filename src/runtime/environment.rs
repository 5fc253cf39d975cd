//! Where the runtime runs: under the host or alone, on which port, by which clock.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::error::RuntimeError;

/// The setting by which the host tells its custom handler the port to listen on.
pub const HANDLER_PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

const STANDALONE_PORT: u16 = 7071;

/// Looks up a setting by name.
pub type SettingLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How the functions are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By the host, at this port of the loopback address.
    Handler {
        /// The port, as the host gave it.
        port: u16,
    },
    /// By clients, at this address; timers and queues run within the process.
    Standalone {
        /// The address. Port 0 takes a free one.
        address: SocketAddr,
    },
}

/// Everything the runtime needs from outside.
#[derive(Clone)]
pub struct Environment {
    /// How the functions are reached.
    pub mode: Mode,
    /// The time for timers and queues. Used alone only.
    pub clock: Arc<dyn Clock>,
    /// For `%NAME%` in schedules and queue names.
    pub settings: SettingLookup,
    /// Limits of serving.
    pub limits: ServeLimits,
}

/// Limits of serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeLimits {
    /// How long a connection may take over the head of a request, the pause before it included. `None` means without end.
    pub header_read_timeout: Option<Duration>,
    /// How many connections are open at a time; more wait to be accepted. `None` means as many as come.
    pub max_connections: Option<usize>,
    /// How long requests, ticks and messages under way may still take after a signal to stop.
    pub stop_within: Duration,
}

impl ServeLimits {
    const fn for_mode(mode: Mode) -> Self {
        let header_read_timeout = match mode {
            // The host connects, or somebody on this machine, and the host keeps its connections in a pool. Closing one of them while it is not used would
            // meet a request that is just being sent.
            Mode::Handler { .. } => None,
            Mode::Standalone { .. } => Some(Duration::from_secs(10)),
        };
        Self { header_read_timeout, max_connections: None, stop_within: Duration::from_secs(10) }
    }
}

impl Mode {
    /// The address to listen on. Under the host always the loopback address, which is the one it calls.
    #[must_use]
    pub fn address(self) -> SocketAddr {
        match self {
            Self::Handler { port } => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            Self::Standalone { address } => address,
        }
    }
}

impl Environment {
    /// Runs under the host if it has set [`HANDLER_PORT`], else alone on 127.0.0.1:7071.
    pub fn detect(settings: SettingLookup, clock: Arc<dyn Clock>) -> Result<Self, RuntimeError> {
        let mode = match settings(HANDLER_PORT) {
            Some(port) => Mode::Handler {
                port: port.trim().parse().map_err(|_| RuntimeError::Setting {
                    name: HANDLER_PORT,
                    reason: format!("{port:?} is not a port from 0 to 65535"),
                })?,
            },
            None => Mode::Standalone { address: SocketAddr::from((Ipv4Addr::LOCALHOST, STANDALONE_PORT)) },
        };
        Ok(Self { settings, ..Self::new(mode, clock) })
    }

    /// A given mode, no settings, and the limits that suit the mode.
    #[must_use]
    pub fn new(mode: Mode, clock: Arc<dyn Clock>) -> Self {
        Self { mode, clock, settings: Arc::new(|_| None), limits: ServeLimits::for_mode(mode) }
    }

    /// Alone at this address instead. Under the host nothing changes, for the host knows only the port it gave.
    #[must_use]
    pub fn listening_on(mut self, standalone_address: SocketAddr) -> Self {
        if let Mode::Standalone { address } = &mut self.mode {
            *address = standalone_address;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::clock::fake::FakeClock;

    fn detect(port: Option<&str>) -> Result<Mode, RuntimeError> {
        let port = port.map(str::to_owned);
        let settings: SettingLookup = Arc::new(move |name| port.clone().filter(|_| name == HANDLER_PORT));
        Environment::detect(settings, FakeClock::new()).map(|environment| environment.mode)
    }

    #[test]
    fn the_hosts_port_decides() {
        assert_eq!(detect(Some("45678")).unwrap(), Mode::Handler { port: 45678 });
        assert_eq!(detect(None).unwrap(), Mode::Standalone { address: "127.0.0.1:7071".parse().unwrap() });
    }

    #[test]
    fn a_port_that_is_none_is_refused() {
        for port in ["", "http", "70000"] {
            assert!(detect(Some(port)).unwrap_err().to_string().contains(HANDLER_PORT), "{port:?}");
        }
    }

    #[test]
    fn the_host_is_answered_on_loopback_whatever_the_address() {
        let mode = Mode::Handler { port: 45678 };
        let environment = Environment::new(mode, FakeClock::new()).listening_on("0.0.0.0:80".parse().unwrap());
        assert_eq!(environment.mode.address(), "127.0.0.1:45678".parse().unwrap());
    }
}
