//! Figures in sentences, and whether a value shows them.

use std::ops::Range;

use serde_json::Value;

/// A figure of a text: where it stands, and what it may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Where it stands.
    pub place: Range<usize>,
    /// What it means: `1.234` may be either of two numbers.
    readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq)]
struct Reading {
    value: f64,
    decimals: usize,
}

/// The figures of a text, in order. Digits inside of words (`q1`, `A4`) are none, and neither are dates and times.
#[must_use]
pub fn figures_of(text: &str) -> Vec<Figure> {
    let bytes = text.as_bytes();
    let mut figures = Vec::new();
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) {
        let mut end = start;
        while end < bytes.len()
            && (bytes[end].is_ascii_digit()
                || (matches!(bytes[end], b'.' | b',' | b'\'' | b':' | b'-' | b'/')
                    && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)))
        {
            end += 1;
        }
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let is_compound = text[start..end].contains([':', '-', '/']);
        if !is_word(before) && !is_word(after) && !is_compound {
            let is_negative = matches!(before, Some('-' | '−'));
            let readings = readings(&text[start..end], is_negative);
            if !readings.is_empty() {
                figures.push(Figure { place: start..end, readings });
            }
        }
        at = end;
    }
    figures
}

fn readings(digits: &str, is_negative: bool) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    for (thousands, point) in [(',', '.'), ('.', ','), ('\'', '.')] {
        let (whole, fraction) = match digits.rsplit_once(point) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let groups: Vec<&str> = whole.split(thousands).collect();
        let is_grouped = groups.len() == 1
            || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3 && !group.is_empty()));
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_grouped || !groups.iter().all(|group| is_plain(group)) || fraction.is_some_and(|part| !is_plain(part)) {
            continue;
        }
        let sign = if is_negative { "-" } else { "" };
        let text = format!("{sign}{}.{}", groups.concat(), fraction.unwrap_or("0"));
        let reading = Reading { value: text.parse().unwrap_or(f64::NAN), decimals: fraction.map_or(0, str::len) };
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    found
}

impl Figure {
    /// Whether this number is meant, rounded to the decimals that are shown.
    #[must_use]
    pub fn means(&self, number: f64) -> bool {
        self.readings.iter().any(|reading| {
            let half = 0.5 * 10_f64.powi(-i32::try_from(reading.decimals).unwrap_or(0));
            let slack = number.abs() * 1e-12;
            (reading.value - number).abs() <= half + slack
        })
    }
}

/// Whole numbers of more digits are compared as texts, for a floating-point number does not tell them apart.
const EXACT_DIGITS: usize = 15;

/// Whether a value shows what is said right before its citation: the last figure, or a quoted or plain text.
#[must_use]
pub fn is_shown(said: &str, value: &Value) -> bool {
    let said = said.trim_end_matches([' ', '(', '%', '€', '$', '£', '\u{a0}', '*', '`']);
    let said_text = said.trim_end_matches(['"', '”', '“', '»', '«', '\'', '’']);
    let shown = match value {
        Value::String(text) => text.clone(),
        Value::Null => return ends_with_one_of(said, &["none", "null", "nothing", "empty", "keine", "nichts", "leer"]),
        other => other.to_string(),
    };
    let is_exact = value.is_f64() || shown.trim().len() <= EXACT_DIGITS;
    let number = value.as_f64().or_else(|| shown.trim().parse().ok()).filter(|_| is_exact);
    match (figures_of(said).last(), number) {
        (Some(figure), Some(number)) if figure.place.end == said.len() => figure.means(number),
        _ => [said, said_text].iter().any(|said| {
            let begins = said.strip_suffix(shown.as_str()).filter(|_| !shown.is_empty());
            begins.is_some_and(|before| is_whole_after(before, &shown))
        }),
    }
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
fn is_whole_after(before: &str, part: &str) -> bool {
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

    fn places(text: &str) -> Vec<&str> {
        figures_of(text).into_iter().map(|figure| &text[figure.place]).collect()
    }

    #[test]
    fn figures_are_found_and_nothing_else() {
        assert_eq!(places("1,234.50 of 7 orders, 3.5 %."), ["1,234.50", "7", "3.5"]);
        assert_eq!(places("q1 and A4, on 2024-01-31 at 10:30, 1/2"), [""; 0]);
        assert_eq!(places("ends with 5."), ["5"]);
    }

    #[test]
    fn a_figure_is_the_number_that_is_meant() {
        let means = |text: &str, number: f64| figures_of(text).last().unwrap().means(number);
        assert!(means("1,234.50", 1234.5) && means("1.234,50", 1234.5) && means("1'234.5", 1234.5));
        assert!(means("1.234", 1234.0) && means("1.234", 1.234) && !means("1.234", 12.34));
        assert!(means("3.3", 3.333_333) && means("3", 3.333_333) && !means("3.4", 3.333_333));
        assert!(means("-5", -5.0) && !means("5", -5.0));
        assert!(means("1000000", 1e6) && !means("999999", 1e6));
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
