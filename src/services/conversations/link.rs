//! The link between hot tier and database: which life of the tier this is, and what was written past it.
//!
//! While this process serves, it polls. What it polls keeps copies honest: writers that cannot reach the hot tier leave a note in the
//! database, and whoever can reach it has the copy forgotten. So a process that cannot poll does not know whether a copy is current, and
//! after [`TRUSTED_FOR`] does not believe it.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    domain::ConversationId,
    ports::{
        StoreError,
        hot_conversations::{DeadLetter, Incarnation, Life},
    },
};

/// A copy is believed for so long after the beginning of a poll that succeeded.
const TRUSTED_FOR: Duration = Duration::from_secs(2);

/// What this process knows of the hot tier.
#[derive(Debug, Default)]
pub(super) struct Link {
    state: Mutex<State>,
    /// One poll at a time.
    pub(super) polling: tokio::sync::Mutex<()>,
}

/// What this process knows of the hot tier, and when it was learned.
#[derive(Debug)]
pub(super) struct State {
    pub(super) life: Option<Life>,
    /// When it was lost, or the process began.
    pub(super) degraded_since: Option<Instant>,
    pub(super) degraded_before: Duration,
    pub(super) polled_at: Option<Instant>,
    pub(super) failed_at: Option<Instant>,
    /// The life that a call met in the place of the one known, since the last poll.
    pub(super) met: Option<Incarnation>,
    /// Counts failures, so that a poll knows of one that came while it ran.
    pub(super) failures: u64,
    /// Conversations that were written past the hot tier by this process, and that it could not be told to forget.
    pub(super) unforgotten: BTreeSet<ConversationId>,
    /// What the database refused and the hot tier could not be given to set aside.
    pub(super) refused: Vec<DeadLetter>,
    /// The notes of the last poll, which need not be followed again.
    pub(super) followed: HashSet<i64>,
    pub(super) used_at: Instant,
    pub(super) is_kept_up: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            life: None,
            degraded_since: Some(Instant::now()),
            degraded_before: Duration::ZERO,
            polled_at: None,
            failed_at: None,
            met: None,
            failures: 0,
            unforgotten: BTreeSet::new(),
            refused: Vec::new(),
            followed: HashSet::new(),
            used_at: Instant::now(),
            is_kept_up: false,
        }
    }
}

impl Link {
    /// Whether the hot tier is left alone: until it was polled, and from the first failure to the next poll.
    pub(super) fn is_degraded(&self) -> bool {
        self.state().degraded_since.is_some()
    }

    /// The life that the database knows of.
    pub(super) fn incarnation(&self) -> Option<Incarnation> {
        self.state().life.as_ref().map(|life| Arc::clone(&life.incarnation))
    }

    /// Whether the journal can be relied on.
    pub(super) fn keeps_journal(&self) -> bool {
        self.state().life.as_ref().is_some_and(|life| life.keeps_journal)
    }

    /// A call of the hot tier failed.
    pub(super) fn degrade(&self, error: &StoreError) {
        let mut state = self.state();
        state.failures += 1;
        if state.degraded_since.is_none() {
            tracing::warn!(%error, "conversations go on without the hot tier");
            state.degraded_since = Some(Instant::now());
        }
    }

    /// How long this process has done without the hot tier, all in all.
    pub(super) fn degraded_for(&self) -> Duration {
        let state = self.state();
        state.degraded_before + state.degraded_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// What was written past the hot tier: to be forgotten before it is used again. `false` if it is in use: then the caller does that.
    pub(super) fn owes(&self, ids: &[ConversationId]) -> bool {
        let mut state = self.state();
        let is_degraded = state.degraded_since.is_some();
        if is_degraded {
            state.unforgotten.extend(ids);
        }
        is_degraded
    }

    /// A call was answered by this life. If it is not the one known, copies of that one, should they come back, do not have what is written
    /// meanwhile: none is believed before the next poll.
    pub(super) fn meets(&self, life: &Incarnation) {
        let mut state = self.state();
        if state.life.as_ref().is_some_and(|known| known.incarnation == *life) {
            return;
        }
        state.met = Some(Arc::clone(life));
        state.polled_at = None;
    }

    pub(super) fn is_trusted(&self) -> bool {
        let state = self.state();
        state.degraded_since.is_none() && state.polled_at.is_some_and(|at| at.elapsed() < TRUSTED_FOR)
    }

    /// The link is up from now on; unless something was written past the hot tier meanwhile, which is to be forgotten first.
    pub(super) fn holds(
        &self,
        life: &Life,
        began: Instant,
        failures: u64,
        followed: &HashSet<i64>,
    ) -> Option<BTreeSet<ConversationId>> {
        let mut state = self.state();
        if !state.unforgotten.is_empty() {
            return Some(std::mem::take(&mut state.unforgotten));
        }
        if state.failures != failures {
            // A call failed while this poll ran: what was written past then may be newer than the notes that were followed.
            return None;
        }
        if state.met.take().is_some_and(|met| met != life.incarnation) {
            // Met while this poll ran, and not what it was told.
            return None;
        }
        let life = life.clone();
        if !life.keeps_journal && state.life.as_ref() != Some(&life) {
            tracing::error!(
                "redis may remove what has no time to live: set maxmemory-policy to volatile-lru or noeviction; \
                 until then every write of a conversation waits for the database"
            );
        }
        if let Some(since) = state.degraded_since.take() {
            state.degraded_before += since.elapsed();
            if state.life.is_some() {
                tracing::info!("conversations use the hot tier again");
            }
        }
        state.life = Some(life);
        state.polled_at = Some(began);
        state.followed.clone_from(followed);
        None
    }

    /// Of which the lock is held only for a moment.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
