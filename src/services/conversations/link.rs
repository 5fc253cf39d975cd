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

use super::{Core, figures::Figures};
use crate::domain::ConversationId;
use crate::ports::{
    HotConversations, StoreError,
    conversations::Noted,
    hot_conversations::{Incarnation, Life},
};

/// A copy is believed for so long after the beginning of a poll that succeeded.
const TRUSTED_FOR: Duration = Duration::from_secs(2);

/// Notes are looked at so long after they were written: a transaction may take its time between writing one and its commit.
const OVERLAP: Duration = Duration::from_secs(30);

/// How much longer than copies are kept notes matter.
const BEYOND_COPIES: Duration = Duration::from_secs(300);

/// Polls go on for so long after the last use.
const IDLE_AFTER: Duration = Duration::from_secs(10);

/// How often a process that does without the hot tier looks for it.
const DEGRADED_POLL: Duration = Duration::from_millis(100);

/// For so long after a poll that failed nobody who is to be answered waits for another.
const POLL_PAUSE: Duration = Duration::from_millis(500);

/// Journals older than this belong to nobody who works on them.
pub(super) const LEFT_BEHIND_AFTER: Duration = Duration::from_millis(1500);

/// What this process knows of the hot tier.
#[derive(Debug, Default)]
pub(super) struct Link {
    state: Mutex<State>,
    /// One poll at a time.
    polling: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    life: Option<Life>,
    /// When it was lost, or the process began.
    degraded_since: Option<Instant>,
    degraded_before: Duration,
    polled_at: Option<Instant>,
    failed_at: Option<Instant>,
    /// Counts failures, so that a poll knows of one that came while it ran.
    failures: u64,
    /// Conversations that were written past the hot tier by this process, and that it could not be told to forget.
    unforgotten: BTreeSet<ConversationId>,
    /// The notes of the last poll, which need not be followed again.
    followed: HashSet<i64>,
    used_at: Instant,
    is_kept_up: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            life: None,
            degraded_since: Some(Instant::now()),
            degraded_before: Duration::ZERO,
            polled_at: None,
            failed_at: None,
            failures: 0,
            unforgotten: BTreeSet::new(),
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

    pub(super) fn is_trusted(&self) -> bool {
        let state = self.state();
        state.degraded_since.is_none() && state.polled_at.is_some_and(|at| at.elapsed() < TRUSTED_FOR)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What makes a poll needless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unless {
    /// That another has just polled, for whom this one waited.
    Trusted,
    /// Nothing.
    Never,
}

/// What the hot tier may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Nothing.
    Nothing,
    /// Writing; what it holds may be old.
    Unverified,
    /// Everything.
    Everything,
}

impl Core {
    /// What the hot tier may be used for now, for somebody who wants as much of it. Keeps the link up while somebody asks.
    pub(super) async fn use_of_hot_tier(self: &Arc<Self>, wanted: Use) -> Use {
        let Some(hot) = &self.hot else { return Use::Nothing };
        self.keep_up(hot);
        if self.link.is_trusted() {
            return Use::Everything;
        }
        let is_degraded = self.link.is_degraded();
        if wanted == Use::Unverified && !is_degraded {
            return Use::Unverified;
        }
        // The first use, or the first for a while.
        let is_new = self.link.state().polled_at.is_none();
        if (is_new || !is_degraded)
            && let Err(error) = self.poll(hot, Unless::Trusted).await
        {
            tracing::debug!(%error, "the link of the conversations could not be polled");
        }
        match (self.link.is_trusted(), self.link.is_degraded()) {
            (true, _) => Use::Everything,
            (false, false) => Use::Unverified,
            (false, true) => Use::Nothing,
        }
    }

    fn keep_up(self: &Arc<Self>, hot: &Arc<dyn HotConversations>) {
        let mut state = self.link.state();
        state.used_at = Instant::now();
        if !state.is_kept_up {
            state.is_kept_up = true;
            tokio::spawn(Arc::clone(self).stay_linked(Arc::clone(hot)));
        }
    }

