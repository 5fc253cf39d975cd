//! Words of a question and of names: cut apart, folded and brought to one form.

use unicode_normalization::UnicodeNormalization;

use super::{lexicon, wording::Language};

/// A word of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is written, without quotation marks around it.
    pub(crate) text: String,
    /// In lower case and without accents.
    pub(crate) folded: String,
    /// Where it stands in the question, in bytes, without quotation marks.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether it, or the words it holds, stand in quotation marks.
    pub(crate) quoted: bool,
}

impl Word {
    /// The number that it is, as SQL writes it: `1,000.50` and, in German, `1.000,50` are `1000.50`.
    pub(crate) fn number(&self, language: Language) -> Option<String> {
        let text = self.text.as_str();
        let is_plain = text.starts_with(|c: char| c.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        if !is_plain {
            return None;
        }
        let (thousands, point) = match (text.rfind(','), text.rfind('.')) {
            (Some(comma), Some(dot)) if comma > dot => ('.', ','),
            (Some(_), Some(_)) => (',', '.'),
            (None, None) => (',', '.'),
            (comma, _) => {
                let (mark, other) = if comma.is_some() { (',', '.') } else { ('.', ',') };
                let is_thousands = text.matches(mark).count() > 1
                    || is_grouped(text, mark) && (comma.is_some() == (language == Language::English));
                if is_thousands { (mark, other) } else { (other, mark) }
            }
        };
        let (whole, fraction) = text.split_once(point).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let is_sound = (!whole.contains(thousands) || is_grouped(whole, thousands))
            && fraction.is_none_or(|fraction| fraction.bytes().all(|byte| byte.is_ascii_digit()));
        let whole = whole.replace(thousands, "");
        let digits = fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}"));
        (is_sound && digits.len() <= 18).then_some(digits)
    }

    /// Whether it is a number in any language.
    pub(crate) fn is_number(&self) -> bool {
        self.number(Language::English).is_some()
    }

    /// Whether it is a number that looks like thousands of another language: `1.000` in English.
    pub(crate) fn is_ambiguous(&self, language: Language) -> bool {
        let foreign = language.say(".", ",");
        self.text.matches(foreign).count() == 1
            && !self.text.contains(language.say(",", "."))
            && foreign.chars().all(|mark| is_grouped(&self.text, mark))
    }

    /// A small number in digits or in a word.
    pub(crate) fn small_number(&self) -> Option<usize> {
        lexicon::number_word(&self.folded)
            .or_else(|| self.folded.parse().ok())
            .filter(|number| (1..=100).contains(number))
    }
}

/// The words of a question in their order. Signs of comparison are words too; other punctuation is not.
pub(crate) fn words_of(question: &str) -> Vec<Word> {
    let characters: Vec<(usize, char)> = question.char_indices().collect();
    let offset = |at: usize| characters.get(at).map_or(question.len(), |(offset, _)| *offset);
    let mut words = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at].1;
        let first = at;
        if let Some(end) = closing_mark(&characters, at) {
            words.push(word(question, offset(first + 1), offset(end), true));
            at = end + 1;
        } else if is_part(&characters, at) {
            while at < characters.len() && is_part(&characters, at) {
                at += 1;
            }
            words.push(word(question, offset(first), offset(at), false));
        } else if is_comparison(character)
            || character == '!' && characters.get(at + 1).is_some_and(|next| next.1 == '=')
        {
            at += 1;
            while at < characters.len() && is_comparison(characters[at].1) {
                at += 1;
            }
            words.push(word(question, offset(first), offset(at), false));
        } else if character == '%' {
            at += 1;
            words.push(word(question, offset(first), offset(at), false));
        } else {
            at += 1;
        }
    }
    words.retain(|word| !word.text.trim().is_empty());
    words
}

fn word(question: &str, start: usize, end: usize, quoted: bool) -> Word {
    let text = question[start..end].to_owned();
    Word { folded: fold(&text), text, start, end, quoted }
}

/// Where the quotation that begins here ends. An apostrophe begins none in the middle of a word.
fn closing_mark(characters: &[(usize, char)], at: usize) -> Option<usize> {
    let closing = match characters[at].1 {
        '"' => '"',
        '“' => '”',
        '„' => '“',
        '«' => '»',
        '\'' if at == 0 || characters[at - 1].1 == ' ' => '\'',
        _ => return None,
    };
    let length = characters[at + 1..].iter().position(|(_, character)| *character == closing)?;
    (length > 0).then_some(at + 1 + length)
}

fn is_comparison(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '≥' | '≤')
}

fn is_part(characters: &[(usize, char)], at: usize) -> bool {
    let is_inside = |test: fn(char) -> bool| {
        at > 0 && test(characters[at - 1].1) && characters.get(at + 1).is_some_and(|(_, next)| test(*next))
    };
    match characters[at].1 {
        '-' | '_' | '/' | '\'' | '’' => is_inside(char::is_alphanumeric),
        '.' | ':' => is_inside(char::is_alphanumeric),
        ',' => is_inside(|character| character.is_ascii_digit()),
        character => character.is_alphanumeric(),
    }
}

