//! Figures in sentences, and what they mean.

use std::ops::Range;

use super::{
    numbers::{Amount, MOST_POWER, Number},
    scales::{Scale, is_of_column, scale_behind, scales_of},
    signs::{self, is_currency_code},
};

/// A figure of a text: where it stands, and what it may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Where it stands, without its sign.
    pub place: Range<usize>,
    /// Where the word stands that it is a part of: `USD5`, `INV-2024-7`.
    pub word: Range<usize>,
    /// Where its unit in one word with it ends, or a word like `million` behind it.
    pub(super) end: usize,
    /// Its digits and separators.
    written: String,
    is_negative: bool,
    /// By what a word like `million` multiplies it.
    pub(super) scales: &'static [Scale],
    /// What it means: `1.234` may be either of two numbers, and `½` is none that a cell has.
    readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    amount: Amount,
    /// What stands between whole and decimals, as far as the figure tells.
    pub(super) point: Option<char>,
}

/// The figures of a text, in order, whatever digits they are written in. Digits inside of names (`q1`, `A4`, `2nd`) are none, and neither are
/// dates and times.
#[must_use]
pub fn figures_of(text: &str) -> Vec<Figure> {
    let characters: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, folded(c))).collect();
    let mut figures: Vec<Figure> = Vec::new();
    let mut at = 0;
    while let Some(start) = (at..characters.len()).find(|at| characters[*at].1.is_numeric()) {
        let digits = end_of_digits(&characters, start);
        let end = (digits..).find(|at| !characters.get(*at).is_some_and(|(_, c)| is_odd(*c))).unwrap_or(digits);
        let mut parts = amounts(&characters, start..digits);
        if let Some(last) = parts.last_mut().filter(|last| last.end == digits) {
            last.end = end;
        }
        // The exponent of the figure before it is none of its own.
        let is_new = |part: &Range<usize>| figures.last().is_none_or(|last| characters[part.start].0 >= last.place.end);
        let new: Vec<Figure> =
            parts.into_iter().filter(is_new).filter_map(|part| figure(text, &characters, part)).collect();
        figures.extend(new);
        at = end;
    }
    figures
}

/// Numerals that are no digits: fractions, exponents, what stands in circles.
fn is_odd(c: char) -> bool {
    c.is_numeric() && !c.is_ascii_digit()
}

/// What has more digits and separators is a figure that nothing means.
const MOST_DIGITS: usize = 36;

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
    let mut place = bytes(part.start)..bytes(part.end);
    let mut written: String = characters[part].iter().map(|(_, c)| *c).collect();
    let digits = written.clone();
    let exponent = exponent(&digits, &text[place.end..]);
    if let Some((length, _)) = exponent {
        written.push_str(&text[place.end..place.end + length]);
        place.end += length;
    }
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let before = text[..place.start].trim_end_matches(is_letter).len();
    let after = text[place.end..].trim_start_matches(is_letter);
    let (letters, unit) = (&text[before..place.start], &text[place.end..text.len() - after.len()]);
    let quoted = text[..before].ends_with('`') && after.starts_with('`');
    if is_name(letters, &digits, unit, quoted) {
        return None;
    }
    let is_negative = (letters.is_empty() || is_currency_code(letters)) && signs::is_negative(&text[..before]);
    let power = exponent.map_or(Some(0), |(_, power)| power);
    let readings = power.map_or_else(Vec::new, |power| readings(&digits, is_negative, power));
    let has_odd = digits.contains(is_odd) || power.is_none() || digits.len() > MOST_DIGITS;
    if readings.is_empty() && !has_odd {
        return None;
    }
    let behind = scale_behind(&text[place.end..]).filter(|_| unit.is_empty());
    let (length, scales) = behind.unwrap_or_else(|| (unit.len(), scales_of(unit)));
    let is_known = !scales.is_empty() || is_currency_code(unit);
    let end = place.end + if is_known { length } else { 0 };
    let joins = |c: char| c.is_alphanumeric() || "_-/.:#".contains(c);
    let start = text[..place.start].trim_end_matches(joins).len();
    let word_end = text.len() - text[place.end..].trim_start_matches(joins).len();
    let word = text[start..word_end].trim_matches(|c: char| !c.is_alphanumeric());
    let start = start + text[start..word_end].find(word).unwrap_or(0);
    Some(Figure { place, word: start..start + word.len(), end, written, is_negative, scales, readings })
}

