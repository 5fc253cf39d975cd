//! The way a document is cut into chunks changes nothing.

use super::record;
use crate::conversion::limits::Limits;

const DOCUMENTS: [&str; 12] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns='u' b=\"1\">\r\n  <c>té&amp;xt</c>\r\r<d/><!-- c -->\n</a>\n<!-- end -->",
    "\u{FEFF}<größe ü='ß'>量子😀]]&gt;]<![CDATA[]]]>]]></größe>",
    "<!DOCTYPE a [<!ENTITY e '<b>x</b>'><!ATTLIST a t NMTOKENS ' 1  2 '><!-- ]> --><?p ]>?>%none;]><a>&e;\r\n&e;</a>",
    "<a><p:b xmlns:p='v'><p:c p:d='' d=''/></p:b><b xmlns:p='w'><p:b/></b></a>",
    "<a>\n\n <b>\n</c></a>",
    "<a>é&none;</a>",
    "<a>]]></a>",
    "<a>\r\n  <!-- x -- y --></a>",
    "<a\n b='1'\n b='2'>",
    "<a>text \u{1} more</a>",
    "<a><b>cut off",
    "<a></a>\r\n\r\nx",
];

#[test]
fn every_chunk_size_gives_the_same_events_and_errors() {
    for document in DOCUMENTS {
        let bytes = document.as_bytes();
        let whole = record(bytes, usize::MAX, &Limits::default());
        for chunk in 1..=bytes.len() {
            assert_eq!(record(bytes, chunk, &Limits::default()), whole, "{document} by {chunk}");
        }
    }
}

#[test]
fn every_chunk_size_gives_the_same_in_other_encodings() {
    for document in DOCUMENTS.iter().filter(|document| !document.contains("encoding=")) {
        let text = document.trim_start_matches('\u{FEFF}');
        let bytes: Vec<u8> = format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let whole = record(text.as_bytes(), usize::MAX, &Limits::default());
        for chunk in 1..=bytes.len() {
            assert_eq!(record(&bytes, chunk, &Limits::default()), whole, "{document} by {chunk}");
        }
    }
}

#[test]
fn tokens_longer_than_a_window_come_through_whole() {
    let value = "v&amp;é".repeat(30_000);
    let document =
        format!("<a b='{value}'>{value}<!--{}--><![CDATA[{}]]></a>", "c".repeat(100_000), "d]]é".repeat(30_000));
    let whole = record(document.as_bytes(), usize::MAX, &Limits::default());
    assert_eq!(whole.1, None);
    for chunk in [7, 1_000, 32 << 10, 100_001] {
        assert_eq!(record(document.as_bytes(), chunk, &Limits::default()), whole, "by {chunk}");
    }
}
