//! Documents of any size for measuring, written as a stream. The same kind and size give the same bytes.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// What the documents are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Records of short values: a table.
    Flat,
    /// Orders with lines, lines with taxes, attributes and elements mixed.
    Nested,
    /// Records that are all attributes.
    Attributes,
    /// Articles: long texts, prose with markup inside, CDATA.
    Text,
    /// 10,000 distinct paths, the most that are allowed: 99 kinds of records with 100 values each.
    Paths,
    /// One text as long as the document.
    LongText,
    /// Records of 200 elements inside each other.
    Deep,
}

const PLACES: [&str; 8] = ["Berlin", "São Paulo", "Tokyo", "Nairobi", "Oslo", "Zürich", "Kraków", "Austin"];
const WORDS: [&str; 16] = [
    "ledger", "north", "supply", "chain", "river", "étude", "record", "matrix", "量子", "factor", "silver", "pending",
    "term", "batch", "naïve", "motion",
];

impl Kind {
    /// Writes a document of at least so many bytes; answers how many records it has.
    pub(crate) fn write(self, bytes: u64, out: &mut dyn Write) -> io::Result<u64> {
        let mut numbers = Numbers(0x5eed);
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root>\n");
        let (mut written, mut records) = (0, 0);
        while written + (text.len() as u64) < bytes {
            if text.len() > 1 << 18 {
                written += text.len() as u64;
                out.write_all(text.as_bytes())?;
                text.clear();
            }
            records += 1;
            match self {
                Self::Flat => flat(&mut text, records, &mut numbers),
                Self::Nested => nested(&mut text, records, &mut numbers),
                Self::Attributes => attributes(&mut text, records, &mut numbers),
                Self::Text => article(&mut text, records, &mut numbers),
                Self::Paths => wide(&mut text, records, &mut numbers),
                Self::LongText => words(&mut text, 8, &mut numbers),
                Self::Deep => deep(&mut text, records),
            }
        }
        text.push_str("</root>\n");
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(records)
    }
}

/// Numbers that look like chance (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn one_of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

fn words(out: &mut String, count: u64, numbers: &mut Numbers) {
    for _ in 0..count {
        out.push_str(numbers.one_of(&WORDS));
        out.push(' ');
    }
}

fn flat(out: &mut String, record: u64, numbers: &mut Numbers) {
    let place = numbers.one_of(&PLACES);
    let (cents, day, hour) = (numbers.below(10_000_000), numbers.below(28) + 1, numbers.below(24));
    let _ = write!(
        out,
        "  <record>\n    <id>{record}</id>\n    <name>name of {record}</name>\n    <city>{place}</city>\n    \
         <amount>{}.{:02}</amount>\n    <created>2026-03-{day:02}T{hour:02}:00:00Z</created>\n    \
         <active>{}</active>\n    <note>a note &amp; \"more\" of it: ",
        cents / 100,
        cents % 100,
        record.is_multiple_of(2)
    );
    let count = numbers.below(8);
    words(out, count, numbers);
    out.push_str("</note>\n");
    if record.is_multiple_of(3) {
        out.push_str("    <empty/>\n");
    }
    out.push_str("  </record>\n");
}

fn nested(out: &mut String, record: u64, numbers: &mut Numbers) {
    let (place, zip) = (numbers.one_of(&PLACES), numbers.below(100_000));
    let _ = write!(
        out,
        "  <order id=\"{record}\" state=\"paid\">\n    <customer kind=\"b2b\"><name>customer {record}</name>\
         <address><city>{place}</city><zip>{zip:05}</zip></address></customer>\n    <lines>\n"
    );
    for line in 0..=numbers.below(6) {
        let (article, quantity, price) = (numbers.below(1_000_000), numbers.below(20) + 1, numbers.below(1_000));
        let _ = write!(
            out,
            "      <line no=\"{line}\"><article>A-{article:06}</article><quantity>{quantity}</quantity>\
             <price currency=\"EUR\">{price}.50</price>"
        );
        for tax in 0..numbers.below(3) {
            let _ = write!(out, "<tax code=\"T{tax}\"><rate>{}</rate></tax>", numbers.below(25));
        }
        out.push_str("</line>\n");
    }
    out.push_str("    </lines>\n    <note>");
    words(out, 6, numbers);
    out.push_str("</note>\n  </order>\n");
}

fn attributes(out: &mut String, record: u64, numbers: &mut Numbers) {
    let (score, views, owner) = (numbers.below(1_000), numbers.below(100_000), numbers.below(1_000_000));
    let _ = write!(
        out,
        "  <row Id=\"{record}\" Kind=\"{}\" Created=\"2026-03-01T10:00:00.000\" Score=\"{score}\" Views=\"{views}\" \
         Owner=\"{owner}\" License=\"CC BY-SA 4.0\" Tags=\"&lt;{}&gt;\" Title=\"",
        record % 2,
        numbers.one_of(&WORDS)
    );
    words(out, 8, numbers);
    out.push_str("\" />\n");
}

fn article(out: &mut String, record: u64, numbers: &mut Numbers) {
    let _ = write!(out, "  <article id=\"a{record}\">\n    <title>");
    words(out, 8, numbers);
    out.push_str("</title>\n    <abstract>");
    words(out, 120, numbers);
    out.push_str("&lt;b&gt; &#233; &amp; end</abstract>\n    <body>");
    for _ in 0..3 + numbers.below(5) {
        out.push_str("<p>");
        words(out, 80, numbers);
        let _ = write!(out, "<em>{}</em> ", numbers.one_of(&WORDS));
        words(out, 30, numbers);
        out.push_str(".</p>\n");
    }
    out.push_str("</body>\n    <raw><![CDATA[");
    words(out, 60, numbers);
    out.push_str("<no tag> & raw]]></raw>\n  </article>\n");
}

fn wide(out: &mut String, record: u64, numbers: &mut Numbers) {
    let kind = record % 99;
    let _ = write!(out, "  <kind{kind}>");
    for value in 0..100 {
        let _ = write!(out, "<value{value}>{}</value{value}>", numbers.below(1_000));
    }
    let _ = writeln!(out, "</kind{kind}>");
}

fn deep(out: &mut String, record: u64) {
    for level in 2..=200 {
        let _ = write!(out, "<level{level} n=\"{record}\">");
    }
    for level in (2..=200).rev() {
        let _ = write!(out, "</level{level}>");
    }
    out.push('\n');
}
