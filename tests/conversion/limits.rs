//! Limits of the tables: at the limit a document passes, beyond it is refused or laid out otherwise.

use ret::conversion::{ErrorCode, Layout, Limits, Options, WarningCode};

use super::convert_in;

fn outcome(document: &str, layout: Layout, limits: Limits) -> Result<Vec<WarningCode>, ErrorCode> {
    let options = Options { layout, ..Options::default() };
    let converted = convert_in(&[document.to_owned()], &options, &limits, usize::MAX);
    let codes = |converted: super::Converted| converted.plan.warnings().iter().map(|warning| warning.code).collect();
    converted.map(codes).map_err(|error| error.code)
}

#[test]
fn columns_of_a_relational_table() {
    let document = "<r><a>1</a><b>2</b><c>3</c></r>";
    let limits = |columns| Limits { columns, ..Limits::default() };
    assert_eq!(outcome(document, Layout::Relational, limits(5)), Ok(vec![]));
    assert_eq!(outcome(document, Layout::Relational, limits(4)), Ok(vec![]));
    assert_eq!(outcome(document, Layout::Relational, limits(3)), Err(ErrorCode::TooManyColumns));
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
    let wide = |inner: String| inner.repeat(40);
    let document = format!(
        "<r>{}</r>",
        wide(format!("<a>{}</a>", wide(format!("<b>{}</b>", wide(format!("<c>{}</c>", "<d>1</d>".repeat(40)))))))
    );
    assert_eq!(outcome(&document, Layout::Flat, Limits::default()), Ok(vec![]), "the innermost repeat is the record");
    let options = Options { layout: Layout::Flat, record: Some("r".into()), ..Options::default() };
    let converted = convert_in(&[document], &options, &Limits::default(), usize::MAX).unwrap();
    assert_eq!(converted.plan.warnings()[0].code, WarningCode::FlatTooWide);
}

#[test]
fn tables() {
    let document = "<r v='1'><a/><a/><b/><b/></r>";
    let limits = |tables| Limits { tables, ..Limits::default() };
    assert_eq!(outcome(document, Layout::Relational, limits(4)), Ok(vec![]));
    assert_eq!(outcome(document, Layout::Relational, limits(3)), Ok(vec![]));
    assert_eq!(outcome(document, Layout::Relational, limits(2)), Err(ErrorCode::TooManyTables));
}

#[test]
fn paths() {
    let document = "<r><a/><b/></r>";
    let limits = |paths| Limits { paths, ..Limits::default() };
    assert_eq!(outcome(document, Layout::Relational, limits(3)), Ok(vec![]));
    assert_eq!(outcome(document, Layout::Relational, limits(2)), Err(ErrorCode::TooManyPaths));
}
