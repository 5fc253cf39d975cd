//! What tests share: the application in this process, alone or behind the emulated Functions host, the executable in a
//! process of its own, and a client for all of them.

#![allow(dead_code, reason = "each test uses what it needs")]

mod client;
mod collector;
mod in_process;
mod model_server;
mod process;
pub mod samples;
mod servers;
mod stopwatch;
mod through_host;

pub use client::{Answer, Client, Transport};
pub use collector::{Collector, SeenSpan};
pub use in_process::{ManualClock, TestApp, files_below};
pub use model_server::{MODEL_KEY, ModelServer, Turn, vector_of};
pub use process::Process;
pub use servers::{
    AUTHORITY, Azurite, COSMOS_KEY, Cosmos, Identity, PgBouncer, Postgres, Redis, Servers, client_that_trusts_it,
};
pub use stopwatch::Stopwatch;
pub use through_host::Way;

/// Settings as they are handed on.
pub fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The administrator's password in every test.
pub const ADMIN_PASSWORD: &str = "an-admin-password";
/// The password of every other account.
pub const USER_PASSWORD: &str = "a-user-password";
