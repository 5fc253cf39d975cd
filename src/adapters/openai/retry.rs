//! Asking again: how often, and after how long.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::HeaderMap;

use crate::{
    domain::Timestamp,
    ports::{Clock, Random},
};

/// How often a question is put at most.
pub(super) const ATTEMPTS: u32 = 3;

/// The pause before the second attempt is anything up to this, and each further one up to twice as much.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Who is told to come again later than this is not waited for.
const MOST_PATIENCE: Duration = Duration::from_secs(20);

/// Nobody means more.
const MOST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The pause after so many attempts: full jitter, and never less than the server asks for. `None` if it asks for too much.
pub(super) fn pause(attempts: u32, retry_after: Option<Duration>, random: &dyn Random) -> Option<Duration> {
    let least = retry_after.unwrap_or_default();
    if least > MOST_PATIENCE {
        return None;
    }
    let most = FIRST_PAUSE.saturating_mul(1 << (attempts.saturating_sub(1)).min(8)).min(LONGEST_PAUSE);
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    Some(least + most.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)))
}

/// When a server wants to be asked again: milliseconds as Azure has them, seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, clock: &dyn Clock) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = || text("retry-after-ms")?.parse().ok().map(Duration::from_millis);
    let seconds = || text("retry-after")?.parse().ok().map(Duration::from_secs);
    let date = || {
        let date = httpdate::parse_http_date(text("retry-after")?).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(i64::try_from(date.as_millis()).ok()?).since(clock.now()))
    };
    millis().or_else(seconds).or_else(date).map(|span| span.min(MOST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Filled(u8);

    impl Random for Filled {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    /// 2026-03-01T10:00:00Z.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_772_359_200_000)
        }
    }

    #[test]
    fn a_pause_is_anything_up_to_a_bound_that_doubles() {
        let longest = |attempts| pause(attempts, None, &Filled(0xff)).unwrap();
        assert_eq!([1, 2, 3, 40].map(longest).map(|pause| pause.as_millis()), [500, 1000, 2000, 8000]);
        assert_eq!(pause(2, None, &Filled(0)), Some(Duration::ZERO));
        let middle = pause(1, None, &Filled(0x80)).unwrap();
        assert!((249..=252).contains(&middle.as_millis()), "{middle:?}");
    }

    #[test]
    fn a_server_is_not_asked_before_it_wants_to_be() {
        let asked = Duration::from_secs(3);
        assert_eq!(pause(1, Some(asked), &Filled(0)), Some(asked));
        assert_eq!(pause(1, Some(asked), &Filled(0xff)), Some(asked + FIRST_PAUSE));
        assert_eq!(pause(1, Some(MOST_PATIENCE + Duration::from_secs(1)), &Filled(0)), None);
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_understood() {
        let wait = |headers: &[(&'static str, &'static str)]| {
            let headers =
                headers.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            retry_after(&headers, &Still).map(|span| span.as_millis())
        };
        assert_eq!(wait(&[("retry-after", "7")]), Some(7000));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "1250")]), Some(1250));
        assert_eq!(wait(&[("retry-after", "Sun, 01 Mar 2026 10:00:30 GMT")]), Some(30_000));
        assert_eq!(wait(&[("retry-after", "Sun, 01 Mar 2026 09:00:00 GMT")]), Some(0), "it is over");
        assert_eq!(wait(&[("retry-after", "999999999")]), Some(3_600_000));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[]), None);
    }
}
