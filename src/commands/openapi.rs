//! `ret openapi`: the contract.

use std::process::ExitCode;

use ret::{config::APP_NAME, functions};

use super::failed;

/// Prints the contract of the HTTP API as `/api/openapi.json` answers it under the usual name. No setting is read.
pub(crate) fn run() -> ExitCode {
    match serde_json::to_string_pretty(&functions::openapi(APP_NAME)) {
        Ok(text) => {
            say!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(error),
    }
}
