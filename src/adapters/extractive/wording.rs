//! How things are said, in English and German.

use std::cmp::Ordering;

use super::{lexicon, words::Word};

/// The language of an answer: that of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    /// The language that the words are of, if they tell.
    pub(super) fn of(words: &[Word]) -> Option<Self> {
        let has_umlaut = |word: &&Word| word.text.to_lowercase().contains(['ä', 'ö', 'ü', 'ß']);
        let count = |test: fn(&str) -> bool| words.iter().filter(|word| test(&word.folded)).count();
        let german = count(lexicon::is_german) + words.iter().filter(has_umlaut).count();
        match german.cmp(&count(lexicon::is_english)) {
            Ordering::Less => Some(Self::English),
            Ordering::Equal => None,
            Ordering::Greater => Some(Self::German),
        }
    }

    /// The language of the last of the questions: where it does not tell, it is that of the one before.
    pub(super) fn of_last<'q>(questions: impl DoubleEndedIterator<Item = &'q [Word]>) -> Self {
        questions.rev().find_map(Self::of).unwrap_or(Self::English)
    }

    /// One of two texts.
    pub(super) fn say<'t>(self, english: &'t str, german: &'t str) -> &'t str {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }

    /// A number, rounded to two decimals if it has more: `1,234.50` or `1.234,50`.
    pub(super) fn number(self, number: f64) -> String {
        let is_whole = number.fract() == 0.0;
        let is_small = number != 0.0 && number.abs() < 0.1;
        let text = if is_whole {
            format!("{number:.0}")
        } else if is_small {
            format!("{number:.6}")
        } else {
            format!("{number:.2}")
        };
        let (whole, fraction) =
            text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
        let (thousands, point) = match self {
            Self::English => (',', '.'),
            Self::German => ('.', ','),
        };
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(thousands);
            }
            grouped.push(digit);
        }
        match fraction {
            Some(fraction) => format!("{sign}{grouped}{point}{fraction}"),
            None => format!("{sign}{grouped}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words_of;
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        for (number, english, german) in [
            (0.0, "0", "0"),
            (1234.5, "1,234.50", "1.234,50"),
            (-1_234_567.0, "-1,234,567", "-1.234.567"),
            (0.012_345_678, "0.012346", "0,012346"),
            (89.100_000_000_01, "89.10", "89,10"),
        ] {
            assert_eq!(Language::English.number(number), english);
            assert_eq!(Language::German.number(number), german);
        }
    }

    #[test]
    fn the_language_is_that_of_the_question() {
        for question in
            ["Wie viele Bestellungen gibt es?", "Und im Jahr 2024?", "Betrag über 1.000 Euro", "Umsatz 2023"]
        {
            assert_eq!(Language::of(&words_of(question)), Some(Language::German), "{question}");
        }
        assert_eq!(Language::of(&words_of("What is the total in Berlin?")), Some(Language::English));
        let (german, year) = (words_of("Wie hoch ist der Umsatz?"), words_of("2024?"));
        assert_eq!(Language::of_last([&german[..], &year[..]].into_iter()), Language::German);
        assert_eq!(Language::of_last([&year[..]].into_iter()), Language::English);
    }
}
