//! Time as an argument: what the time is, and waiting for it to pass.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// The time by which timers tick and queue messages become visible.
///
/// Any `Fn() -> SystemTime` is a clock. Tests implement both methods to move time by hand.
pub trait Clock: Send + Sync {
    /// Now. May step back when the machine's clock is set.
    fn now(&self) -> SystemTime;

    /// Resolves once this much time of this clock has passed, or somewhat later.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl<F: Fn() -> SystemTime + Send + Sync> Clock for F {
    fn now(&self) -> SystemTime {
        self()
    }
}

#[cfg(test)]
pub(super) mod fake {
    //! A clock that stands still until a test moves it.

    use std::sync::Arc;

    use tokio::sync::watch;

    use super::*;

    /// Starts on Sunday 2026-03-01 at 10:00:00 UTC.
    pub(crate) const START: Duration = Duration::from_secs(1_772_359_200);

    pub(crate) struct FakeClock {
        time: watch::Sender<SystemTime>,
    }

    impl FakeClock {
        pub(crate) fn new() -> Arc<Self> {
            Arc::new(Self { time: watch::Sender::new(SystemTime::UNIX_EPOCH + START) })
        }

        pub(crate) fn advance(&self, seconds: u64) {
            self.time.send_modify(|time| *time += Duration::from_secs(seconds));
        }
    }

    impl Clock for FakeClock {
        fn now(&self) -> SystemTime {
            *self.time.borrow()
        }

        fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let target = self.now() + duration;
            let mut time = self.time.subscribe();
            Box::pin(async move {
                let _ = time.wait_for(|now| *now >= target).await;
            })
        }
    }
}
