//! The poll that keeps the link up, and what the hot tier may be used for.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Core, figures::Figures, sweep::Swept};
use crate::{
    domain::ConversationId,
    ports::{
        HotConversations, StoreError,
        conversations::Noted,
        error::StoreErrorKind,
        hot_conversations::{Incarnation, Lives},
    },
};

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

/// What makes a poll needless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unless {
    /// That another has just polled, for whom this one waited.
    Trusted,
    /// Nothing.
    Never,
}

/// What somebody wants the hot tier for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To write.
    Write,
    /// To read; copies of which nobody knows how old they are will do, if nothing better is to be had soon.
    ReadWhatThereIs,
    /// To read.
    Read,
}

/// Who takes copies of any age waits for so long to have others.
const SOON: Duration = Duration::from_millis(500);

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
    /// What the hot tier may be used for now. Keeps the link up while somebody asks.
    pub(super) async fn use_of_hot_tier(self: &Arc<Self>, purpose: Purpose) -> Use {
        let Some(hot) = &self.hot else { return Use::Nothing };
        self.keep_up(hot);
        if self.link.is_trusted() {
            return Use::Everything;
        }
        let is_degraded = self.link.is_degraded();
        // The first use, or the first for a while.
        let is_new = self.link.state().polled_at.is_none();
        match purpose {
            Purpose::Write if !is_degraded => return Use::Unverified,
            Purpose::ReadWhatThereIs if !is_degraded => self.poll_soon(hot).await,
            _ if is_new || !is_degraded => self.poll_if_needed(hot).await,
            _ => {}
        }
        match (self.link.is_trusted(), self.link.is_degraded()) {
            (true, _) => Use::Everything,
            (false, false) => Use::Unverified,
            (false, true) => Use::Nothing,
        }
    }

    async fn poll_if_needed(&self, hot: &Arc<dyn HotConversations>) {
        if let Err(error) = self.poll(hot, Unless::Trusted).await {
            tracing::debug!(%error, "the link of the conversations could not be polled");
        }
    }

    /// The same, not waited for to the end: it goes on by itself.
    async fn poll_soon(self: &Arc<Self>, hot: &Arc<dyn HotConversations>) {
        let (core, hot) = (Arc::clone(self), Arc::clone(hot));
        let poll = tokio::spawn(async move { core.poll_if_needed(&hot).await });
        // Whoever does not see it end goes on without.
        let _ = tokio::time::timeout(SOON, poll).await;
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
                if let Err(error) = self.sweep(LEFT_BEHIND_AFTER, None, &mut Swept::default()).await {
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
            let is_known = state.life.as_ref().is_some_and(|known| known.incarnation == life.incarnation);
            // What was journaled where the line led meanwhile is not journaled here.
            let is_new = !is_known || state.met.as_ref().is_some_and(|met| *met != life.incarnation);
            (is_new, state.degraded_since.is_some(), state.polled_at)
        };
        if is_new {
            // The second home of what waits, whether the database answers or not.
            let again = hot.journal_again(&self.queue.journaled()).await;
            let answered = again.inspect_err(|error| self.link.degrade(error))?;
            if self.was_elsewhere(&life.incarnation, &answered) {
                return Ok(());
            }
        }
        // Nothing may be read from it before the database knows of it: writers on another one leave notes from then on.
        if !self.enter(hot, &life.incarnation).await? {
            return Ok(());
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
            if self.was_elsewhere(&life.incarnation, &hot.forget(&ids).await?) {
                return Ok(false);
            }
            let again = is_new || was_degraded;
            let answered = if again { hot.journal_again(&self.queue.journaled()).await? } else { Lives::default() };
            Ok(!self.was_elsewhere(&life.incarnation, &answered))
        };
        if !follow.await.inspect_err(|error| self.link.degrade(error))? {
            return Ok(());
        }
        Figures::count(&self.figures.forgotten, ids.len());
        let followed: HashSet<i64> = notes.into_iter().map(|(number, _)| number).collect();
        while let Some(owed) = self.link.holds(&life, began, failures, &followed) {
            let owed: Vec<ConversationId> = owed.into_iter().collect();
            match hot.forget(&owed).await {
                Ok(answered) if self.was_elsewhere(&life.incarnation, &answered) => {
                    self.link.owes(&owed);
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => {
                    self.link.owes(&owed);
                    self.link.degrade(&error);
                    return Err(error);
                }
            }
        }
        self.set_aside(hot).await
    }

    async fn set_aside(&self, hot: &Arc<dyn HotConversations>) -> Result<(), StoreError> {
        loop {
            let Some(letter) = self.link.state().refused.first().cloned() else { return Ok(()) };
            match hot.set_aside(&letter).await {
                Ok(()) => {}
                Err(error) if error.kind == StoreErrorKind::Unavailable => {
                    self.link.degrade(&error);
                    return Err(error);
                }
                // It says nothing of the rest, and may be possible later.
                Err(error) => {
                    tracing::error!(%error, "a refused change is not set aside yet");
                    return Ok(());
                }
            }
            self.link.state().refused.retain(|other| *other != letter);
        }
    }

    /// Has the database know of this life as the last, from when on writers elsewhere leave notes. Copies from before may lack what they wrote:
    /// until somebody has dropped them all, whoever comes here does. `false` if another life answered meanwhile.
    async fn enter(&self, hot: &Arc<dyn HotConversations>, life: &Incarnation) -> Result<bool, StoreError> {
        let database = &self.stores.conversations;
        let number = match database.note_incarnation(life).await? {
            Noted::Last => return Ok(true),
            Noted::New(number) => number,
            Noted::Superseded(number) => {
                tracing::warn!("redis was superseded by another server and is used again; its copies are dropped");
                number
            }
        };
        let answered = hot.forget_all().await.inspect_err(|error| self.link.degrade(error))?;
        if self.was_elsewhere(life, &answered) {
            return Ok(false);
        }
        database.admit_incarnation(number).await?;
        Ok(true)
    }

    /// Whether the line led to another life for a moment: what was done there was not done here.
    fn was_elsewhere(&self, life: &Incarnation, answered: &Lives) -> bool {
        let other = answered.other_than(life);
        if let Some(other) = other {
            self.link.meets(other);
        }
        other.is_some()
    }
}
