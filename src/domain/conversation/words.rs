//! Words by which conversations are found: the same for every store, so that all find the same.

use std::collections::BTreeSet;

use super::{Content, Field, Register};

/// More different words of one register are not looked for.
const WORDS_AT_MOST: usize = 5_000;
/// Of a longer word only the beginning is looked at.
const CHARACTERS_AT_MOST: usize = 64;
/// More words of a question narrow nothing down.
const QUESTION_WORDS_AT_MOST: usize = 16;

/// The words of a text: what stands between characters that are neither letters nor digits, in small letters, each once.
#[must_use]
pub fn words_of(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words.insert(word.chars().take(CHARACTERS_AT_MOST).flat_map(char::to_lowercase).collect());
        if words.len() == WORDS_AT_MOST {
            break;
        }
    }
    words
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
        assert_eq!(words, ["12", "2024", "5", "der", "mio", "umsatz", "ä"]);
        assert!(words_of(" -- ").is_empty());
    }

    #[test]
    fn there_is_an_end_to_words() {
        let text: String = (0..WORDS_AT_MOST * 2).map(|n| format!("w{n} ")).collect();
        assert_eq!(words_of(&text).len(), WORDS_AT_MOST);
        assert_eq!(words_of(&"a".repeat(1000)).first().unwrap().len(), CHARACTERS_AT_MOST);
    }
}
