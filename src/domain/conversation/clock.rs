//! Revisions of fields that the last writer wins.

use std::sync::{Mutex, PoisonError};

use super::Revision;
use crate::domain::Timestamp;

/// A hybrid logical clock: the time of day in milliseconds, times 1024, and a counter. It never goes back, whatever the machine's clock does,
/// and is never behind what it was [told of](Self::observe). It is told only of what was in a writer's way: one whose clock is behind that of
/// another finds the greater entry when it writes, and writes a greater one then.
#[derive(Debug, Default)]
pub struct HybridClock {
    last: Mutex<u64>,
}

/// Bits of the counter.
const COUNTER_BITS: u32 = 10;

impl HybridClock {
    /// A clock that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A revision greater than every one that this clock gave or saw.
    pub fn next(&self, now: Timestamp) -> Revision {
        let now = u64::try_from(now.as_millis()).unwrap_or(0) << COUNTER_BITS;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = now.max(*last + 1);
        Revision::new(*last)
    }

    /// Notes a revision that somebody else gave.
    pub fn observe(&self, revision: Revision) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = revision.number().max(*last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_gives_greater_revisions_all_the_same() {
        let clock = HybridClock::new();
        let first = clock.next(Timestamp::from_millis(1_772_359_200_000));
        let second = clock.next(Timestamp::from_millis(1_772_355_600_000));
        assert!(second > first);
        assert!(second < Revision::MAX);
    }

    #[test]
    fn what_another_wrote_is_overtaken() {
        let (ahead, behind) = (HybridClock::new(), HybridClock::new());
        let theirs = ahead.next(Timestamp::from_millis(1_772_359_200_000));
        behind.observe(theirs);
        assert!(behind.next(Timestamp::from_millis(1_000)) > theirs);
    }
}
