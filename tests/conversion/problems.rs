//! The examples in `docs/problems.md`: what each code of the engine looks like. They are made from the cases here and compared with
//! the file; `RET_BLESS=1 scripts/test --test suite conversion::problems` writes them into it.

use std::fmt::Write as _;
use std::path::Path;

use ret::conversion::{
    CsvEncoder, CsvOptions, Emitter, Error, ErrorCode, FitsXlsx, Layout, Limits, Options, Plan, Row, RowSink, Scanner,
};

use super::convert_in;

const SECTION: &str = "## Codes of the conversion";

/// Something that goes wrong.
struct Example {
    code: ErrorCode,
    /// What is set otherwise than by default.
    under: &'static str,
    document: Vec<u8>,
    error: Error,
}

/// All examples, those of one code together.
fn examples() -> Vec<Example> {
    use ErrorCode::*;
    let laughs = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\"><!ENTITY z \"&y;&y;&y;&y;\">]><a>&z;</a>";
    let mut examples = Vec::new();
    for (code, documents) in [
        (
            XmlNotWellFormed,
            &[
                "<a><b></a>",
                "<a>Tea & Cups</a>",
                "<a b=1/>",
                "<a b=\"1\" b=\"2\"/>",
                "<a>]]></a>",
                "<a/><a/>",
                "<p:a/>",
                "<a><!-- x -- y --></a>",
            ][..],
        ),
        (XmlTruncated, &["<a><b>text", "<a b=\"1"]),
        (XmlEmpty, &[" \n"]),
        (XmlEntityUndeclared, &["<a>&nbsp;</a>"]),
        (
            XmlEntityExternal,
            &[
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"chapter.xml\">]><a>&e;</a>",
                "<!DOCTYPE a SYSTEM \"a.dtd\"><a>&e;</a>",
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"chapter.xml\">]><a b=\"&e;\"/>",
            ],
        ),
        (XmlEntityExpansion, &["<!DOCTYPE a [<!ENTITY e \"&f;\"><!ENTITY f \"&e;\">]><a>&e;</a>"]),
    ] {
        examples.extend(documents.iter().map(|document| refused(code, "", document.as_bytes(), Limits::default())));
    }
    examples.push(refused(XmlEncoding, "", b"<a>caf\xE9</a>", Limits::default()));
    let contradictory = b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>";
    examples.push(refused(XmlEncoding, "", contradictory, Limits::default()));
    let default = Limits::default;
    for (code, under, document, limits) in [
        (XmlEntityExpansion, "`entity_bytes` is 40", laughs, Limits { entity_bytes: 40, ..default() }),
        (XmlTooDeep, "`depth` is 2", "<a><b><c/></b></a>", Limits { depth: 2, ..default() }),
        (XmlTokenTooLong, "`token_bytes` is 16", "<a>a rather long text</a>", Limits { token_bytes: 16, ..default() }),
        (
            XmlTokenTooLong,
            "`token_bytes` is 16",
            "<a><b c=\"long value\"/></a>",
            Limits { token_bytes: 16, ..default() },
        ),
        (XmlTooManyAttributes, "`attributes` is 1", "<a b=\"1\" c=\"2\"/>", Limits { attributes: 1, ..default() }),
        (TooManyPaths, "`paths` is 2", "<a><id-1/><id-2/></a>", Limits { paths: 2, ..default() }),
    ] {
        examples.push(refused(code, under, document.as_bytes(), limits));
    }
    examples.extend(planned());
    examples.push(unfit());
    examples.extend(misused());
    examples.sort_by_key(|example| example.code.as_str());
    examples
}

/// A document that cannot be scanned.
fn refused(code: ErrorCode, under: &'static str, document: &[u8], limits: Limits) -> Example {
    let mut scanner = Scanner::new(&limits);
    let scanned = scanner.feed(document).and_then(|()| scanner.finish());
    Example { code, under, document: document.to_vec(), error: scanned.expect_err("the document is at fault") }
}

/// Documents that cannot become the tables asked for.
fn planned() -> Vec<Example> {
    let relational = Options { layout: Layout::Relational, ..Options::default() };
    let of_record = Options { record: Some("cd".into()), ..Options::default() };
    let shop = "<shop><order><line>Tea</line><line>Cups</line></order><order/></shop>";
    let default = Limits::default;
    [
        (ErrorCode::TooManyColumns, "`columns` is 2", relational.clone(), Limits { columns: 2, ..default() }),
        (ErrorCode::TooManyTables, "`tables` is 1", relational, Limits { tables: 1, ..default() }),
        (ErrorCode::RecordNotFound, "`record` is `cd`", of_record, default()),
    ]
    .into_iter()
    .map(|(code, under, options, limits)| {
        let converted = convert_in(&[shop.to_owned()], &options, &limits, usize::MAX);
        let error = converted.map(drop).expect_err("the tables cannot be made");
        Example { code, under, document: shop.into(), error }
    })
    .collect()
}

