//! What answers of models took.

use std::{fmt, str::FromStr};

use serde::Serialize;
use time::{Date, Duration, Month};

use super::{MessageId, Timestamp, UserId};

/// The first day that is counted from.
const FIRST: Date = match Date::from_calendar_date(1970, Month::January, 1) {
    Ok(date) => date,
    Err(_) => Date::MIN,
};

/// A day of the calendar in UTC; `2026-11-22` outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, format = Date)]
pub struct Day(i32);

impl Day {
    /// The day so many days after 1970-01-01.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(i32::try_from(moment.as_seconds().div_euclid(86_400)).unwrap_or(i32::MAX))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = FIRST.checked_add(Duration::days(self.0.into())).unwrap_or(Date::MAX);
        let (year, month, day) = date.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What one answer took so far; or a search, or an attempt at a job, for which a model makes vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerTook {
    /// The answer, or an id of what else it was.
    pub answer: MessageId,
    /// Who asked.
    pub user: UserId,
    /// The day on which it was begun.
    pub day: Day,
    /// Who answers.
    pub model: String,
    /// Tokens of the requests.
    pub input_tokens: u64,
    /// Tokens of the replies.
    pub output_tokens: u64,
}

/// What the answers of a model to a person took on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DayOfUsage {
    /// The day.
    pub day: Day,
    /// Who asked.
    #[serde(rename = "user_id")]
    pub user: UserId,
    /// Their name; `None` if the account is gone.
    pub username: Option<String>,
    /// Who answered, or made vectors.
    pub model: String,
    /// Answers, also those that broke off; of a model that makes vectors, searches and attempts at jobs.
    pub turns: u64,
    /// Tokens of the requests.
    pub input_tokens: u64,
    /// Tokens of the replies.
    pub output_tokens: u64,
}

/// Where a list of usage goes on: after the entry of this day, person and model. Written `{days since 1970}_{person}_{model}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePosition {
    /// The day.
    pub day: Day,
    /// Who asked.
    pub user: UserId,
    /// Who answered.
    pub model: String,
}

impl UsagePosition {
    /// Before the latest entry.
    #[must_use]
    pub fn start() -> Self {
        Self { day: Day(i32::MAX), user: UserId(uuid::Uuid::max()), model: String::new() }
    }

    /// After this entry.
    #[must_use]
    pub fn after(entry: &DayOfUsage) -> Self {
        Self { day: entry.day, user: entry.user, model: entry.model.clone() }
    }
}

impl fmt::Display for UsagePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_{}", self.day.0, self.user, self.model)
    }
}

impl FromStr for UsagePosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '_');
        let mut next = || parts.next().ok_or(());
        let day = next()?.parse().map_err(|_| ())?;
        Ok(Self { day: Day(day), user: next()?.parse().map_err(|_| ())?, model: next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_of_utc() {
        let day = |millis| Day::of(Timestamp::from_millis(millis)).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!((day(-1), day(86_400_000)), ("1969-12-31".to_owned(), "1970-01-02".to_owned()));
        assert_eq!((day(1_772_359_200_123), day(951_782_400_000)), ("2026-03-01".to_owned(), "2000-02-29".to_owned()));
    }

    #[test]
    fn positions_are_read_back() {
        let user = UserId(uuid::Uuid::from_u128(7));
        let position = UsagePosition { day: Day(20_000), user, model: "gpt_4.1_ä".into() };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "1", "1_2_x", "x_00000000-0000-0000-0000-000000000007_m"] {
            assert_eq!(text.parse::<UsagePosition>(), Err(()), "{text}");
        }
    }
}
