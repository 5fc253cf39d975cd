//! Whether a value shows what is said with its citation.

use serde_json::Value;

use super::figures::{Figure, figures_of, scale_of};

/// Whole numbers of more digits are compared as texts, for a floating-point number does not tell them apart.
const EXACT_DIGITS: usize = 15;

/// What is said with the citation of a cell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim<'t> {
    /// Right before the citation.
    pub said: &'t str,
    /// Right behind it.
    pub behind: &'t str,
    /// The name of the cell's column, in which `million` may stand.
    pub column: &'t str,
    /// What stands between whole and decimals in this answer, if that is known.
    pub point: Option<char>,
}

/// What of a claim a value shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where in what is said it begins.
    pub from: usize,
    /// What stands between whole and decimals, if that was seen.
    pub point: Option<char>,
}

impl Claim<'_> {
    /// Whether a value shows what is said right before its citation: the last figure, or a quoted or plain text.
    #[must_use]
    pub fn shown_by(&self, value: &Value) -> Option<Shown> {
        let said = self.said.trim_end_matches([' ', '(', '%', '€', '$', '£', '\u{a0}', '*', '`']);
        let said_text = said.trim_end_matches(['"', '”', '“', '»', '«', '\'', '’']);
        let whole = |from: usize| Shown { from, point: None };
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Null => {
                let words = ["none", "null", "nothing", "empty", "keine", "nichts", "leer"];
                return ends_with_one_of(said, &words).then(|| whole(said.len()));
            }
            other => other.to_string(),
        };
        let is_exact = value.is_f64() || shown.trim().len() <= EXACT_DIGITS;
        let number = value.as_f64().or_else(|| shown.trim().parse().ok()).filter(|_| is_exact);
        let (of_scale, before) =
            scale_before(said).or_else(|| Some((first_scale(self.behind)?, said))).unwrap_or(("", said));
        match (figures_of(before).pop(), number) {
            (Some(figure), Some(number)) if figure.place.end == before.len() => self.meant(&figure, number, of_scale),
            _ => [said, said_text]
                .iter()
                .find_map(|said| {
                    let before = said.strip_suffix(shown.as_str()).filter(|_| !shown.is_empty())?;
                    is_whole_after(before, &shown).then(|| whole(before.len()))
                })
                .or_else(|| self.told_exactly(said, value)),
        }
    }

    /// A whole number too long for a floating-point one: each digit is there, whatever stands between its thousands.
    fn told_exactly(&self, said: &str, value: &Value) -> Option<Shown> {
        let number = value.as_f64().filter(|_| value.is_i64() || value.is_u64())?;
        let figure = figures_of(said).pop().filter(|figure| figure.place.end == said.len())?;
        let digits: String = said[figure.place.clone()].chars().filter(char::is_ascii_digit).collect();
        (digits == value.to_string().trim_start_matches('-')).then(|| self.meant(&figure, number, "")).flatten()
    }

    /// A figure with a word like `million` behind it is that much, unless the column is of millions.
    fn meant(&self, figure: &Figure, number: f64, of_scale: &str) -> Option<Shown> {
        let scale = scale_of(of_scale).unwrap_or(1.0);
        let beginning: String = of_scale.to_lowercase().chars().take(3).collect();
        let is_of_column = !beginning.is_empty() && self.column.to_lowercase().contains(&beginning);
        // The word tells in which language the figure is written.
        let by_word = match of_scale.to_lowercase().as_str() {
            "thousand" | "million" | "millions" | "billion" | "billions" => Some('.'),
            "tsd" | "tausend" | "mio" | "millionen" | "mrd" | "milliarde" | "milliarden" => Some(','),
            _ => None,
        };
        let scales: &[f64] = if is_of_column { &[scale, 1.0] } else { &[scale] };
        let reading = scales.iter().find_map(|scale| figure.reading_of(number, *scale, self.point.or(by_word)))?;
        Some(Shown { from: figure.place.start, point: reading.point })
    }
}

/// A word like `million` at the end of a text, and what stands before it.
fn scale_before(said: &str) -> Option<(&str, &str)> {
    let before = said.trim_end_matches(char::is_alphabetic);
    let word = &said[before.len()..];
    let figure = before.trim_end_matches([' ', '\u{a0}']);
    (scale_of(word).is_some() && figure.len() < before.len()).then_some((word, figure))
}

/// A word like `million` at the beginning of a text.
fn first_scale(behind: &str) -> Option<&str> {
    let behind = behind.trim_start_matches([' ', '\u{a0}']);
    let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
    scale_of(&behind[..end]).map(|_| &behind[..end])
}

/// Whether one of the figures of a text is written like this.
#[must_use]
pub fn has_figure(text: &str, figure: &str) -> bool {
    figures_of(text).into_iter().any(|shown| &text[shown.place] == figure)
}

/// Whether a part stands in a text as a whole: not as the end or the beginning of a word or of a number.
#[must_use]
pub fn stands_in(part: &str, text: &str) -> bool {
    text.match_indices(part).any(|(start, part)| {
        let mut after = text[start + part.len()..].chars();
        let goes_on = match after.next() {
            Some('.' | ',') => after.next().is_some_and(|c| c.is_ascii_digit()),
            next => next.is_some_and(char::is_alphanumeric),
        };
        !goes_on && is_whole_after(&text[..start], part)
    })
}

