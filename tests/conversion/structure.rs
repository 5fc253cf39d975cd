//! What `structure: complete` adds to relational tables, case by case. That it is enough for any document is in `round_trip`.

use super::output_folder;
use ret::{
    conversion::{
        Emitter, Error, ErrorCode, Format, Layout, Limits, MixedContent, NamespaceMode, Options, Outline, Plan, Row,
        RowSink, Scan, Scanner, Structure,
    },
    services::{
        Policy,
        conversions::{ConvertRequest, local::convert_files},
    },
};

use super::convert;

fn complete() -> Options {
    Options { mixed: MixedContent::Xml, structure: Structure::Complete, ..Options::default() }
}

/// One table of what documents become.
fn table(documents: &[&str], options: &Options, name: &str) -> String {
    convert(documents, options).csv(name).to_owned()
}

#[test]
fn the_order_between_different_names_is_told() {
    let options = complete();
    let mixed = "<r><a>1</a><b>2</b><a>3</a><b>4</b></r>";
    assert_eq!(table(&[mixed], &options, "a"), "_id,_parent,_ord,_pos,a\n1,1,1,1,1\n2,1,2,3,3\n");
    assert_eq!(table(&[mixed], &options, "b"), "_id,_parent,_ord,_pos,b\n1,1,1,2,2\n2,1,2,4,4\n");
    let folded = "<r><i><x>1</x><y>2</y></i><i><y>3</y><x>4</x></i></r>";
    let expected = "_id,_parent,_ord,_pos,_content,x,y\n1,1,1,1,x@1 y@2,1,2\n2,1,2,2,y@1 x@2,4,3\n";
    assert_eq!(table(&[folded], &options, "i"), expected);
}

#[test]
fn elements_that_hold_nothing_are_told_and_no_table_is_left_out() {
    let options = complete();
    let document = "<r><s><t><u/></t><v/></s><i/><w><x/></w><i/></r>";
    assert_eq!(convert(&[document], &options).table_names(), ["r", "i"]);
    assert_eq!(table(&[document], &options, "r"), "_id,_content,u,v,x\n1,s@1(t@1(u@1) v@2) w@3(x@1),,,\n");
    assert_eq!(table(&[document], &options, "i"), "_id,_parent,_ord,_pos,i\n1,1,1,2,\n2,1,2,4,\n");
    let group = ["<r><a><b>1</b></a></r>", "<r><a/></r>", "<r/>"];
    let expected = "_id,_document,_content,b\n1,0.xml,a@1(b@1),1\n2,1.xml,a@1,\n3,2.xml,,\n";
    assert_eq!(table(&group, &options, "r"), expected);
}

#[test]
fn rows_inside_folded_elements_count_among_their_siblings() {
    let document = "<r><list><head/><i>1</i><sub><i2/><i2/><z/></sub><i>2</i></list></r>";
    let options = complete();
    assert_eq!(
        table(&[document], &options, "r"),
        "_id,_content,head,z\n1,\"list@1(head@1 sub@3(z@3))\",,\n".replace('"', "")
    );
    assert_eq!(table(&[document], &options, "i"), "_id,_parent,_ord,_pos,i\n1,1,1,2,1\n2,1,2,4,2\n");
    assert_eq!(table(&[document], &options, "i2"), "_id,_parent,_ord,_pos,i2\n1,1,1,1,\n2,1,2,2,\n");
}

#[test]
fn an_element_inside_its_own_kind_has_a_place_and_a_list_of_its_own() {
    let document = "<f n='a'><t>x</t><c><f n='b'><t>y</t></f><m/><f n='c'/></c></f>";
    let expected = "_id,_parent,_ord,_pos,_content,n,t,m\n1,,1,1,t@1 c@2(m@2),a,x,\n2,1,1,1,t@1,b,y,\n3,1,2,3,,c,,\n";
    assert_eq!(table(&[document], &complete(), "f"), expected);
}

#[test]
fn siblings_of_many_names_count_among_all_children() {
    let facts: String =
        (0..16).map(|n| format!("<f{n} c='1'>{n}</f{n}>{}", if n % 8 == 0 { "<x/>" } else { "" })).collect();
    let document = format!("<r>{facts}{facts}</r>");
    let converted = convert(&[&document], &complete());
    let rows: Vec<&str> = converted.csv("elements").lines().collect();
    assert_eq!(rows[0], "_id,_parent,_ord,_element,_pos,c,value");
    assert_eq!((rows[1], rows[2]), ("1,1,1,/r/f0,1,1,0", "2,1,1,/r/f1,3,1,1"));
    assert_eq!(rows[32], "32,1,2,/r/f15,36,1,15");
    assert_eq!(converted.csv("x").lines().nth(2), Some("2,1,2,11,"));
}

#[test]
fn prose_says_itself_what_its_prefixes_stand_for() {
    let document = "<r xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'>\
        <t>a <b p:k='1'><p:c/><i q:l='&amp;'/></b> z <p:c/><b xmlns='' xmlns:p='urn:2'><p:c/><q:b/></b> y <b xml:lang='en'/></t></r>";
    let markup = "a <b xmlns=\"urn:d\" xmlns:p=\"urn:p\" p:k=\"1\"><p:c/><i xmlns:q=\"urn:q\" q:l=\"&amp;\"/></b> z \
        <p:c xmlns:p=\"urn:p\"/><b xmlns=\"\" xmlns:p=\"urn:2\"><p:c/><q:b xmlns:q=\"urn:q\"/></b> y \
        <b xmlns=\"urn:d\" xml:lang=\"en\"/>";
    let cell = |structure| {
        let options = Options { structure, layout: Layout::Relational, ..complete() };
        table(&[document], &options, "r").replace("\"\"", "\"")
    };
    assert!(cell(Structure::Complete).contains(markup), "{}", cell(Structure::Complete));
    let plain =
        "a <b p:k=\"1\"><p:c/><i q:l=\"&amp;\"/></b> z <p:c/><b xmlns=\"\" xmlns:p=\"urn:2\"><p:c/><q:b/></b> y ";
    assert!(cell(Structure::Values).contains(plain), "{}", cell(Structure::Values));
}

