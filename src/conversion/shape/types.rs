//! The narrowest type that every value of a path fits.
//!
//! A type is claimed only if each value would print back the same from it: `007`, `1e5`, `+1`, numbers of many digits and
//! `1.50` beside `2.5` stay text.

use serde::{Deserialize, Serialize};

/// The type of a column's values. Cells are always the verbatim text; this says what they may be read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole numbers of at most 18 digits.
    Integer,
    /// Decimal numbers of at most 15 digits, all in their shortest form or all with the same number of decimals.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// `2024-02-29`.
    Date,
    /// `2024-02-29T12:30:00`, seconds with or without a fraction, with or without a zone.
    DateTime,
    /// `12:30:00`, seconds with or without a fraction.
    Time,
    /// Anything.
    #[default]
    Text,
}

/// What the values seen so far rule out. Merging two is the same as having seen the values of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fits(u8, u8, u8);

const INTEGER: u8 = 1;
const NUMBER: u8 = 1 << 1;
const BOOLEAN: u8 = 1 << 2;
const DATE: u8 = 1 << 3;
const DATE_TIME: u8 = 1 << 4;
const TIME: u8 = 1 << 5;
/// Every number is in its shortest form.
const SHORTEST: u8 = 1 << 6;
const ALL: u8 = (1 << 7) - 1;

/// Longer values are text without a look.
const LONGEST: usize = 40;

impl Fits {
    /// Nothing seen yet, nothing ruled out.
    pub(crate) const ANYTHING: Self = Self(ALL, u8::MAX, 0);

    /// Takes note of a value.
    #[inline]
    pub(crate) fn observe(&mut self, value: &str) {
        if self.0 & !SHORTEST != 0 {
            self.narrow(value.as_bytes());
        }
    }

    /// Takes note of a value that is nothing but text.
    pub(crate) fn observe_text(&mut self) {
        self.0 = 0;
    }

    /// As if the values of the other had been observed too.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.0 &= other.0;
        self.1 = self.1.min(other.1);
        self.2 = self.2.max(other.2);
        self.settle();
    }

    /// Forgets what means nothing where there is a value that is no number: it depends on which values came first.
    pub(super) fn settle(&mut self) {
        if self.0 & NUMBER == 0 {
            *self = Self(self.0 & !SHORTEST, u8::MAX, 0);
        }
    }

    /// How many decimals every number has, if all have as many.
    pub(crate) fn same_decimals(self) -> Option<u8> {
        (self.1 == self.2).then_some(self.1)
    }

    /// The type, given that at least one value was observed.
    pub(crate) fn column_type(self) -> ColumnType {
        let same_decimals = self.1 == self.2;
        let claims = [
            (self.0 & INTEGER != 0, ColumnType::Integer),
            (self.0 & NUMBER != 0 && (self.0 & SHORTEST != 0 || same_decimals), ColumnType::Decimal),
            (self.0 & BOOLEAN != 0, ColumnType::Boolean),
            (self.0 & DATE != 0, ColumnType::Date),
            (self.0 & DATE_TIME != 0, ColumnType::DateTime),
            (self.0 & TIME != 0, ColumnType::Time),
        ];
        claims.iter().find(|(holds, _)| *holds).map_or(ColumnType::Text, |(_, column_type)| *column_type)
    }

    fn narrow(&mut self, value: &[u8]) {
        if value.len() > LONGEST {
            return self.observe_text();
        }
        if self.0 & NUMBER != 0 && is_short_integer(value) {
            self.0 &= INTEGER | NUMBER | SHORTEST;
            self.1 = 0;
            return;
        }
        let mut fits = 0;
        if self.0 & NUMBER != 0
            && let Some(decimals) = number(value)
        {
            let integer = decimals == 0 && digits(value) <= 18;
            let number = digits(value) <= 15;
            let shortest = decimals == 0 || value.last() != Some(&b'0');
            fits |= if integer { INTEGER } else { 0 };
            fits |= if number || integer { NUMBER } else { 0 };
            fits |= if shortest && number { SHORTEST } else { 0 };
            self.1 = self.1.min(decimals);
            self.2 = self.2.max(if number { decimals } else { u8::MAX });
        }
        fits |= if value == b"true" || value == b"false" { BOOLEAN } else { 0 };
        fits |= if self.0 & DATE != 0 && date(value) { DATE } else { 0 };
        fits |= if self.0 & DATE_TIME != 0 && date_time(value) { DATE_TIME } else { 0 };
        fits |= if self.0 & TIME != 0 && time(value) { TIME } else { 0 };
        self.0 &= fits;
    }
}

