//! The copies of this process, which are read when the hot tier says that they are the same as its own.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use super::read::Loaded;
use crate::{
    domain::{ConversationId, conversation::Change},
    ports::hot_conversations::Tag,
};

/// Bytes of the copies of this process, roughly.
const BYTES_AT_MOST: usize = 64 << 20;

/// The copies of this process.
pub(super) struct Copies(Mutex<Kept>);

struct Kept {
    copies: LruCache<ConversationId, (Tag, Loaded)>,
    bytes: usize,
}

impl Kept {
    fn remove(&mut self, id: ConversationId) -> Option<(Tag, Loaded)> {
        let removed = self.copies.pop(&id)?;
        self.bytes -= removed.1.state.bytes();
        Some(removed)
    }

    fn put(&mut self, id: ConversationId, tag: Tag, loaded: Loaded) {
        self.remove(id);
        self.bytes += loaded.state.bytes();
        if let Some((_, (_, pushed_out))) = self.copies.push(id, (tag, loaded)) {
            self.bytes -= pushed_out.state.bytes();
        }
        while self.bytes > BYTES_AT_MOST
            && let Some((_, (_, oldest))) = self.copies.pop_lru()
        {
            self.bytes -= oldest.state.bytes();
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

    pub(super) fn get(&self, id: ConversationId) -> Option<(Tag, Loaded)> {
        self.kept().copies.get(&id).cloned()
    }

    pub(super) fn put(&self, id: ConversationId, tag: Tag, loaded: Loaded) {
        self.kept().put(id, tag, loaded);
    }

    /// Takes in what was written to the copy that the hot tier has, if this is the one before: the next read finds it unchanged.
    pub(super) fn advance(&self, changes: &[Change], tag: Tag) {
        let (Some(first), Some((filling, number))) = (changes.first(), numbered(&tag)) else { return };
        let before = number.checked_sub(1).map(|before| (filling, before));
        let mut kept = self.kept();
        if kept.copies.peek(&first.conversation).is_none_or(|(known, _)| numbered(known) != before) {
            return;
        }
        if let Some((_, mut loaded)) = kept.remove(first.conversation) {
            let state = Arc::make_mut(&mut loaded.state);
            for change in changes {
                state.put(change.register, change.entry.clone());
            }
            kept.put(first.conversation, tag, loaded);
        }
    }
}

/// The parts of a tag: the filling of the copy, and how many writes it has seen since.
fn numbered(tag: &str) -> Option<(&str, u64)> {
    let (filling, number) = tag.rsplit_once(':')?;
    Some((filling, number.parse().ok()?))
}
