//! What follows when a handler ends or never becomes ready.

use std::time::Duration;

use tokio::time::Instant;

const ERRORS_AT_MOST: usize = 3;
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 60);

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: no error, and no restart either; the dead handler stays in place.
    Silent,
    /// 200: the handler asks to be started again, which counts for nothing.
    Intentional,
    /// Every other, and signals.
    Crash,
}

impl Exit {
    pub fn of(code: i32) -> Self {
        match code {
            0 => Self::Silent,
            200 => Self::Intentional,
            _ => Self::Crash,
        }
    }
}

/// What follows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Restart,
    StopHost,
}

/// The errors of a handler that are not forgotten.
#[derive(Debug, Default)]
pub struct Errors {
    recent: Vec<Instant>,
}

impl Errors {
    /// Counts an error; the third stops the host, unless half an hour lies before it.
    pub fn add(&mut self, now: Instant) -> Verdict {
        if self.recent.last().is_some_and(|last| now.duration_since(*last) > FORGOTTEN_AFTER) {
            self.recent.clear();
        }
        self.recent.push(now);
        if self.recent.len() < ERRORS_AT_MOST { Verdict::Restart } else { Verdict::StopHost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_error_stops_the_host() {
        let (mut errors, now) = (Errors::default(), Instant::now());
        let verdicts: Vec<_> = (0..3).map(|minute| errors.add(now + Duration::from_secs(60 * minute))).collect();
        assert_eq!(verdicts, [Verdict::Restart, Verdict::Restart, Verdict::StopHost]);
    }

    #[test]
    fn errors_are_forgotten_half_an_hour_after_the_last() {
        let (mut errors, now) = (Errors::default(), Instant::now());
        errors.add(now);
        errors.add(now + Duration::from_secs(60));
        assert_eq!(errors.add(now + Duration::from_secs(32 * 60)), Verdict::Restart);
    }

    #[test]
    fn exit_codes_have_three_meanings() {
        let meanings: Vec<_> = [0, 200, 1, 137].into_iter().map(Exit::of).collect();
        assert_eq!(meanings, [Exit::Silent, Exit::Intentional, Exit::Crash, Exit::Crash]);
    }
}
