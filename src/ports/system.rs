//! Time, randomness and ids: the ambient things, made into arguments.

use std::sync::Arc;

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

/// Makes ids: UUIDv7 from the clock and the randomness given, so they sort by time of making.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ids {
    /// Ids from these sources.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// A new id.
    #[must_use]
    pub fn next(&self) -> Uuid {
        let mut bytes = [0; 10];
        self.random.fill(&mut bytes);
        let millis = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
