//! Serves a staged folder as the Azure Functions host does, by the emulator of the tests:
//! `cargo run --example functions_host -- FOLDER [--port 7071] [--flex] [--auth KEY]`.
//!
//! The folder has `host.json`, the executable and a folder for each function at its root; `local.settings.json` is read if
//! it is there. Queues are those of the account in `AzureWebJobsStorage`, Azurite's for instance; without it they are in
//! memory, where only what the host itself puts there arrives. Ctrl-C stops it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::large_futures,
    missing_docs,
    unreachable_pub,
    reason = "a tool for those who develop, made of the modules of the tests"
)]

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Parser;
use host::{Auth, FlexHost, Function, Host, HostOptions, Level, Logs, TimerStore, Trigger};

#[path = "../tests/host/mod.rs"]
mod host;

/// An emulator of the Azure Functions host.
#[derive(Parser)]
struct Arguments {
    /// The staged folder.
    folder: PathBuf,
    /// Where to listen on 127.0.0.1.
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// A process for each function group, as under Flex Consumption.
    #[arg(long)]
    flex: bool,
    /// Ask for this key where functions are not anonymous.
    #[arg(long, value_name = "KEY")]
    auth: Option<String>,
    /// Keep what is known of timers in this file.
    #[arg(long, value_name = "FILE")]
    timers: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Ok(folder) = arguments.folder.canonicalize() else {
        println!("error: there is no folder {}", arguments.folder.display());
        return ExitCode::from(2);
    };
    let options = HostOptions::new(folder).with_core_tools(arguments.port).with_storage();
    let mut options = match options {
        Ok(options) => options,
        Err(problem) => {
            println!("error: {problem}");
            return ExitCode::from(2);
        }
    };
    if let Some(key) = arguments.auth {
        options.auth = Auth::Keys(vec![key]);
    }
    if let Some(file) = arguments.timers {
        options.timers = Arc::new(TimerStore::in_file(file));
    }
    tokio::spawn(print(options.logs.clone()));
    let served = if arguments.flex { serve_flex(options).await } else { serve(options).await };
    if let Err(problem) = served {
        println!("error: {problem}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn serve(options: HostOptions) -> Result<(), String> {
    let host = Host::start(options).await.map_err(|error| error.to_string())?;
    introduce(&host.functions(), &host.route_prefix(), host.address().port());
    tokio::select! {
        reason = host.stopped() => return Err(reason),
        _ = tokio::signal::ctrl_c() => {}
    }
    host.stop().await;
    Ok(())
}

async fn serve_flex(options: HostOptions) -> Result<(), String> {
    let host = FlexHost::start(options, |_| Vec::new()).await.map_err(|error| error.to_string())?;
    if let Some(http) = host.instance("http") {
        introduce(&http.functions(), &http.route_prefix(), http.address().port());
    }
    println!("\nGroups: {}", host.groups().join(", "));
    let _ = tokio::signal::ctrl_c().await;
    host.stop().await;
    Ok(())
}

/// Prints the functions as `func start` does.
fn introduce(functions: &[Arc<Function>], prefix: &str, port: u16) {
    println!("\nFunctions:");
    for function in functions {
        let what = match &function.trigger {
            Trigger::Http(http) => {
                let methods =
                    http.methods.as_ref().map(|methods| format!("[{}] ", methods.join(","))).unwrap_or_default();
                let path = if prefix.is_empty() { http.route.clone() } else { format!("{prefix}/{}", http.route) };
                format!("{methods}http://localhost:{port}/{path}")
            }
            Trigger::Queue(_) => "queueTrigger".to_owned(),
            Trigger::Timer(_) => "timerTrigger".to_owned(),
        };
        println!("\n        {}: {what}", function.name);
    }
    println!();
}

/// Prints the log as it grows.
async fn print(logs: Logs) {
    let mut printed = 0;
    loop {
        logs.more_than(printed).await;
        for record in logs.since(printed) {
            let level = match record.level {
                Level::Information => "info",
                Level::Warning => "warn",
                Level::Error => "fail",
            };
            println!("{level}: {}: {}", record.category, record.text);
            printed += 1;
        }
    }
}
