//! Reading: the copy of this process if the hot tier says that it is the same, else the copy of the hot tier, else the database.

use std::sync::Arc;

use super::{
    Core,
    copies::OwnCopy,
    pending::Pending,
    poll::{Purpose, Use},
};
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Register, State},
    },
    ports::{HotConversations, StoreError, conversations::Stored, error::StoreErrorKind, hot_conversations::LookUp},
};

/// A conversation as it was read. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loaded {
    pub(super) owner: UserId,
    pub(super) state: Arc<State>,
}

impl From<Stored> for Loaded {
    fn from(stored: Stored) -> Self {
        Self { owner: stored.owner, state: stored.state.into() }
    }
}

/// How old what is read may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Two seconds at most, also when stores cannot reach each other.
    Verified,
    /// As old as a copy may be while the database is away: half an hour, if others write past the hot tier.
    AsCached,
}

/// Copies with more bytes are not kept in the hot tier, nor here: reading them would hold up the calls of others.
pub(super) const COPY_BYTES_AT_MOST: usize = 8 << 20;

/// How a look in the hot tier went.
enum HotOutcome {
    Found(Option<Loaded>, Origin),
    /// It cannot be used.
    Away(StoreError),
}

/// Where a conversation was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The copy of this process, which the hot tier says is the same.
    Process,
    /// The copy of the hot tier.
    HotTier,
    /// The database.
    Database,
}

impl Core {
    /// The conversation, deleted or not, with what this process has written to it; `None` if there never was one. With `seen`, the reader has
    /// seen that message: a copy without it is not taken.
    pub(super) async fn load(
        self: &Arc<Self>,
        id: ConversationId,
        seen: Option<MessageId>,
        freshness: Freshness,
    ) -> Result<Option<Loaded>, StoreError> {
        if id.is_temporary() {
            return self.load_temporary(id).await;
        }
        let purpose = if freshness == Freshness::Verified { Purpose::Read } else { Purpose::ReadWhatThereIs };
        let may_use = self.use_of_hot_tier(purpose).await;
        let is_wanted = may_use == Use::Everything || (may_use == Use::Unverified && freshness == Freshness::AsCached);
        // Before and after: what is joined while the database is read is in neither alone.
        let own = self.queue.waiting_for(id);
        let found = match self.hot.as_ref().filter(|_| is_wanted) {
            Some(hot) => match self.read_hot_tier(hot, id, seen).await? {
                // The look-up took its time.
                HotOutcome::Found(..) if freshness == Freshness::Verified && !self.link.is_trusted() => None,
                HotOutcome::Found(found, origin) => Some((found, origin)),
                HotOutcome::Away(error) => {
                    // That its memory is full, or that a copy is damaged, says nothing of the others.
                    if error.kind == StoreErrorKind::Unavailable {
                        self.link.degrade(&error);
                    }
                    None
                }
            },
            None => None,
        };
        let (stored, origin) = match found {
            Some(found) => found,
            None => (self.read_database(id).await?, Origin::Database),
        };
        self.figures.read(origin);
        Ok(self.with_own(id, stored, own))
    }

    fn with_own(&self, id: ConversationId, stored: Option<Loaded>, mut own: Vec<Arc<Pending>>) -> Option<Loaded> {
        own.extend(self.queue.waiting_for(id));
        let Some(writer) = own.first().map(|pending| pending.change.owner) else { return stored };
        let owner = stored.as_ref().map_or(writer, |stored| stored.owner);
        let mut state = stored.map(|stored| Arc::unwrap_or_clone(stored.state)).unwrap_or_default();
        for pending in own.iter().filter(|pending| pending.change.owner == owner) {
            state.put(pending.change.register, pending.change.entry.clone());
        }
        Some(Loaded { owner, state: state.into() })
    }

    async fn read_database(&self, id: ConversationId) -> Result<Option<Loaded>, StoreError> {
        Ok(self.stores.conversations.read(id).await?.map(Loaded::from))
    }

    /// An error is one of the database.
    async fn read_hot_tier(
        &self,
        hot: &Arc<dyn HotConversations>,
        id: ConversationId,
        seen: Option<MessageId>,
    ) -> Result<HotOutcome, StoreError> {
        let lacks_seen = |loaded: &Loaded| {
            seen.is_some_and(|seen| !loaded.state.is_deleted() && loaded.state.get(Register::Message(seen)).is_none())
        };
        let own = self.copies.get(id);
        let mut known = own.as_ref().map(|copy| &copy.tag);
        for _ in 0..2 {
            let (lease, journal) = match hot.look_up(id, known).await {
                Err(error) => return Ok(HotOutcome::Away(error)),
                Ok(LookUp::Unchanged) => {
                    let is_of_now = |copy: &&OwnCopy| self.link.incarnation().as_ref() == Some(&copy.incarnation);
                    let Some(copy) = own.as_ref().filter(is_of_now).filter(|copy| !lacks_seen(&copy.loaded)) else {
                        known = None;
                        continue;
                    };
                    return Ok(HotOutcome::Found(Some(copy.loaded.clone()), Origin::Process));
                }
                Ok(LookUp::Found { incarnation, tag, owner, state }) => {
                    let loaded = Loaded { owner, state: state.into() };
                    // A life that the database does not know of yet.
                    if self.link.incarnation().as_ref() != Some(&incarnation) {
                        self.link.meets(&incarnation);
                        return Ok(HotOutcome::Found(self.read_database(id).await?, Origin::Database));
                    }
                    if !lacks_seen(&loaded) {
                        self.copies.put(id, OwnCopy { incarnation, tag, loaded: loaded.clone() });
                        return Ok(HotOutcome::Found(Some(loaded), Origin::HotTier));
                    }
                    if let Err(error) = hot.forget(&[id]).await {
                        return Ok(HotOutcome::Away(error));
                    }
                    known = None;
                    continue;
                }
                Ok(LookUp::Missing { lease, journal }) => (lease, journal),
            };
            // Before and after: who reads the database while the life changes may miss what was written in another.
            let is_of_now = || self.link.incarnation().as_ref() == Some(&lease.incarnation);
            let may_fill = is_of_now();
            self.link.meets(&lease.incarnation);
            let stored = self.read_database(id).await?;
            let Some(owner) = stored.as_ref().map(|stored| stored.owner).or(journal.owner) else {
                return Ok(HotOutcome::Found(None, Origin::Database));
            };
            let mut state = stored.map(|stored| Arc::unwrap_or_clone(stored.state)).unwrap_or_default();
            if journal.owner == Some(owner) {
                state.join(journal.state);
            }
            let loaded = Loaded { owner, state: state.into() };
            let is_small = loaded.state.bytes() <= COPY_BYTES_AT_MOST;
            if is_small && may_fill && is_of_now() {
                match hot.fill(id, &lease, owner, &loaded.state).await {
                    Ok(Some(tag)) => {
                        let incarnation = Arc::clone(&lease.incarnation);
                        self.copies.put(id, OwnCopy { incarnation, tag, loaded: loaded.clone() });
                    }
                    Ok(None) => {}
                    // What was read is right all the same.
                    Err(error) if error.kind == StoreErrorKind::Unavailable => self.link.degrade(&error),
                    Err(error) => tracing::debug!(conversation_id = %id, %error, "a copy could not be filled in"),
                }
            }
            return Ok(HotOutcome::Found(Some(loaded), Origin::Database));
        }
        Ok(HotOutcome::Found(self.read_database(id).await?, Origin::Database))
    }
}
