//! Dates and stretches of time in a question.

use time::{Date, Duration, Month};

use super::super::{lexicon::month, words::Word};

/// A stretch of time, the end not included; open where there is no date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

impl Period {
    fn of(from: Date, to: Date) -> Self {
        Self { from: Some(from), to: Some(to) }
    }

    /// The whole years that it is made of, the last one included, if it is.
    pub(crate) fn years(&self) -> Option<(Option<i32>, Option<i32>)> {
        let is_start = |date: Option<Date>| date.is_none_or(|date| date.ordinal() == 1);
        let year = |date: Option<Date>| date.map(Date::year);
        (is_start(self.from) && is_start(self.to)).then(|| (year(self.from), year(self.to).map(|year| year - 1)))
    }
}

/// The stretch of time that begins at this word, and how many words name it.
pub(super) fn period_at(words: &[Word], at: usize) -> Option<(Period, usize)> {
    let word = words.get(at)?;
    let next = |step: usize| words.get(at + step);
    if let Some(day) = iso_date(&word.text).or_else(|| german_date(&word.text)) {
        return Some((Period::of(day, day.next_day()?), 1));
    }
    if let Some((year, month)) = iso_month(&word.text) {
        return Some((months(year, month, 1)?, 1));
    }
    // A linking word between: first quarter of 2023.
    let year_after = |step: usize| {
        let is_link = next(step).is_some_and(|word| {
            matches!(word.folded.as_str(), "of" | "in" | "des" | "im" | "year" | "jahr" | "jahres")
        });
        let step = step + usize::from(is_link);
        Some((year_of(next(step)?)?, step + 1))
    };
    if let Some(quarter) = quarter_name(&word.folded) {
        let (year, length) = year_after(1)?;
        return Some((months(year, quarter * 3 - 2, 3)?, length));
    }
    let is_quarter =
        |step: usize| next(step).is_some_and(|word| matches!(word.folded.as_str(), "quarter" | "quartal" | "quartals"));
    if let Some(quarter) = ordinal(&word.folded).filter(|quarter| *quarter <= 4 && is_quarter(1)) {
        let (year, length) = year_after(2)?;
        return Some((months(year, quarter * 3 - 2, 3)?, length));
    }
    let is_half = |step: usize| next(step).is_some_and(|word| matches!(word.folded.as_str(), "half" | "halbjahr"));
    if let Some(half) = ordinal(&word.folded).filter(|half| *half <= 2 && is_half(1)) {
        let (year, length) = year_after(2)?;
        return Some((months(year, half * 6 - 5, 6)?, length));
    }
    if let Some(number) = month(&word.folded) {
        // March 5, 2023
        if let Some((day, year)) = next(1).and_then(day_of).zip(next(2).and_then(year_of)) {
            let date = date(year, number, day)?;
            return Some((Period::of(date, date.next_day()?), 3));
        }
        let (year, length) = year_after(1)?;
        return Some((months(year, number, 1)?, length));
    }
    if let Some((day, number)) = day_of(word).zip(next(1).and_then(|word| month(&word.folded))) {
        let (year, length) = year_after(2)?;
        let date = date(year, number, day)?;
        return Some((Period::of(date, date.next_day()?), length));
    }
    let year = year_of(word)?;
    if let Some(quarter) = next(1).and_then(|word| quarter_name(&word.folded)) {
        return Some((months(year, quarter * 3 - 2, 3)?, 2));
    }
    Some((months(year, 1, 12)?, 1))
}

/// The day before, for periods that are told to a person.
pub(crate) fn day_before(date: Date) -> Date {
    date.saturating_sub(Duration::days(1))
}

fn year_of(word: &Word) -> Option<i32> {
    let is_year = word.text.len() == 4 && word.text.bytes().all(|byte| byte.is_ascii_digit());
    word.text.parse().ok().filter(|year| is_year && (1900..2100).contains(year))
}

fn day_of(word: &Word) -> Option<u8> {
    let digits = word.folded.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    digits.parse().ok().filter(|day| (1..=31).contains(day) && digits.len() <= 2)
}

fn ordinal(folded: &str) -> Option<u8> {
    Some(match folded {
        "first" | "1st" | "1" | "erste" | "ersten" | "erstes" => 1,
        "second" | "2nd" | "2" | "zweite" | "zweiten" | "zweites" => 2,
        "third" | "3rd" | "3" | "dritte" | "dritten" | "drittes" => 3,
        "fourth" | "4th" | "4" | "vierte" | "vierten" | "viertes" | "last" | "letzten" | "letzte" => 4,
        _ => return None,
    })
}

fn quarter_name(folded: &str) -> Option<u8> {
    let number = folded.strip_prefix('q')?;
    number.parse().ok().filter(|quarter| (1..=4).contains(quarter) && number.len() == 1)
}

fn iso_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [year, month, day] = parts[..] else { return None };
    (year.len() == 4).then_some(())?;
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn german_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('.').collect();
    let [day, month, year] = parts[..] else { return None };
    (year.len() == 4).then_some(())?;
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn iso_month(text: &str) -> Option<(i32, u8)> {
    let (year, month) = text.split_once('-')?;
    (year.len() == 4 && month.len() == 2).then_some(())?;
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn months(year: i32, first: u8, count: u8) -> Option<Period> {
    let after = first + count;
    let end = if after > 12 { date(year + 1, after - 12, 1)? } else { date(year, after, 1)? };
    Some(Period::of(date(year, first, 1)?, end))
}

#[cfg(test)]
mod tests {
    use super::{super::super::words::words_of, *};

    fn period(text: &str) -> Option<(String, String, usize)> {
        let (period, length) = period_at(&words_of(text), 0)?;
        Some((period.from?.to_string(), period.to?.to_string(), length))
    }

    #[test]
    fn stretches_of_time_are_read_in_both_languages() {
        for (text, from, to, length) in [
            ("2023", "2023-01-01", "2024-01-01", 1),
            ("2023-05-31", "2023-05-31", "2023-06-01", 1),
            ("31.12.2019", "2019-12-31", "2020-01-01", 1),
            ("2023-12", "2023-12-01", "2024-01-01", 1),
            ("March 2023", "2023-03-01", "2023-04-01", 2),
            ("März 2023", "2023-03-01", "2023-04-01", 2),
            ("March 5, 2023", "2023-03-05", "2023-03-06", 3),
            ("5. März 2023", "2023-03-05", "2023-03-06", 3),
            ("second quarter of 2023", "2023-04-01", "2023-07-01", 4),
            ("Q4 2022", "2022-10-01", "2023-01-01", 2),
            ("2022 Q1", "2022-01-01", "2022-04-01", 2),
            ("first half of 2024", "2024-01-01", "2024-07-01", 4),
        ] {
            assert_eq!(period(text), Some((from.into(), to.into(), length)), "{text}");
        }
        for text in ["350", "2023-02-30", "March", "quarter", "O-2023", "3000"] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
