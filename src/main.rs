//! The command line of RET. Without a command it serves.

mod commands;

/// The system's allocator keeps the 19 MiB of every password hash in the arena of the thread that made it; this one gives them back. It is built without
/// huge pages: with them every thread would hold two megabytes where it uses a few kilobytes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{convert, doctor, functions, migrate, openapi, package, serve, user};

/// XML in, clean tables out. Without a command, serves the HTTP API on http://127.0.0.1:7071 (or as the handler of an Azure
/// Functions host).
///
/// Settings come from the environment; local.settings.json.example lists them all.
#[derive(Parser)]
#[command(name = "ret", version, about, long_about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the HTTP API (the default).
    Serve,
    /// Convert XML files, or ZIPs of them, into tables in a folder.
    ///
    /// Ends with 0 if every document was converted, with 1 if one was not or nothing was, with 2 if an option or a setting cannot be used.
    Convert(convert::Arguments),
    /// Check every setting and every dependency in use, and say what would mend what is wrong; nothing is made.
    Doctor,
    /// Show what this executable tells the Azure Functions host, write it down, or compare it.
    Functions(functions::Arguments),
    /// Bring the database's schema up to date, or make it, and do nothing else.
    ///
    /// Reads the settings of the database only (`DATABASE_URL`, or `RET_DB` and `RET_RUNTIME_ROOT`). May be repeated, and may run while the
    /// service does. Ends with 1 if the schema cannot be brought up to date, with 2 if a setting cannot be used.
    Migrate,
    /// Print the contract of the HTTP API: the OpenAPI document that the service gives at /api/openapi.json.
    Openapi,
    /// Make the folder and the ZIP that Azure Functions takes.
    Package(package::Arguments),
    /// Manage accounts, whether the service runs or not.
    ///
    /// Passwords are asked for, or read as a line from standard input when that is not a terminal. Only `add` makes a store where there is none.
    #[command(subcommand)]
    User(user::Command),
}

fn main() -> ExitCode {
    // A conversion holds one file open for each table, up to 1,000; the usual soft limit of 1,024 would be short. Where it cannot be raised,
    // a conversion of so many tables says so.
    let _ = rlimit::increase_nofile_limit(16_384);
    match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Doctor => doctor::run(),
        Command::Functions(arguments) => functions::run(&arguments),
        Command::Migrate => migrate::run(),
        Command::Openapi => openapi::run(),
        Command::Package(arguments) => package::run(&arguments),
        Command::User(command) => user::run(&command),
    }
}
