//! `writeback`: the timer that writes to the database what a process left in the hot tier when it ended, and tells how it stands.

use crate::{
    http::AppState,
    runtime::{Invocation, Outcome, TimerTick},
    services::conversations::{Counts, HistoryBacklog},
};

pub(super) async fn write_back(state: AppState, _: TimerTick, _: Invocation) -> Outcome {
    let conversations = &state.services.conversations;
    let written = conversations.write_back().await;
    Standing::of(&conversations.backlog().await, &conversations.counts()).tell();
    match written {
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

/// What is left now, and how the hot tier does: for alerts, since the journal is all instances' and this timer runs on one of them. Without a
/// hot tier, or if it does not answer, nothing is known of the journal.
#[derive(Debug, PartialEq)]
struct Standing {
    journaled: Option<u64>,
    oldest_ms: Option<u64>,
    dead_letters: Option<u64>,
    hit_percent: Option<f64>,
    memory_percent: Option<f64>,
}

impl Standing {
    fn of(backlog: &HistoryBacklog, counts: &Counts) -> Self {
        let journal = backlog.journal;
        Self {
            journaled: journal.map(|journal| journal.conversations),
            oldest_ms: journal.map(|journal| u64::try_from(journal.oldest.as_millis()).unwrap_or(u64::MAX)),
            dead_letters: journal.map(|journal| journal.dead_letters),
            hit_percent: counts.hit_percent().map(tenths),
            memory_percent: journal.and_then(|journal| percent(journal.bytes, journal.bytes_at_most)),
        }
    }

    /// What is not known is left out of the line.
    fn tell(&self) {
        let Self { journaled, oldest_ms, dead_letters, hit_percent, memory_percent } = *self;
        tracing::info!(journaled, oldest_ms, dead_letters, hit_percent, memory_percent, "looked after conversations");
    }
}

/// `None` if nobody has said how much there may be.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn percent(bytes: u64, at_most: u64) -> Option<f64> {
    (at_most > 0).then(|| tenths(100.0 * bytes as f64 / at_most as f64))
}

fn tenths(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::{Value, json};

    use super::*;
    use crate::services::conversations::Backlog;

    /// The line as the Functions host gets it, without its time.
    fn line(standing: &Standing) -> Value {
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = Arc::new(file.reopen().unwrap());
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_target(false).with_writer(written);
        tracing::subscriber::with_default(log.finish(), || standing.tell());
        let mut line: Value = serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap();
        line.as_object_mut().unwrap().remove("timestamp");
        line
    }

    #[test]
    fn the_line_has_a_number_for_all_that_is_known() {
        let known = Standing {
            journaled: Some(3),
            oldest_ms: Some(1_500),
            dead_letters: Some(0),
            hit_percent: Some(66.7),
            memory_percent: None,
        };
        let said = json!({
            "level": "INFO", "message": "looked after conversations",
            "journaled": 3, "oldest_ms": 1500, "dead_letters": 0, "hit_percent": 66.7
        });
        assert_eq!(line(&known), said);
    }

    #[test]
    fn what_is_left_is_told_in_the_units_of_the_fields() {
        let journal = Backlog {
            conversations: 3,
            oldest: Duration::from_millis(1_500),
            dead_letters: 1,
            bytes: 1 << 20,
            bytes_at_most: 3 << 20,
        };
        let backlog =
            |journal| HistoryBacklog { changes: 0, oldest: Duration::ZERO, journal, degraded: Duration::ZERO };
        let counts = Counts { hits_process: 1, hits_shared: 1, misses: 1, ..Counts::default() };
        let expected = Standing {
            journaled: Some(3),
            oldest_ms: Some(1_500),
            dead_letters: Some(1),
            hit_percent: Some(66.7),
            memory_percent: Some(33.3),
        };
        assert_eq!(Standing::of(&backlog(Some(journal)), &counts), expected);
        let unlimited = Backlog { bytes_at_most: 0, ..journal };
        assert_eq!(Standing::of(&backlog(Some(unlimited)), &counts).memory_percent, None);
        let nothing =
            Standing { journaled: None, oldest_ms: None, dead_letters: None, hit_percent: None, memory_percent: None };
        assert_eq!(Standing::of(&backlog(None), &Counts::default()), nothing);
    }
}
