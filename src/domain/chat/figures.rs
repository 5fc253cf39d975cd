//! Figures in sentences, and what they mean.

use std::ops::Range;

/// A figure of a text: where it stands, and what it may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Where it stands.
    pub place: Range<usize>,
    /// Where the word stands that it is a part of: `USD5`, `INV-2024-7`.
    pub word: Range<usize>,
    /// What it means: `1.234` may be either of two numbers.
    readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    value: f64,
    /// Half of the last place that is shown.
    half: f64,
    /// What stands between whole and decimals, as far as the figure tells.
    pub(super) point: Option<char>,
}

/// The figures of a text, in order, whatever digits they are written in. Digits inside of names (`q1`, `A4`, `2nd`) are none, and neither are
/// dates and times.
#[must_use]
pub fn figures_of(text: &str) -> Vec<Figure> {
    let characters: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, folded(c))).collect();
    let mut figures = Vec::new();
    let mut at = 0;
    while let Some(start) = (at..characters.len()).find(|at| characters[*at].1.is_ascii_digit()) {
        let end = end_of_digits(&characters, start);
        for part in amounts(&characters, start..end) {
            figures.extend(figure(text, &characters, part));
        }
        at = end;
    }
    figures
}

/// Digits and separators as they are written in ASCII.
fn folded(c: char) -> char {
    match c {
        '٫' | '．' => '.',
        '٬' | '，' => ',',
        '’' => '\'',
        '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        c => digit(c).and_then(|value| char::from_digit(value, 10)).unwrap_or(c),
    }
}

fn end_of_digits(characters: &[(usize, char)], start: usize) -> usize {
    let is_digit = |at: usize| characters.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut end = start;
    // Digits since the last separator, and whether all separators are spaces.
    let (mut group, mut is_spaced) = (0, true);
    while let Some((_, c)) = characters.get(end) {
        match c {
            '0'..='9' => group += 1,
            '.' | ',' | '\'' | ':' | '-' | '/' if is_digit(end + 1) => (group, is_spaced) = (0, false),
            // Thousands: before a space at most three digits, behind it three.
            ' ' if is_spaced && group <= 3 && (1..4).all(|next| is_digit(end + next)) && !is_digit(end + 4) => {
                let is_first = !characters[start..end].iter().any(|(_, c)| *c == ' ');
                if !is_first && group != 3 {
                    break;
                }
                group = 0;
            }
            _ => break,
        }
        end += 1;
    }
    end
}

/// The amounts among digits that separators join; none of a date, a time, a part like `1/2`.
fn amounts(characters: &[(usize, char)], whole: Range<usize>) -> Vec<Range<usize>> {
    let text: String = characters[whole.clone()].iter().map(|(_, c)| *c).collect();
    if is_moment(&text) {
        return Vec::new();
    }
    let Some(separator) = ['/', '-', ':'].into_iter().find(|separator| text.contains(*separator)) else {
        return vec![whole];
    };
    let (mut parts, mut start) = (Vec::new(), whole.start);
    for part in text.split(separator) {
        let end = start + part.chars().count();
        parts.extend(amounts(characters, start..end));
        start = end + 1;
    }
    parts
}

/// A date, a time, or a part like `1/2`.
fn is_moment(text: &str) -> bool {
    let Some(separator) = ['-', '/', ':'].into_iter().find(|separator| text.contains(*separator)) else { return false };
    let parts: Vec<&str> = text.split(separator).collect();
    let (last, others) = parts.split_last().unwrap_or((&"", &[]));
    let last = if separator == ':' { last.split(['.', ',']).next().unwrap_or_default() } else { last };
    let parts: Vec<&str> = others.iter().copied().chain([last]).collect();
    if !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    let is_at_most = |part: &str, most: u32| part.len() <= 2 && part.parse().is_ok_and(|number: u32| number <= most);
    let is_year = |part: &str| part.len() == 4;
    match (separator, parts.as_slice()) {
        ('-' | '/', [year, month, day]) if is_year(year) => is_at_most(month, 12) && is_at_most(day, 31),
        ('-' | '/', [one, other, year]) if is_year(year) || year.len() == 2 => {
            is_at_most(one, 31) && is_at_most(other, 31)
        }
        ('-' | '/', [year, month]) if is_year(year) => month.len() == 2 && is_at_most(month, 12),
        ('/', [month, year]) if is_year(year) => is_at_most(month, 12),
        ('/', [_, _]) | (':', _) => parts.iter().all(|part| part.len() <= 2),
        _ => false,
    }
}

fn figure(text: &str, characters: &[(usize, char)], part: Range<usize>) -> Option<Figure> {
    let bytes = |at: usize| characters.get(at).map_or(text.len(), |(at, _)| *at);
    let place = bytes(part.start)..bytes(part.end);
    let is_letter = |c: &char| c.is_alphanumeric() || *c == '_';
    let before = text[..place.start].trim_end_matches(|c| is_letter(&c)).len();
    let after = text[place.end..].trim_start_matches(|c| is_letter(&c));
    let (letters, unit) = (&text[before..place.start], &text[place.end..text.len() - after.len()]);
    let digits: String = characters[part].iter().map(|(_, c)| *c).collect();
    let quoted = text[..before].ends_with('`') && after.starts_with('`');
    if is_name(letters, &digits, unit, quoted) {
        return None;
    }
    // Behind a letter or a digit it is a hyphen.
    let sign = text[..before].strip_suffix(['-', '−']).filter(|_| letters.is_empty());
    let is_negative = sign.is_some_and(|before| !before.ends_with(char::is_alphanumeric));
    let scale = exponent(unit).or_else(|| scale_of(unit)).unwrap_or(1.0);
    let readings = readings(&digits, is_negative, scale);
    let joins = |c: char| c.is_alphanumeric() || "_-/.:#".contains(c);
    let start = text[..place.start].trim_end_matches(joins).len();
    let end = text.len() - text[place.end..].trim_start_matches(joins).len();
    let word = text[start..end].trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let start = start + text[start..end].find(&word).unwrap_or(0);
    (!readings.is_empty()).then_some(Figure { place, word: start..start + word.len(), readings })
}

