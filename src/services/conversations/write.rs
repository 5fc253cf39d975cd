//! Writing: to the journal and the queue, or past the hot tier straight to the database.

use std::sync::Arc;

use super::{
    ConversationError, Core, Durability,
    figures::Figures,
    pending::{Told, Way},
    poll::{Purpose, Use},
    read::{COPY_BYTES_AT_MOST, Freshness},
};
use crate::{
    domain::{
        ConversationId,
        conversation::{Change, Entry, Register, Revision},
    },
    ports::{
        StoreError,
        conversations::Joined,
        error::StoreErrorKind,
        hot_conversations::{Incarnation, LookUp, Written},
    },
    services::policy::Acknowledgement,
};

/// How often a writer fills in a copy that is gone when it wants to write.
const FILLS: usize = 3;

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is kept.
    Kept(Durability),
    /// There is no such conversation, or none of this person.
    NotThere,
    /// A register holds something greater, of this revision.
    Behind(Revision),
    /// The message is there and says this.
    Exists(Entry),
}

impl Core {
    /// Writes changes of one conversation, all or none. With `makes_it` it need not be there.
    pub(super) async fn write(
        self: &Arc<Self>,
        changes: Vec<Change>,
        makes_it: bool,
        wanted: Acknowledgement,
    ) -> Result<Outcome, ConversationError> {
        if changes.first().is_some_and(|first| first.conversation.is_temporary()) {
            return self.write_temporary(&changes).await;
        }
        let history = &self.policy.history;
        if !self.queue.has_room(history.changes_waiting, history.bytes_waiting) {
            return Err(ConversationError::Busy);
        }
        let will_wait = wanted == Acknowledgement::Durable || !self.link.keeps_journal();
        let coming = will_wait.then(|| self.queue.coming());
        let written = self.to_hot_tier(&changes, makes_it).await?;
        drop(coming);
        match written {
            HotWrite::Ended(outcome) => Ok(outcome),
            HotWrite::Journaled(way) => self.await_journaled(changes, &way, wanted).await,
            HotWrite::Past => {
                Figures::count(&self.figures.past, 1);
                self.await_database(changes, &Way::Past { makes_it }).await
            }
        }
    }

    async fn to_hot_tier(self: &Arc<Self>, changes: &[Change], makes_it: bool) -> Result<HotWrite, StoreError> {
        let may_use = self.use_of_hot_tier(Purpose::Write).await;
        let (Some(hot), Some(first)) = (self.hot.as_ref().filter(|_| may_use != Use::Nothing), changes.first()) else {
            return Ok(HotWrite::Past);
        };
        for _ in 0..FILLS {
            let written = match first.register {
                Register::Tombstone => hot.end(first).await,
                _ if makes_it => match hot.look_up(first.conversation, None).await {
                    Ok(LookUp::Missing { lease, .. }) => hot.write(changes, Some(&lease)).await,
                    Ok(_) => hot.write(changes, None).await,
                    Err(error) => Err(error),
                },
                _ => hot.write(changes, None).await,
            };
            match written {
                Ok(Written::Kept { incarnation, tag }) => {
                    self.copies.advance(changes, &incarnation, tag);
                    return Ok(HotWrite::Journaled(Way::Journaled(incarnation)));
                }
                Ok(Written::NoCopy) if makes_it => {}
                Ok(Written::NoCopy) => match self.load(first.conversation, None, Freshness::AsCached).await? {
                    None => return Ok(HotWrite::Ended(Outcome::NotThere)),
                    // No copy is made of so much.
                    Some(loaded) if loaded.state.bytes() > COPY_BYTES_AT_MOST => return Ok(HotWrite::Past),
                    Some(_) => {}
                },
                Ok(Written::Gone | Written::Forbidden) => return Ok(HotWrite::Ended(Outcome::NotThere)),
                Ok(Written::Behind(revision)) => return Ok(HotWrite::Ended(Outcome::Behind(revision))),
                Ok(Written::Exists(entry)) => return Ok(HotWrite::Ended(Outcome::Exists(entry))),
                // Its memory is full; that says nothing about reading.
                Err(error) if error.kind == StoreErrorKind::Full => return Ok(HotWrite::Past),
                Err(error) => {
                    self.link.degrade(&error);
                    return Ok(HotWrite::Past);
                }
            }
        }
        // It is evicted as fast as it is filled in.
        Ok(HotWrite::Past)
    }