/// Whether digits between these letters are a part of a name: `A4`, `CO2`, `line2_total`, `2nd`, and in backticks whatever has letters.
fn is_name(letters: &str, digits: &str, unit: &str, is_quoted: bool) -> bool {
    const ENDS: [&str; 6] = ["st", "nd", "rd", "th", "D", "G"];
    let is_currency = is_currency_code(letters);
    if letters.contains(char::is_numeric) {
        return true;
    }
    match (letters.is_empty(), unit.is_empty()) {
        (true, true) => false,
        (true, false) => ENDS.contains(&unit) || unit.contains(|c: char| !c.is_alphabetic()) || is_quoted,
        (false, true) => {
            let is_short = digits.len() <= 2 && letters.chars().count() <= 3;
            let is_version = matches!(letters, "v" | "V") && !digits.contains(',');
            // `m²`, `x₁`
            let is_index = digits.starts_with(is_odd);
            (is_short || is_version || is_index || is_quoted) && !is_currency
        }
        (false, false) => !is_currency,
    }
}

/// `e9` or `e-9` behind digits: its bytes, and the power of ten unless that is beyond any number.
fn exponent(digits: &str, behind: &str) -> Option<(usize, Option<i32>)> {
    let rest = behind.strip_prefix(['e', 'E'])?;
    let unsigned = rest.strip_prefix(['+', '-', '−']).unwrap_or(rest);
    let length = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let goes_on = unsigned[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    // `550e8400` begins an identifier.
    let is_usual = length <= 3 || digits.find(['.', ',']).unwrap_or(digits.len()) <= 1;
    if length == 0 || goes_on || !is_usual {
        return None;
    }
    let power = unsigned[..length].parse::<i32>().ok().filter(|power| *power <= MOST_POWER);
    let is_negative = rest.starts_with(['-', '−']);
    let power = power.map(|power| if is_negative { -power } else { power });
    Some((behind.len() - unsigned.len() + length, power))
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

fn readings(digits: &str, is_negative: bool, power: i32) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    for (thousands, point) in [(',', '.'), ('.', ','), ('\'', '.'), (' ', '.'), (' ', ',')] {
        let (whole, fraction) = match digits.rsplit_once(point) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let groups: Vec<&str> = whole.split(thousands).collect();
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_grouped(&groups, thousands)
            || !groups.iter().all(|group| is_plain(group))
            || fraction.is_some_and(|part| !is_plain(part))
        {
            continue;
        }
        let fraction = fraction.unwrap_or_default();
        let all = [groups.concat().as_str(), fraction].concat();
        let Some(amount) = Amount::new(&all, fraction.len(), power, is_negative) else { continue };
        let reading = Reading { amount, point: digits.contains(['.', ',']).then_some(point) };
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    found
}

/// Thousands, or as in India lakhs: `12,34,567`.
fn is_grouped(groups: &[&str], separator: char) -> bool {
    let Some(((first, last), middle)) = groups.split_first().and_then(|(first, rest)| {
        let (last, middle) = rest.split_last()?;
        Some(((first, last), middle))
    }) else {
        return true;
    };
    let all = |length: usize| middle.iter().all(|group| group.len() == length);
    last.len() == 3 && (first.len() <= 3 && all(3) || separator == ',' && first.len() <= 2 && all(2))
}

impl Figure {
    /// Whether this number is meant, rounded to the decimals that are shown.
    #[must_use]
    pub fn means(&self, number: &Number) -> bool {
        let own = if self.scales.is_empty() { &[Scale::ONE] } else { self.scales };
        own.iter().any(|scale| self.reading_of(number, *scale, None).is_some())
    }

    /// Whether this number of a column is meant, whose name may say that it is of millions.
    #[must_use]
    pub fn means_in(&self, number: &Number, column: &str) -> bool {
        let is_waived = || is_of_column(column, self.scales) && self.reading_of(number, Scale::ONE, None).is_some();
        self.means(number) || is_waived()
    }

    /// The reading by which this number is meant, of so many thousands or millions, and with this between whole and decimals.
    pub(super) fn reading_of(&self, number: &Number, scale: Scale, point: Option<char>) -> Option<&Reading> {
        self.readings
            .iter()
            .filter(|reading| {
                point.is_none() || reading.point.is_none() || reading.point == point || self.readings.len() == 1
            })
            .find(|reading| reading.amount.is(scale.times, scale.power, number))
    }

    /// Whether it says no more than its digits: neither a sign nor a word like `million`.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_negative && self.scales.is_empty()
    }

    /// Whether another is written like this one, with the same sign and the same word like `million`.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.written == other.written && self.is_negative == other.is_negative && self.scales == other.scales
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(text: &str, number: f64) -> bool {
        figures_of(text).last().unwrap().means(&Number::of(&serde_json::json!(number)).unwrap())
    }

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
            ("1e9", "1e9"),
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
        assert!(means("1,234.50", 1234.5) && means("1.234,50", 1234.5) && means("1'234.5", 1234.5));
        assert!(means("1.234", 1234.0) && means("1.234", 1.234) && !means("1.234", 12.34));
        assert!(means("3.3", 3.333_333) && means("3", 3.333_333) && !means("3.4", 3.333_333));
        assert!(means("-5", -5.0) && !means("5", -5.0));
        assert!(means("1000000", 1e6) && !means("999999", 1e6));
    }

    #[test]
    fn a_sign_stands_before_its_currency_too() {
        for text in
            ["-$5,000", "-€5,000", "minus 5,000", "It is - 5,000", "-EUR5,000", "−5,000", "- Berlin: minus $5,000"]
        {
            assert!(means(text, -5000.0) && !means(text, 5000.0), "{text}");
        }
        for text in ["- 5,000", "10 - 5,000", "A - 5,000", "10-5,000", "US-$5,000", "a\n- $5,000"] {
            assert!(means(text, 5000.0) && !means(text, -5000.0), "{text}");
        }
    }

    #[test]
    fn what_no_cell_can_be_is_a_figure_that_nothing_means() {
        for (text, found) in [
            ("④②", "④②"),
            ("it is 10⁶.", "10⁶"),
            ("½", "½"),
            ("2½ cups", "2½"),
            ("5e400", "5e400"),
            ("1e99999", "1e99999"),
            ("Ⅷ", "Ⅷ"),
        ] {
            assert_eq!(places(text), [found], "{text}");
            assert!([0.0, 1.0, 2.0, 5.0, 10.0, 42.0, 1e6].iter().all(|number| !means(text, *number)), "{text}");
        }
        assert!(means("5e100", 5e100) && !means("5e100", 5.0) && means("5e-3", 0.005) && places("5e-3") == ["5e-3"]);
        assert_eq!(places("5 m², CO₂, x₁, on 2024-01-31² and 550e8400-e29b"), ["5"]);
        assert_eq!(places(&format!("it is {}", "9".repeat(40))), ["9".repeat(40)]);
        assert!(means("12,34,567", 1_234_567.0));
    }

    #[test]
    fn a_word_like_million_belongs_to_its_figure() {
        assert!(means("5 million", 5.2e6) && !means("5 million", 5.0) && means("5k", 5e3) && !means("5 trillion", 5.0));
        assert!(means("5 Billion", 5e9) && means("5 Billion", 5e12) && !means("5 billion", 5e12));
        assert!(means("5 Dutzend", 60.0) && !means("5 dozen", 61.0) && means("**3** lakh", 3e5));
        let figure = figures_of("5 million").pop().unwrap();
        let five = Number::written("5").unwrap();
        assert!(figure.means_in(&five, "revenue_mio") && !figure.means_in(&five, "mileage"));
    }
}
