//! Documents in other encodings, from their declaration to their text.

use encoding_rs::{BIG5, EUC_JP, Encoding, GB18030, ISO_8859_2, ISO_8859_15, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::{Event, place, problem, record};
use crate::conversion::error::ErrorCode;
use crate::conversion::limits::Limits;

/// The text of the root element, the same in chunks of every small size.
fn text(bytes: &[u8]) -> String {
    let whole = record(bytes, usize::MAX, &Limits::default());
    for chunk in 1..20 {
        assert_eq!(record(bytes, chunk, &Limits::default()), whole, "by {chunk}");
    }
    assert_eq!(whole.1, None);
    whole.0.iter().map(|event| if let Event::Text(text) = event { text.as_str() } else { "" }).collect()
}

#[test]
fn the_declaration_names_the_encoding() {
    let cases: [(&'static Encoding, &str, &str); 9] = [
        (WINDOWS_1252, "ISO-8859-1", "é×ß"),
        (WINDOWS_1252, "windows-1252", "€é"),
        (ISO_8859_2, "iso-8859-2", "łąż"),
        (ISO_8859_15, "ISO-8859-15", "€é"),
        (WINDOWS_1251, "windows-1251", "Привет"),
        (SHIFT_JIS, "Shift_JIS", "日本ソ"),
        (EUC_JP, "EUC-JP", "日本語"),
        (GB18030, "GB18030", "中文€😀"),
        (BIG5, "Big5", "中文功"),
    ];
    for (encoding, label, expected) in cases {
        let document =
            format!("<?xml version='1.0' encoding='{label}'?><größe>{expected}</größe>").replace("größe", "a");
        assert_eq!(text(&encoding.encode(&document).0), expected, "{label}");
    }
}

#[test]
fn utf_16_is_known_by_its_mark_or_its_pattern() {
    for start in
        ["\u{FEFF}", "\u{FEFF}<?xml version='1.0' encoding='UTF-16'?>", "", "<?xml version='1.0' encoding='utf-16'?>"]
    {
        let document = format!("{start}<a>é😀</a>");
        let big: Vec<u8> = document.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = document.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!((text(&big).as_str(), text(&little).as_str()), ("é😀", "é😀"), "{start}");
    }
}

#[test]
fn bytes_that_are_not_of_the_encoding_are_refused_at_their_place() {
    assert_eq!(place(b"<a>\n \xE9</a>"), (ErrorCode::XmlEncoding, 2, 2));
    assert_eq!(place(b"<a>\xC3"), (ErrorCode::XmlEncoding, 1, 4));
    assert_eq!(place(b"<?xml version='1.0' encoding='EUC-JP'?><a>\x8F\xFF</a>"), (ErrorCode::XmlEncoding, 1, 43));
    assert_eq!(place(b"\xFE\xFF\0<\0a\0>\xDC\0"), (ErrorCode::XmlEncoding, 1, 4));
}

#[test]
fn what_comes_first_is_wrong_first() {
    assert_eq!(place(b"<a></b>\xE9"), (ErrorCode::XmlNotWellFormed, 1, 4));
    assert_eq!(place(b"<a><b c\xE9"), (ErrorCode::XmlEncoding, 1, 8));
}

#[test]
fn declarations_must_be_true_and_known() {
    for (bytes, column) in [
        (&b"<?xml version='1.0' encoding='UTF-16'?><a/>"[..], 31),
        (b"<?xml version='1.0' encoding='made-up'?><a/>", 31),
        (b"\xEF\xBB\xBF<?xml version='1.0' encoding='latin1'?><a/>", 31),
        (b"\0\0\0<\0\0\0a", 1),
    ] {
        assert_eq!(place(bytes), (ErrorCode::XmlEncoding, 1, column), "{}", problem(bytes).detail);
    }
    let wide: Vec<u8> =
        "<?xml version='1.0' encoding='UTF-8'?><a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(place(wide), (ErrorCode::XmlEncoding, 1, 31));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let error = problem("\u{FEFF}<a>&none;</a>");
    assert_eq!(error.position.map(|position| (position.byte, position.column)), Some((3, 4)));
}
