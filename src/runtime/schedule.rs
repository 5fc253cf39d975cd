//! Timer schedules as the platform writes them: NCRONTAB with six or five fields, or a time span.

use std::iter::successors;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::manifest::ManifestError;

const MINUTE: Duration = Duration::from_secs(60);
const OCCURRENCES_LOOKED_AT: usize = 10;

/// When a timer fires, in UTC.
///
/// - `{second} {minute} {hour} {day} {month} {day of week}`, with lists, ranges, steps and English names; Sunday is 0
/// - the same without seconds
/// - `[d.]hh:mm:ss`, the time between two ticks
#[derive(Debug, Clone)]
pub struct Schedule {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Calendar(Box<cron::Schedule>),
    Every(Duration),
}

impl Schedule {
    /// Reads a schedule. The error quotes the text and gives the forms that are read.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let kind = match calendar_fields(text) {
            Some(fields) => cron::Schedule::from_str(&fields).ok().map(|schedule| Kind::Calendar(Box::new(schedule))),
            None => parse_time_span(text).filter(|span| !span.is_zero()).map(Kind::Every),
        };
        kind.map(|kind| Self { kind }).ok_or_else(|| {
            ManifestError::new(format!("schedule {text:?} is neither NCRONTAB with six or five fields nor hh:mm:ss"))
        })
    }

    /// The first occurrence later than the given time. `None` if the calendar has no such day.
    #[must_use]
    pub fn next_after(&self, time: SystemTime) -> Option<SystemTime> {
        match &self.kind {
            Kind::Calendar(schedule) => schedule.after(&DateTime::<Utc>::from(time)).next().map(SystemTime::from),
            Kind::Every(span) => time.checked_add(*span),
        }
    }

    /// Whether the platform keeps the status of such a timer: not when it can fire more than once a minute.
    #[must_use]
    pub fn is_monitored(&self, now: SystemTime) -> bool {
        let ticks: Vec<SystemTime> =
            successors(self.next_after(now), |time| self.next_after(*time)).take(OCCURRENCES_LOOKED_AT).collect();
        ticks
            .iter()
            .zip(ticks.iter().skip(1))
            .all(|(earlier, later)| later.duration_since(*earlier).is_ok_and(|gap| gap >= MINUTE))
    }
}

/// Replaces every `%NAME%` by the value of that setting, as the platform does in schedules and queue names.
pub(super) fn resolve_settings(
    text: &str,
    setting: &(dyn Fn(&str) -> Option<String> + Send + Sync),
) -> Result<String, ManifestError> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let (name, after) = after.split_once('%').ok_or_else(|| {
            ManifestError::new(format!("{text:?} has a % without a second one after a setting's name"))
        })?;
        let value = setting(name)
            .ok_or_else(|| ManifestError::new(format!("{text:?} needs the setting {name}, which is not set")))?;
        resolved.push_str(before);
        resolved.push_str(&value);
        rest = after;
    }
    resolved.push_str(rest);
    Ok(resolved)
}

