//! Limits: at the limit a document passes, below and above it too, beyond it is refused or laid out otherwise.

use std::collections::BTreeSet;

use ret::conversion::{ErrorCode, Layout, Limits, Options, WarningCode};
use serde_json::json;

use super::convert_in;

fn outcome(document: &str, layout: Layout, limits: Limits) -> Result<Vec<WarningCode>, ErrorCode> {
    let options = Options { layout, ..Options::default() };
    let converted = convert_in(&[document.to_owned()], &options, &limits, usize::MAX);
    let codes = |converted: super::Converted| converted.plan.warnings().iter().map(|warning| warning.code).collect();
    converted.map(codes).map_err(|error| error.code)
}

/// A document, the least value of a limit with which it converts, and the code below that.
struct Case {
    limit: &'static str,
    document: String,
    least: u64,
    code: ErrorCode,
}

fn cases() -> Vec<Case> {
    use ErrorCode::{
        TooManyColumns, TooManyPaths, TooManyTables, XmlEntityExpansion, XmlTokenTooLong, XmlTooDeep,
        XmlTooManyAttributes,
    };
    let case = |limit, document: String, least, code| Case { limit, document, least, code };
    let long = "x".repeat(50);
    let entities = "<!DOCTYPE a [<!ENTITY e '&f;&f;'><!ENTITY f '&g;'><!ENTITY g 'xyz'>]>";
    vec![
        case("depth", "<a><b><c/></b><b/></a>".into(), 3, XmlTooDeep),
        case("depth", "<!DOCTYPE a [<!ENTITY e '<b><c/></b>'>]><a>&e;</a>".into(), 3, XmlTooDeep),
        case("attributes", "<a b='1' c='2' xmlns:p='u'/>".into(), 3, XmlTooManyAttributes),
        case(
            "attributes",
            "<!DOCTYPE a [<!ATTLIST a b CDATA '1' c CDATA '2'>]><a d='3'/>".into(),
            3,
            XmlTooManyAttributes,
        ),
        case("token_bytes", format!("<a><b>{long}</b></a>"), 50, XmlTokenTooLong),
        case("token_bytes", format!("<a><b>{long}&lt;é</b></a>"), 56, XmlTokenTooLong),
        case("token_bytes", format!("<a><b c='{long}'/></a>"), 59, XmlTokenTooLong),
        case("token_bytes", format!("<a><!--{long}--></a>"), 57, XmlTokenTooLong),
        case("token_bytes", format!("<a><![CDATA[{long}]]></a>"), 62, XmlTokenTooLong),
        case("token_bytes", format!("<a><?p {long}?></a>"), 56, XmlTokenTooLong),
        case("token_bytes", format!("<a><{long}/></a>"), 53, XmlTokenTooLong),
        case("name_bytes", format!("<a><{long}/></a>"), 50, XmlTokenTooLong),
        case("name_bytes", format!("<a><prefix:{long} xmlns:prefix='u'/></a>"), 50, XmlTokenTooLong),
        case("name_bytes", format!("<a {long}='1'/>"), 50, XmlTokenTooLong),
        case("name_bytes", format!("<a xmlns='{long}'/>"), 50, XmlTokenTooLong),
        case("dtd_bytes", "<!DOCTYPE a [<!ENTITY e 'é'>]><a/>".into(), 31, XmlTokenTooLong),
        case("dtd_bytes", "<!DOCTYPE a SYSTEM 'a.dtd' ><a/>".into(), 28, XmlTokenTooLong),
        case("entity_bytes", format!("{entities}<a>&e;</a>"), 18, XmlEntityExpansion),
        case("entity_bytes", format!("{entities}<a b='&e;'/>"), 18, XmlEntityExpansion),
        case("entity_bytes", format!("{entities}<a b='&f;'>&f;</a>"), 12, XmlEntityExpansion),
        case("entity_depth", format!("{entities}<a>&e;</a>"), 3, XmlEntityExpansion),
        case("entity_depth", format!("{entities}<a b='&e;'/>"), 3, XmlEntityExpansion),
        case("paths", "<a><b/><c/><b/></a>".into(), 3, TooManyPaths),
        case("paths", "<a b='1' c='2' d='3'><e b='4'/></a>".into(), 4, TooManyPaths),
        case("columns", "<a><b>1</b><c>2</c><d e='3'/></a>".into(), 4, TooManyColumns),
        case("tables", "<a v='1'><b/><b/><c/><c/></a>".into(), 3, TooManyTables),
    ]
}

#[test]
fn each_limit_holds_from_its_value_on_in_any_chunks() {
    let options = Options { layout: Layout::Relational, ..Options::default() };
    for Case { limit, document, least, code } in cases() {
        for (value, expected) in [(least - 1, Err(code)), (least, Ok(())), (least + 1, Ok(()))] {
            let mut limits = serde_json::to_value(Limits::default()).unwrap();
            limits[limit] = json!(value);
            let limits: Limits = serde_json::from_value(limits).unwrap();
            for chunk in [1, 3, usize::MAX] {
                let outcome = convert_in(std::slice::from_ref(&document), &options, &limits, chunk);
                let outcome = outcome.map(drop).map_err(|error| error.code);
                assert_eq!(outcome, expected, "{limit} at {value}, by {chunk}: {document}");
            }
        }
    }
}

#[test]
fn no_limit_is_without_a_case() {
    let defaults = serde_json::to_value(Limits::default()).unwrap();
    let members: BTreeSet<&str> = defaults.as_object().unwrap().keys().map(String::as_str).collect();
    let cases = cases();
    assert_eq!(cases.iter().map(|case| case.limit).collect::<BTreeSet<_>>(), members);
}

#[test]
fn columns_of_a_flat_table_turn_it_relational() {
    let document = "<r><i><a>1</a><a>2</a><a>3</a></i><i><a>4</a></i></r>";
    let limits = |columns| Limits { columns, ..Limits::default() };
    let relational_needs = 4;
    assert_eq!(outcome(document, Layout::Flat, limits(relational_needs)), Ok(vec![]));
    let five = "<r><i><a>1</a><a>2</a><a>3</a><a>4</a><a>5</a></i><i><a>4</a></i></r>";
    assert_eq!(outcome(five, Layout::Flat, limits(relational_needs)), Ok(vec![WarningCode::FlatTooWide]));
}

#[test]
fn columns_are_counted_before_they_are_made() {
    let wide = |inner: String| inner.repeat(14);
    let document = format!(
        "<r>{}</r>",
        wide(format!("<a>{}</a>", wide(format!("<b>{}</b>", wide(format!("<c>{}</c>", "<d>1</d>".repeat(14)))))))
    );
    assert_eq!(outcome(&document, Layout::Flat, Limits::default()), Ok(vec![]), "the innermost repeat is the record");
    let options = Options { layout: Layout::Flat, record: Some("r".into()), ..Options::default() };
    let converted = convert_in(&[document], &options, &Limits::default(), usize::MAX).unwrap();
    assert_eq!(converted.plan.warnings()[0].code, WarningCode::FlatTooWide);
}
