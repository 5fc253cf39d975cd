//! A document converted in parts, each by an emitter of its own, gives the bytes that it gives as a whole.

use proptest::prelude::*;

use ret::conversion::{
    CsvEncoder, CsvOptions, Emitter, Error, ErrorCode, Layout, Limits, MixedContent, NamespaceMode, Options, Outline,
    Part, Plan, Repeated, Row, RowPart, RowSink, Scan, Scanner, Seam, Structure, TextMode,
};

use super::convert_in;
use super::generate::{Nesting, documents};

/// What a part makes: rows, and the rest of rows that began earlier.
struct Files<'a> {
    csv: &'a CsvEncoder,
    files: &'a mut Vec<Vec<u8>>,
    seam: &'a mut Seam,
}

impl RowSink for Files<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.csv.row(row, &mut self.files[table]);
        Ok(())
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        let (csv, files) = (self.csv, &mut *self.files);
        self.seam.row_ended(&rest, &mut Whole { csv, files })
    }
}

/// Takes the rows that the seam puts together.
struct Whole<'a> {
    csv: &'a CsvEncoder,
    files: &'a mut Vec<Vec<u8>>,
}

impl RowSink for Whole<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.csv.row(row, &mut self.files[table]);
        Ok(())
    }
}

fn scan(document: &str, spacing: u64, chunk: usize) -> Scan {
    let mut scanner = Scanner::new(&Limits::default()).with_checkpoints(spacing);
    document.as_bytes().chunks(chunk).for_each(|piece| scanner.feed(piece).unwrap());
    scanner.finish_scan().unwrap()
}

fn emit_part(
    plan: &Plan,
    label: &str,
    document: &str,
    part: &Part,
    next: Option<&Part>,
    sink: Files<'_>,
) -> Result<Vec<RowPart>, Error> {
    let bytes = &document.as_bytes()[usize::try_from(part.offset()).unwrap()..];
    let end = next.map_or(bytes.len(), |next| usize::try_from(next.offset() - part.offset()).unwrap());
    let mut emitter = Emitter::new(plan, sink);
    emitter.begin_part(label, part)?;
    for piece in bytes[..end].chunks(7) {
        emitter.feed(piece)?;
    }
    match next {
        Some(next) => emitter.end_part(next),
        None => emitter.end_document().map(|()| Vec::new()),
    }
}

/// The rows of a document that is divided so, without headers.
pub(super) fn rows_by_parts(plan: &Plan, document: &str, outline: &Outline) -> Vec<Vec<u8>> {
    let csv = CsvEncoder::new(CsvOptions::default()).unwrap();
    let mut files = vec![Vec::new(); plan.tables().len()];
    emit_parts(plan, "x.xml", document, &plan.parts(outline, &plan.no_rows()), &csv, &mut files);
    files
}

fn emit_parts(plan: &Plan, label: &str, document: &str, parts: &[Part], csv: &CsvEncoder, files: &mut Vec<Vec<u8>>) {
    let mut seam = Seam::new();
    for (place, part) in parts.iter().enumerate() {
        let sink = Files { csv, files, seam: &mut seam };
        let open = emit_part(plan, label, document, part, parts.get(place + 1), sink).unwrap();
        seam.part_ended(open).unwrap();
    }
}

/// Converts documents as one group, every part of every document apart from all others. Answers how many parts there were.
fn convert_in_parts(documents: &[String], options: &Options, spacing: u64) -> (Vec<Vec<u8>>, usize) {
    let limits = Limits::default();
    let scans: Vec<Scan> = documents.iter().map(|document| scan(document, spacing, 11)).collect();
    let stored = scans.iter().map(|scan| serde_json::from_str(&serde_json::to_string(scan).unwrap()).unwrap());
    let scans: Vec<Scan> = stored.collect();
    let (mut shape, first) = scans[0].clone().into_shape();
    let others = scans[1..].iter().map(|scan| shape.add(scan, &limits).unwrap());
    let outlines: Vec<Outline> = std::iter::once(first).chain(others).collect();
    let plan = Plan::new("GROUP", &shape, options, &limits).unwrap();
    let csv = CsvEncoder::new(CsvOptions::default()).unwrap();
    let mut files = vec![Vec::new(); plan.tables().len()];
    plan.tables().iter().zip(&mut files).for_each(|(table, file)| csv.header(table, file));
    let (mut before, mut count) = (plan.no_rows(), 0);
    for (number, (document, outline)) in documents.iter().zip(&outlines).enumerate() {
        let parts = plan.parts(outline, &before);
        emit_parts(&plan, &format!("{number}.xml"), document, &parts, &csv, &mut files);
        count += parts.len();
        // Where rows cannot be told beforehand the next document has to wait for this one.
        match plan.row_counts(outline) {
            Some(rows) => before.add(&rows),
            None => assert_eq!(documents.len(), 1),
        }
    }
    (files, count)
}

