//! The tier in this process, and who may put what into it.

use std::{
    collections::{BTreeSet, HashMap},
    num::NonZeroUsize,
    ops::Bound,
    sync::Arc,
};

use bytes::Bytes;
use futures::future::{BoxFuture, Shared};
use lru::LruCache;

use super::Answer;
use crate::{
    domain::Timestamp,
    ports::{
        cache_tier::CacheEntry,
        session_cache::{CacheStats, STALENESS_OF_TIERS},
    },
};

/// Values above this are looked up below each time.
const VALUE_BYTES_AT_MOST: usize = 64 << 10;

/// A look-up below that is under way; everybody who wants the key waits for it.
pub(super) type UnderWay = Shared<BoxFuture<'static, Answer>>;

/// The number of a look-up or write that may put its value in when it is done: as long as nobody else has begun or ended a write of the
/// key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn(u64);

/// What is known of a key.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// `None` if it is known that there is nothing.
    pub(super) value: Option<Bytes>,
    pub(super) expires_at: Timestamp,
    /// When the look-up began that found it. It is trusted for [`STALENESS_OF_TIERS`] from then.
    pub(super) seen_at: Timestamp,
}

impl Known {
    /// What a look-up or write that began at `now` says.
    pub(super) fn of(entry: Option<&CacheEntry>, now: Timestamp) -> Self {
        let value = entry.map(|entry| entry.value.clone());
        Self { value, expires_at: entry.map_or(now, |entry| entry.expires_at), seen_at: now }
    }
}

struct LookUpUnderWay {
    began_at: Timestamp,
    answer: UnderWay,
}

/// Whether what was seen at a time may be told now.
fn is_trusted(seen_at: Timestamp, now: Timestamp) -> bool {
    seen_at <= now && now < seen_at.plus(STALENESS_OF_TIERS)
}

pub(super) struct Local {
    known: LruCache<Arc<str>, Known>,
    /// The keys of what is known, in their order, so that a prefix is a range.
    names: BTreeSet<Arc<str>>,
    turns: HashMap<String, (Turn, Option<LookUpUnderWay>)>,
    next: u64,
    pub(super) stats: CacheStats,
}

impl Local {
    pub(super) fn new(max_size: NonZeroUsize) -> Self {
        let (turns, stats) = (HashMap::new(), CacheStats::default());
        Self { known: LruCache::new(max_size), names: BTreeSet::new(), turns, next: 0, stats }
    }

    /// The value, or that there is none; `None` if that has to be looked up.
    pub(super) fn get(&mut self, key: &str, now: Timestamp) -> Option<Option<Bytes>> {
        let known = self.known.get(key)?;
        if !is_trusted(known.seen_at, now) {
            return None;
        }
        let value = known.value.as_ref().filter(|_| known.expires_at > now).cloned();
        match value {
            Some(_) => self.stats.hits_memory += 1,
            None => self.stats.misses += 1,
        }
        Some(value)
    }

    /// The look-up of the key that is under way, or a new one if there is none or it has been under way for so long that what it has seen
    /// may be too old.
    pub(super) fn join(&mut self, key: &str, now: Timestamp, begin: impl FnOnce(Turn) -> UnderWay) -> UnderWay {
        if let Some((_, Some(LookUpUnderWay { began_at, answer }))) = self.turns.get(key)
            && is_trusted(*began_at, now)
        {
            return answer.clone();
        }
        let turn = self.new_turn();
        let answer = begin(turn);
        self.turns.insert(key.to_owned(), (turn, Some(LookUpUnderWay { began_at: now, answer: answer.clone() })));
        answer
    }

    /// A look-up has ended, with nothing to be known if it failed.
    pub(super) fn end_look_up(&mut self, key: &str, turn: Turn, found: Option<Known>) {
        if self.turns.get(key).is_some_and(|(current, _)| *current == turn) {
            self.turns.remove(key);
            self.put(key, found);
        }
    }

    /// A write begins: what is known does not hold any more, nor what is being looked up.
    pub(super) fn begin_write(&mut self, key: &str) -> Turn {
        let turn = self.new_turn();
        self.forget(key);
        self.turns.insert(key.to_owned(), (turn, None));
        turn
    }

    /// A write has ended. A look-up that began meanwhile may have found what was there before; another write that did may have come
    /// before this one or after. Nothing is known then.
    pub(super) fn end_write(&mut self, key: &str, turn: Turn, written: Option<Known>) {
        let was_alone = self.turns.remove(key).is_some_and(|(current, _)| current == turn);
        self.put(key, written.filter(|_| was_alone));
    }

    /// Nothing is known of keys with this prefix, nor will be by what is under way.
    pub(super) fn forget_prefix(&mut self, prefix: &str) {
        self.turns.retain(|key, _| !key.starts_with(prefix));
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let names = self.names.range::<str, _>(from).take_while(|name| name.starts_with(prefix));
        for name in names.cloned().collect::<Vec<_>>() {
            self.forget(&name);
        }
    }

    /// Drops what has ended, and look-ups that nobody waits for any more.
    pub(super) fn forget_ended(&mut self, now: Timestamp) {
        self.turns.retain(|_, (_, look_up)| look_up.as_ref().is_none_or(|look_up| is_trusted(look_up.began_at, now)));
        let ended = self.known.iter().filter(|(_, known)| known.expires_at <= now).map(|(name, _)| Arc::clone(name));
        for name in ended.collect::<Vec<_>>() {
            self.forget(&name);
        }
    }

    fn forget(&mut self, key: &str) {
        if self.known.pop(key).is_some() {
            self.names.remove(key);
        }
    }

    fn put(&mut self, key: &str, known: Option<Known>) {
        let fits = |known: &Known| known.value.as_ref().is_none_or(|value| value.len() <= VALUE_BYTES_AT_MOST);
        let Some(known) = known.filter(fits) else { return self.forget(key) };
        let name: Arc<str> = key.into();
        self.names.insert(Arc::clone(&name));
        if let Some((evicted, lost)) = self.known.push(name, known)
            && *evicted != *key
        {
            self.names.remove(&evicted);
            self.stats.evictions += u64::from(lost.value.is_some());
        }
    }

    fn new_turn(&mut self) -> Turn {
        self.next += 1;
        Turn(self.next)
    }
}

#[cfg(test)]
mod tests;
