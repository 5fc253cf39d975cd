//! Logs: JSON lines under the host, readable lines on a terminal. And what is sent to a collector, where the settings name one.

mod collector;
mod export;
mod figures;
mod host_streams;

use std::io::{self, IsTerminal as _};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{OtlpSettings, SettingError};
pub use export::{Export, check_collector};
use host_streams::HostStreams;

/// Whether the log is for the platform or for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, where the host picks it up.
    Json,
    /// One readable line each, on standard error.
    Text,
}

/// Libraries that tell of every call at `info`, and from which level on they are heard.
const TALKATIVE: [(&str, &str); 4] = [
    ("azure_core", "warn"),
    ("azure_data_cosmos_driver", "warn"),
    ("azure_identity", "warn"),
    ("typespec_client_core", "warn"),
];

/// The library that tells at `debug` what agents bring: statements, and what is sought. What an agent did wrong is a warning to it.
const TELLS_BODIES: (&str, &str) = ("rmcp", "error");

/// The filter, with libraries held back unless it names them: the talkative where all is to be told at `info`, and what tells bodies always.
fn quieted(filter: &str) -> String {
    let is_at_info = filter.split(',').any(|directive| directive.trim() == "info");
    let talkative = TALKATIVE.iter().filter(|_| is_at_info);
    let quiet = talkative.chain([&TELLS_BODIES]).filter(|(library, _)| !filter.contains(*library));
    quiet.fold(filter.to_owned(), |filter, (library, level)| filter + "," + library + "=" + level)
}

/// Installs the log. Call once.
pub fn install(filter: &str, format: LogFormat) -> Result<(), SettingError> {
    install_layers(filter, format, None)
}

/// The same, and begins to send traces where the settings name a collector. Must be called within the runtime that is to send.
pub fn install_exporting(
    filter: &str,
    format: LogFormat,
    otlp: Option<&OtlpSettings>,
) -> Result<Option<Export>, SettingError> {
    let export = otlp.map(Export::start).transpose()?;
    install_layers(filter, format, export.as_ref().and_then(Export::traces))?;
    Ok(export)
}

fn install_layers(filter: &str, format: LogFormat, traces: Option<&SdkTracerProvider>) -> Result<(), SettingError> {
    let wrong = |problem: String| SettingError { key: "LOG_LEVEL".into(), problem };
    let filter = EnvFilter::try_new(quieted(filter))
        .map_err(|error| wrong(format!("'{filter}' is not a level such as info or debug: {error}")))?;
    // Our own spans and lines only, which follow the rules of docs/logging.md; libraries put whole addresses into theirs.
    let spans = traces.map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("ret"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target("ret::", Level::INFO))
    });
    let registry = tracing_subscriber::registry().with(spans);
    let installed = match format {
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_writer(HostStreams);
            std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a thread panicked")));
            registry.with(lines.with_filter(filter)).try_init()
        }
        LogFormat::Text => {
            let colour = io::stderr().is_terminal();
            registry.with(fmt::layer().with_ansi(colour).with_writer(io::stderr).with_filter(filter)).try_init()
        }
    };
    installed.map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_libraries_are_told_when_asked_for() {
        assert_eq!(
            quieted("info"),
            "info,azure_core=warn,azure_data_cosmos_driver=warn,azure_identity=warn,typespec_client_core=warn,rmcp=error"
        );
        assert_eq!(
            quieted("info,azure_core=info"),
            "info,azure_core=info,azure_data_cosmos_driver=warn,azure_identity=warn,typespec_client_core=warn,rmcp=error"
        );
        assert!(quieted("ret::services=debug, info").ends_with(",typespec_client_core=warn,rmcp=error"));
        assert_eq!(quieted("debug"), "debug,rmcp=error");
        assert_eq!(quieted("error,rmcp=debug"), "error,rmcp=debug");
    }
}
