//! How the lines that a handler prints become records: it cannot say a level, it is told from stream and words.

use super::logs::Level;

const SYSTEM_PREFIX: &str = "LanguageWorkerConsoleLog";
const TOOLING_PREFIX: &str = "azfuncjsonlog:";

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
}

/// Level, category and text of a line.
pub fn grade(stream: Stream, line: &str, worker_id: &str, errors_only: bool) -> (Level, String, String) {
    let level = match stream {
        Stream::Output => Level::Information,
        Stream::Error => error_stream_level(line, errors_only),
    };
    if let Some(text) = without_prefix(line, SYSTEM_PREFIX) {
        return (level, format!("Worker.HttpWorkerProcess.{worker_id}"), text.to_owned());
    }
    if let Some(text) = without_prefix(line, TOOLING_PREFIX) {
        return (level, "Host.Function.ToolingConsole".to_owned(), text.to_owned());
    }
    (level, "Host.Function.Console".to_owned(), line.to_owned())
}

/// `errors_only` is `useStdErrorStreamForErrorsOnly`.
fn error_stream_level(line: &str, errors_only: bool) -> Level {
    let lower = line.to_lowercase();
    let says = |word: &str| lower.contains(word);
    if says("warn") {
        Level::Warning
    } else if errors_only || says("error") || says("fail") || says("severe") || says("unhandled exception") {
        Level::Error
    } else {
        Level::Information
    }
}

fn without_prefix<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    let head = line.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &line[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(stream: Stream, line: &str, errors_only: bool) -> Level {
        grade(stream, line, "w", errors_only).0
    }

    #[test]
    fn output_is_information_whatever_it_says() {
        assert_eq!(level(Stream::Output, "error: no disk", true), Level::Information);
    }

    #[test]
    fn the_error_stream_is_errors_but_for_warnings() {
        assert_eq!(level(Stream::Error, "starting", true), Level::Error);
        assert_eq!(level(Stream::Error, "{\"level\":\"WARN\"}", true), Level::Warning);
    }

    #[test]
    fn without_errors_only_words_tell_the_level() {
        assert_eq!(level(Stream::Error, "starting", false), Level::Information);
        assert_eq!(level(Stream::Error, "it FAILED", false), Level::Error);
        assert_eq!(level(Stream::Error, "a warning", false), Level::Warning);
    }

    #[test]
    fn prefixes_choose_the_category_and_are_taken_off() {
        let (_, category, text) = grade(Stream::Output, "languageworkerconsolelog hello", "7", true);
        assert_eq!((category.as_str(), text.as_str()), ("Worker.HttpWorkerProcess.7", " hello"));
        assert_eq!(grade(Stream::Output, "plain", "7", true).1, "Host.Function.Console");
    }
}