    async fn await_journaled(
        self: &Arc<Self>,
        changes: Vec<Change>,
        way: &Way,
        wanted: Acknowledgement,
    ) -> Result<Outcome, ConversationError> {
        let met = self.another_life(way);
        if let Some(life) = met {
            self.link.meets(life);
        }
        let again = met.map(|_| changes.clone());
        let is_awaited = wanted == Acknowledgement::Durable || !self.link.keeps_journal() || met.is_some();
        let (_, told) = self.queue.take_on(changes, way, is_awaited);
        self.drain();
        if let (Some(hot), Some(again)) = (&self.hot, again) {
            // The server changed between its answer and the queue, so nobody has journaled it again.
            if let Err(error) = hot.journal_again(&again).await {
                self.link.degrade(&error);
            }
        }
        // A journal counts that sweepers look for: in the life that is known.
        let two_homes = || self.another_life(way).is_none() && self.link.keeps_journal() && !self.link.is_degraded();
        if two_homes() && (wanted == Acknowledgement::Fast || self.figures.database_is_away()) {
            return Ok(Outcome::Kept(Durability::Journaled));
        }
        match tokio::time::timeout(self.policy.history.wait, told).await {
            Ok(Ok(Told::Joined(joined))) => outcome(joined),
            Ok(Ok(Told::Refused(why))) => Err(ConversationError::Refused(why)),
            // Two homes, as long as the journal is one.
            Ok(Ok(Told::Journaled) | Err(_)) | Err(_) if two_homes() => Ok(Outcome::Kept(Durability::Journaled)),
            Ok(Ok(Told::Journaled) | Err(_)) | Err(_) => Err(ConversationError::Unknown),
        }
    }

    /// The life in which it is journaled, if that is not the one known.
    fn another_life<'w>(&self, way: &'w Way) -> Option<&'w Incarnation> {
        match way {
            Way::Journaled(life) if self.link.incarnation().as_ref() != Some(life) => Some(life),
            _ => None,
        }
    }

    /// Has it that what was found in the copy is in the database: whoever wrote it may have ended before that.
    pub(super) async fn confirm(
        self: &Arc<Self>,
        change: Change,
        wanted: Acknowledgement,
    ) -> Result<Outcome, ConversationError> {
        if let (Some(hot), Some(life), false) = (&self.hot, self.link.incarnation(), self.link.is_degraded()) {
            // Its journal may be that of another life by now.
            match hot.journal_again(std::slice::from_ref(&change)).await {
                Ok(answered) if answered.other_than(&life).is_none() => {
                    return self.await_journaled(vec![change], &Way::Journaled(life), wanted).await;
                }
                Ok(_) => {}
                Err(error) => self.link.degrade(&error),
            }
        }
        self.await_database(vec![change], &Way::Past { makes_it: false }).await
    }

    async fn await_database(self: &Arc<Self>, changes: Vec<Change>, way: &Way) -> Result<Outcome, ConversationError> {
        let Some(id) = changes.first().map(|change| change.conversation) else { return Ok(Outcome::NotThere) };
        let (numbers, told) = self.queue.take_on(changes, way, true);
        self.drain();
        match tokio::time::timeout(self.policy.history.wait, told).await {
            Ok(Ok(Told::Joined(Joined::Unknown))) => Err(self.unknown_to_the_database(id).await),
            Ok(Ok(Told::Joined(joined))) => outcome(joined),
            Ok(Ok(Told::Refused(why))) => Err(ConversationError::Refused(why)),
            Ok(Ok(Told::Journaled) | Err(_)) | Err(_) => {
                self.queue.withdraw(&numbers);
                Err(ConversationError::Unknown)
            }
        }
    }

    /// The database does not have it; a journal that cannot be reached may.
    async fn unknown_to_the_database(&self, id: ConversationId) -> ConversationError {
        match &self.hot {
            None => ConversationError::NotFound,
            Some(hot) => match hot.journals(&[id]).await {
                Ok(journals) if journals.is_empty() => ConversationError::NotFound,
                _ => ConversationError::Unknown,
            },
        }
    }
}

/// How a write to the hot tier went.
enum HotWrite {
    /// The writer can be told.
    Ended(Outcome),
    /// It is in the journal.
    Journaled(Way),
    /// It has to go past it.
    Past,
}

fn outcome(joined: Joined) -> Result<Outcome, ConversationError> {
    match joined {
        Joined::Kept => Ok(Outcome::Kept(Durability::Durable)),
        Joined::Gone | Joined::Forbidden => Ok(Outcome::NotThere),
        Joined::Behind(revision) => Ok(Outcome::Behind(revision)),
        Joined::Unknown => Err(ConversationError::NotFound),
    }
}
