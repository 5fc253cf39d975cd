//! The commands of the command line, one file each.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its user")]

pub(crate) mod convert;
pub(crate) mod doctor;
pub(crate) mod serve;
pub(crate) mod user;

use std::process::ExitCode;

use ret::config::{SettingError, Settings};

/// Reads the settings, or says everything that is wrong with them.
fn settings() -> Result<Settings, ExitCode> {
    Settings::from_environment().map_err(|problems: Vec<SettingError>| {
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

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}
