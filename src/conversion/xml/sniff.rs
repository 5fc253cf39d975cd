//! Which encoding a document is in, decided from its first bytes before anything is decoded.
//!
//! The order of appendix F of XML 1.0: a byte order mark, the pattern of UTF-16 or UTF-32 without one, the encoding named in
//! the XML declaration, and UTF-8 if nothing says otherwise.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::chars::is_space;
use super::fault::excerpt;

/// An XML declaration longer than this is not looked through for an encoding.
const LONGEST_DECLARATION: usize = 64 << 10;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sniffed {
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte order mark, which is no part of the text.
    pub(super) mark_length: usize,
}

/// The outcome of a look at the first bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sniff {
    /// More bytes are needed.
    Undecided,
    /// The encoding is known.
    Known(Sniffed),
    /// The encoding cannot be read. `at` is the offset of what says so.
    Unreadable { at: usize, detail: String },
}

/// Whether more bytes may come after those that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    Partial,
    Whole,
}

/// Looks at the first bytes of a document.
pub(super) fn sniff(bytes: &[u8], beginning: Beginning) -> Sniff {
    const OPENING: &[u8] = b"<?xml";
    if bytes.len() < 4 && beginning == Beginning::Partial {
        return Sniff::Undecided;
    }
    if let Some(by_pattern) = sniff_pattern(bytes) {
        return by_pattern;
    }
    if beginning == Beginning::Partial && bytes.len() <= OPENING.len() && OPENING.starts_with(bytes) {
        return Sniff::Undecided;
    }
    let declares = bytes.strip_prefix(OPENING).is_some_and(|rest| rest.first().copied().is_some_and(is_space));
    if !declares {
        return known(UTF_8, 0);
    }
    match memchr::memmem::find(bytes, b"?>") {
        Some(end) => sniff_declaration(&bytes[..end]),
        None if beginning == Beginning::Partial && bytes.len() < LONGEST_DECLARATION => Sniff::Undecided,
        None => known(UTF_8, 0),
    }
}

fn known(encoding: &'static Encoding, mark_length: usize) -> Sniff {
    Sniff::Known(Sniffed { encoding, mark_length })
}

fn sniff_pattern(bytes: &[u8]) -> Option<Sniff> {
    let unreadable = |name: &str| {
        let detail = format!("the document is in {name}, which is not read; save it as UTF-8");
        Some(Sniff::Unreadable { at: 0, detail })
    };
    match bytes {
        [0x00, 0x00, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0x00, 0x00, ..] => unreadable("UTF-32"),
        [0x00, 0x00, 0x00, b'<', ..] | [b'<', 0x00, 0x00, 0x00, ..] => unreadable("UTF-32"),
        [0x4C, 0x6F, 0xA7, 0x94, ..] => unreadable("EBCDIC"),
        [0xEF, 0xBB, 0xBF, ..] => Some(known(UTF_8, 3)),
        [0xFE, 0xFF, ..] => Some(known(UTF_16BE, 2)),
        [0xFF, 0xFE, ..] => Some(known(UTF_16LE, 2)),
        [0x00, b'<', ..] => Some(known(UTF_16BE, 0)),
        [b'<', 0x00, ..] => Some(known(UTF_16LE, 0)),
        _ => None,
    }
}

/// Looks for the encoding in an XML declaration whose characters are one byte each. Its form is for the parser to judge.
fn sniff_declaration(declaration: &[u8]) -> Sniff {
    let Some((label, at)) = find_encoding(declaration) else { return known(UTF_8, 0) };
    let name = String::from_utf8_lossy(label);
    match Encoding::for_label_no_replacement(label) {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            let detail = format!(
                "the document declares the encoding {} and is not in it: its declaration is in single bytes; declare the encoding \
                 it is saved in, mostly UTF-8",
                excerpt(&name)
            );
            Sniff::Unreadable { at, detail }
        }
        Some(encoding) if encoding != encoding_rs::X_USER_DEFINED => known(encoding, 0),
        _ => {
            let detail = format!("the encoding {} is not one that is read; save the document as UTF-8", excerpt(&name));
            Sniff::Unreadable { at, detail }
        }
    }
}

/// The value of the field `encoding`, and its offset.
fn find_encoding(declaration: &[u8]) -> Option<(&[u8], usize)> {
    const FIELD: &[u8] = b"encoding";
    let field = memchr::memmem::find(declaration, FIELD)?;
    let skip = |from: usize| declaration[from..].iter().position(|&byte| !is_space(byte)).map(|within| from + within);
    let equals = skip(field + FIELD.len()).filter(|&at| declaration[at] == b'=')?;
    let open = skip(equals + 1)?;
    let quote = declaration[open];
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    let length = memchr::memchr(quote, &declaration[open + 1..])?;
    Some((&declaration[open + 1..open + 1 + length], open + 1))
}

