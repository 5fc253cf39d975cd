//! Spans of time as .NET writes them.

use std::time::Duration;

const DAY: u64 = 86_400;

/// Reads `[d.]hh:mm[:ss[.fffffff]]`, or whole days.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(days) = text.parse::<u64>() {
        return Some(Duration::from_secs(days * DAY));
    }
    let (days, clock) = match text.split_once(':')?.0.split_once('.') {
        Some((days, _)) => (days.parse().ok()?, &text[days.len() + 1..]),
        None => (0, text),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes] => (hours, minutes, "0"),
        [hours, minutes, seconds] => (hours, minutes, *seconds),
        _ => return None,
    };
    let whole = days * DAY + 3600 * below(hours, 24)? + 60 * below(minutes, 60)?;
    Some(Duration::from_secs(whole) + seconds_and_fraction(seconds)?)
}

fn below(text: &str, limit: u64) -> Option<u64> {
    text.parse().ok().filter(|number| *number < limit)
}

fn seconds_and_fraction(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 7 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(below(seconds, 60)?, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_days_hours_minutes_seconds_and_a_fraction() {
        assert_eq!(parse("00:10:00"), Some(Duration::from_secs(600)));
        assert_eq!(parse("1.02:03:04.5"), Some(Duration::from_millis(93_784_500)));
        assert_eq!(parse("02:30"), Some(Duration::from_secs(9000)));
        assert_eq!(parse("7"), Some(Duration::from_secs(7 * DAY)));
        for wrong in ["", "24:00:00", "00:60:00", "00:00:60", "0 * * * * *", "00:00:00.12345678", "1:2:3:4:5"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
