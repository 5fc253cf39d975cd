//! A document that is not the one that was scanned is an error with its place, never a loss.

use ret::conversion::{Emitter, Error, ErrorCode, Layout, Limits, Options, Plan, Position, Repeated, Row, RowSink};

use super::scan;

#[derive(Default)]
struct Count {
    rows: usize,
    stop_after: Option<usize>,
}

impl RowSink for Count {
    fn row(&mut self, _: usize, _: Row<'_>) -> Result<(), Error> {
        if self.stop_after == Some(self.rows) {
            return Err(Error::new(ErrorCode::Interrupted, "enough"));
        }
        self.rows += 1;
        Ok(())
    }
}

fn plan(scanned: &str, options: &Options) -> Plan {
    let shape = scan(scanned, usize::MAX, &Limits::default()).unwrap();
    Plan::new("GROUP", &shape, options, &Limits::default()).unwrap()
}

fn emit(plan: &Plan, document: &str, sink: &mut Count) -> Result<(), Error> {
    let mut emitter = Emitter::new(plan, sink);
    emitter.begin_document("a.xml")?;
    emitter.feed(document.as_bytes())?;
    emitter.end_document()
}

fn outcome(scanned: &str, found: &str, options: &Options) -> Result<(), (ErrorCode, Option<u64>)> {
    let result = emit(&plan(scanned, options), found, &mut Count::default());
    result.map_err(|error| (error.code, error.position.map(|position| position.byte)))
}

#[test]
fn whatever_has_no_place_is_refused_where_it_stands() {
    let relational = Options { layout: Layout::Relational, ..Options::default() };
    let scanned = "<r v='1'><a>x</a><b><c/></b></r>";
    assert_eq!(outcome(scanned, scanned, &relational), Ok(()));
    for (found, at) in [
        ("<r v='1'><d/></r>", 9),
        ("<r w='1'></r>", 0),
        ("<r v='1'><a>x</a><a>y</a></r>", 20),
        ("<r v='1'>text</r>", 9),
        ("<r v='1'><a>x</a>text</r>", 17),
        ("<r v='1'><b>x</b></r>", 12),
    ] {
        assert_eq!(outcome(scanned, found, &relational), Err((ErrorCode::ShapeMismatch, Some(at))), "{found}");
    }
}

#[test]
fn flat_rows_refuse_what_they_have_no_column_for() {
    let scanned = "<r><i><a>1</a><a>2</a></i><i><a>3</a></i></r>";
    let more = "<r><i><a>1</a><a>2</a><a>3</a></i></r>";
    for repeated in [Repeated::Index, Repeated::Join, Repeated::Explode] {
        let options = Options { layout: Layout::Flat, repeated, ..Options::default() };
        let expected = if repeated == Repeated::Index { Err(ErrorCode::ShapeMismatch) } else { Ok(()) };
        assert_eq!(outcome(scanned, more, &options).map_err(|(code, _)| code), expected, "{repeated:?}");
    }
}

#[test]
fn attributes_in_prose_that_had_none_are_refused() {
    let options = Options::default();
    let scanned = "<r><p>a <b>x</b> c</p><p>d</p></r>";
    let found = "<r><p>a <b k='v'>x</b> c</p></r>";
    assert_eq!(outcome(scanned, found, &options).map_err(|(code, _)| code), Err(ErrorCode::ShapeMismatch));
}

#[test]
fn the_sink_stops_the_emitter() {
    let scanned = "<r><i>1</i><i>2</i><i>3</i></r>";
    let plan = plan(scanned, &Options { layout: Layout::Relational, ..Options::default() });
    let mut sink = Count { stop_after: Some(2), ..Count::default() };
    assert_eq!(emit(&plan, scanned, &mut sink).unwrap_err().code, ErrorCode::Interrupted);
    assert_eq!(sink.rows, 2);
}

#[test]
fn a_spent_emitter_stays_spent() {
    let plan = plan("<r><i>1</i></r>", &Options::default());
    let mut emitter = Emitter::new(&plan, Count::default());
    assert_eq!(emitter.feed(b"<r/>").unwrap_err().code, ErrorCode::Interrupted, "no document has begun");
    emitter.begin_document("bad.xml").unwrap();
    let error = emitter.feed(b"<r><i>1</i></q>").unwrap_err();
    assert_eq!(error.code, ErrorCode::XmlNotWellFormed);
    assert!(matches!(error.position, Some(Position { line: 1, .. })));
    assert!(emitter.begin_document("good.xml").is_err());
}