fn options() -> impl Strategy<Value = Options> {
    let layout = prop_oneof![Just(Layout::Auto), Just(Layout::Flat), Just(Layout::Relational)];
    let repeated = prop_oneof![Just(Repeated::Index), Just(Repeated::Join), Just(Repeated::Explode)];
    let mixed = prop_oneof![Just(MixedContent::Text), Just(MixedContent::Xml)];
    let structure = prop_oneof![2 => Just(Structure::Values), 1 => Just(Structure::Complete)];
    (layout, repeated, mixed, structure).prop_map(|(layout, repeated, mixed, structure)| Options {
        layout,
        repeated,
        mixed,
        structure: if layout == Layout::Flat { Structure::Values } else { structure },
        ..Options::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_give_the_same_bytes(
        documents in prop_oneof![documents(Nesting::Recursive), documents(Nesting::Levelled)],
        options in options(),
        spacing in 1_u64..60,
    ) {
        let whole = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        let (_, outline) = scan(&documents[0], 1 << 20, 100).into_shape();
        prop_assume!(whole.plan.row_counts(&outline).is_some() || documents.len() == 1);
        let (parts, _) = convert_in_parts(&documents, &options, spacing);
        let text = |files: &[Vec<u8>]| files.iter().map(|file| String::from_utf8(file.clone()).unwrap()).collect::<Vec<_>>();
        prop_assert_eq!(text(&whole.files), text(&parts));
    }
}

#[test]
fn open_rows_counters_namespaces_and_white_space_cross_the_seams() {
    let items: String = (1..=40)
        .map(|n| format!("<p:item xml:space='preserve' n='{n}'><t> {n} </t><t>b</t><q:u xmlns:q='urn:q'/></p:item>\n"))
        .collect();
    let document = format!(
        "\u{feff}<?xml version='1.0'?><p:list xmlns:p='urn:p' a='1'><head>early</head><group>{items}<name>g1</name></group>\
         <group><name>g2</name>{items}</group><tail>late</tail></p:list><!-- end -->"
    );
    for layout in [Layout::Relational, Layout::Flat, Layout::Auto] {
        let options = Options { layout, namespaces: NamespaceMode::Prefix, ..Options::default() };
        let whole = convert_in(std::slice::from_ref(&document), &options, &Limits::default(), usize::MAX).unwrap();
        let (parts, count) = convert_in_parts(std::slice::from_ref(&document), &options, 100);
        assert!(count > 20, "{layout:?}: {count} parts");
        assert_eq!(whole.files, parts, "{layout:?}");
    }
}

#[test]
fn the_innermost_say_on_white_space_crosses_the_seams() {
    let rows = "<row><v> 5 </v><w>a</w></row>".repeat(60);
    let document =
        format!("<r xml:space='preserve'><g xml:space='default'>{rows}</g><h xml:space='preserve'>{rows}</h></r>");
    for text in [TextMode::Trim, TextMode::Keep] {
        let options = Options { layout: Layout::Relational, text, ..Options::default() };
        let whole = convert_in(std::slice::from_ref(&document), &options, &Limits::default(), usize::MAX).unwrap();
        let (parts, count) = convert_in_parts(std::slice::from_ref(&document), &options, 100);
        assert!(count > 10, "{count} parts");
        assert_eq!(whole.files, parts);
    }
}

#[test]
fn checkpoints_come_as_often_as_asked_and_shallow() {
    let record = format!("<record><a>{}</a><b><c>1</c><c>2</c></b></record>", "x".repeat(500));
    let document = format!("<list>{}</list>", record.repeat(2_000));
    let scan = scan(&document, 100_000, 8_192);
    let offsets: Vec<u64> = scan.checkpoints.iter().map(ret::conversion::Checkpoint::offset).collect();
    assert!((9..=11).contains(&offsets.len()), "{offsets:?}");
    for offset in offsets {
        assert_eq!((offset as usize - "<list>".len()) % record.len(), 0, "a checkpoint stands between records");
    }
}

#[test]
fn documents_that_cannot_be_read_from_the_middle_have_no_checkpoints() {
    let items = "<i><j>1</j></i>".repeat(100);
    for document in [
        format!("<!DOCTYPE r [<!ENTITY e 'x'>]><r>{items}</r>"),
        format!("<?xml version='1.0' encoding='latin1'?><r>{items}</r>"),
    ] {
        assert!(scan(&document, 10, 10).checkpoints.is_empty(), "{document}");
    }
    assert!(!scan(&format!("<r>{items}</r>"), 10, 10).checkpoints.is_empty());
}

#[test]
fn a_changed_document_is_refused_at_its_seam() {
    let document = format!("<r>{}</r>", "<i><j>1</j></i>".repeat(20));
    let changed = document.replacen("<j>1</j>", "<k>1</k>", 1).replacen("<i><j>1</j></i>", "<i/><i/><i/><j/>", 1);
    let scan = scan(&document, 10, 10);
    let (shape, outline) = scan.into_shape();
    let plan = Plan::new("GROUP", &shape, &Options::default(), &Limits::default()).unwrap();
    let parts = plan.parts(&outline, &plan.no_rows());
    let csv = CsvEncoder::new(CsvOptions::default()).unwrap();
    let refused = parts.windows(2).any(|pair| {
        let (mut files, mut seam) = (vec![Vec::new(); plan.tables().len()], Seam::new());
        let sink = Files { csv: &csv, files: &mut files, seam: &mut seam };
        let outcome = emit_part(&plan, "x", &changed, &pair[0], Some(&pair[1]), sink);
        outcome.is_err_and(|error| error.code == ErrorCode::ShapeMismatch)
    });
    assert!(refused);
}
