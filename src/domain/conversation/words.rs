//! Words by which conversations are found: the same for every store, so that all find the same.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::{Content, Field, Register};

/// More different words of one register are not looked for.
const WORDS_AT_MOST: usize = 5_000;
/// Of a longer word only the beginning is looked at.
const CHARACTERS_AT_MOST: usize = 64;
/// More words of a question narrow nothing down.
const QUESTION_WORDS_AT_MOST: usize = 16;

/// The words of a text: what stands between characters that are neither letters nor digits, in small letters without accents, each once.
#[must_use]
pub fn words_of(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let plain: String = text.nfkd().filter(|c| !is_accent(*c)).nfkc().collect();
    for word in plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut folded = String::new();
        for c in word.chars().take(CHARACTERS_AT_MOST).flat_map(char::to_lowercase) {
            match c {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                // What small letters leave of an accent.
                c if is_accent(c) => {}
                c => folded.push(c),
            }
        }
        words.insert(folded);
        if words.len() == WORDS_AT_MOST {
            break;
        }
    }
    words
}

/// A sign above, below or through the letter before it.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The words of a question; what is found has a word that begins with each of them.
#[must_use]
pub fn search_words(question: &str) -> Vec<String> {
    words_of(question).into_iter().take(QUESTION_WORDS_AT_MOST).collect()
}

impl Register {
    /// The words by which an entry of this register is found.
    #[must_use]
    pub fn words(self, value: &str) -> BTreeSet<String> {
        let text = match self {
            Self::Field(Field::Title) => serde_json::from_str::<String>(value).ok(),
            Self::Message(_) => serde_json::from_str::<Content>(value).ok().map(|message| message.content),
            _ => None,
        };
        text.map(|text| words_of(&text)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_small_and_each_is_there_once() {
        let words: Vec<_> = words_of("Der Umsatz, DER Umsatz 2024: 12.5 Mio. €; Ä").into_iter().collect();
        assert_eq!(words, ["12", "2024", "5", "a", "der", "mio", "umsatz"]);
        assert!(words_of(" -- ").is_empty());
    }

    #[test]
    fn accents_and_the_way_of_writing_them_do_not_count() {
        for (text, word) in [
            ("Müller", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("MÜLLER", "muller"),
            ("Straße", "strasse"),
            ("Çağ", "cag"),
            ("İzmir", "izmir"),
            ("Łódź", "lodz"),
            ("ﬁn", "fin"),
            ("한국", "한국"),
        ] {
            assert_eq!(words_of(text), BTreeSet::from([word.to_owned()]), "{text}");
        }
    }

    #[test]
    fn there_is_an_end_to_words() {
        let text: String = (0..WORDS_AT_MOST * 2).map(|n| format!("w{n} ")).collect();
        assert_eq!(words_of(&text).len(), WORDS_AT_MOST);
        assert_eq!(words_of(&"a".repeat(1000)).first().unwrap().len(), CHARACTERS_AT_MOST);
    }
}
