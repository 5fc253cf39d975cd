//! The characters of XML: which may stand in a document at all, which in a name, which are white space.
//!
//! Names are scanned by a table of byte classes. Bytes above ASCII count as part of the name at first and are looked at as
//! characters only in the rare names that hold one.

use fearless_simd::{Level, Simd, dispatch};

/// The byte may stand in a name.
const NAME: u8 = 1;
/// The byte may stand first in a name.
const START: u8 = 2;
/// The byte is a colon.
const COLON: u8 = 4;
/// The byte belongs to a character above ASCII.
const HIGH: u8 = 8;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => NAME | START,
            b'0'..=b'9' | b'-' | b'.' => NAME,
            b':' => NAME | START | COLON,
            0x80.. => NAME | START | HIGH,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// What [`scan_name`] saw: where the name ends, and what kinds of bytes it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScannedName {
    /// Offset after the last byte that can belong to a name.
    pub(super) end: usize,
    /// The classes of its bytes.
    seen: u8,
}

impl ScannedName {
    /// A name of the same kinds of bytes that ends at `end`.
    #[inline]
    pub(super) fn ending_at(self, end: usize) -> Self {
        Self { end, ..self }
    }

    /// Whether the name holds a colon, so that it has a prefix or is no qualified name.
    #[inline]
    pub(super) fn has_colon(self) -> bool {
        self.seen & COLON != 0
    }

    /// Whether the name holds characters above ASCII, which the table has let pass unseen.
    #[inline]
    pub(super) fn needs_check(self) -> bool {
        self.seen & HIGH != 0
    }
}

/// Walks over the bytes from `from` on that can belong to a name. Whether the first may start one is for [`starts_name`].
#[inline]
pub(super) fn scan_name(bytes: &[u8], from: usize) -> ScannedName {
    let mut seen = 0;
    let mut end = from;
    while let Some(&byte) = bytes.get(end) {
        let class = CLASSES[usize::from(byte)];
        if class & NAME == 0 {
            break;
        }
        seen |= class;
        end += 1;
    }
    ScannedName { end, seen }
}

/// Whether no name goes on with this byte.
#[inline]
pub(super) fn ends_name(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & NAME == 0
}

/// Whether a name may start with this byte (a byte above ASCII may, until its character is looked at).
#[inline]
pub(super) fn starts_name(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & START != 0
}

/// White space of XML: space, tab, line feed, carriage return.
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The offset of the first byte from `from` on that is not white space, or the length.
#[inline]
pub(super) fn skip_space(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|&byte| is_space(byte)) {
        at += 1;
    }
    at
}

/// Whether the character may start a name (production 4).
pub(super) fn is_name_start(character: char) -> bool {
    matches!(character, ':' | 'A'..='Z' | '_' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Whether the character may stand in a name after its first (production 4a).
pub(super) fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// The offset within `name` of its first character that a name may not hold there, or `None` for a name.
pub(super) fn first_bad_name_character(name: &str) -> Option<usize> {
    let mut characters = name.char_indices();
    match characters.next() {
        Some((_, first)) if is_name_start(first) => {}
        _ => return Some(0),
    }
    characters.find(|&(_, character)| !is_name_character(character)).map(|(at, _)| at)
}

/// Whether a name is a qualified name of Namespaces in XML: at most one colon, and a name on each side of it.
pub(super) fn is_qualified_name(name: &str) -> bool {
    match name.split_once(':') {
        None => true,
        Some((prefix, local)) => {
            !prefix.is_empty() && !local.contains(':') && local.chars().next().is_some_and(is_name_start)
        }
    }
}

/// Whether a document may hold the character (production 2); a reference to any other is an error too.
pub(super) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a public identifier may hold the byte (production 13).
pub(super) fn is_public_id_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\n' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')
        || b"-'()+,./:=?;!*#@$_%".contains(&byte)
}

/// Bytes that are looked at without a branch between them.
const BLOCK: usize = 256;

/// What a look over a text finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The offset of the first character that no document may hold: a control character, U+FFFE or U+FFFF.
    pub(super) forbidden: Option<usize>,
    /// There is no control character but line feeds.
    pub(super) is_plain: bool,
}

/// Looks over a text, in blocks without a branch inside, which the compiler turns into vector code.
pub(super) fn look_over(text: &str) -> Look {
    let bytes = text.as_bytes();
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let plain = dispatch!(Level::new(), simd => count_plain(simd, blocks));
    if plain == blocks.len() && is_plain(rest) {
        return Look { forbidden: None, is_plain: true };
    }
    let from = BLOCK * plain;
    Look { forbidden: find_forbidden(&bytes[from..]).map(|within| from + within), is_plain: false }
}

/// How many blocks there are before the first that is not plain.
#[inline(always)]
fn count_plain<S: Simd>(_: S, blocks: &[[u8; BLOCK]]) -> usize {
    blocks.iter().take_while(|block| is_plain(*block)).count()
}

/// Whether a block holds no control character but line feeds, and no byte that U+FFFE or U+FFFF may begin with.
#[inline(always)]
fn is_plain(block: &[u8]) -> bool {
    // The control characters but the line feed become the lowest 31 bytes.
    const FIRST_ALLOWED: u8 = 31;
    let mut least = u8::MAX;
    let mut leads = 0;
    for &byte in block {
        least = least.min((byte ^ b'\n').wrapping_sub(1));
        leads |= if byte == 0xEF { u8::MAX } else { 0 };
    }
    least >= FIRST_ALLOWED && leads == 0
}

