//! The host's clock: the machine's or one that stands still, and as far ahead of it as a test has moved it.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::sync::watch;

/// A clock that can be moved forward while others sleep by it.
#[derive(Clone)]
pub struct Clock {
    /// Where a clock that stands still stands.
    standing_at: Option<OffsetDateTime>,
    ahead: Arc<watch::Sender<Duration>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { standing_at: None, ahead: Arc::new(watch::channel(Duration::ZERO).0) }
    }
}

impl Clock {
    /// A clock that only moves when it is moved, so that no timer ticks by itself but at the start.
    pub fn standing_at(instant: OffsetDateTime) -> Self {
        Self { standing_at: Some(instant), ..Self::default() }
    }

    /// The time, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.standing_at.unwrap_or_else(OffsetDateTime::now_utc) + *self.ahead.borrow()
    }

    /// Moves the clock forward; who sleeps by it wakes if its time has come.
    pub fn advance(&self, by: Duration) {
        self.ahead.send_modify(|ahead| *ahead += by);
    }

    /// Moves the clock forward to an instant that is still to come.
    pub fn advance_to(&self, instant: OffsetDateTime) {
        self.advance((instant - self.now()).try_into().unwrap_or_default());
    }

    /// Returns when the clock has reached `instant`.
    pub async fn sleep_until(&self, instant: OffsetDateTime) {
        let mut ahead = self.ahead.subscribe();
        loop {
            let Ok(left) = Duration::try_from(instant - self.now()) else { return };
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = ahead.changed() => {}
            }
        }
    }
}
