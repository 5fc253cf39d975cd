//! Reading: the copy of this process if the hot tier says that it is the same, else the copy of the hot tier, else the database.

use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::{Core, figures::Figures, link::Use};
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Register, State},
    },
    ports::{
        HotConversations, StoreError,
        hot_conversations::{LookUp, Tag},
    },
};

/// A conversation as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loaded {
    pub(super) owner: UserId,
    pub(super) state: State,
}

/// How old what is read may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Two seconds at most, also when stores cannot reach each other.
    Verified,
    /// As old as a copy may be while the database is away: half an hour, if others write past the hot tier.
    AsCached,
}

/// Copies with more entries are read from the hot tier each time.
const ENTRIES_AT_MOST: usize = 2_000;

/// The copies of this process.
pub(super) struct Copies(Mutex<LruCache<ConversationId, (Tag, Arc<Loaded>)>>);

impl Copies {
    pub(super) fn new(at_most: std::num::NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(at_most)))
    }

    fn get(&self, id: ConversationId) -> Option<(Tag, Arc<Loaded>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn put(&self, id: ConversationId, tag: Tag, loaded: &Arc<Loaded>) {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.state.entries().len() <= ENTRIES_AT_MOST {
            copies.put(id, (tag, Arc::clone(loaded)));
        } else {
            copies.pop(&id);
        }
    }
}

/// How a look in the hot tier went.
enum HotOutcome {
    Found(Option<Arc<Loaded>>),
    /// It cannot be used.
    Away(StoreError),
}

impl Core {
    /// The conversation, deleted or not, with what this process has written to it; `None` if there never was one. With `seen`, the reader has
    /// seen that message: a copy without it is not taken.
    pub(super) async fn load(
        self: &Arc<Self>,
        id: ConversationId,
        seen: Option<MessageId>,
        freshness: Freshness,
    ) -> Result<Option<Arc<Loaded>>, StoreError> {
        let may_use = self.use_of_hot_tier().await;
        let is_wanted = may_use == Use::Everything || (may_use == Use::Unverified && freshness == Freshness::AsCached);
        let stored = match self.hot.as_ref().filter(|_| is_wanted) {
            Some(hot) => match self.read_hot_tier(hot, id, seen).await? {
                HotOutcome::Found(found) => found,
                HotOutcome::Away(error) => {
                    self.link.degrade(&error);
                    self.read_database(id).await?
                }
            },
            None => self.read_database(id).await?,
        };
        Ok(self.with_own(id, stored))
    }

    fn with_own(&self, id: ConversationId, stored: Option<Arc<Loaded>>) -> Option<Arc<Loaded>> {
        let owner = stored.as_ref().map(|stored| stored.owner);
        let Some(writer) = self.queue.owner_of(id) else { return stored };
        let owner = owner.unwrap_or(writer);
        let mut state = stored.map(|stored| stored.state.clone()).unwrap_or_default();
        self.queue.overlay(id, owner, &mut state);
        Some(Arc::new(Loaded { owner, state }))
    }

    async fn read_database(&self, id: ConversationId) -> Result<Option<Arc<Loaded>>, StoreError> {
        Figures::count(&self.figures.misses, 1);
        let stored = self.stores.conversations.read(id).await?;
        Ok(stored.map(|stored| Arc::new(Loaded { owner: stored.owner, state: stored.state })))
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
        let mut known = own.as_ref().map(|(tag, _)| tag);
        for _ in 0..2 {
            let (lease, journal) = match hot.look_up(id, known).await {
                Err(error) => return Ok(HotOutcome::Away(error)),
                Ok(LookUp::Unchanged) => {
                    let Some((_, loaded)) = own.as_ref().filter(|(_, loaded)| !lacks_seen(loaded)) else {
                        known = None;
                        continue;
                    };
                    Figures::count(&self.figures.hits_process, 1);
                    return Ok(HotOutcome::Found(Some(Arc::clone(loaded))));
                }
                Ok(LookUp::Found { incarnation, tag, owner, state }) => {
                    let loaded = Arc::new(Loaded { owner, state });
                    // A life that the database does not know of yet.
                    if self.link.incarnation() != Some(incarnation) {
                        return Ok(HotOutcome::Found(self.read_database(id).await?));
                    }
                    if !lacks_seen(&loaded) {
                        Figures::count(&self.figures.hits_shared, 1);
                        self.copies.put(id, tag, &loaded);
                        return Ok(HotOutcome::Found(Some(loaded)));
                    }
                    if let Err(error) = hot.forget(&[id]).await {
                        return Ok(HotOutcome::Away(error));
                    }
                    known = None;
                    continue;
                }
                Ok(LookUp::Missing { lease, journal }) => (lease, journal),
            };
            let stored = self.read_database(id).await?;
            let Some(owner) = stored.as_ref().map(|stored| stored.owner).or(journal.owner) else {
                return Ok(HotOutcome::Found(None));
            };
            let mut state = stored.map(|stored| stored.state.clone()).unwrap_or_default();
            if journal.owner == Some(owner) {
                state.join(journal.state);
            }
            let loaded = Arc::new(Loaded { owner, state });
            if self.link.incarnation().as_ref() == Some(&lease.incarnation) {
                match hot.fill(id, &lease, owner, &loaded.state).await {
                    Ok(Some(tag)) => self.copies.put(id, tag, &loaded),
                    Ok(None) => {}
                    // What was read is right all the same.
                    Err(error) => self.link.degrade(&error),
                }
            }
            return Ok(HotOutcome::Found(Some(loaded)));
        }
        Ok(HotOutcome::Found(self.read_database(id).await?))
    }
}
