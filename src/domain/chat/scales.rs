//! Words that multiply the figure before them.

/// By what a word multiplies, in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) times: u32,
    /// Of ten.
    pub(super) power: i32,
    /// What that language writes between whole and decimals, if the word tells.
    pub(super) point: Option<char>,
}

impl Scale {
    /// As it stands there.
    pub(super) const ONE: Self = of(0, None);
}

const ENGLISH: Option<char> = Some('.');
const GERMAN: Option<char> = Some(',');

const fn of(power: i32, point: Option<char>) -> Scale {
    Scale { times: 1, power, point }
}

/// By what a word multiplies the figure before it: nothing if it does not, and several if two languages mean different things by it.
pub(super) fn scales_of(word: &str) -> &'static [Scale] {
    let folded = word.to_lowercase();
    let is_noun = word.starts_with(char::is_uppercase);
    match folded.as_str() {
        "dozen" | "dozens" | "dutzend" | "dutzende" => const { &[Scale { times: 12, power: 0, point: None }] },
        "hundred" | "hundreds" => const { &[of(2, ENGLISH)] },
        "hundert" | "hunderte" => const { &[of(2, GERMAN)] },
        "k" => const { &[of(3, None)] },
        "thousand" | "thousands" => const { &[of(3, ENGLISH)] },
        "tsd" | "tausend" | "tausende" => const { &[of(3, GERMAN)] },
        "lakh" | "lakhs" => const { &[of(5, ENGLISH)] },
        "million" | "millions" => const { &[of(6, ENGLISH)] },
        "mio" | "millionen" => const { &[of(6, GERMAN)] },
        "mln" => const { &[of(6, None)] },
        "crore" | "crores" => const { &[of(7, ENGLISH)] },
        "bn" => const { &[of(9, None)] },
        "mrd" | "milliarde" | "milliarden" => const { &[of(9, GERMAN)] },
        "billion" if is_noun => const { &[of(9, ENGLISH), of(12, GERMAN)] },
        "billion" | "billions" => const { &[of(9, ENGLISH)] },
        "billionen" => const { &[of(12, GERMAN)] },
        "trillion" if is_noun => const { &[of(12, ENGLISH), of(18, GERMAN)] },
        "trillion" | "trillions" => const { &[of(12, ENGLISH)] },
        "trillionen" => const { &[of(18, GERMAN)] },
        "quadrillion" if is_noun => const { &[of(15, ENGLISH), of(24, GERMAN)] },
        "quadrillion" | "quadrillions" => const { &[of(15, ENGLISH)] },
        "quadrillionen" => const { &[of(24, GERMAN)] },
        "tn" => const { &[of(12, None)] },
        _ if word == "B" => const { &[of(9, None)] },
        _ if word == "M" => const { &[of(6, None)] },
        _ => &[],
    }
}

/// What may stand between a figure, or its citation, and the word.
fn is_between(c: char) -> bool {
    c.is_whitespace() || c == '*' || c == '-'
}

/// The word that multiplies what stands before a text, if it begins with one: how far it goes, and what it means. A single letter behind a
/// hyphen, or `B`, is rather a part of a name.
pub(super) fn scale_behind(behind: &str) -> Option<(usize, &'static [Scale])> {
    let rest = behind.trim_start_matches(is_between);
    let between = &behind[..behind.len() - rest.len()];
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let goes_on = rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_letter = end == 1 && (between.contains('-') || rest.starts_with('B'));
    let scales = scales_of(&rest[..end]);
    (!between.is_empty() && !goes_on && !is_letter && !scales.is_empty()).then_some((between.len() + end, scales))
}

/// Whether a text may be the beginning of such a word.
#[must_use]
pub fn may_be_scale(behind: &str) -> bool {
    behind.trim_start_matches(is_between).chars().all(char::is_alphabetic)
}

/// Whether one of the words of a column's name says that its figures are multiplied already: `revenue_mio`, `inThousands`.
pub(super) fn is_of_column(column: &str, scales: &[Scale]) -> bool {
    name_words(column).iter().any(|word| {
        let of_word = match word.to_lowercase().as_str() {
            "m" | "mn" | "meur" => scales_of("M"),
            "keur" | "teur" => scales_of("k"),
            _ => scales_of(word),
        };
        of_word.iter().any(|known| scales.iter().any(|said| (known.times, known.power) == (said.times, said.power)))
    })
}

/// The words of a name, in which a capital letter may begin another.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && !before.is_uppercase();
        if (begins || !c.is_alphabetic()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.push(c);
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_of_a_name_multiply() {
        let million = scales_of("million");
        for name in ["revenue_mio", "in millions", "totalMillion", "umsatz.Mio", "revenue_m", "a-million-b", "MIO_EUR"]
        {
            assert!(is_of_column(name, million), "{name}");
        }
        for name in ["mileage", "family", "milk_mill", "millionaire", "revenue_k", "in_thousands", "amount", ""] {
            assert!(!is_of_column(name, million), "{name}");
        }
        assert!(is_of_column("inTsd", scales_of("thousand")) && is_of_column("mrd", scales_of("billion")));
        assert!(is_of_column("umsatz_billionen", scales_of("trillion")));
    }

    #[test]
    fn a_word_behind_a_figure_is_whole() {
        assert_eq!(scale_behind(" million pieces").map(|(end, _)| end), Some(8));
        assert_eq!(scale_behind("** Dutzend").map(|(end, _)| end), Some(10));
        for text in ["million", " millionaires", " m", " kg", " k2", "-B", "-k", " B", "", " "] {
            assert_eq!(scale_behind(text), None, "{text}");
        }
        assert_eq!(scales_of("Billion").len(), 2);
    }
}
