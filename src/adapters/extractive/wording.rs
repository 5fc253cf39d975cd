//! How things are said, in English and German.

use super::{lexicon, words::Word};

/// The language of an answer: that of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    pub(super) fn of(words: &[Word]) -> Self {
        let count = |test: fn(&str) -> bool| words.iter().filter(|word| test(&word.folded)).count();
        if count(lexicon::is_german) > count(lexicon::is_english) { Self::German } else { Self::English }
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
        assert_eq!(Language::of(&words_of("Wie viele Bestellungen gibt es?")), Language::German);
        assert_eq!(Language::of(&words_of("Und im Jahr 2024?")), Language::German);
        assert_eq!(Language::of(&words_of("What is the total in Berlin?")), Language::English);
    }
}