/// A document that the format cannot hold.
fn unfit() -> Example {
    let document = format!("<a><b><body>{}</body></b><b/></a>", "x".repeat(40_000));
    let mut scanner = Scanner::new(&Limits::default());
    scanner.feed(document.as_bytes()).unwrap();
    let plan = Plan::new("G", &scanner.finish().unwrap(), &Options::default(), &Limits::default()).unwrap();
    let mut emitter = Emitter::new(&plan, FitsXlsx::new(&plan).unwrap());
    emitter.begin_document("a.xml").unwrap();
    let error = emitter.feed(document.as_bytes()).expect_err("no cell can hold it");
    let under = "`format` is `xlsx` and a value has 40,000 characters";
    Example { code: ErrorCode::CellTooLong, under, document: Vec::new(), error }
}

struct Forgotten;

impl RowSink for Forgotten {
    fn row(&mut self, _: usize, _: Row<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// The library put to a use that it is not made for.
fn misused() -> Vec<Example> {
    let mut scanner = Scanner::new(&Limits::default());
    scanner.feed(b"<a><b>1</b></a>").unwrap();
    let shape = scanner.finish().unwrap();
    let plan = Plan::new("G", &shape, &Options::default(), &Limits::default()).unwrap();
    let changed: &[u8] = b"<a><c>1</c></a>";
    let mut emitter = Emitter::new(&plan, Forgotten);
    emitter.begin_document("a.xml").unwrap();
    let mismatch = emitter.feed(changed).and_then(|()| emitter.end_document()).expect_err("another document");
    let out_of_turn = emitter.feed(changed).expect_err("the emitter is spent");
    let quote = CsvOptions { delimiter: '"', ..CsvOptions::default() };
    let option = CsvEncoder::new(quote).map(drop).expect_err("no delimiter");
    let under = "the document was scanned as `<a><b>1</b></a>`";
    vec![
        Example { code: ErrorCode::ShapeMismatch, under, document: changed.to_vec(), error: mismatch },
        Example { code: ErrorCode::InvalidOption, under: "`delimiter` is `\"`", document: Vec::new(), error: option },
        Example { code: ErrorCode::Interrupted, under: "", document: Vec::new(), error: out_of_turn },
    ]
}

/// The example as it stands in the file.
fn written(example: &Example) -> String {
    let mut out = String::new();
    if !example.under.is_empty() {
        write!(out, "Where {}:\n\n", example.under).unwrap();
    }
    out.push_str("```text\n");
    if !example.document.is_empty() {
        writeln!(out, "{}", shown(&example.document)).unwrap();
    }
    let place = match example.error.position {
        Some(position) => format!("a.xml:{}:{}: ", position.line, position.column),
        None => String::new(),
    };
    write!(out, "{place}{}\n```\n\n", example.error.detail).unwrap();
    out
}

/// The document as text; bytes that are no UTF-8 and white space at the ends by their numbers.
fn shown(document: &[u8]) -> String {
    let mut out = String::new();
    for chunk in document.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| write!(out, "\\x{byte:02X}").unwrap());
    }
    if out.trim().is_empty() { format!("{out:?}") } else { out }
}

/// The file with the examples of each code in the place of those that stand there: what is not prose from the first fence, or the line
/// before it, up to the next heading.
fn with_examples(file: &str, examples: &[Example]) -> String {
    let (before, rest) = file.split_once(SECTION).expect("the section of the engine");
    let end = rest.find("\n## ").map_or(rest.len(), |at| at + 1);
    let (section, after) = rest.split_at(end);
    let mut parts = section.split("### `");
    let mut out = format!("{before}{SECTION}{}", parts.next().unwrap_or_default());
    for part in parts {
        let code = part.split('`').next().unwrap_or_default();
        let examples_start = ["\nWhere ", "\n```"].iter().filter_map(|mark| part.find(mark)).min();
        let prose = part[..examples_start.unwrap_or(part.len())].trim_end();
        write!(out, "### `{prose}\n\n").unwrap();
        examples
            .iter()
            .filter(|example| example.code.as_str() == code)
            .for_each(|example| out.push_str(&written(example)));
    }
    out.push_str(after);
    out
}

#[test]
fn every_example_fails_with_its_code() {
    for example in examples() {
        assert_eq!(example.error.code, example.code, "{}: {}", shown(&example.document), example.error);
    }
}

#[test]
fn the_examples_in_the_documentation_are_what_the_engine_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/problems.md");
    let file = std::fs::read_to_string(&path).unwrap();
    let examples = examples();
    let made = with_examples(&file, &examples);
    if std::env::var_os("RET_BLESS").is_some() {
        std::fs::write(&path, made).unwrap();
        return;
    }
    let hint = "the examples in docs/problems.md are not what the engine says; write them with \
                RET_BLESS=1 scripts/test --test suite conversion::problems";
    if let Some((there, wanted)) = file.lines().zip(made.lines()).find(|(there, wanted)| there != wanted) {
        panic!("{hint}\n  in the file: {there}\n  by the engine: {wanted}");
    }
    assert_eq!(file.len(), made.len(), "{hint}");
}

#[test]
fn every_code_has_an_example() {
    let file = include_str!("../../docs/problems.md");
    let section = file.split(SECTION).nth(1).unwrap().split("\n## ").next().unwrap();
    let codes: Vec<&str> = section.split("### `").skip(1).filter_map(|part| part.split('`').next()).collect();
    let examples = examples();
    for code in &codes {
        assert!(examples.iter().any(|example| example.code.as_str() == *code), "{code} has no example");
    }
    assert!(examples.iter().all(|example| codes.contains(&example.code.as_str())), "a code is not in the file");
}
