//! Logs: JSON lines under the host, readable lines on a terminal.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing_subscriber::{
    EnvFilter,
    fmt::{self, writer::MakeWriterExt as _},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::SettingError;

/// Whether the log is for the platform or for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, where the host picks it up. It grades a line by its stream, and one of standard error as a warning
    /// if the word stands in it, as it does in the level.
    Json,
    /// One readable line each, on standard error.
    Text,
}

/// Installs the log. Call once.
pub fn install(filter: &str, format: LogFormat) -> Result<(), SettingError> {
    let wrong = |problem: String| SettingError { key: "LOG_LEVEL".into(), problem };
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| wrong(format!("'{filter}' is not a level such as info or debug: {error}")))?;
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match format {
        LogFormat::Json => {
            let streams = io::stderr.with_max_level(Level::WARN).or_else(io::stdout);
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_writer(streams);
            registry.with(lines).try_init()
        }
        LogFormat::Text => {
            let colour = io::stderr().is_terminal();
            registry.with(fmt::layer().with_ansi(colour).with_writer(io::stderr)).try_init()
        }
    };
    installed.map_err(|error| wrong(error.to_string()))
}
