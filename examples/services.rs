//! Starts the servers that RET uses on Azure, with nothing in them, and prints the settings that lead to them:
//!
//! ```sh
//! scripts/services                      # in one terminal; Ctrl-C ends them all
//! set -a; . target/services.env; set +a # in another
//! cargo run
//! ```
#![allow(dead_code, unreachable_pub, unused_imports, reason = "the tests use more of it")]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "for use by hand")]
#![allow(clippy::disallowed_methods, reason = "the tests ask the environment for servers")]

#[path = "../tests/harness/servers/mod.rs"]
mod servers;

use std::fmt::Write as _;

/// Where the settings are kept for other terminals.
const FILE: &str = "target/services.env";

#[tokio::main]
async fn main() {
    let servers = servers::Servers::fresh().await.expect("RET_TEST_ONLY_EMBEDDED is set: there are to be no servers");
    let mut settings = String::new();
    for (key, value) in servers.settings() {
        writeln!(settings, "{key}='{value}'").unwrap();
    }
    std::fs::create_dir_all("target").unwrap();
    std::fs::write(FILE, &settings).unwrap();
    println!("{settings}\nThese lines are in {FILE} as well. Ctrl-C ends the servers and what is in them.");
    tokio::signal::ctrl_c().await.unwrap();
    drop(servers);
    let _ = std::fs::remove_file(FILE);
}
