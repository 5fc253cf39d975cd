//! How long an account or an address has to wait after failed logins.

use std::time::Duration;

/// Failures of one account that cost nothing: a person mistypes.
pub const FREE_FOR_ACCOUNT: u32 = 5;
/// Failures from one address that cost nothing: several people may share it.
pub const FREE_FOR_ADDRESS: u32 = 10;
/// The longest wait. Short enough that a stranger cannot lock a person out for long.
pub const LONGEST: Duration = Duration::from_secs(60);
/// After this long without a failure the count starts again.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);

/// The wait after the `failures`-th failure in a row: none for the first `free`, then 1 s, 2 s, 4 s … up to [`LONGEST`].
#[must_use]
pub fn wait_after(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None | Some(0) => Duration::ZERO,
        Some(over) => Duration::from_secs(1u64 << (over - 1).min(16)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_after_the_free_ones_up_to_the_longest() {
        let seconds: Vec<u64> = (1..=14).map(|n| wait_after(n, 5).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_after(u32::MAX, 5), LONGEST);
    }

    #[test]
    fn at_most_eleven_failures_fit_into_a_minute() {
        let mut clock = Duration::ZERO;
        let mut failures = 0;
        while clock < Duration::from_secs(60) {
            failures += 1;
            clock += wait_after(failures, FREE_FOR_ACCOUNT);
        }
        assert!(failures <= 11, "{failures}");
    }
}
