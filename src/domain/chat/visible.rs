//! Text of documents and of models without what nobody sees.

use std::borrow::Cow;

/// The text without invisible and direction-changing characters, in which orders to a model are hidden or by which a reader is deceived, and
/// cut after so many characters.
#[must_use]
pub fn visible(text: &str, characters: usize) -> Cow<'_, str> {
    let is_plain = !text.chars().any(is_invisible);
    match (is_plain, text.char_indices().nth(characters)) {
        (true, None) => Cow::Borrowed(text),
        (true, Some((end, _))) => Cow::Owned(format!("{}…", &text[..end])),
        (false, _) => {
            let mut seen: String =
                text.chars().filter(|c| !is_invisible(*c)).take(characters.saturating_add(1)).collect();
            if let Some((end, _)) = seen.char_indices().nth(characters) {
                seen.truncate(end);
                seen.push('…');
            }
            Cow::Owned(seen)
        }
    }
}

fn is_invisible(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Soft hyphen, Arabic letter mark, fillers, Mongolian separators.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' => true,
        // Zero width, directions, joiners, invisible operators, the mark of the byte order.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
        // Selectors of variants, which can carry any bytes, interlinear marks, tags.
        '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays() {
        for text in ["", "Müller & Söhne", "日本語", "a\nb\tc", "naïve 👍"] {
            assert_eq!(visible(text, 100), text);
        }
    }

    #[test]
    fn what_nobody_sees_goes() {
        assert_eq!(visible("a\u{200b}b\u{202e}c\u{e0041}\u{e0042}d\u{feff}\u{0}\r", 100), "abcd");
        assert_eq!(visible("A\u{fe01}\u{e0100}", 100), "A");
        assert_eq!(visible("a\u{200b}b", usize::MAX), "ab");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(visible("äöü", 3), "äöü");
        assert_eq!(visible("äöüß", 3), "äöü…");
        assert_eq!(visible("ä\u{200b}ö\u{200b}üß", 3), "äöü…");
    }
}
