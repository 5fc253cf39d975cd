//! A runtime for Azure Functions custom handlers: the same functions under the platform's host and alone.
//!
//! An application registers its functions, each with the text of its `function.json`, and runs them. Which way they are
//! reached is the environment's matter:
//!
//! | | under the host | alone |
//! |---|---|---|
//! | chosen when | `FUNCTIONS_CUSTOMHANDLER_PORT` is set | it is not |
//! | listens on | that port of 127.0.0.1 | a given address, 127.0.0.1:7071 by default |
//! | HTTP functions | requests proxied by the host | requests of clients |
//! | timer functions | invocations posted by the host | ticked here by the same schedules, in UTC |
//! | queue functions | invocations posted by the host | fed here from [`LocalQueue`]s, with the same retries |
//! | invocation ids | the host's | `local-1`, `local-2`, … |
//!
//! # How a function is written
//!
//! - **HTTP**: an axum [`Router`](axum::Router) with whole paths. All routers are merged, so it does not matter through
//!   which function's route the host sends a request. Handlers find their [`Invocation`] among the extensions, and the
//!   peer's address as [`ConnectInfo`](axum::extract::ConnectInfo).
//! - **Queue**: `async fn(QueueMessage<T>, Invocation) -> Outcome`, the payload read as JSON. A message may come twice.
//! - **Timer**: `async fn(TimerTick, Invocation) -> Outcome`. A timer does not overlap itself.
//!
//! A panic is caught and costs one call: HTTP answers 500 (worded by [`ErrorPages`]), a queue message is retried, a tick
//! is recorded as failed. [`Outcome`] says what each end means to the platform.
//!
//! # What `host.json` must say
//!
//! `customHandler.enableProxyingHttpRequest` must be true. In the other modes the host turns bodies into strings or drops
//! chunked ones and buffers every answer; and only a proxied request carries marks that no client can leave out, by which
//! the paths of triggers (`POST /{name}`) are kept closed to everyone but the host.
//!
//! # Routes
//!
//! The platform gives a function one route template and tries functions in the order of their names; the first that fits
//! wins. A function with several roots writes them as a constraint: `{root:regex(^(upload|documents)$)}/{*rest}`. The
//! same form carries a route that starts with `admin` past the platform's check, which looks at the text of the template.
//! [`check_manifests`] holds routes, methods, schedules and folders to the code; an application calls it in a test.
//!
//! # Example
//!
//! This text is compiled and its tests run with those of the runtime.
//!
//! ```ignore
#![doc = include_str!("example.rs")]
//! ```

mod check;
mod clock;
mod dispatch;
mod environment;
mod error;
#[cfg(test)]
mod example;
mod functions;
mod host_settings;
mod invocation;
mod local_queue;
mod manifest;
mod outcome;
mod pages;
mod queue_message;
mod request_body;
mod route;
mod route_table;
mod schedule;
mod serve;
mod server;
mod signals;
mod standalone;
#[cfg(test)]
mod testing;
mod timer_tick;
mod trace;
mod triggers;
mod wire;

pub use check::{Drift, check_manifests, function_for};
pub use clock::Clock;
pub use environment::{Environment, HANDLER_PORT, Mode, ServeLimits, SettingLookup};
pub use error::{BoxError, RuntimeError};
pub use functions::{Endpoint, Functions, HttpFunction};
pub use host_settings::{HostSettings, QueueSettings};
pub use invocation::Invocation;
pub use local_queue::{LocalMessage, LocalQueue};
pub use manifest::{AuthLevel, DataType, HttpTrigger, Manifest, ManifestError, QueueTrigger, TimerTrigger, Trigger};
pub use outcome::Outcome;
pub use pages::ErrorPages;
pub use queue_message::QueueMessage;
pub use route::RouteTemplate;
pub use schedule::Schedule;
pub use server::{Server, run, run_when_built, start};
pub use standalone::{Drained, Standalone};
pub use timer_tick::{ScheduleStatus, TimerTick};
pub use trace::{follow, trace_parent};
