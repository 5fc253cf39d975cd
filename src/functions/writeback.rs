//! `writeback`: the timer that writes to the database what a process left in the hot tier when it ended.

use crate::{
    http::AppState,
    runtime::{Invocation, Outcome, TimerTick},
};

pub(super) async fn write_back(state: AppState, _: TimerTick, _: Invocation) -> Outcome {
    match state.services.conversations.write_back().await {
        Ok(0) => Outcome::Done,
        Ok(conversations) => {
            tracing::info!(conversations, "wrote back what was left behind");
            Outcome::Done
        }
        Err(error) => {
            tracing::error!(%error, "conversations could not be written back");
            Outcome::fail("conversations could not be written back; the log says why")
        }
    }
}
