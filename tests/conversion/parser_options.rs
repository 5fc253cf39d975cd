//! What the options of the parser do to tables.

use ret::conversion::{
    Emitter, Error, ErrorCode, ExternalEntities, Limits, NamespaceMode, NamespaceRules, Options, ParserOptions, Plan,
    Row, RowSink, Scanner, Shape, WarningCode,
};

#[derive(Default)]
struct Rows(Vec<Vec<String>>);

impl RowSink for Rows {
    fn row(&mut self, _: usize, row: Row<'_>) -> Result<(), Error> {
        self.0.push(row.cells().map(|cell| cell.unwrap_or_default().to_owned()).collect());
        Ok(())
    }
}

fn scan(document: &str, options: ParserOptions) -> Result<Shape, Error> {
    let mut scanner = Scanner::with_options(&Limits::default(), options);
    scanner.feed(document.as_bytes())?;
    scanner.finish()
}

/// The columns of the only table, and its rows.
fn convert(document: &str, parser: ParserOptions, options: &Options) -> (Plan, Vec<String>, Vec<Vec<String>>) {
    let shape = scan(document, parser).unwrap();
    let stored: Shape = serde_json::from_str(&serde_json::to_string(&shape).unwrap()).unwrap();
    let plan = Plan::new("G", &stored, options, &Limits::default()).unwrap();
    let mut emitter = Emitter::new(&plan, Rows::default());
    emitter.begin_document("a.xml").unwrap();
    emitter.feed(document.as_bytes()).unwrap();
    emitter.end_document().unwrap();
    let rows = emitter.finish().unwrap().0;
    let columns = plan.tables()[0].columns.iter().map(|column| column.name.clone()).collect();
    (plan, columns, rows)
}

const SKIP: ParserOptions =
    ParserOptions { external_entities: ExternalEntities::Skip, namespace_rules: NamespaceRules::Apply };
const IGNORE: ParserOptions =
    ParserOptions { external_entities: ExternalEntities::Refuse, namespace_rules: NamespaceRules::Ignore };

#[test]
fn what_is_skipped_is_told_with_its_count() {
    let document = "<!DOCTYPE r [<!ENTITY e SYSTEM 'x'>]><r><i a='1'>2&e;3</i><i a='4'>&e;</i></r>";
    assert_eq!(scan(document, ParserOptions::default()).unwrap_err().code, ErrorCode::XmlEntityExternal);
    let (plan, columns, rows) = convert(document, SKIP, &Options::default());
    assert_eq!(columns, ["@a", "i"]);
    assert_eq!(rows, [["1", "23"], ["4", ""]]);
    let warning = &plan.warnings()[0];
    assert_eq!((warning.code, warning.count), (WarningCode::EntitiesSkipped, 2));
    assert!(warning.detail.starts_with("2 references"), "{}", warning.detail);
}

#[test]
fn nothing_skipped_is_no_warning() {
    let (plan, ..) = convert("<r><i>1</i></r>", SKIP, &Options::default());
    assert_eq!(plan.warnings(), []);
}

#[test]
fn counts_add_up_over_a_group() {
    let mut shape = scan("<!DOCTYPE r SYSTEM 'x'><r>&a;</r>", SKIP).unwrap();
    shape.merge(&scan("<!DOCTYPE r SYSTEM 'x'><r>&a;&b;</r>", SKIP).unwrap(), &Limits::default()).unwrap();
    shape.merge(&scan("<r>1</r>", ParserOptions::default()).unwrap(), &Limits::default()).unwrap();
    assert_eq!(shape.skipped_references(), 3);
}

#[test]
fn names_with_colons_become_columns_as_written() {
    let document = "<p:r><i a:b:c='1' xmlns='u'><q:x>2</q:x><x>3</x></i></p:r>";
    assert_eq!(scan(document, ParserOptions::default()).unwrap_err().code, ErrorCode::XmlNotWellFormed);
    for namespaces in [NamespaceMode::Strip, NamespaceMode::Prefix, NamespaceMode::Uri] {
        let (plan, _, rows) = convert(document, IGNORE, &Options { namespaces, ..Options::default() });
        let paths: Vec<_> = plan.tables()[0].columns.iter().map(|column| column.source_path.as_str()).collect();
        assert_eq!(paths, ["/p:r/i/@a:b:c", "/p:r/i/@xmlns", "/p:r/i/q:x", "/p:r/i/x"]);
        assert_eq!(rows, [["1", "u", "2", "3"]], "a declaration is data where it declares nothing");
    }
}

#[test]
fn xml_space_holds_without_rules_for_namespaces() {
    let (_, _, rows) = convert("<r><a xml:space='preserve'> 1 </a><b> 2 </b></r>", IGNORE, &Options::default());
    assert_eq!(rows[0].last().unwrap(), "2");
    assert!(rows[0].iter().any(|cell| cell == " 1 "), "{rows:?}");
}

#[test]
fn documents_read_by_other_rules_share_no_tables() {
    let (mut applied, ignored) = (scan("<r/>", ParserOptions::default()).unwrap(), scan("<r/>", IGNORE).unwrap());
    assert_ne!(applied.cluster_key(), ignored.cluster_key());
    assert_eq!(applied.merge(&ignored, &Limits::default()).unwrap_err().code, ErrorCode::InvalidOption);
}