    /// Polls and sweeps for as long as this process serves.
    async fn stay_linked(self: Arc<Self>, hot: Arc<dyn HotConversations>) {
        let mut swept_at = Instant::now();
        loop {
            let pause = if self.link.is_degraded() { DEGRADED_POLL } else { self.policy.history.poll };
            tokio::time::sleep(pause).await;
            if let Err(error) = self.poll(&hot, Unless::Never).await {
                tracing::debug!(%error, "the link of the conversations could not be polled");
            }
            if swept_at.elapsed() >= self.policy.history.poll.min(LEFT_BEHIND_AFTER) {
                swept_at = Instant::now();
                if let Err(error) = self.sweep(LEFT_BEHIND_AFTER).await {
                    tracing::debug!(%error, "journals of others could not be swept");
                }
            }
            let mut state = self.link.state();
            if state.used_at.elapsed() > IDLE_AFTER && self.queue.backlog().0 == 0 {
                state.is_kept_up = false;
                return;
            }
        }
    }

    /// Learns the life of the hot tier and follows the notes. Whatever fails, what was known before stays.
    pub(super) async fn poll(&self, hot: &Arc<dyn HotConversations>, unless: Unless) -> Result<(), StoreError> {
        let _alone = self.link.polling.lock().await;
        if unless == Unless::Trusted {
            let has_failed = self.link.state().failed_at.is_some_and(|at| at.elapsed() < POLL_PAUSE);
            if has_failed || self.link.is_trusted() {
                return Ok(());
            }
        }
        let polled = self.poll_now(hot).await;
        self.link.state().failed_at = polled.is_err().then(Instant::now);
        polled
    }

    async fn poll_now(&self, hot: &Arc<dyn HotConversations>) -> Result<(), StoreError> {
        let began = Instant::now();
        let failures = self.link.state().failures;
        let life = hot.life().await.inspect_err(|error| self.link.degrade(error))?;
        let (is_new, was_degraded, last) = {
            let state = self.link.state();
            let is_new = state.life.as_ref().map(|known| &known.incarnation) != Some(&life.incarnation);
            (is_new, state.degraded_since.is_some(), state.polled_at)
        };
        if is_new {
            // The second home of what waits, whether the database answers or not.
            let again = hot.journal_again(&self.queue.journaled()).await;
            again.inspect_err(|error| self.link.degrade(error))?;
        }
        // Nothing may be read from it before the database knows of it: writers on another one leave notes from then on.
        if self.stores.conversations.note_incarnation(&life.incarnation).await? == Noted::Superseded {
            tracing::warn!("redis was superseded by another server and is used again; its copies are dropped");
            hot.forget_all().await.inspect_err(|error| self.link.degrade(error))?;
        }
        let everything = self.policy.history.keep_copies + BEYOND_COPIES;
        let since = last.filter(|_| !is_new && !was_degraded).map_or(everything, |last| last.elapsed() + OVERLAP);
        let notes = self.stores.conversations.forgettable(since.min(everything)).await?;
        let ids: Vec<_> = {
            let state = self.link.state();
            let is_followed = |number| !is_new && !was_degraded && state.followed.contains(&number);
            notes.iter().filter(|(number, _)| !is_followed(*number)).map(|(_, id)| *id).collect()
        };
        let follow = async {
            hot.forget(&ids).await?;
            if was_degraded { hot.journal_again(&self.queue.journaled()).await } else { Ok(()) }
        };
        follow.await.inspect_err(|error| self.link.degrade(error))?;
        Figures::count(&self.figures.forgotten, ids.len());
        let followed: HashSet<i64> = notes.into_iter().map(|(number, _)| number).collect();
        while let Some(owed) = self.link_holds(&life, began, failures, &followed) {
            let owed: Vec<ConversationId> = owed.into_iter().collect();
            if let Err(error) = hot.forget(&owed).await {
                self.link.owes(&owed);
                self.link.degrade(&error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// The link is up from now on; unless something was written past the hot tier meanwhile, which is to be forgotten first.
    fn link_holds(
        &self,
        life: &Life,
        began: Instant,
        failures: u64,
        followed: &HashSet<i64>,
    ) -> Option<BTreeSet<ConversationId>> {
        let mut state = self.link.state();
        if !state.unforgotten.is_empty() {
            return Some(std::mem::take(&mut state.unforgotten));
        }
        if state.failures != failures {
            // A call failed while this poll ran: what was written past then may be newer than the notes that were followed.
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
}
