//! What happens when things go wrong: killed processes, bursts, many sessions.

mod answers;
mod answers_elsewhere;
mod blob;
mod burst;
mod first_start;
mod history;
mod kill;
mod many_sessions;
mod postgres;
mod postgres_work;
mod redis;
mod stop;
mod vectors;
