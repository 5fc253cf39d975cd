//! `writeback`: the timer that will sweep conversations out of the hot cache. Today every write goes to the database at once, so there is never
//! anything to sweep; the function holds the schedule.

use crate::{
    http::AppState,
    runtime::{Invocation, Outcome, TimerTick},
};

pub(super) async fn write_back(_: AppState, _: TimerTick, _: Invocation) -> Outcome {
    Outcome::Done
}
