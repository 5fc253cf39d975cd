//! The streams that the host reads a handler's log from.

use std::io::{self, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Standard output and standard error as the host grades them: a line of standard error is an error, or a warning if the word stands
/// in it, as it does in a warning's level. In an error it is written with an escape, which means the same in JSON.
pub(super) struct HostStreams;

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
    fn an_error_says_the_same_without_the_word() {
        let line = r#"{"level":"ERROR","path":"/api/Warnings/\\warn.xml","wARN":"Wa w"}"#;
        let unwarned = written(line);
        assert!(!unwarned.to_ascii_lowercase().contains("warn"), "{unwarned}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&unwarned), value(line));
        assert_eq!(written("{\"a\":\"wart\"}\n"), "{\"a\":\"wart\"}\n");
    }
}
