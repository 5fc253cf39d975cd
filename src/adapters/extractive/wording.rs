//! How things are said, in English and German.

use std::cmp::Ordering;

use super::{lexicon, words::Word};

/// Digits that a floating-point number surely has.
const EXACT_DIGITS: usize = 15;
/// Digits of a small number that was computed, if it has more decimals.
const SMALL_DIGITS: usize = 5;

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

    /// A whole number with its thousands marked, each digit as it is: `1,234` or `1.234`.
    pub(super) fn whole(self, number: &str) -> String {
        let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
        let thousands = self.say(",", ".");
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push_str(thousands);
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}")
    }

    /// A number with all of its decimals, two at least if it has any: `1,234.50` or `1.234,50`.
    pub(super) fn decimal(self, number: f64) -> String {
        self.written(&number.to_string())
    }

    /// A number that was computed, with so many decimals if it has no more. Of more, two are told, or the first digits of a small number.
    pub(super) fn rounded(self, number: f64, decimals: usize) -> String {
        // The last of 17 digits may come of the computing alone: 0.1 + 0.2.
        let places = EXACT_DIGITS - 1;
        let number = format!("{number:.places$e}").parse().unwrap_or(number);
        let text = number.to_string();
        if text.split_once('.').is_none_or(|(_, after)| after.len() <= decimals) {
            return self.written(&text);
        }
        if number.abs() >= 0.1 {
            return self.written(&format!("{number:.2}"));
        }
        let zeros = text.bytes().skip_while(|byte| !byte.is_ascii_digit()).filter(u8::is_ascii_digit);
        let places = zeros.take_while(|byte| *byte == b'0').count() + SMALL_DIGITS - 1;
        self.written(format!("{number:.places$}").trim_end_matches('0'))
    }

    /// Digits with a point, as this language writes them.
    fn written(self, text: &str) -> String {
        match text.split_once('.') {
            Some((whole, decimals)) => format!("{}{}{decimals:0<2}", self.whole(whole), self.say(".", ",")),
            None => self.whole(text),
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
            (4e-7, "0.0000004", "0,0000004"),
            (-1.0 / 30_000.0, "-0.000033333", "-0,000033333"),
            (0.1 + 0.2, "0.30", "0,30"),
            (12_345_678_901.12, "12,345,678,901.12", "12.345.678.901,12"),
            (1e21, "1,000,000,000,000,000,000,000", "1.000.000.000.000.000.000.000"),
        ] {
            assert_eq!(Language::English.rounded(number, 2), english);
            assert_eq!(Language::German.rounded(number, 2), german);
        }
        assert_eq!(Language::English.rounded(5.832, 6), "5.832");
        assert_eq!(Language::English.rounded(5.832, 2), "5.83");
    }

    #[test]
    fn what_stands_in_a_cell_is_not_rounded() {
        for (number, text) in
            [(1.999, "1.999"), (3.5, "3.50"), (4e-7, "0.0000004"), (0.123_456_789, "0.123456789"), (1234.0, "1,234")]
        {
            assert_eq!(Language::English.decimal(number), text);
        }
        assert_eq!(Language::German.decimal(-1234.567), "-1.234,567");
        for (number, text) in [
            ("909007199254740993", "909,007,199,254,740,993"),
            ("-999999999999999999", "-999,999,999,999,999,999"),
            ("18446744073709551615", "18,446,744,073,709,551,615"),
            ("12", "12"),
        ] {
            assert_eq!(Language::English.whole(number), text);
        }
        assert_eq!(Language::German.whole("-1234567"), "-1.234.567");
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
