//! What happens when things go wrong: killed processes, many sessions.

mod kill;
mod many_sessions;
