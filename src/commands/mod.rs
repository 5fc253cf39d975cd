//! The commands of the command line, one file each.
#![expect(clippy::print_stderr, reason = "a command line talks to its user")]

/// Prints a line to standard output. A reader that has gone away (`| head`) ends the program quietly.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::commands::say_line(format_args!($($text)*))
    };
}

pub(crate) mod convert;
pub(crate) mod doctor;
pub(crate) mod functions;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod package;
pub(crate) mod serve;
pub(crate) mod user;

use std::{path::Path, process::ExitCode};

use ret::config::{SettingError, Settings};

/// Reads the settings, or says everything that is wrong with them.
fn settings() -> Result<Settings, ExitCode> {
    usable(Settings::from_environment())
}

/// What was read, unless something is wrong with it.
fn usable(read: Result<Settings, Vec<SettingError>>) -> Result<Settings, ExitCode> {
    read.map_err(|problems| {
        for problem in problems {
            eprintln!("error: {problem}");
        }
        ExitCode::from(2)
    })
}

/// Runs asynchronous work on a runtime of its own.
fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => failed(error),
    }
}

fn say_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("error: standard output cannot be written: {error}");
            std::process::exit(1);
        }
    }
}

/// The folder that a path leads into.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}