/// Whether this is a number of a few digits, as most integers are.
#[inline]
fn is_short_integer(value: &[u8]) -> bool {
    let is_plain = match value {
        [b'1'..=b'9', ..] => value.len() <= 15,
        [b'0'] => true,
        _ => false,
    };
    is_plain && value.iter().all(u8::is_ascii_digit)
}

/// How many digits there are.
pub(crate) fn digits(value: &[u8]) -> usize {
    value.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// The number of decimals of a plain number: no plus sign, no leading zeros, no minus zero, digits on both sides of the point.
pub(crate) fn number(value: &[u8]) -> Option<u8> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let point = unsigned.iter().position(|byte| *byte == b'.');
    let (whole, decimals) = match point {
        Some(at) => (&unsigned[..at], &unsigned[at + 1..]),
        None => (unsigned, &unsigned[unsigned.len()..]),
    };
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let plain = match whole {
        [] => false,
        [b'0'] => true,
        [first, ..] => *first != b'0',
    };
    let negative_zero = unsigned.len() < value.len() && unsigned.iter().all(|byte| matches!(byte, b'0' | b'.'));
    let open_point = point.is_some() && decimals.is_empty();
    let good = plain && !negative_zero && !open_point && all_digits(whole) && all_digits(decimals);
    if good { u8::try_from(decimals.len()).ok() } else { None }
}

/// The number that two digits make, or one that is too high for all uses.
#[inline]
fn two(tens: u8, ones: u8) -> u32 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if (tens > 9) | (ones > 9) { 100 } else { u32::from(tens) * 10 + u32::from(ones) }
}

/// A day of the calendar, `2024-02-29`, from year 1 to 9999.
pub(crate) fn date(value: &[u8]) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = value else { return false };
    let (century, year, month, day) = (two(y1, y2), two(y3, y4), two(m1, m2), two(d1, d2));
    century < 100
        && year < 100
        && century + year > 0
        && (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || day <= last_day(century * 100 + year, month))
}

