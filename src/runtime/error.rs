//! What can be wrong before the first request: a manifest, a setting, an address, the application itself.

use std::net::SocketAddr;

use super::manifest::ManifestError;

/// Any error an application may raise while it is built.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a runtime does not start. Once it runs, faults are answers and log lines, never errors of this type.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// A function's name, manifest, schedule or route breaks a rule of the platform.
    #[error("function {function}: {source}")]
    Function {
        /// Name of the function, which is the name of its folder.
        function: String,
        /// The rule that is broken.
        source: ManifestError,
    },
    /// `host.json` cannot be used.
    #[error("host.json: {0}")]
    Host(ManifestError),
    /// A setting has a value that means nothing.
    #[error("setting {name}: {reason}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What would be a good value.
        reason: String,
    },
    /// No such function, or one of another trigger.
    #[error("there is no {trigger} function named {name:?}")]
    UnknownFunction {
        /// The name that was asked for.
        name: String,
        /// The kind that was asked for: `timer`, `queue`.
        trigger: &'static str,
    },
    /// The address is taken or forbidden.
    #[error("cannot listen on {address}: {source}{}", mend(source))]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Handlers for signals could not be set.
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    /// The application's own construction failed.
    #[error("the application could not be built: {0}")]
    Build(BoxError),
}

/// What mends that an address cannot be had. Under the Functions host its own setting comes first.
fn mend(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::AddrInUse => {
            "; another program listens there: stop it, or name another port by RET_HTTP_PORT (a Functions host names its own)"
        }
        _ => "",
    }
}

impl RuntimeError {
    pub(super) fn function(name: &str, source: ManifestError) -> Self {
        Self::Function { function: name.to_owned(), source }
    }
}
