//! The poll that keeps the link up, and what the hot tier may be used for.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Core, figures::Figures};
use crate::{
    domain::ConversationId,
    ports::{HotConversations, StoreError, conversations::Noted, hot_conversations::Incarnation},
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
                if let Err(error) = self.sweep(LEFT_BEHIND_AFTER, None).await {
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
            again.inspect_err(|error| self.link.degrade(error))?;
        }
        // Nothing may be read from it before the database knows of it: writers on another one leave notes from then on.
        self.enter(hot, &life.incarnation).await?;
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
            if is_new || was_degraded { hot.journal_again(&self.queue.journaled()).await } else { Ok(()) }
        };
        follow.await.inspect_err(|error| self.link.degrade(error))?;
        Figures::count(&self.figures.forgotten, ids.len());
        let followed: HashSet<i64> = notes.into_iter().map(|(number, _)| number).collect();
        while let Some(owed) = self.link.holds(&life, began, failures, &followed) {
            let owed: Vec<ConversationId> = owed.into_iter().collect();
            if let Err(error) = hot.forget(&owed).await {
                self.link.owes(&owed);
                self.link.degrade(&error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Has the database know of this life as the last, from when on writers elsewhere leave notes. Copies from before may lack what they wrote:
    /// until somebody has dropped them all, whoever comes here does.
    async fn enter(&self, hot: &Arc<dyn HotConversations>, life: &Incarnation) -> Result<(), StoreError> {
        let database = &self.stores.conversations;
        let number = match database.note_incarnation(life).await? {
            Noted::Last => return Ok(()),
            Noted::New(number) => number,
            Noted::Superseded(number) => {
                tracing::warn!("redis was superseded by another server and is used again; its copies are dropped");
                number
            }
        };
        hot.forget_all().await.inspect_err(|error| self.link.degrade(error))?;
        database.admit_incarnation(number).await
    }
}
