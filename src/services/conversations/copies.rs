//! The copies of this process, which are read when the hot tier says that they are the same as its own.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use super::read::Loaded;
use crate::{
    domain::{ConversationId, conversation::Change},
    ports::hot_conversations::{Incarnation, Tag},
};

/// Bytes of the copies of this process, roughly.
const BYTES_AT_MOST: usize = 64 << 20;

/// A copy, and which one of the hot tier it is the same as.
#[derive(Clone)]
pub(super) struct OwnCopy {
    pub(super) incarnation: Incarnation,
    pub(super) tag: Tag,
    pub(super) loaded: Loaded,
}

/// The copies of this process.
pub(super) struct Copies(Mutex<Kept>);

struct Kept {
    copies: LruCache<ConversationId, OwnCopy>,
    bytes: usize,
}

impl Kept {
    fn remove(&mut self, id: ConversationId) -> Option<OwnCopy> {
        let removed = self.copies.pop(&id)?;
        self.bytes -= removed.loaded.state.bytes();
        Some(removed)
    }

    fn put(&mut self, id: ConversationId, copy: OwnCopy) {
        self.remove(id);
        self.bytes += copy.loaded.state.bytes();
        if let Some((_, pushed_out)) = self.copies.push(id, copy) {
            self.bytes -= pushed_out.loaded.state.bytes();
        }
        while self.bytes > BYTES_AT_MOST
            && let Some((_, oldest)) = self.copies.pop_lru()
        {
            self.bytes -= oldest.loaded.state.bytes();
        }
    }
}

impl Copies {
    pub(super) fn new(at_most: NonZeroUsize) -> Self {
        Self(Mutex::new(Kept { copies: LruCache::new(at_most), bytes: 0 }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: ConversationId) -> Option<OwnCopy> {
        self.kept().copies.get(&id).cloned()
    }

    pub(super) fn put(&self, id: ConversationId, copy: OwnCopy) {
        self.kept().put(id, copy);
    }

    /// Takes in what was written to the copy that the hot tier has, if this is the one before: the next read finds it unchanged.
    pub(super) fn advance(&self, changes: &[Change], incarnation: &Incarnation, tag: Tag) {
        let (Some(first), Some((filling, number))) = (changes.first(), numbered(&tag)) else { return };
        let before = number.checked_sub(1).map(|before| (filling, before));
        let mut kept = self.kept();
        let is_before = |copy: &OwnCopy| copy.incarnation == *incarnation && numbered(&copy.tag) == before;
        if !kept.copies.peek(&first.conversation).is_some_and(is_before) {
            return;
        }
        if let Some(mut copy) = kept.remove(first.conversation) {
            let state = Arc::make_mut(&mut copy.loaded.state);
            for change in changes {
                state.put(change.register, change.entry.clone());
            }
            kept.put(first.conversation, OwnCopy { tag, ..copy });
        }
    }
}

/// The parts of a tag: the filling of the copy, and how many writes it has seen since.
fn numbered(tag: &str) -> Option<(&str, u64)> {
    let (filling, number) = tag.rsplit_once(':')?;
    Some((filling, number.parse().ok()?))
}
