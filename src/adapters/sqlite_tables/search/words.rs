//! What a word is: a run of letters and digits, in small letters and without accents.

use std::ops::{ControlFlow, Range};

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Characters of a word that count; what is longer is no word anybody types.
const MAX_WORD_CHARS: usize = 64;

/// Words of a request that count.
const MAX_WORDS: usize = 16;

/// Gives each word of the text, with where it stands, to `take` until that breaks off. `buffer` is only room to work in.
pub(super) fn each_word(
    text: &str,
    buffer: &mut String,
    mut take: impl FnMut(Range<usize>, &str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    buffer.clear();
    let (mut start, mut chars) = (0, 0);
    for (at, char) in text.char_indices() {
        let is_part = if char.is_ascii() { char.is_ascii_alphanumeric() } else { is_word_char(char) };
        if (!is_part || is_ideograph(char)) && !buffer.is_empty() {
            take(start..at, buffer)?;
            buffer.clear();
        }
        if !is_part {
            continue;
        }
        if buffer.is_empty() {
            (start, chars) = (at, 0);
        }
        chars += 1;
        if chars <= MAX_WORD_CHARS {
            fold(char, buffer);
        }
        if is_ideograph(char) && !buffer.is_empty() {
            take(start..at + char.len_utf8(), buffer)?;
            buffer.clear();
        }
    }
    if buffer.is_empty() { ControlFlow::Continue(()) } else { take(start..text.len(), buffer) }
}

fn is_word_char(char: char) -> bool {
    char.is_alphanumeric() || is_combining_mark(char)
}

/// Writing without spaces: each of these is a word of its own.
fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn fold(char: char, out: &mut String) {
    if char.is_ascii() {
        out.push(char.to_ascii_lowercase());
        return;
    }
    decompose_compatible(char, |part| {
        // Accents of Latin, Greek and Cyrillic letters; marks of other scripts are letters to those who read them.
        if matches!(part, '\u{300}'..='\u{36F}') {
            return;
        }
        let small = part.to_lowercase().filter(|part| is_word_char(*part));
        out.extend(small.map(|small| if small == 'ς' { 'σ' } else { small }));
    });
}

/// The words of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Each once, in order; the last is a beginning too.
    words: Vec<String>,
}

impl Wanted {
    /// The first words of the text; `None` if there is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut words: Vec<String> = Vec::new();
        let _ = each_word(text, &mut String::new(), |_, word| {
            // What comes last counts as last, also if it came before.
            words.retain(|earlier| earlier != word);
            words.push(word.to_owned());
            if words.len() < MAX_WORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        if words.is_empty() { None } else { Some(Self { words }) }
    }

    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// Bits of the words that this word of a row is.
    pub(super) fn matches(&self, word: &str) -> u32 {
        let last = self.words.len() - 1;
        let is_match = |(number, wanted): (usize, &String)| {
            word == wanted || (number == last && word.starts_with(wanted.as_str()))
        };
        self.words.iter().enumerate().filter(|each| is_match(*each)).map(|(number, _)| 1 << number).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let flow = each_word(text, &mut String::new(), |range, word| {
            assert!(!text[range].is_empty());
            found.push(word.to_owned());
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
        found
    }

    #[test]
    fn words_have_neither_case_nor_accents() {
        for (text, wanted) in [
            ("", &[][..]),
            (" -.,!?\" ", &[]),
            ("Größe M-8", &["große", "m", "8"]),
            ("Größe", &["große"]),
            ("İstanbul ΟΔΟΣ οδος ŁÓDŹ", &["istanbul", "οδοσ", "οδοσ", "łodz"]),
            ("ﬁne ½ ⑴ Ａ１", &["fine", "12", "1", "a1"]),
            ("東京 tower", &["東", "京", "tower"]),
            ("x\u{301}y e\u{301}", &["xy", "e"]),
            ("\u{301}", &[]),
            ("don't 1,234.50", &["don", "t", "1", "234", "50"]),
        ] {
            assert_eq!(words(text), wanted, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "«Größe», 東京";
        let mut found = Vec::new();
        let _ = each_word(text, &mut String::new(), |range, _| {
            found.push(&text[range]);
            ControlFlow::Continue(())
        });
        assert_eq!(found, ["Größe", "東", "京"]);
    }

    #[test]
    fn long_runs_are_cut() {
        assert_eq!(words(&"A".repeat(5_000)), ["a".repeat(MAX_WORD_CHARS)]);
    }

    #[test]
    fn a_request_has_each_word_once_and_ends_with_its_last() {
        let wanted = Wanted::of("Lamp the lamp").unwrap();
        assert_eq!(wanted.words(), ["the", "lamp"]);
        assert_eq!((wanted.matches("the"), wanted.matches("there")), (1, 0));
        assert_eq!((wanted.matches("lamp"), wanted.matches("lamps"), wanted.matches("lam")), (2, 2, 0));
        assert_eq!(Wanted::of("*?-"), None);
        assert_eq!(Wanted::of(&"a b c d e f g h i j k l m n o p q r s t u v w ".repeat(2)).unwrap().words().len(), 16);
    }
}