/// The six fields in the dialect of the `cron` crate, which counts days of the week from 1. `None` if these are not fields.
fn calendar_fields(text: &str) -> Option<String> {
    let mut fields: Vec<&str> = text.split_ascii_whitespace().collect();
    if fields.len() == 5 {
        fields.insert(0, "0");
    }
    let [second, minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let weekday: Vec<String> = weekday.split(',').map(weekday_from_one).collect();
    Some(format!("{second} {minute} {hour} {day} {month} {}", weekday.join(",")))
}

/// One element of a list of weekdays, its numbers raised by one; the step after a slash is no weekday and stays.
fn weekday_from_one(element: &str) -> String {
    let (range, step) = element.split_once('/').map_or((element, None), |(range, step)| (range, Some(step)));
    let ends: Vec<String> = range
        .split('-')
        .map(|end| end.parse::<u32>().map_or_else(|_| end.to_owned(), |number| (number + 1).to_string()))
        .collect();
    let range = ends.join("-");
    step.map_or_else(|| range.clone(), |step| format!("{range}/{step}"))
}

/// `[d.]hh:mm:ss`.
pub(super) fn parse_time_span(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('.').map_or(("0", text), |(days, clock)| (days, clock));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let number = |text: &str, below: u64| {
        let digits = (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|value| digits && *value < below)
    };
    let days = number(days, 10_000_000)?;
    let total = ((days * 24 + number(hours, 24)?) * 60 + number(minutes, 60)?) * 60 + number(seconds, 60)?;
    Some(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(schedule).unwrap();
        let mut time = SystemTime::from(DateTime::parse_from_rfc3339(after).unwrap());
        (0..count)
            .map(|_| {
                time = schedule.next_after(time).unwrap();
                DateTime::<Utc>::from(time).format("%a %m-%d %H:%M:%S").to_string()
            })
            .collect()
    }

    #[test]
    fn six_fields_start_with_seconds() {
        assert_eq!(
            next("*/15 * * * * *", "2026-03-01T10:00:01.5Z", 3),
            ["Sun 03-01 10:00:15", "Sun 03-01 10:00:30", "Sun 03-01 10:00:45"]
        );
        assert_eq!(next("0 */5 * * * *", "2026-03-01T10:00:00Z", 2), ["Sun 03-01 10:05:00", "Sun 03-01 10:10:00"]);
    }

    #[test]
    fn five_fields_mean_second_zero() {
        assert_eq!(next("30 4 * * *", "2026-03-01T10:00:00Z", 1), ["Mon 03-02 04:30:00"]);
    }

    #[test]
    fn sunday_is_zero() {
        assert_eq!(next("0 0 0 * * 0", "2026-03-02T00:00:00Z", 2), ["Sun 03-08 00:00:00", "Sun 03-15 00:00:00"]);
        assert_eq!(
            next("0 0 0 * * 1-2,6", "2026-03-01T00:00:00Z", 3),
            ["Mon 03-02 00:00:00", "Tue 03-03 00:00:00", "Sat 03-07 00:00:00"]
        );
        assert_eq!(next("0 0 0 * * MON", "2026-03-01T00:00:00Z", 1), ["Mon 03-02 00:00:00"]);
        assert_eq!(
            next("0 0 0 * * */3", "2026-03-01T00:00:00Z", 3),
            ["Wed 03-04 00:00:00", "Sat 03-07 00:00:00", "Sun 03-08 00:00:00"]
        );
    }

    #[test]
    fn day_and_weekday_must_both_fit() {
        assert_eq!(next("0 0 0 13 * FRI", "2026-03-14T00:00:00Z", 1), ["Fri 11-13 00:00:00"]);
    }

    #[test]
    fn time_spans_count_from_the_last_tick() {
        assert_eq!(next("00:00:45", "2026-03-01T10:00:01Z", 2), ["Sun 03-01 10:00:46", "Sun 03-01 10:01:31"]);
        assert_eq!(parse_time_span("2.03:04:05"), Some(Duration::from_secs(2 * 86_400 + 3 * 3_600 + 4 * 60 + 5)));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "* * * *",
            "61 * * * * *",
            "0 0 0 * * 7",
            "0 0 0 * * SOMEDAY",
            "00:00:00",
            "25:00:00",
            "+1:00:00",
            "1:2",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn frequent_timers_have_no_status() {
        let now = SystemTime::UNIX_EPOCH;
        assert!(!Schedule::parse("*/15 * * * * *").unwrap().is_monitored(now));
        assert!(!Schedule::parse("0,30 0 * * * *").unwrap().is_monitored(now));
        assert!(!Schedule::parse("00:00:59").unwrap().is_monitored(now));
        assert!(Schedule::parse("0 */5 * * * *").unwrap().is_monitored(now));
        assert!(Schedule::parse("00:01:00").unwrap().is_monitored(now));
    }

    #[test]
    fn settings_are_put_in() {
        let setting = |name: &str| (name == "EVERY").then(|| "*/10".to_owned());
        assert_eq!(resolve_settings("0 %EVERY% * * * *", &setting).unwrap(), "0 */10 * * * *");
        assert!(resolve_settings("%OTHER%", &setting).unwrap_err().to_string().contains("OTHER"));
        assert!(resolve_settings("%EVERY", &setting).is_err());
    }
}
