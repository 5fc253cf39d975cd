//! Logs: JSON lines under the host, readable lines on a terminal.

use std::io::{self, IsTerminal as _, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter,
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::SettingError;

/// Whether the log is for the platform or for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, where the host picks it up.
    Json,
    /// One readable line each, on standard error.
    Text,
}

/// Libraries that tell of every call at `info`, and from which level on they are heard. What an agent did wrong is a warning to rmcp.
const TALKATIVE: [(&str, &str); 5] = [
    ("azure_core", "warn"),
    ("azure_data_cosmos_driver", "warn"),
    ("azure_identity", "warn"),
    ("rmcp", "error"),
    ("typespec_client_core", "warn"),
];

/// The filter, with talkative libraries held back where all is to be told at `info`, unless it names them.
fn quieted(filter: &str) -> String {
    if !filter.split(',').any(|directive| directive.trim() == "info") {
        return filter.to_owned();
    }
    let quiet = TALKATIVE.iter().filter(|(library, _)| !filter.contains(*library));
    quiet.fold(filter.to_owned(), |filter, (library, level)| filter + "," + library + "=" + level)
}

/// Installs the log. Call once.
pub fn install(filter: &str, format: LogFormat) -> Result<(), SettingError> {
    let wrong = |problem: String| SettingError { key: "LOG_LEVEL".into(), problem };
    let filter = EnvFilter::try_new(quieted(filter))
        .map_err(|error| wrong(format!("'{filter}' is not a level such as info or debug: {error}")))?;
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match format {
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_writer(HostStreams);
            std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a thread panicked")));
            registry.with(lines).try_init()
        }
        LogFormat::Text => {
            let colour = io::stderr().is_terminal();
            registry.with(fmt::layer().with_ansi(colour).with_writer(io::stderr)).try_init()
        }
    };
    installed.map_err(|error| wrong(error.to_string()))
}

/// Standard output and standard error as the host grades them: a line of standard error is an error, or a warning if the word stands
/// in it, as it does in a warning's level. In an error it is written with an escape, which means the same in JSON.
struct HostStreams;

impl<'a> MakeWriter<'a> for HostStreams {
    type Writer = Box<dyn Write>;

    fn make_writer(&'a self) -> Self::Writer {
        Box::new(io::stdout())
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> Self::Writer {
        match *line.level() {
            Level::ERROR => Box::new(Unwarned(io::stderr())),
            Level::WARN => Box::new(io::stderr()),
            _ => Box::new(io::stdout()),
        }
    }
}

/// Writes lines of JSON without the letters `warn`, in whatever case.
struct Unwarned<W>(W);

impl<W: Write> Write for Unwarned<W> {
    /// Takes whole lines, which is what the layer gives.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        const WORD: &[u8] = b"warn";
        let mut unwarned = Vec::with_capacity(line.len() + 16);
        let mut taken = 0;
        for at in memchr::memchr2_iter(b'w', b'W', line) {
            if line.get(at..at + WORD.len()).is_some_and(|letters| letters.eq_ignore_ascii_case(WORD)) {
                unwarned.extend_from_slice(&line[taken..at]);
                write!(unwarned, "\\u{:04x}", line[at])?;
                taken = at + 1;
            }
        }
        unwarned.extend_from_slice(&line[taken..]);
        // In one piece, so that lines of other threads come before or after it.
        self.0.write_all(&unwarned)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &str) -> String {
        let mut lines = Vec::new();
        Unwarned(&mut lines).write_all(line.as_bytes()).unwrap();
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn calls_of_libraries_are_told_when_asked_for() {
        assert_eq!(
            quieted("info"),
            "info,azure_core=warn,azure_data_cosmos_driver=warn,azure_identity=warn,rmcp=error,typespec_client_core=warn"
        );
        assert_eq!(
            quieted("info,azure_core=info"),
            "info,azure_core=info,azure_data_cosmos_driver=warn,azure_identity=warn,rmcp=error,typespec_client_core=warn"
        );
        assert!(quieted("ret::services=debug, info").ends_with(",typespec_client_core=warn"));
        assert_eq!((quieted("debug").as_str(), quieted("error").as_str()), ("debug", "error"));
    }

    #[test]
    fn an_error_says_the_same_without_the_word() {
        let line = r#"{"level":"ERROR","path":"/api/Warnings/\\warn.xml","wARN":"Wa w"}"#;
        let unwarned = written(line);
        assert!(!unwarned.to_ascii_lowercase().contains("warn"), "{unwarned}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&unwarned), value(line));
        assert_eq!(written("{\"a\":\"wart\"}\n"), "{\"a\":\"wart\"}\n");
    }
}
