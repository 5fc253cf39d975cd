//! Finding the bytes that matter in text and in attribute values, many bytes at a time.

use memchr::{memchr, memchr_iter};

use super::position::Returns;
use crate::conversion::lanes::{LANES, above_space, all, below_space, equal, first, word_at};

/// The offset of the first byte from `from` on at which an attribute value needs a look: its closing quote (one of the two), `<`,
/// `&`, or a control character (white space that is to be normalised).
#[inline]
pub(super) fn find_value_stop(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    // Each quote differs from & in one bit, so with that bit set one comparison finds both.
    let bit = quote ^ b'&';
    let (bits, quote_or_ampersand) = (all(bit), all(b'&' | bit));
    let mut at = from;
    while let Some(word) = word_at(bytes, at) {
        let stops = below_space(word) | equal(word | bits, quote_or_ampersand) | equal(word, all(b'<'));
        if stops != 0 {
            return Some(at + first(stops));
        }
        at += LANES;
    }
    let is_stop = |byte: u8| byte == quote || byte < b' ' || byte == b'<' || byte == b'&';
    bytes.get(at..)?.iter().position(|&byte| is_stop(byte)).map(|within| at + within)
}

/// The offset of the first `<` from `from` on, or the length. Text between tags is mostly short, so the first bytes are looked
/// at right here.
#[inline]
pub(super) fn find_markup(bytes: &[u8], from: usize) -> usize {
    const NEAR: usize = 4;
    let mut at = from;
    for _ in 0..NEAR {
        let Some(word) = word_at(bytes, at) else { break };
        let found = equal(word, all(b'<'));
        if found != 0 {
            return at + first(found);
        }
        at += LANES;
    }
    memchr(b'<', &bytes[at..]).map_or(bytes.len(), |within| at + within)
}

/// The offset of the first byte from `from` on that is above a space, or the length. In text that may stand in a document the bytes
/// before are white space.
#[inline]
pub(super) fn skip_blank(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = word_at(bytes, at) {
        let visible = above_space(word);
        if visible != 0 {
            return at + first(visible);
        }
        at += LANES;
    }
    bytes[at..].iter().position(|&byte| byte > b' ').map_or(bytes.len(), |within| at + within)
}

/// The next places in one text of bytes that are rare in content, found once and kept until they are passed.
///
/// Offsets must be asked for in growing order.
#[derive(Debug)]
pub(super) struct Ahead {
    ampersand: usize,
    section_end: usize,
    returns: Returns,
}

impl Ahead {
    /// Looks ahead in the document itself, where line ends are still as written; `returns` tells whether any is to be normalised.
    pub(super) fn in_document(text: &str, returns: Returns) -> Self {
        Self { returns, ..Self::in_replacement(text) }
    }

    /// Looks ahead in the replacement text of an entity, where a carriage return is meant.
    pub(super) fn in_replacement(text: &str) -> Self {
        let bytes = text.as_bytes();
        Self { ampersand: find_ampersand(bytes, 0), section_end: find_section_end(bytes, 0), returns: Returns::Absent }
    }

    /// The offset of the next `&` from `from` on, or the length.
    #[inline]
    pub(super) fn ampersand(&mut self, bytes: &[u8], from: usize) -> usize {
        if self.ampersand < from {
            self.ampersand = find_ampersand(bytes, from);
        }
        self.ampersand
    }

    /// The offset of the next `]]>` from `from` on, or the length.
    #[inline]
    pub(super) fn section_end(&mut self, bytes: &[u8], from: usize) -> usize {
        if self.section_end < from {
            self.section_end = find_section_end(bytes, from);
        }
        self.section_end
    }

    /// Whether there may be carriage returns that are line ends to be normalised.
    #[inline]
    pub(super) fn returns(&self) -> Returns {
        self.returns
    }
}

#[inline(never)]
fn find_ampersand(bytes: &[u8], from: usize) -> usize {
    memchr(b'&', &bytes[from..]).map_or(bytes.len(), |within| from + within)
}

#[inline(never)]
fn find_section_end(bytes: &[u8], from: usize) -> usize {
    let mut brackets = memchr_iter(b']', &bytes[from..]).map(|within| from + within);
    brackets.find(|at| bytes[*at..].starts_with(b"]]>")).unwrap_or(bytes.len())
}

/// Appends `text` with its line ends normalised: CR LF and a lone CR become LF.
pub(super) fn push_normalised(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'\r', rest.as_bytes()) {
        into.push_str(&rest[..at]);
        into.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_stops_are_found_in_every_lane() {
        for stop in [b'"', b'<', b'&', b'\t', b'\n', b'\r'] {
            for before in 0..40 {
                let mut bytes = "aé~\u{7F}=' >/".repeat(8).into_bytes();
                bytes.truncate(before);
                bytes.push(stop);
                bytes.extend_from_slice(b"\"rest of the tag, long enough for a word");
                assert_eq!(find_value_stop(&bytes, 0, b'"'), Some(before), "{stop} after {before}");
                assert_eq!(find_value_stop(&bytes[..before], 0, b'"'), None);
            }
        }
    }

    #[test]
    fn markup_is_found_near_and_far() {
        for before in 0..100 {
            let text = format!("xx{}<b>&lt;<", "=;é".repeat(before));
            assert_eq!(find_markup(text.as_bytes(), 2), 2 + 4 * before);
            assert_eq!(find_markup(&text.as_bytes()[..2 + 4 * before], 2), 2 + 4 * before, "none");
        }
    }

    #[test]
    fn blanks_end_at_the_first_visible_byte() {
        for byte in 0..=u8::MAX {
            for before in 0..20 {
                let mut bytes = b" \n\t\r".repeat(5);
                bytes.truncate(before);
                bytes.push(byte);
                bytes.extend_from_slice(b"<and more text");
                let expected = if byte > b' ' { before } else { before + 1 };
                assert_eq!(skip_blank(&bytes, 0), expected, "{byte} after {before}");
                assert_eq!(skip_blank(&bytes[..before], 0), before);
            }
        }
    }

    #[test]
    fn every_byte_is_judged_as_the_definition_says() {
        for byte in 0..=u8::MAX {
            let expected = byte < 0x20 || matches!(byte, b'\'' | b'<' | b'&');
            for at in 0..LANES {
                let mut lanes = [b'x'; LANES];
                lanes[at] = byte;
                assert_eq!(find_value_stop(&lanes, 0, b'\''), expected.then_some(at), "{byte}");
            }
        }
    }

    #[test]
    fn what_lies_ahead_is_found_again_once_passed() {
        let text = "a&b]]>c&]]>";
        let bytes = text.as_bytes();
        let mut ahead = Ahead::in_document(text, Returns::Absent);
        assert_eq!((ahead.ampersand(bytes, 0), ahead.section_end(bytes, 1)), (1, 3));
        assert_eq!((ahead.ampersand(bytes, 2), ahead.section_end(bytes, 4)), (7, 8));
        assert_eq!((ahead.ampersand(bytes, 8), ahead.section_end(bytes, 9)), (11, 11));
    }

    #[test]
    fn line_ends_become_line_feeds() {
        let mut out = String::new();
        push_normalised("a\r\nb\rc\r\r\n\nd\r", &mut out);
        assert_eq!(out, "a\nb\nc\n\n\nd\n");
    }
}