fn find_forbidden(bytes: &[u8]) -> Option<usize> {
    let mut may_hold_noncharacter = false;
    let mut holds_control = |block: &[u8]| {
        let (least, has_lead) = survey(block);
        may_hold_noncharacter |= has_lead;
        is_control(least)
    };
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let number = blocks.iter().position(|block| holds_control(block));
    let from = BLOCK * number.unwrap_or(blocks.len());
    let control = (number.is_some() || holds_control(rest))
        .then(|| bytes[from..].iter().position(|&byte| is_control(byte)).map(|within| from + within))
        .flatten();
    if !may_hold_noncharacter {
        return control;
    }
    let noncharacter = find_noncharacter(&bytes[..control.unwrap_or(bytes.len())]);
    noncharacter.or(control)
}

/// The least byte of a block that is not white space, and whether there is a byte that U+FFFE or U+FFFF may begin with.
#[inline]
fn survey(block: &[u8]) -> (u8, bool) {
    let mut least = u8::MAX;
    let mut leads = 0;
    for &byte in block {
        // Tab and carriage return differ in one bit.
        let is_space = (byte & !0x04 == b'\t') | (byte == b'\n');
        least = least.min(byte | if is_space { u8::MAX } else { 0 });
        leads |= if byte == 0xEF { u8::MAX } else { 0 };
    }
    (least, leads != 0)
}

#[inline]
fn is_control(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r'
}

/// The offset of the first U+FFFE or U+FFFF, which UTF-8 writes as `EF BF BE` and `EF BF BF`.
fn find_noncharacter(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"\xEF\xBF").find(|&at| bytes.get(at + 2).is_some_and(|&last| last >= 0xBE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_first_byte_that_is_none() {
        let name = scan_name(b"<a:b-1.c>", 1);
        assert_eq!((name.end, name.has_colon(), name.needs_check()), (8, true, false));
        let name = scan_name("grüße x".as_bytes(), 0);
        assert_eq!((name.end, name.has_colon(), name.needs_check()), (7, false, true));
        assert_eq!(scan_name(b" a", 0).end, 0);
        assert!(starts_name(b'_') && starts_name(b':') && !starts_name(b'-') && !starts_name(b'1'));
    }

    #[test]
    fn the_byte_table_agrees_with_the_productions() {
        for byte in 0_u8..0x80 {
            let character = char::from(byte);
            assert_eq!(starts_name(byte), is_name_start(character), "{character:?}");
            assert_eq!(scan_name(&[byte], 0).end == 1, is_name_character(character), "{character:?}");
        }
    }

    #[test]
    fn characters_above_ascii_are_looked_at() {
        assert_eq!(first_bad_name_character("größe"), None);
        assert_eq!(first_bad_name_character("a×b"), Some(1));
        assert_eq!(first_bad_name_character("×"), Some(0));
        assert_eq!(first_bad_name_character("a\u{B7}"), None);
        assert_eq!(first_bad_name_character("\u{B7}a"), Some(0));
    }

    #[test]
    fn qualified_names_have_one_colon_between_names() {
        for good in ["a", "a:b", "a:_1"] {
            assert!(is_qualified_name(good), "{good}");
        }
        for bad in [":a", "a:", "a:b:c", ":", "a:1", "a::b"] {
            assert!(!is_qualified_name(bad), "{bad}");
        }
    }

    #[test]
    fn forbidden_characters_are_found_wherever_they_stand() {
        for (bad, length) in [("\u{1}", 1), ("\u{0}", 1), ("\u{1F}", 1), ("\u{B}", 1), ("\u{FFFE}", 3), ("\u{FFFF}", 3)]
        {
            assert_eq!(bad.len(), length);
            for before in [0, 1, 62, 63, 64, 65, 127, 128, 1000] {
                let text = format!("{}{bad}é\u{2}", "a".repeat(before));
                let look = look_over(&text);
                assert_eq!((look.forbidden, look.is_plain), (Some(before), false), "{bad:?} after {before}");
            }
        }
    }

    #[test]
    fn plain_text_holds_line_feeds_and_no_other_control_character() {
        for byte in 0..0x80 {
            for before in [0, 5, 127, 128, 200] {
                let text = format!("{}{}é", "a\n".repeat(before), char::from(byte));
                let is_plain = byte >= 0x20 || byte == b'\n';
                assert_eq!(look_over(&text).is_plain, is_plain, "{byte} after {before}");
            }
        }
        assert!(!look_over("\u{FF01}").is_plain, "a look at each character is needed");
    }

    #[test]
    fn allowed_characters_pass() {
        let text = "\t\r\n ~\u{7F}\u{80}\u{9F}é\u{FFFD}\u{FEFF}\u{EFFF}\u{10FFFF}\u{FF01}".repeat(40);
        assert_eq!(look_over(&text).forbidden, None);
        assert!(text.chars().all(is_xml_character));
        assert!(!is_xml_character('\u{FFFE}') && !is_xml_character('\u{8}'));
    }
}