fn last_day(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// Hours below 24, minutes and seconds below 60, at most six decimals.
pub(crate) fn time(value: &[u8]) -> bool {
    let &[h1, h2, b':', m1, m2, b':', s1, s2, ref fraction @ ..] = value else { return false };
    let fraction_fits = match fraction {
        [] => true,
        [b'.', decimals @ ..] => (1..=6).contains(&decimals.len()) && decimals.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    two(h1, h2) < 24 && two(m1, m2) < 60 && two(s1, s2) < 60 && fraction_fits
}

fn date_time(value: &[u8]) -> bool {
    let Some((day, [b'T', clock @ ..])) = value.split_at_checked(10) else { return false };
    date(day) && time(without_zone(clock))
}

/// Cuts off `Z` or `+01:00`; what does not look like a zone stays.
fn without_zone(clock: &[u8]) -> &[u8] {
    match clock {
        [rest @ .., b'Z'] => rest,
        [rest @ .., b'+' | b'-', h1, h2, b':', m1, m2] if two(*h1, *h2) <= 14 && two(*m1, *m2) < 60 => rest,
        _ => clock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> ColumnType {
        let mut fits = Fits::ANYTHING;
        values.iter().for_each(|value| fits.observe(value));
        fits.column_type()
    }

    #[test]
    fn numbers_that_print_back_the_same() {
        assert_eq!(of(&["0", "-7", "123456789012345678"]), ColumnType::Integer);
        assert_eq!(of(&["0.5", "-12.25", "3"]), ColumnType::Decimal);
        assert_eq!(of(&["1.50", "20.00"]), ColumnType::Decimal, "a fixed number of decimals is kept by its count");
    }

    #[test]
    fn what_looks_like_a_number_but_would_change_stays_text() {
        for value in [
            "007",
            "01",
            "1e5",
            "12345678901234567890",
            "+1-555",
            "+5",
            "-0",
            "-0.0",
            ".5",
            "5.",
            "1,000",
            "0x1F",
            "NaN",
        ] {
            assert_eq!(of(&[value]), ColumnType::Text, "{value}");
        }
        assert_eq!(of(&["1.50", "2.5"]), ColumnType::Text);
        assert_eq!(of(&["123456789012345678", "0.5"]), ColumnType::Text, "too many digits for a decimal");
    }

    #[test]
    fn calendar_and_clock() {
        assert_eq!(of(&["2024-02-29", "0001-12-31"]), ColumnType::Date);
        assert_eq!(of(&["2023-02-29"]), ColumnType::Text);
        assert_eq!(of(&["2024-13-01"]), ColumnType::Text);
        assert_eq!(of(&["12:30:00", "23:59:59.5"]), ColumnType::Time);
        assert_eq!(of(&["24:00:00"]), ColumnType::Text);
        assert_eq!(of(&["2024-02-29T12:30:00Z", "2024-02-29T12:30:00.123+05:30"]), ColumnType::DateTime);
        assert_eq!(of(&["2024-02-29 12:30:00"]), ColumnType::Text);
    }

    #[test]
    fn a_year_has_as_many_days_as_the_calendar_says() {
        for (year, days) in [("0000", 0), ("0001", 365), ("1900", 365), ("2000", 366), ("2023", 365), ("2024", 366)] {
            let pairs = (0..100).flat_map(|month| (0..100).map(move |day| (month, day)));
            let count = pairs.filter(|(month, day)| date(format!("{year}-{month:02}-{day:02}").as_bytes())).count();
            assert_eq!(count, days, "{year}");
        }
        let clocks = (0..1_000_000).filter(|clock| {
            time(format!("{:02}:{:02}:{:02}", clock / 10_000, clock / 100 % 100, clock % 100).as_bytes())
        });
        assert_eq!(clocks.count(), 24 * 60 * 60);
    }

    #[test]
    fn what_is_next_to_a_digit_is_no_digit() {
        for value in ["2011-11-11", "11:11:11", "11:11:11.11", "2011-11-11T11:11:11+11:11"] {
            assert_ne!(of(&[value]), ColumnType::Text, "{value}");
            for at in (0..value.len()).filter(|at| value.as_bytes()[*at].is_ascii_digit()) {
                for other in ["/", ":", " ", "-"] {
                    let mut value = value.to_owned();
                    value.replace_range(at..=at, other);
                    assert_eq!(of(&[&value]), ColumnType::Text, "{value}");
                }
            }
        }
    }

    #[test]
    fn one_value_of_another_type_makes_text() {
        assert_eq!(of(&["true", "false"]), ColumnType::Boolean);
        assert_eq!(of(&["true", "1"]), ColumnType::Text);
        assert_eq!(of(&["2024-02-29", "2024"]), ColumnType::Text);
    }

    #[test]
    fn merging_is_the_same_as_seeing_all() {
        let sets: [&[&str]; 6] = [&["1", "2"], &["1.5"], &["1.50", "2.00"], &["true"], &["2024-01-01"], &["x"]];
        for left in sets {
            for right in sets {
                let (mut merged, mut other) = (Fits::ANYTHING, Fits::ANYTHING);
                left.iter().for_each(|value| merged.observe(value));
                right.iter().for_each(|value| other.observe(value));
                merged.merge(&other);
                assert_eq!(merged.column_type(), of(&[left, right].concat()), "{left:?} and {right:?}");
            }
        }
    }
}
