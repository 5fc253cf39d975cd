//! Every limit, at it, below it and above it, in one piece and byte by byte.

use super::record;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

/// The error of a document under limits, which must not depend on the chunks.
fn error(document: &str, limits: Limits) -> Option<Error> {
    let (_, error) = record(document.as_bytes(), usize::MAX, &limits);
    for chunk in [1, 2, 3, 5, 8, 13, 100] {
        assert_eq!(record(document.as_bytes(), chunk, &limits).1, error, "by {chunk}: {document}");
    }
    error
}

/// Sees that `limit` is the least with which the document passes, and that less gives `code` at `byte`.
fn assert_least(document: &str, set: fn(&mut Limits, usize), limit: usize, code: ErrorCode, byte: u64) {
    let with = |value| {
        let mut limits = Limits::default();
        set(&mut limits, value);
        limits
    };
    assert_eq!(error(document, with(limit)), None, "{document} at {limit}");
    assert_eq!(error(document, with(limit + 1)), None, "{document} above {limit}");
    let refused = error(document, with(limit - 1));
    let found = refused.as_ref().map(|error| (error.code, error.position.map_or(u64::MAX, |position| position.byte)));
    assert_eq!(found, Some((code, byte)), "{document} below {limit}: {refused:?}");
}

#[test]
fn depth() {
    let set = |limits: &mut Limits, value| limits.depth = value;
    assert_least("<a><b><c/></b><b><c></c></b></a>", set, 3, ErrorCode::XmlTooDeep, 6);
    assert_least("<!DOCTYPE a [<!ENTITY e '<b><c/></b>'>]><a>&e;</a>", set, 3, ErrorCode::XmlTooDeep, 43);
}

#[test]
fn attributes() {
    let set = |limits: &mut Limits, value| limits.attributes = value;
    assert_least("<a b='' c='' xmlns=''/>", set, 3, ErrorCode::XmlTooManyAttributes, 13);
    let defaults = "<!DOCTYPE a [<!ATTLIST a b CDATA '' c CDATA ''>]><a d=''/>";
    assert_least(defaults, set, 3, ErrorCode::XmlTooManyAttributes, 49);
}

#[test]
fn token_bytes() {
    let set = |limits: &mut Limits, value| limits.token_bytes = value;
    let tag = format!("<a><b c='{}'/></a>", "x".repeat(50));
    assert_least(&tag, set, 59, ErrorCode::XmlTokenTooLong, 3);
    let text = format!("<a>{}</a>", "x".repeat(60));
    assert_least(&text, set, 60, ErrorCode::XmlTokenTooLong, 62);
    let references = format!("<a>{}é{}</a>", "&lt;".repeat(10), "x".repeat(18));
    assert_least(&references, set, 60, ErrorCode::XmlTokenTooLong, 62);
    let comment = format!("<a><!--{}--></a>", "x".repeat(53));
    assert_least(&comment, set, 60, ErrorCode::XmlTokenTooLong, 62);
    let character_data = format!("<a><![CDATA[{}]]></a>", "é".repeat(24));
    assert_least(&character_data, set, 60, ErrorCode::XmlTokenTooLong, 62);
    let instruction = format!("<a><?p {}?></a>", "x".repeat(54));
    assert_least(&instruction, set, 60, ErrorCode::XmlTokenTooLong, 62);
    let name = format!("<a>1</a{}>", " ".repeat(57));
    assert_least(&name, set, 61, ErrorCode::XmlTokenTooLong, 4);
}

#[test]
fn text_on_both_sides_of_markup_is_two_runs() {
    let limits = Limits { token_bytes: 20, ..Limits::default() };
    let run = "x".repeat(20);
    assert_eq!(error(&format!("<a>{run}<b/>{run}<!---->{run}<![CDATA[y]]>{run}</a>"), limits), None);
}

#[test]
fn white_space_before_the_end_of_the_doctype_is_no_token() {
    let limits = Limits { token_bytes: 20, ..Limits::default() };
    let space = "\n".repeat(60);
    assert_eq!(error(&format!("<!DOCTYPE a [{space}]{space}><a/>"), limits), None);
    let wrong = error(&format!("<!DOCTYPE a []{space}x><a/>"), limits).expect("no >");
    assert_eq!((wrong.code, wrong.position.map(|at| at.line)), (ErrorCode::XmlNotWellFormed, Some(61)));
    let cut = error(&format!("<!DOCTYPE a []{space}"), limits).expect("no >");
    assert_eq!(cut.code, ErrorCode::XmlTruncated);
}

#[test]
fn dtd_bytes() {
    let set = |limits: &mut Limits, value| limits.dtd_bytes = value;
    let document = "<?p?><!DOCTYPE a [<!ENTITY e 'é'><!-- --> ] ><a/>";
    let length = document.len() - "<?p?>".len() - "<a/>".len();
    assert_least(document, set, length, ErrorCode::XmlTokenTooLong, (5 + length - 1) as u64);
}

#[test]
fn entity_bytes() {
    let set = |limits: &mut Limits, value| limits.entity_bytes = value as u64;
    let subset = "<!DOCTYPE a [<!ENTITY e '&f;&f;'><!ENTITY f 'xyz'>]>";
    let reference = subset.len() as u64 + 3;
    assert_least(&format!("{subset}<a>&e;</a>"), set, 12, ErrorCode::XmlEntityExpansion, reference);
    assert_least(&format!("{subset}<a b='&e;'/>"), set, 12, ErrorCode::XmlEntityExpansion, reference + 3);
}

#[test]
fn entity_depth() {
    let set = |limits: &mut Limits, value| limits.entity_depth = value;
    let subset = "<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&g;'><!ENTITY g 'x'>]>";
    let reference = subset.len() as u64 + 3;
    assert_least(&format!("{subset}<a>&e;</a>"), set, 3, ErrorCode::XmlEntityExpansion, reference);
    assert_least(&format!("{subset}<a b='&e;'/>"), set, 3, ErrorCode::XmlEntityExpansion, reference + 3);
}

#[test]
fn a_long_default_on_many_elements_is_stopped() {
    let subset = format!("<!DOCTYPE a [<!ATTLIST b c CDATA '{}'>]>", "x".repeat(1_000));
    let document = format!("{subset}<a>{}</a>", "<b/>".repeat(100));
    let limits = Limits { entity_bytes: 1_000, ..Limits::default() };
    assert_eq!(error(&document, limits).map(|error| error.code), Some(ErrorCode::XmlEntityExpansion));
    assert_eq!(error(&document, Limits::default()), None);
}
