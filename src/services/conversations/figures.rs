//! What the history does, counted.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use super::read::Origin;

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub(super) struct Figures {
    hits_process: AtomicU64,
    hits_shared: AtomicU64,
    misses: AtomicU64,
    joins: AtomicU64,
    joined_changes: AtomicU64,
    join_micros: AtomicU64,
    pub(super) swept: AtomicU64,
    pub(super) past: AtomicU64,
    pub(super) forgotten: AtomicU64,
    refused: AtomicU64,
    database_is_away: AtomicBool,
}

impl Figures {
    pub(super) fn count(counter: &AtomicU64, by: usize) {
        counter.fetch_add(by as u64, Relaxed);
    }

    pub(super) fn read(&self, origin: Origin) {
        let counter = match origin {
            Origin::Process => &self.hits_process,
            Origin::HotTier => &self.hits_shared,
            Origin::Database => &self.misses,
        };
        Self::count(counter, 1);
    }

    pub(super) fn joined(&self, changes: usize, took: Duration) {
        self.joins.fetch_add(1, Relaxed);
        self.joined_changes.fetch_add(changes as u64, Relaxed);
        self.join_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Whether it was away before.
    pub(super) fn database_went_away(&self) -> bool {
        self.database_is_away.swap(true, Relaxed)
    }

    pub(super) fn database_came_back(&self) {
        if self.database_is_away.swap(false, Relaxed) {
            tracing::info!("conversations are written to the database again");
        }
    }

    pub(super) fn database_is_away(&self) -> bool {
        self.database_is_away.load(Relaxed)
    }

    pub(super) fn now(&self) -> Counts {
        Counts {
            hits_process: self.hits_process.load(Relaxed),
            hits_shared: self.hits_shared.load(Relaxed),
            misses: self.misses.load(Relaxed),
            joins: self.joins.load(Relaxed),
            joined_changes: self.joined_changes.load(Relaxed),
            join_time: Duration::from_micros(self.join_micros.load(Relaxed)),
            swept: self.swept.load(Relaxed),
            past_hot_tier: self.past.load(Relaxed),
            forgotten: self.forgotten.load(Relaxed),
            refused: self.refused.load(Relaxed),
        }
    }
}

/// What the history did since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reads answered from the copy of this process, which the hot tier said was the same.
    pub hits_process: u64,
    /// Reads answered from the hot tier.
    pub hits_shared: u64,
    /// Reads of the database.
    pub misses: u64,
    /// Transactions that joined changes.
    pub joins: u64,
    /// Changes in them.
    pub joined_changes: u64,
    /// The time they took together.
    pub join_time: Duration,
    /// Conversations whose journal was swept.
    pub swept: u64,
    /// Writes past the hot tier.
    pub past_hot_tier: u64,
    /// Copies that were forgotten because another instance wrote past the hot tier.
    pub forgotten: u64,
    /// Changes that the database refused.
    pub refused: u64,
}

impl Counts {
    /// Reads, of 100, that the database did not have to answer; `None` before the first.
    #[must_use]
    pub fn hit_percent(&self) -> Option<f64> {
        let hits = self.hits_process + self.hits_shared;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let percent = || 100.0 * hits as f64 / (hits + self.misses) as f64;
        (hits + self.misses > 0).then(percent)
    }
}
