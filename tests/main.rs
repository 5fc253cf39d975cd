//! All integration tests in one binary: they share a harness and link once.
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
    reason = "tests fail by panicking, and nobody links to them"
)]

mod architecture;
mod contracts;
mod conversion;
mod faults;
mod figures;
mod functions;
mod harness;
mod host;
mod platform;
mod telemetry;
mod tour;
