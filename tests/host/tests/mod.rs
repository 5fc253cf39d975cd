//! The emulator against its description: captured shapes in `tests/data/host`, and handlers that misbehave.

mod answers;
mod attached;
mod crashes;
mod discovery;
mod envelopes;
mod fake_handler;
mod fixtures;
mod flex;
mod forward;
mod front;
mod proxy;
mod queue;
mod raw_handler;
mod restart;
mod support;
mod timer;
