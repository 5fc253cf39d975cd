//! Time, randomness and ids: the ambient things, made into arguments.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::{Builder, Uuid};

use crate::domain::Timestamp;

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now. May step back when the machine's clock is set.
    fn now(&self) -> Timestamp;
}

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Makes ids: UUIDv7 from the clock and the randomness given. Ids of one maker sort in the order of making, also within a
/// millisecond and when the clock steps back.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    last: Arc<Mutex<Moment>>,
}

/// The millisecond and the counter within it of the id made last.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    millis: u64,
    counter: u16,
}

/// The counter takes the 12 bits of `rand_a` (RFC 9562, section 6.2, method 1).
const COUNTER_MAX: u16 = 0x0fff;

impl Ids {
    /// Ids from these sources.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, last: Arc::default() }
    }

    /// A new id.
    #[must_use]
    pub fn next(&self) -> Uuid {
        let mut bytes = [0; 10];
        self.random.fill(&mut bytes);
        let now = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        // Half of the counter's range is left for ids of the same millisecond.
        let seed = u16::from_be_bytes([bytes[0], bytes[1]]) & (COUNTER_MAX >> 1);
        let moment = self.advance(now, seed);
        bytes[..2].copy_from_slice(&moment.counter.to_be_bytes());
        Builder::from_unix_timestamp_millis(moment.millis, &bytes).into_uuid()
    }

    fn advance(&self, now: u64, seed: u16) -> Moment {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            Moment { millis, .. } if now > millis => Moment { millis: now, counter: seed },
            Moment { millis, counter: COUNTER_MAX } => Moment { millis: millis + 1, counter: seed },
            Moment { millis, counter } => Moment { millis, counter: counter + 1 },
        };
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_772_359_200_000)
        }
    }

    struct Patterned(u8);

    impl Random for Patterned {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn ids_of_one_millisecond_sort_in_the_order_of_making() {
        for pattern in [0x00, 0xff, 0x5a] {
            let ids = Ids::new(Arc::new(Still), Arc::new(Patterned(pattern)));
            let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
            assert!(made.is_sorted_by(|a, b| a < b));
            assert!(made.iter().all(|id| id.get_version_num() == 7));
        }
    }
}
