//! Leaves a server alone that does not answer, so that calls do not wait for it.

use std::sync::{Mutex, PoisonError};

/// So many failures on end, and the server is left alone.
const FAILURES_ON_END: u32 = 3;

/// Closed while the server answers; calls pass. Open while it does not: calls fail at once, and only a probe asks.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    pub(super) fn is_open(&self) -> bool {
        *self.state() == State::Open
    }

    /// A call was answered. One that began before the breaker opened says nothing about now.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if *state != State::Open {
            *state = State::default();
        }
    }

    /// A call was not answered. `true` if this opens the breaker; then somebody has to probe.
    pub(super) fn failed(&self) -> bool {
        let mut state = self.state();
        let State::Closed { failures } = *state else { return false };
        let opens = failures + 1 >= FAILURES_ON_END;
        *state = if opens { State::Open } else { State::Closed { failures: failures + 1 } };
        opens
    }

    /// The probe was answered.
    pub(super) fn close(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_once_after_failures_on_end() {
        let breaker = Breaker::default();
        let opened: Vec<_> = (0..5).map(|_| breaker.failed()).collect();
        assert_eq!(opened, [false, false, true, false, false]);
        assert!(breaker.is_open());
    }

    #[test]
    fn an_answer_in_between_keeps_it_closed() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            assert!(!breaker.failed());
            assert!(!breaker.failed());
            breaker.answered();
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn only_the_probe_closes_it() {
        let breaker = Breaker::default();
        while !breaker.failed() {}
        breaker.answered();
        assert!(breaker.is_open(), "an answer to an earlier call comes late");
        breaker.close();
        assert!(!breaker.is_open());
    }
}