/// What is wrong if a document that is decoded from `actual` declares the encoding `label`.
pub(super) fn contradiction(label: &str, actual: &'static Encoding) -> Option<String> {
    let is_utf16 = |encoding: &'static Encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    // A byte order mark decides between the two orders, and UTF-16 in a declaration leaves it open.
    let declared = Encoding::for_label_no_replacement(label.as_bytes());
    let is_wide_label = label.eq_ignore_ascii_case("iso-10646-ucs-2") || label.eq_ignore_ascii_case("ucs-2");
    let agrees = match declared {
        Some(declared) => declared == actual || (is_utf16(declared) && is_utf16(actual)),
        None => is_wide_label && is_utf16(actual),
    };
    (!agrees).then(|| {
        format!(
            "the document declares the encoding {} and is in {}; correct the declaration",
            excerpt(label),
            actual.name()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

    fn encoding(bytes: &[u8]) -> Option<(&'static str, usize)> {
        match sniff(bytes, Beginning::Whole) {
            Sniff::Known(Sniffed { encoding, mark_length }) => Some((encoding.name(), mark_length)),
            _ => None,
        }
    }

    #[test]
    fn marks_and_patterns_decide_first() {
        assert_eq!(encoding(b"\xEF\xBB\xBF<a/>"), Some(("UTF-8", 3)));
        assert_eq!(encoding(b"\xFE\xFF\0<"), Some(("UTF-16BE", 2)));
        assert_eq!(encoding(b"\xFF\xFE<\0"), Some(("UTF-16LE", 2)));
        assert_eq!(encoding(b"\0<\0a"), Some(("UTF-16BE", 0)));
        assert_eq!(encoding(b"<\0a\0"), Some(("UTF-16LE", 0)));
        for unreadable in [&b"\0\0\0<"[..], b"<\0\0\0", b"\0\0\xFE\xFF", b"\xFF\xFE\0\0", b"\x4C\x6F\xA7\x94"] {
            assert!(matches!(sniff(unreadable, Beginning::Whole), Sniff::Unreadable { at: 0, .. }), "{unreadable:?}");
        }
    }

    #[test]
    fn the_declaration_decides_next_however_long_it_is() {
        assert_eq!(encoding(b"<?xml version='1.0' encoding='Shift_JIS'?>"), Some((SHIFT_JIS.name(), 0)));
        let late = format!("<?xml version='1.0'{} encoding = \"ISO-8859-1\" ?>", " ".repeat(9_000));
        assert_eq!(encoding(late.as_bytes()), Some((WINDOWS_1252.name(), 0)));
        assert_eq!(encoding(b"<?xml version='1.0'?><a encoding='Big5'/>"), Some(("UTF-8", 0)));
        assert_eq!(encoding(b"<?xmlish encoding='Big5'?>"), Some(("UTF-8", 0)));
        assert_eq!(encoding(b"<a>"), Some(("UTF-8", 0)));
        assert_eq!(encoding(b""), Some(("UTF-8", 0)));
    }

    #[test]
    fn encodings_that_are_not_read_are_refused_at_their_name() {
        for label in ["UTF-16", "UTF-32", "EBCDIC-CP-US", "x-user-defined", "ISO-2022-KR", "nonsense", ""] {
            let text = format!("<?xml version='1.0' encoding='{label}'?>");
            let sniffed = sniff(text.as_bytes(), Beginning::Whole);
            assert!(matches!(sniffed, Sniff::Unreadable { at: 30, .. }), "{label}: {sniffed:?}");
        }
    }

    #[test]
    fn more_bytes_are_asked_for_until_it_is_clear() {
        let text = b"<?xml version='1.0' encoding='Big5'?>";
        for length in 0..text.len() {
            assert_eq!(sniff(&text[..length], Beginning::Partial), Sniff::Undecided, "{length}");
        }
        assert_ne!(sniff(text, Beginning::Partial), Sniff::Undecided);
        assert_ne!(sniff(b"<roo", Beginning::Partial), Sniff::Undecided);
        assert_ne!(sniff(&b"<?xml ".repeat(11_000), Beginning::Partial), Sniff::Undecided);
    }

    #[test]
    fn declarations_must_agree_with_what_the_bytes_are() {
        for (label, actual) in [("utf-8", UTF_8), ("UTF-16", UTF_16LE), ("utf-16", UTF_16BE), ("latin1", WINDOWS_1252)]
        {
            assert_eq!(contradiction(label, actual), None, "{label}");
        }
        for (label, actual) in [("UTF-16", UTF_8), ("UTF-8", UTF_16LE), ("iso-8859-1", UTF_8), ("nonsense", UTF_8)] {
            assert!(contradiction(label, actual).is_some(), "{label}");
        }
    }
}
