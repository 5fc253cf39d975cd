//! Documents that tests upload.

use std::io::Write as _;

use zip::{ZipWriter, write::SimpleFileOptions};

/// Two orders with lines: relational by default.
pub const ORDERS: &str = r#"<?xml version="1.0"?>
<orders xmlns:x="urn:x">
  <order id="1" x:state="new"><customer>Ada</customer><line no="1"><sku>A-1</sku><qty>2</qty></line><line no="2"><sku>B-7</sku><qty>10</qty></line></order>
  <order id="2" x:state="paid"><customer>Grace</customer><line no="1"><sku>C-3</sku><qty>1</qty></line></order>
</orders>"#;

/// Three books: flat by default.
pub const BOOKS: &str = "<library><book><title>Emma</title><year>1815</year></book>\
    <book><title>Persuasion</title><year>1817</year></book><book><title>Ulysses</title><year>1922</year></book></library>";

/// A document whose second line breaks off inside an element.
pub const BROKEN: &str = "<library>\n  <book><title>Emma</book>\n</library>";

/// A ZIP of these entries.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A flat document of at least so many bytes; its rows are numbered from 1.
pub fn flat(bytes: usize) -> (Vec<u8>, u64) {
    let mut document = b"<records>".to_vec();
    let mut rows = 0;
    while document.len() < bytes {
        rows += 1;
        write!(
            document,
            "<record><id>{rows}</id><name>name of {rows}</name><amount>{}.{:02}</amount><note>a note &amp; more</note></record>",
            rows % 1000,
            rows % 100
        )
        .unwrap();
    }
    document.extend_from_slice(b"</records>");
    (document, rows)
}