#[test]
fn inside_prose_that_is_text_whatever_has_a_row_or_a_column_has_its_place() {
    let options = Options { mixed: MixedContent::Text, ..complete() };
    let document = "<r><p>a <b/><i k='1'>x</i><u>y</u> z <i k='2'/><l h='3'/></p></r>";
    assert_eq!(table(&[document], &options, "r"), "_id,_content,p,h\n1,p@1(l@5),a xy z,3\n");
    assert_eq!(table(&[document], &options, "i"), "_id,_parent,_ord,_pos,k\n1,1,1,2,1\n2,1,2,4,2\n");
}

#[test]
fn names_in_lists_are_those_of_source_paths() {
    let document = "<r xmlns:a='urn:a b(c)@1'><i><a:n>1</a:n><n>2</n></i><i/></r>";
    let list = |namespaces| {
        let options = Options { namespaces, ..complete() };
        let converted = convert(&[document], &options);
        let line = converted.csv("i").lines().nth(1).map(str::to_owned).unwrap();
        line.split(',').nth(4).map(str::to_owned).unwrap()
    };
    assert_eq!(list(NamespaceMode::Strip), "a:n@1 n@2");
    assert_eq!(list(NamespaceMode::Uri), "{urn:a b(c)@1}n@1 n@2");
}

#[test]
fn a_value_never_takes_the_name_of_a_list() {
    let document = "<r><i _content='1'/><i/></r>";
    assert!(table(&[document], &complete(), "i").starts_with("_id,_parent,_ord,_pos,_content_2\n"));
    let values = Options { layout: Layout::Relational, ..Options::default() };
    assert!(table(&[document], &values, "i").starts_with("_id,_ord,_content\n"));
}

#[test]
fn the_layout_is_relational_or_the_options_are_refused() {
    let scan = scan("<r><i>1</i><i>2</i></r>");
    let plan = |layout| Plan::new("", &scan.shape, &Options { layout, ..complete() }, &Limits::default());
    assert_eq!(plan(Layout::Auto).unwrap().layout(), Layout::Relational);
    assert_eq!(plan(Layout::Flat).unwrap_err().code, ErrorCode::InvalidOption);
}

fn scan(document: &str) -> Scan {
    let mut scanner = Scanner::new(&Limits::default()).with_checkpoints(64);
    scanner.feed(document.as_bytes()).unwrap();
    scanner.finish_scan().unwrap()
}

#[test]
fn a_document_is_one_part_since_positions_are_counted_from_its_beginning() {
    let items: String = (0..200).map(|n| format!("<i><n>{n}</n></i>")).collect();
    let (shape, outline) = scan(&format!("<r>{items}</r>")).into_shape();
    let parts = |options: &Options, outline: &Outline| {
        let plan = Plan::new("", &shape, options, &Limits::default()).unwrap();
        assert!(plan.row_counts(outline).is_some(), "documents may be converted side by side");
        plan.parts(outline, &plan.no_rows()).len()
    };
    assert!(parts(&Options::default(), &outline) > 1);
    assert_eq!(parts(&complete(), &outline), 1);
}

#[test]
fn a_document_that_has_an_element_again_since_it_was_scanned_is_refused() {
    struct Nothing;
    impl RowSink for Nothing {
        fn row(&mut self, _table: usize, _row: Row<'_>) -> Result<(), Error> {
            Ok(())
        }
    }
    let plan = Plan::new("", &scan("<r><a/><b><c/></b></r>").shape, &complete(), &Limits::default()).unwrap();
    for document in ["<r><a/><b><c/></b><a/></r>", "<r><b><c/><c/></b></r>"] {
        let mut emitter = Emitter::new(&plan, Nothing);
        emitter.begin_document("").unwrap();
        let outcome = emitter.feed(document.as_bytes());
        assert_eq!(outcome.map_err(|error| error.code), Err(ErrorCode::ShapeMismatch), "{document}");
    }
}

#[test]
fn a_list_that_is_too_long_for_a_cell_of_a_workbook_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let name = |number: usize| format!("{}{number}", "n".repeat(200));
    let elements = |count: usize| (0..count).map(|number| format!("<{}/>", name(number))).collect::<String>();
    let (short, long) = (folder.path().join("short.xml"), folder.path().join("long.xml"));
    std::fs::write(&short, format!("<r>{}</r>", elements(10))).unwrap();
    std::fs::write(&long, format!("<r>{}</r>", elements(200))).unwrap();
    let request = ConvertRequest { structure: Structure::Complete, format: Format::Xlsx, ..ConvertRequest::default() };
    let output = folder.path().join("tables");
    let converted = convert_files(&[short, long], output_folder(&output), &request, &Policy::default(), &mut |_| true);
    let report = converted.unwrap().report;
    let codes: Vec<_> = report.errors.iter().map(|problem| (problem.file.as_str(), problem.code.as_str())).collect();
    assert_eq!(codes, [("long.xml", "cell_too_long")]);
    assert_eq!(report.documents.converted, 1);
}