/// Whether the digits stand in groups of three, as thousands do.
fn is_grouped(digits: &str, mark: char) -> bool {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && groups.clone().count() > 0
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lower case without accents: `Länder` is `lander`, `ß` is `ss`.
pub(crate) fn fold(text: &str) -> String {
    let lower = text.to_lowercase().replace('ß', "ss").replace('’', "'");
    lower.nfd().filter(|character| !('\u{300}'..='\u{36f}').contains(character)).collect()
}

/// The words of a name in their common forms: `publicationYear`, `publication_year` and `Publication Year` are the same.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut previous = ' ';
    for character in name.chars() {
        let begins = (character.is_uppercase() && previous.is_lowercase())
            || (character.is_ascii_digit() != previous.is_ascii_digit() && previous.is_alphanumeric());
        if begins || !character.is_alphanumeric() {
            parts.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.push(character);
        }
        previous = character;
    }
    let is_filler = |part: &str| matches!(part, "on" | "of" | "the" | "at" | "am" | "der" | "die" | "das");
    let folded: Vec<String> = parts.iter().map(|part| fold(part)).filter(|part| !part.is_empty()).collect();
    let kept: Vec<&String> = folded.iter().filter(|part| folded.len() == 1 || !is_filler(part)).collect();
    kept.into_iter().flat_map(|part| common_forms(part)).collect()
}

/// The common form of a folded word: one word, or several where it is a compound (`versandkosten`).
pub(crate) fn common_forms(folded: &str) -> Vec<String> {
    if let Some(common) = lexicon::common(folded) {
        return common.split(' ').map(str::to_owned).collect();
    }
    let single = singular(folded);
    if let Some(common) = lexicon::common(&single) {
        return common.split(' ').map(str::to_owned).collect();
    }
    compound(folded).unwrap_or_else(|| vec![single])
}

/// The parts of a German compound, if both are known words.
fn compound(folded: &str) -> Option<Vec<String>> {
    if folded.len() < 8 || !folded.is_ascii() {
        return None;
    }
    (4..=folded.len() - 4).find_map(|cut| {
        let (first, second) = folded.split_at(cut);
        let second = lexicon::common(second)?;
        let first = lexicon::common(first).or_else(|| lexicon::common(first.strip_suffix(['s', 'n'])?))?;
        Some(first.split(' ').chain(second.split(' ')).map(str::to_owned).collect())
    })
}

/// The singular of an English word, roughly; the same for the same word, whatever it is.
pub(crate) fn singular(folded: &str) -> String {
    let word = folded.strip_suffix("'s").unwrap_or(folded);
    let without = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.len() >= 3);
    if let Some(rest) = without("ies") {
        return format!("{rest}y");
    }
    for ending in ["ches", "shes", "xes", "sses", "zes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match without("s") {
        Some(rest) if !rest.ends_with(['s', 'u', 'i']) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(question: &str) -> Vec<String> {
        words_of(question).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn questions_are_cut_into_words_numbers_dates_and_quotations() {
        assert_eq!(texts("How many orders, O-1005?"), ["How", "many", "orders", "O-1005"]);
        assert_eq!(texts("after 31.12.2019 and >= 1,000.50."), ["after", "31.12.2019", "and", ">=", "1,000.50"]);
        assert_eq!(texts("title “Bread and Stone” or 'x y'"), ["title", "Bread and Stone", "or", "x y"]);
        assert_eq!(texts("the book's \"open"), ["the", "book's", "open"]);
        assert_eq!(texts("quantity != 5, >= 10 %!"), ["quantity", "!=", "5", ">=", "10", "%"]);
        assert!(texts(" ?! ").is_empty());
    }

    #[test]
    fn numbers_are_read_with_both_kinds_of_separators() {
        let number = |text: &str, language| words_of(text)[0].number(language);
        for (text, english, german) in [
            ("1,000", Some("1000"), Some("1.000")),
            ("1.000", Some("1.000"), Some("1000")),
            ("1,000.50", Some("1000.50"), Some("1000.50")),
            ("1.000,50", Some("1000.50"), Some("1000.50")),
            ("1,5", Some("1.5"), Some("1.5")),
            ("1.25", Some("1.25"), Some("1.25")),
            ("0.125", Some("0.125"), Some("0.125")),
            ("1.000.000", Some("1000000"), Some("1000000")),
            ("2000", Some("2000"), Some("2000")),
            ("O-10", None, None),
            ("31.12.2019", None, None),
        ] {
            assert_eq!(number(text, Language::English).as_deref(), english, "{text}");
            assert_eq!(number(text, Language::German).as_deref(), german, "{text}");
        }
        let is_ambiguous = |text: &str, language| words_of(text)[0].is_ambiguous(language);
        assert!(is_ambiguous("1.000", Language::English) && is_ambiguous("1,000", Language::German));
        for text in ["1000", "1.5", "0.125", "1.000.000", "1,000.50"] {
            assert!(!is_ambiguous(text, Language::English), "{text}");
        }
        assert!(!is_ambiguous("1,000", Language::English) && !is_ambiguous("1.000", Language::German));
    }

    #[test]
    fn names_come_to_the_same_words_however_they_are_written() {
        for name in ["publicationYear", "publication_year", "Publication Year", "publication-year"] {
            assert_eq!(name_words(name), ["publish", "year"], "{name}");
        }
        assert_eq!(name_words("hiredOn"), ["hire"]);
        assert_eq!(name_words("shippingCosts"), common_forms("versandkosten"));
    }

    #[test]
    fn plurals_lose_their_endings() {
        for (plural, one) in
            [("cities", "city"), ("boxes", "box"), ("orders", "order"), ("status", "status"), ("address", "address")]
        {
            assert_eq!(singular(plural), one);
        }
    }
}
