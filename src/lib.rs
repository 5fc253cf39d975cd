//! RET (Reliable Exchange Transformation): people upload XML, get clean tables, download and query them; when they log out,
//! everything of their session is gone.
//!
//! # The map
//! ```text
//! main → app → { functions, adapters, services, runtime, config, telemetry }
//! functions → http, services, runtime's types, domain
//! http → services, domain          services → ports, domain, conversion
//! adapters → ports, domain         ports → domain
//! domain, conversion, runtime → nothing of ours
//! ```
//! `ARCHITECTURE.md` says more; `tests/architecture.rs` holds the rules.

pub mod adapters;
pub mod app;
pub mod config;
pub mod conversion;
pub mod domain;
pub mod functions;
pub mod http;
pub mod ports;
pub mod runtime;
pub mod services;
pub mod telemetry;

/// The examples of the engine's documentation: compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/engine.md")]
mod engine_documentation {}