/// Whether digits between these letters are a part of a name: `A4`, `CO2`, `line2_total`, `2nd`, and in backticks whatever has letters.
fn is_name(letters: &str, digits: &str, unit: &str, is_quoted: bool) -> bool {
    const CURRENCIES: [&str; 12] = ["EUR", "USD", "GBP", "CHF", "JPY", "CNY", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN"];
    const ENDS: [&str; 6] = ["st", "nd", "rd", "th", "D", "G"];
    let is_currency = CURRENCIES.contains(&letters.to_uppercase().as_str());
    if letters.contains(char::is_numeric) {
        return true;
    }
    match (letters.is_empty(), unit.is_empty()) {
        (true, true) => false,
        (true, false) => {
            ENDS.contains(&unit) || exponent(unit).is_none() && unit.contains(|c: char| !c.is_alphabetic()) || is_quoted
        }
        (false, true) => {
            let is_short = digits.len() <= 2 && letters.chars().count() <= 3;
            let is_version = matches!(letters, "v" | "V") && !digits.contains(',');
            (is_short || is_version || is_quoted) && !is_currency
        }
        (false, false) => !is_currency,
    }
}

/// `e9` behind digits.
fn exponent(unit: &str) -> Option<f64> {
    let digits = unit.strip_prefix(['e', 'E'])?;
    let exponent = digits.parse::<i32>().ok().filter(|exponent| *exponent < 100)?;
    Some(10_f64.powi(exponent))
}

/// By what a word multiplies the figure before it.
pub(super) fn scale_of(word: &str) -> Option<f64> {
    let folded = word.to_lowercase();
    Some(match folded.as_str() {
        "k" | "thousand" | "tsd" | "tausend" => 1e3,
        "mio" | "mln" | "million" | "millions" | "millionen" => 1e6,
        "bn" | "mrd" | "billion" | "billions" | "milliarde" | "milliarden" => 1e9,
        _ if word == "M" => 1e6,
        _ => return None,
    })
}

/// The value of a decimal digit of any script.
fn digit(c: char) -> Option<u32> {
    const ZEROS: [u32; 37] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
        0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
        0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    ];
    // The digits of mathematics are in five styles.
    if (0x1d7ce..=0x1d7ff).contains(&u32::from(c)) {
        return Some((u32::from(c) - 0x1d7ce) % 10);
    }
    ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10))
}

fn readings(digits: &str, is_negative: bool, scale: f64) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    for (thousands, point) in [(',', '.'), ('.', ','), ('\'', '.'), (' ', '.'), (' ', ',')] {
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
        let decimals = i32::try_from(fraction.map_or(0, str::len)).unwrap_or(i32::MAX);
        let reading = Reading {
            value: text.parse().unwrap_or(f64::NAN) * scale,
            half: 0.5 * 10_f64.powi(-decimals) * scale,
            point: digits.contains(['.', ',']).then_some(point),
        };
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
        self.reading_of(number, 1.0, None).is_some()
    }

    /// The reading by which this number is meant, of so many thousands or millions, and with this between whole and decimals.
    pub(super) fn reading_of(&self, number: f64, scale: f64, point: Option<char>) -> Option<&Reading> {
        self.readings
            .iter()
            .filter(|reading| {
                point.is_none() || reading.point.is_none() || reading.point == point || self.readings.len() == 1
            })
            .find(|reading| {
                let slack = number.abs() * 1e-12;
                number.is_finite() && (reading.value * scale - number).abs() <= reading.half * scale + slack
            })
    }
}

#[cfg(test)]
mod tests {
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
    fn figures_are_seen_however_they_are_written() {
        for (text, found) in [
            ("USD9,999,999", "9,999,999"),
            ("EUR5", "5"),
            ("77k", "77"),
            ("88EUR", "88"),
            ("1e9", "1"),
            ("٤٢", "٤٢"),
            ("４２", "４２"),
            ("8 888 014", "8 888 014"),
            ("8\u{202f}888\u{a0}014", "8\u{202f}888\u{a0}014"),
            ("from-9999", "9999"),
        ] {
            assert_eq!(places(text), [found], "{text}");
        }
        assert_eq!(places("10-999"), ["10", "999"]);
        assert_eq!(places("in 2024 100 of 5 20 and 12 3456"), ["2024", "100", "5", "20", "12", "3456"]);
        let means = |text: &str, number: f64| figures_of(text).last().unwrap().means(number);
        assert!(means("1e9", 1e9) && means("77k", 77_200.0) && !means("77k", 77.0) && means("٤٢", 42.0));
        assert!(means("8 888 014", 8_888_014.0) && !means("8 888 014", 14.0) && means("10-999", 999.0));
    }

    #[test]
    fn names_and_moments_are_no_figures() {
        let text = "CO2, Q3, v2, v1.25, MP3, UTF8, line2_total, a1b2, `sales2024`, 2nd, 3D, 24th, 550e8400 at 2024-01-31T10:30:00Z, \
                    01/2024, 31.01/1, 3:1, 2024-05, 1.2.3";
        assert_eq!(places(text), ["31.01", "1"]);
        let word = |text: &str| figures_of(text).first().map(|figure| text[figure.word.clone()].to_owned());
        assert_eq!(word("the no. INV-2024-001."), Some("INV-2024-001".into()));
        assert_eq!(word("(COVID19)"), Some("COVID19".into()));
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
}
