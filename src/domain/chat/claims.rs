//! Whether a value shows what is said with its citation.

use serde_json::Value;

use super::{
    figures::{Figure, figures_of},
    numbers::Number,
    scales::{Scale, is_of_column, scale_behind},
    signs,
};

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
        let said = without_currency(self.said);
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
        match (figures_of(said).pop(), Number::of(value)) {
            (Some(figure), Some(number)) if figure.end == said.len() => self.meant(&figure, &number),
            _ => [said, said_text].iter().find_map(|said| {
                let before = said.strip_suffix(shown.as_str()).filter(|_| !shown.is_empty())?;
                is_whole_after(before, &shown).then(|| whole(before.len()))
            }),
        }
    }

    /// A figure with a word like `million` behind it, or behind its citation, is that much, unless the column is of millions.
    fn meant(&self, figure: &Figure, number: &Number) -> Option<Shown> {
        let behind = scale_behind(self.behind).map(|(_, scales)| scales);
        let said = match (figure.scales, behind) {
            ([], Some(scales)) | (scales, None) => scales,
            // No number is of both.
            (_, Some(_)) => return None,
        };
        // Where two languages mean different things, the answer's own counts.
        let fits = |scale: &&Scale| said.len() < 2 || self.point.is_none() || scale.point == self.point;
        let fitting: Vec<Scale> = said.iter().filter(fits).copied().collect();
        // The word tells in which language the figure is written.
        let point = if said.len() == 1 { said[0].point } else { None };
        let as_it_stands = said.is_empty() || is_of_column(self.column, &fitting);
        let one = as_it_stands.then_some(Scale { point, ..Scale::ONE });
        let reading = fitting
            .into_iter()
            .chain(one)
            .find_map(|scale| figure.reading_of(number, scale, self.point.or(scale.point)))?;
        Some(Shown { from: figure.place.start, point: reading.point })
    }
}

/// What is said, without what stands between a figure and its citation.
fn without_currency(said: &str) -> &str {
    const BETWEEN: [char; 9] = [' ', '(', '%', '€', '$', '£', '\u{a0}', '*', '`'];
    let trimmed = said.trim_end_matches(BETWEEN);
    let before = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_code = before.ends_with([' ', '\u{a0}']) && signs::is_currency_code(&trimmed[before.len()..]);
    let amount = before.trim_end_matches(BETWEEN);
    if is_code && amount.ends_with(char::is_alphanumeric) { amount } else { trimmed }
}

/// Whether one of the figures of a text is written like this.
#[must_use]
pub fn has_figure(text: &str, figure: &Figure) -> bool {
    figures_of(text).iter().any(|shown| shown.is_like(figure))
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
    let begins_with = part.chars().next();
    let is_number = begins_with.is_some_and(|c| c.is_ascii_digit());
    if is_number && signs::is_negative(before) {
        return false;
    }
    let mut before = before.chars().rev();
    match before.next() {
        Some('.' | ',') if is_number => !before.next().is_some_and(|c| c.is_ascii_digit()),
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

    #[test]
    fn a_sign_counts_wherever_it_stands() {
        for said in
            ["It is -$5,000 ", "It is -€5,000 ", "minus 5,000 ", "It is - 5,000 ", "minus EUR 5,000 ", "-5,000 EUR "]
        {
            assert!(!is_shown(said, &json!(5000)) && is_shown(said, &json!(-5000)), "{said}");
            assert!(!is_shown(said, &json!("5000")), "{said}");
        }
        for said in ["- 5,000 ", "Berlin - 5,000 ", "10 - 5,000 ", "5,000 EUR ", "$5,000 "] {
            assert!(is_shown(said, &json!(5000)) && !is_shown(said, &json!(-5000)), "{said}");
        }
        assert!(is_shown("a lamp of 5 kg ", &json!("5 kg")) && !is_shown("a lamp of minus 5 kg ", &json!("5 kg")));
    }

    #[test]
    fn long_numbers_are_compared_digit_by_digit() {
        for (said, is_right) in [("4006381333931 ", true), ("4,006,381,333,931 ", true), ("4006381333935 ", false)] {
            assert_eq!(is_shown(said, &json!(4_006_381_333_931_i64)), is_right, "{said}");
            assert_eq!(is_shown(said, &json!("4006381333931")), is_right, "{said}");
            assert_eq!(is_shown(said, &json!(4_006_381_333_931.0)), is_right, "{said}");
        }
    }

    #[test]
    fn only_a_word_of_the_column_waives_a_million() {
        let shown = |said: &str, behind: &str, column: &str| {
            Claim { said, behind, column, point: None }.shown_by(&json!(5)).is_some()
        };
        for column in ["mileage", "milk", "family", "revenue_k", ""] {
            assert!(!shown("5 ", " million", column) && !shown("5 million ", "", column), "{column}");
        }
        for column in ["revenue_mio", "inMillions", "revenue.m"] {
            assert!(shown("5 ", " million", column) && shown("5 Mio ", "", column), "{column}");
        }
        for word in ["trillion", "Billionen", "Trillion", "hundred", "hundert", "dozen", "Dutzend", "lakh", "crore"] {
            assert!(!shown("5 ", &format!(" {word}"), "x") && !shown(&format!("5 {word} "), "", "x"), "{word}");
        }
        let of =
            |said, number: i64, point| Claim { said, point, ..Claim::default() }.shown_by(&json!(number)).is_some();
        assert!(of("5 Billion ", 5_000_000_000_000, Some(',')) && !of("5 Billion ", 5_000_000_000, Some(',')));
        assert!(
            of("5 Billion ", 5_000_000_000, Some('.'))
                && of("3 dozen ", 36, None)
                && of("5 million € ", 5_000_000, None)
        );
    }
}