/// Whether something begins here, and is not the end of a word or of a number, or a number without its sign.
pub(super) fn is_whole_after(before: &str, part: &str) -> bool {
    let (mut before, begins_with) = (before.chars().rev(), part.chars().next());
    let is_number = begins_with.is_some_and(|c| c.is_ascii_digit());
    match before.next() {
        Some('.' | ',') if is_number => !before.next().is_some_and(|c| c.is_ascii_digit()),
        Some('-' | '−') if is_number => before.next().is_some_and(char::is_alphanumeric),
        last => !last.is_some_and(char::is_alphanumeric) || !begins_with.is_some_and(char::is_alphanumeric),
    }
}

fn ends_with_one_of(said: &str, words: &[&str]) -> bool {
    let said = said.to_lowercase();
    words.iter().any(|word| said.ends_with(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_shown(said: &str, value: &Value) -> bool {
        Claim { said, ..Claim::default() }.shown_by(value).is_some()
    }

    #[test]
    fn nothing_is_meant_by_what_is_no_number() {
        for cell in ["inf", "infinity", "-inf", "nan", "1e999"] {
            assert!(!is_shown("There are 9999 ", &json!(cell)), "{cell}");
        }
    }

    #[test]
    fn separators_mean_the_same_throughout_and_words_behind_multiply() {
        let claim = |said, behind, column, point| Claim { said, behind, column, point };
        let shown = |claim: Claim<'_>, number: f64| claim.shown_by(&json!(number)).map(|shown| shown.point);
        assert_eq!(shown(claim("1,234 ", "", "x", None), 1234.0), Some(Some('.')));
        assert_eq!(shown(claim("1,234 ", "", "x", Some('.')), 1.234), None);
        assert_eq!(shown(claim("1,234 ", "", "x", Some(',')), 1.234), Some(Some(',')));
        assert_eq!(shown(claim("1,234 ", " million in all", "x", None), 1.234), None);
        assert_eq!(shown(claim("1,234 ", " million", "x_mio", None), 1.234), None);
        assert_eq!(shown(claim("1,234 ", " Millionen", "in_millionen", None), 1.234), Some(Some(',')));
        assert_eq!(shown(claim("1.2 ", " million", "x", None), 1_234_567.0), Some(Some('.')));
        assert_eq!(shown(claim("1.2 million ", "", "x", None), 1_234_567.0), Some(Some('.')));
        assert_eq!(shown(claim("3.5 ", "", "x", Some(',')), 3.5), Some(Some('.')), "it means nothing else");
    }

    #[test]
    fn a_value_shows_what_is_said_before_it() {
        assert!(is_shown("The total is 1,234.50 ", &json!(1234.5)));
        assert!(is_shown("The total is 1,234.50 € ", &json!(1234.5)));
        assert!(is_shown("The total is **1,234.50** ", &json!("1234.50")));
        assert!(is_shown("the city is \"New York\" ", &json!("New York")));
        assert!(is_shown("the city is New York ", &json!("New York")));
        assert!(is_shown("there is none ", &Value::Null));
        assert!(!is_shown("The total is 1,234.51 ", &json!(1234.5)));
        assert!(!is_shown("It was 5 in all ", &json!(5)));
        assert!(!is_shown("the city is York ", &json!("New York")));
        assert!(!is_shown("There are 13 ", &json!(3)) && !is_shown("There are 13 ", &json!("3")));
        assert!(!is_shown("It fell by -5 ", &json!(5)) && !is_shown("It is 1.3 ", &json!(3)));
        assert!(!is_shown("the town is Newyork ", &json!("york")));
        assert!(is_shown("on average 3.33 ", &json!(10.0 / 3.0)));
        assert!(is_shown("the code is 12345678901234567 ", &json!("12345678901234567")));
        assert!(!is_shown("the code is 12345678901234568 ", &json!("12345678901234567")));
        assert!(is_shown("in all 909,007,199,254,740,993 ", &json!(909_007_199_254_740_993_i64)));
        assert!(is_shown("in all -909.007.199.254.740.993 ", &json!(-909_007_199_254_740_993_i64)));
        for said in ["909,007,199,254,740,992", "-909,007,199,254,740,993", "1,909,007,199,254,740,993"] {
            assert!(!is_shown(&format!("in all {said} "), &json!(909_007_199_254_740_993_i64)), "{said}");
        }
        assert!(is_shown("on 2024-01-31 ", &json!("2024-01-31")) && is_shown("the part \"4-A\" ", &json!("4-A")));
    }

    #[test]
    fn a_part_of_a_number_or_word_does_not_stand_for_the_whole() {
        assert!(
            stands_in("5", "5 pieces") && stands_in("5", "price: 5, in 2024") && stands_in("2024", "of 2024-01-31")
        );
        assert!(
            !stands_in("5", "15 pieces") && !stands_in("5", "51") && !stands_in("5", "1.5") && !stands_in("5", "5.1")
        );
        assert!(!stands_in("5", "it is -5") && !stands_in("York", "Yorkshire") && stands_in("1,234.5", "1,234.5 €"));
        assert!(!is_shown("The total ", &json!(7)));
    }
}
