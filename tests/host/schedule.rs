//! When a timer is due: NCRONTAB expressions and spans of time, in UTC.

use std::time::Duration;

use time::{Date, OffsetDateTime, Time};

use super::timespan;

const DAYS_LOOKED_AT: u32 = 366 * 9;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The schedule of a timer.
#[derive(Clone, Debug)]
pub enum Schedule {
    Cron(Box<Cron>),
    /// So long after the last occurrence.
    Constant(Duration),
}

/// The numbers that each field takes.
#[derive(Clone, Debug)]
pub struct Cron {
    seconds: Vec<bool>,
    minutes: Vec<bool>,
    hours: Vec<bool>,
    days: Vec<bool>,
    months: Vec<bool>,
    weekdays: Vec<bool>,
}

impl Schedule {
    /// Six fields from seconds to days of the week, five without seconds, or a span.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(span) = timespan::parse(text) {
            return (!span.is_zero()).then_some(Self::Constant(span));
        }
        let mut fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() == 5 {
            fields.insert(0, "0");
        }
        let [seconds, minutes, hours, days, months, weekdays] = fields.try_into().ok()?;
        Some(Self::Cron(Box::new(Cron {
            seconds: field(seconds, 0..=59, &[])?,
            minutes: field(minutes, 0..=59, &[])?,
            hours: field(hours, 0..=23, &[])?,
            days: field(days, 1..=31, &[])?,
            months: field(months, 1..=12, &MONTHS)?,
            weekdays: field(weekdays, 0..=6, &WEEKDAYS)?,
        })))
    }

    /// Whether the schedule takes part in changes of the clock, as the platform says of it.
    pub fn adjusts_for_dst(&self) -> bool {
        matches!(self, Self::Cron(_))
    }

    /// The first occurrence after an instant. A schedule that has none is never due.
    pub fn next(&self, after: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Constant(span) => Some(after + *span),
            Self::Cron(cron) => cron.next(after),
        }
    }

    /// Whether two occurrences may be less than a minute apart.
    pub fn is_below_a_minute(&self, now: OffsetDateTime) -> bool {
        let occurrences = std::iter::successors(self.next(now), |last| self.next(*last));
        let some: Vec<_> = occurrences.take(6).collect();
        some.windows(2).any(|pair| pair[1] - pair[0] < time::Duration::MINUTE)
    }
}

impl Cron {
    fn next(&self, after: OffsetDateTime) -> Option<OffsetDateTime> {
        let first = after.replace_nanosecond(0).ok()? + time::Duration::SECOND;
        let (mut date, mut from) = (first.date(), Some(first.time()));
        for _ in 0..DAYS_LOOKED_AT {
            if self.has_day(date)
                && let Some(time) = self.time_from(from.unwrap_or(Time::MIDNIGHT))
            {
                return Some(date.with_time(time).assume_utc());
            }
            from = None;
            date = date.next_day()?;
        }
        None
    }

    /// A day must suit all three of its fields.
    fn has_day(&self, date: Date) -> bool {
        self.months[usize::from(u8::from(date.month()))]
            && self.days[usize::from(date.day())]
            && self.weekdays[usize::from(date.weekday().number_days_from_sunday())]
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        let (hour, minute, second) = from.as_hms();
        for candidate in hour..24 {
            if !self.hours[usize::from(candidate)] {
                continue;
            }
            let first_minute = if candidate == hour { minute } else { 0 };
            for at in first_minute..60 {
                if !self.minutes[usize::from(at)] {
                    continue;
                }
                let first_second = if candidate == hour && at == minute { second } else { 0 };
                if let Some(found) = (first_second..60).find(|second| self.seconds[usize::from(*second)]) {
                    return Time::from_hms(candidate, at, found).ok();
                }
            }
        }
        None
    }
}

/// Reads `*`, `a`, `a-b`, any of them with `/step`, and lists of those.
fn field(text: &str, range: std::ops::RangeInclusive<usize>, names: &[&str]) -> Option<Vec<bool>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|at| at + range.start());
        named.or_else(|| text.parse().ok()).filter(|number| range.contains(number))
    };
    let mut taken = vec![false; range.end() + 1];
    for part in text.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (first, last) = match span.split_once('-') {
            _ if span == "*" => (*range.start(), *range.end()),
            Some((first, last)) => (number(first)?, number(last)?),
            None if part.contains('/') => (number(span)?, *range.end()),
            None => (number(span)?, number(span)?),
        };
        (first..=last).step_by(step).for_each(|number| taken[number] = true);
    }
    taken.contains(&true).then_some(taken)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn occurrences_follow_the_fields() {
        let after = datetime!(2026-03-01 10:04:59.5 UTC);
        let cases = [
            ("0 */5 * * * *", Some(datetime!(2026-03-01 10:05 UTC))),
            ("*/5 * * * *", Some(datetime!(2026-03-01 10:05 UTC))),
            ("*/15 * * * * *", Some(datetime!(2026-03-01 10:05 UTC))),
            ("30 4 10 * * *", Some(datetime!(2026-03-02 10:04:30 UTC))),
            ("0 0 9-17/4 * * mon-fri", Some(datetime!(2026-03-02 9:00 UTC))),
            ("0 0 0 * * 0", Some(datetime!(2026-03-08 0:00 UTC))),
            ("0 0 0 29 Feb *", Some(datetime!(2028-02-29 0:00 UTC))),
            ("0 0 0 13 * fri", Some(datetime!(2026-03-13 0:00 UTC))),
            ("5,10 0 0 1 1 *", Some(datetime!(2027-01-01 0:00:05 UTC))),
            ("0 0 0 31 2 *", None),
            ("01:30:00", Some(datetime!(2026-03-01 11:34:59.5 UTC))),
        ];
        for (text, expected) in cases {
            assert_eq!(Schedule::parse(text).unwrap().next(after), expected, "{text}");
        }
    }

    #[test]
    fn wrong_schedules_are_refused() {
        for text in ["", "* * * *", "60 * * * * *", "0 0 0 * * 7", "a * * * * *", "*/0 * * * * *", "00:00:00"] {
            assert!(Schedule::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn schedules_below_a_minute_are_told_from_others() {
        let now = datetime!(2026-03-01 10:00 UTC);
        for (text, expected) in [("*/15 * * * * *", true), ("0 * * * * *", false), ("00:00:59", true), ("1:00", false)]
        {
            assert_eq!(Schedule::parse(text).unwrap().is_below_a_minute(now), expected, "{text}");
        }
    }
}
