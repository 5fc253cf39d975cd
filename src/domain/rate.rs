//! The rate limit's arithmetic: GCRA (generic cell rate algorithm), exact, one number of state for each key.
//!
//! A key's state is its theoretical arrival time (TAT). A burst of `quota.requests` passes at once; from then on one passes each
//! `period / requests`. The same few lines run in every adapter, whatever keeps the number.

use std::time::Duration;

use super::Timestamp;

/// How many requests in how long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests that may come at once, and in each period.
    pub requests: u32,
    /// The period.
    pub period: Duration,
}

/// What the limit says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it passes.
    pub allowed: bool,
    /// The quota's number.
    pub limit: u32,
    /// How many more would pass now.
    pub remaining: u32,
    /// When the whole quota is there again.
    pub reset_after: Duration,
    /// When the next one would pass; zero if this one did.
    pub retry_after: Duration,
}

/// The quota as the arithmetic uses it, in microseconds: for adapters that move the state on themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// One request passes in so long a time.
    pub interval_us: i64,
    /// All requests of the quota take so long.
    pub whole_us: i64,
}

/// The steps of a quota.
#[must_use]
pub fn steps(quota: Quota) -> Steps {
    let period_us = i64::try_from(quota.period.as_micros()).unwrap_or(i64::MAX).max(1);
    let requests = i64::from(quota.requests.max(1));
    let interval_us = (period_us / requests).max(1);
    Steps { interval_us, whole_us: interval_us * requests }
}

/// Decides one request at `now`; `tat_us` is the key's state in microseconds since 1970, `None` for a new key.
/// Returns the decision and the state to keep.
#[must_use]
pub fn decide(quota: Quota, tat_us: Option<i64>, now: Timestamp) -> (Decision, i64) {
    let now_us = now.as_millis().saturating_mul(1000);
    let Steps { interval_us, whole_us } = steps(quota);
    // What no clock that goes right can have written says nothing.
    let tat = tat_us.filter(|tat| *tat <= now_us.saturating_add(whole_us.saturating_mul(2)));
    let tat = tat.unwrap_or(now_us).max(now_us);
    let allow_at = tat.saturating_add(interval_us).saturating_sub(whole_us);
    let allowed = allow_at <= now_us;
    let tat = if allowed { tat.saturating_add(interval_us) } else { tat };
    let used_us = tat - now_us;
    let decision = Decision {
        allowed,
        limit: quota.requests,
        remaining: u32::try_from((whole_us - used_us).max(0) / interval_us).unwrap_or(0),
        reset_after: micros(used_us),
        retry_after: if allowed { Duration::ZERO } else { micros(allow_at - now_us) },
    };
    (decision, tat)
}

fn micros(value: i64) -> Duration {
    Duration::from_micros(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { requests: 100, period: Duration::from_secs(60) };

    fn run(times_ms: impl Iterator<Item = i64>) -> usize {
        let mut tat = None;
        let mut passed = 0;
        for millis in times_ms {
            let (decision, next) = decide(QUOTA, tat, Timestamp::from_millis(millis));
            tat = Some(next);
            passed += usize::from(decision.allowed);
        }
        passed
    }

    #[test]
    fn a_burst_of_exactly_the_quota_passes() {
        assert_eq!(run(std::iter::repeat_n(1_000, 400)), 100);
    }

    #[test]
    fn one_more_passes_each_interval() {
        let later = std::iter::repeat_n(0, 400).chain([599, 600, 1_199, 1_200]);
        assert_eq!(run(later), 102);
    }

    #[test]
    fn what_a_clock_left_that_was_an_hour_ahead_locks_nobody_out() {
        let (_, ahead) = decide(QUOTA, None, Timestamp::from_millis(3_600_000));
        let (decision, next) = decide(QUOTA, Some(ahead), Timestamp::from_millis(1_000));
        assert!(decision.allowed);
        assert_eq!(next, 1_600_000);
        // Clocks that differ by seconds share a quota.
        let (_, ahead) = decide(QUOTA, Some(60_000_000), Timestamp::from_millis(5_000));
        let (decision, _) = decide(QUOTA, Some(ahead), Timestamp::from_millis(0));
        assert!(!decision.allowed);
    }

    #[test]
    fn after_a_quiet_period_the_whole_quota_is_back() {
        assert_eq!(run(std::iter::repeat_n(0, 400).chain(std::iter::repeat_n(60_000, 400))), 200);
    }

    #[test]
    fn the_numbers_sent_to_the_client_add_up() {
        let (first, tat) = decide(QUOTA, None, Timestamp::from_millis(0));
        assert_eq!((first.remaining, first.retry_after), (99, Duration::ZERO));
        assert_eq!(first.reset_after, Duration::from_millis(600));
        let (refused, _) = decide(QUOTA, Some(tat + 99 * 600_000), Timestamp::from_millis(0));
        assert!(!refused.allowed);
        assert_eq!((refused.remaining, refused.retry_after), (0, Duration::from_millis(600)));
    }

    #[test]
    fn a_clock_that_steps_back_never_panics_or_opens_the_gate() {
        let (_, tat) = decide(QUOTA, None, Timestamp::from_millis(100_000));
        let (back, _) = decide(QUOTA, Some(tat), Timestamp::from_millis(0));
        assert!(!back.allowed);
    }
}
