//! `cleanup`: the timer that ends idle sessions, finishes interrupted removals and rings for jobs left behind.

use crate::{
    http::AppState,
    runtime::{Invocation, Outcome, TimerTick},
    services::cleanup::CleanupReport,
};

pub(super) async fn clean_up(state: AppState, _: TimerTick, _: Invocation) -> Outcome {
    let report = state.services.cleanup.run_scheduled().await;
    if report != CleanupReport::default() {
        tracing::info!(?report, "cleaned up");
    }
    if report.failed_steps == 0 { Outcome::Done } else { Outcome::fail("some steps failed; the log says why") }
}
