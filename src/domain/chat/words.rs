//! Words of sentences: which of them name something, and whether two are forms of one.

use super::figures::figures_of;

/// Letters of which two words have to have the same beginning, to be taken for forms of one.
const STEM: usize = 4;

/// A word of a statement.
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// Whether the text begins with it.
    pub(super) is_first: bool,
}

impl Word<'_> {
    /// A date, a time, the number of a thing: digits that are no amount.
    pub(super) fn is_code(&self) -> bool {
        let has_digit = self.text.contains(|c: char| c.is_ascii_digit());
        let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|end| {
            self.text.strip_suffix(end).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let is_amount = figures_of(self.text).iter().any(|figure| figure.place == (0..self.text.len()));
        has_digit && !is_ordinal && !is_amount
    }

    /// Of an amount with its unit in one word, the amount.
    pub(super) fn amount(&self) -> Option<&str> {
        let end = self.text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let is_unit = end > 0 && self.text[end..].chars().all(char::is_alphabetic);
        is_unit.then(|| &self.text[..end])
    }

    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(char::is_uppercase) && self.text.chars().nth(1).is_some()
    }

    /// Whether that it stands somewhere says anything. A short word at the beginning may be any.
    pub(super) fn tells(&self) -> bool {
        self.text.chars().count() >= STEM || self.is_name() && !self.is_first || self.text.chars().any(is_unspaced)
    }
}

/// The words of a text. Hyphens, points and colons within belong to them where no letter stands on only one side.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut characters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        let goes_on = c.is_alphanumeric()
            || match c {
                '-' | '_' | '\'' | '’' => before.is_alphanumeric() && next.is_alphanumeric(),
                '.' | ',' | ':' | '/' => before.is_ascii_digit() && next.is_ascii_digit(),
                _ => false,
            };
        match (start, goes_on) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(&text[from..at]);
                start = None;
            }
            _ => {}
        }
        before = c;
    }
    words.extend(start.map(|from| &text[from..]));
    words.into_iter().enumerate().map(|(number, text)| Word { text, is_first: number == 0 })
}

/// Whether a word in another form stands among the values; in scripts without spaces, a part of it.
pub(super) fn has_form(values: &str, word: &str) -> bool {
    if word.chars().any(is_unspaced) {
        let characters: Vec<char> = word.chars().collect();
        return characters.windows(2).any(|pair| values.contains(&pair.iter().collect::<String>()));
    }
    words(values).any(|other| is_form(word, other.text))
}

/// Whether the one begins with the other.
pub(super) fn is_form(one: &str, other: &str) -> bool {
    let shorter = one.chars().count().min(other.chars().count());
    (shorter >= STEM || one == other) && (one.starts_with(other) || other.starts_with(one)) && shorter > 0
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_with_what_belongs_to_them() {
        let texts = |text| words(text).map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(
            texts("A-4, on 2024-01-31 at 10:30; it's 1.5 (x/y)."),
            ["A-4", "on", "2024-01-31", "at", "10:30", "it's", "1.5", "x", "y"]
        );
        assert_eq!(texts(" - … "), [""; 0]);
        let codes: Vec<_> =
            words("A-4 7 2nd 1,234.5 2024-01-31 5kg x").filter(Word::is_code).map(|word| word.text).collect();
        assert_eq!(codes, ["A-4", "2024-01-31", "5kg"]);
        assert_eq!(
            words("5kg 4-A").map(|word| word.amount().map(str::to_owned)).collect::<Vec<_>>(),
            [Some("5".to_owned()), None]
        );
    }

    #[test]
    fn forms_of_a_word_begin_alike() {
        assert!(is_form("lamp", "lamps") && is_form("lieferung", "lieferungen") && is_form("ab", "ab"));
        assert!(!is_form("lam", "lamps") && !is_form("lamp", "lantern") && !is_form("", "lamps") && !is_form("", ""));
        assert!(has_form("the blue lamps", "lamp") && !has_form("the blue lamps", "lantern"));
    }
}
