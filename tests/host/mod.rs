//! An emulator of the Azure Functions host for custom handlers, made from its description and not from `src/runtime`.
//!
//! A [`Host`] serves a staged folder as the platform does: it discovers functions in direct sub-folders, launches the
//! handler, answers HTTP on an address of 127.0.0.1, feeds queues and ticks timers. What a handler can notice is as the
//! platform does it, including what surprises: an empty answer of status 200 hangs until the function's time is over,
//! exit code 0 leaves a dead handler in place, a slow call costs every call beside it.
//!
//! | part | files |
//! |---|---|
//! | what is to be served | `environment`, `settings`, `function`, `discovery`, `template`, `constraint`, `routes` |
//! | the handler's process | `process`, `console`, `logs`, `crash`, `worker`, `supervisor` |
//! | calls | `invocation`, `invoke`, `encode`, `metadata`, `answer` |
//! | HTTP | `front`, `body`, `path`, `proxy`, `exchange`, `forward`, `http_value` |
//! | other triggers | `queue`, `queue_store`, `memory_queues`, `storage_queues`, `timer`, `timer_store`, `schedule` |
//! | lives of the host | `script_host`, `web_host`, `flex` |
//!
//! Not emulated: blob and other triggers, output bindings but HTTP, retry policies, WebSocket upgrades, the `admin` paths
//! of the host, and routes whose segments mix text and parameters.
#![allow(dead_code, unused_imports, reason = "the example and each test use what they need")]

mod answer;
mod body;
mod client;
mod clock;
mod console;
mod constraint;
mod crash;
mod discovery;
mod encode;
mod environment;
mod exchange;
mod flex;
mod forward;
mod front;
mod function;
mod http_value;
mod ids;
mod invocation;
mod invoke;
mod logs;
mod memory_queues;
mod metadata;
mod options;
mod path;
mod process;
mod proxy;
mod queue;
pub mod queue_store;
mod routes;
mod schedule;
mod script_host;
mod settings;
mod storage_queues;
mod supervisor;
mod template;
#[cfg(test)]
mod tests;
mod timer;
mod timer_store;
mod timespan;
mod web_host;
mod worker;

pub use clock::Clock;
pub use flex::FlexHost;
pub use function::{Function, Trigger};
pub use logs::{Level, Logs, Record};
pub use memory_queues::MemoryQueues;
pub use options::{Auth, Cors, HandlerSource, HostOptions, Timings};
pub use storage_queues::StorageQueues;
pub use timer_store::TimerStore;
pub use web_host::{Host, HostError};

/// The version that this host says it has.
pub const HOST_VERSION: &str = "4.1052.200.26300";
