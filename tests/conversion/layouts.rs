//! The tables of small documents, spelt out.

use std::collections::BTreeSet;

use ret::{
    conversion::{Layout, Limits, MixedContent, NamespaceMode, Options, Repeated, TextMode, WarningCode},
    domain::chat::visible,
};

use super::{convert, convert_in};

const ORDERS: &str = "<orders shop='x'>\
    <order id='1'><customer><name>Ann</name></customer><line sku='a'><tax>t1</tax><tax>t2</tax></line><line sku='b'/></order>\
    <order id='2'><customer><name>Bob</name></customer><line sku='c'/></order>\
    <note>n1</note><note>n2</note></orders>";

fn layout(layout: Layout) -> Options {
    Options { layout, ..Options::default() }
}

fn flat(repeated: Repeated) -> Options {
    Options { repeated, ..layout(Layout::Flat) }
}

#[test]
fn relational_tables_are_joined_by_keys() {
    let converted = convert(&[ORDERS], &layout(Layout::Relational));
    assert_eq!(converted.table_names(), ["orders", "order", "line", "tax", "note"]);
    assert_eq!(converted.csv("orders"), "_id,shop\n1,x\n");
    assert_eq!(converted.csv("order"), "_id,_parent,_ord,id,name\n1,1,1,1,Ann\n2,1,2,2,Bob\n");
    assert_eq!(converted.csv("line"), "_id,_parent,_ord,sku\n1,1,1,a\n2,1,2,b\n3,2,1,c\n");
    assert_eq!(converted.csv("tax"), "_id,_parent,_ord,tax\n1,1,1,t1\n2,1,2,t2\n");
    assert_eq!(converted.csv("note"), "_id,_parent,_ord,note\n1,1,1,n1\n2,1,2,n2\n");
    assert_eq!(converted.plan.tables()[2].parent.as_ref().unwrap().table, "order");
}

#[test]
fn flat_tables_number_repeats() {
    let converted = convert(&[ORDERS], &flat(Repeated::Index));
    assert_eq!(converted.table_names(), ["order", "document", "note"]);
    assert_eq!(converted.plan.record(), Some("/orders/order"));
    assert_eq!(
        converted.csv("order"),
        "@id,customer.name,line@sku,line.tax,line.tax[2],line[2]@sku,line[2].tax,line[2].tax[2]\n\
         1,Ann,a,t1,t2,b,,\n2,Bob,c,,,,,\n"
    );
    assert_eq!(converted.csv("document"), "_id,shop\n1,x\n");
    assert_eq!(converted.csv("note"), "_id,_parent,_ord,note\n1,1,1,n1\n2,1,2,n2\n");
}

#[test]
fn flat_tables_join_repeats() {
    let converted = convert(&[ORDERS], &flat(Repeated::Join));
    assert_eq!(converted.csv("order"), "@id,customer.name,line@sku,line.tax\n1,Ann,a|b,t1|t2\n2,Bob,c,\n");
}

#[test]
fn flat_tables_explode_repeats() {
    let converted = convert(&[ORDERS], &flat(Repeated::Explode));
    assert_eq!(
        converted.csv("order"),
        "@id,customer.name,line@sku,line.tax\n1,Ann,a,t1\n1,Ann,a,t2\n1,Ann,b,\n2,Bob,c,\n"
    );
}

#[test]
fn auto_is_flat_only_if_nothing_repeats_inside_the_record() {
    assert_eq!(convert(&[ORDERS], &Options::default()).plan.layout(), Layout::Relational);
    let simple = "<r><i><a>1</a></i><i><a>2</a></i></r>";
    let converted = convert(&[simple], &Options::default());
    assert_eq!(converted.plan.layout(), Layout::Flat);
    assert_eq!(converted.csv("i"), "a\n1\n2\n");
}

#[test]
fn a_record_of_choice_refers_to_the_tables_around_it() {
    let options = Options { record: Some("line".into()), ..flat(Repeated::Index) };
    let converted = convert(&[ORDERS], &options);
    assert_eq!(converted.table_names(), ["line", "document", "order", "note"]);
    assert_eq!(converted.csv("line"), "_parent,@sku,tax,tax[2]\n1,a,t1,t2\n1,b,,\n2,c,,\n");
    assert_eq!(converted.csv("order"), "_id,_parent,_ord,id,name\n1,1,1,1,Ann\n2,1,2,2,Bob\n");
}

#[test]
fn a_root_that_only_wraps_is_left_out() {
    let converted = convert(&["<r><i><a>1</a></i><i><a>2</a></i></r>"], &layout(Layout::Relational));
    assert_eq!(converted.table_names(), ["i"]);
    assert_eq!(converted.csv("i"), "_id,_ord,a\n1,1,1\n2,2,2\n");
}

#[test]
fn clashing_names_grow_by_their_parents() {
    let document = "<r id='0'><a><name>1</name><tag/><tag/></a><b><name>2</name><tag/><tag/></b><id>x</id></r>";
    let converted = convert(&[document], &layout(Layout::Relational));
    assert_eq!(converted.table_names(), ["r", "a.tag", "b.tag"]);
    assert_eq!(converted.csv("r"), "_id,r.id,a.name,b.name,r.id_2\n1,0,1,2,x\n");
}

#[test]
fn recursion_folds_into_one_table_that_refers_to_itself() {
    let document = "<folder n='a'><folder n='b'><folder n='c'/></folder><folder n='d'/></folder>";
    let converted = convert(&[document], &layout(Layout::Relational));
    assert_eq!(converted.csv("folder"), "_id,_parent,_ord,n\n1,,1,a\n2,1,1,b\n3,2,1,c\n4,1,2,d\n");
    let parent = converted.plan.tables()[0].parent.as_ref().unwrap();
    assert_eq!(parent.table, "folder");
}

#[test]
fn recursion_below_a_table_tells_where_each_row_stands() {
    let document = "<doc v='1'><sec t='a'><sec t='b'/></sec><sec t='c'/></doc>";
    let converted = convert(&[document], &layout(Layout::Flat));
    assert_eq!(converted.plan.warnings()[0].code, WarningCode::FlatRecursive);
    assert_eq!(
        converted.csv("sec"),
        "_id,_parent,_ord,_element,t\n1,1,1,/doc/sec,a\n2,1,1,/doc/sec/sec,b\n3,1,2,/doc/sec,c\n"
    );
    assert_eq!(converted.plan.tables()[1].parent, None);
}

#[test]
fn deep_recursion_is_one_path() {
    let document = format!("{}{}", "<s><t>x</t>".repeat(200), "</s>".repeat(200));
    let converted = convert(&[&document], &layout(Layout::Relational));
    assert_eq!(converted.table_names(), ["s"]);
    assert_eq!(converted.csv("s").lines().count(), 201);
}

#[test]
fn text_before_the_children_is_data_and_text_between_them_is_prose() {
    let data = "<r><s>Name<k>1</k></s><s>Other<k>2</k></s></r>";
    assert_eq!(convert(&[data], &layout(Layout::Flat)).csv("s"), "#text,k\nName,1\nOther,2\n");
    let prose = "<r><p>a <b>x</b>\n c</p><p>d</p></r>";
    assert_eq!(convert(&[prose], &layout(Layout::Relational)).csv("p"), "_id,_ord,p\n1,1,a x c\n2,2,d\n");
    let markup = Options { mixed: MixedContent::Xml, ..layout(Layout::Relational) };
    assert_eq!(convert(&[prose], &markup).csv("p"), "_id,_ord,p\n1,1,\"a <b>x</b>\n c\"\n2,2,d\n");
}

#[test]
fn white_space_of_prose_is_collapsed_however_the_document_arrives() {
    let document = "<r>\
        <i><a>1</a><p> \n é<b> \t</b>\r\n x  <b>y </b><b/>&#9;z\u{a0} </p><c>2</c></i>\
        <i><p>one</p><c>3</c></i><i><p> <b> \n</b> </p></i><i><p/></i><i><c>4</c></i>\
        <i><p>\"q\" <b>,</b></p></i></r>";
    let limits = Limits::default();
    for chunk in (1..20).chain([usize::MAX]) {
        let converted = |options| convert_in(&[document.to_owned()], &options, &limits, chunk).unwrap();
        let rows = "1,é x y z\u{a0},2\n,one,3\n,,\n,,\n,,4\n,\"\"\"q\"\" ,\",\n";
        for repeated in [Repeated::Index, Repeated::Join, Repeated::Explode] {
            assert_eq!(converted(flat(repeated)).csv("i"), format!("a,p,c\n{rows}"), "{chunk} {repeated:?}");
        }
    }
}

#[test]
fn prose_may_keep_its_white_space_or_be_nil() {
    let document = "<r xmlns:x='http://www.w3.org/2001/XMLSchema-instance'>\
        <p> a  <b>b</b> c </p><p xml:space='preserve'> a  <b>b</b> </p><p x:nil='true'/><p x:nil='true'> </p></r>";
    let converted = convert(&[document], &Options { record: Some("p".into()), ..layout(Layout::Flat) });
    assert_eq!(converted.csv("p"), "@space,@nil,p\n,,a b c\npreserve,, a  b \n,true,\n,true,\n");
    let plain = "<r><p> a  <b> b</b>.</p><p>c <b/></p></r>";
    let kept = Options { text: TextMode::Keep, record: Some("p".into()), ..layout(Layout::Flat) };
    assert_eq!(convert(&[plain], &kept).csv("p"), "p\n a   b.\nc \n");
}

#[test]
fn attributes_inside_prose_are_kept() {
    let document = "<r><p>see <a href='u1'>x</a>, <a href='u2'>y</a> and <i class='k'><b>z</b></i>.</p><p>.</p></r>";
    let converted = convert(&[document], &layout(Layout::Relational));
    assert_eq!(converted.csv("p"), "_id,_ord,p,class\n1,1,\"see x, y and z.\",k\n2,2,.,\n");
    assert_eq!(converted.csv("a"), "_id,_parent,_ord,href\n1,1,1,u1\n2,1,2,u2\n");
}

#[test]
fn namespaces_show_as_asked() {
    let document = "<r xmlns:a='urn:a' xmlns:b='urn:b'><i><a:n>1</a:n><b:n>2</b:n><a:m>3</a:m></i><i/></r>";
    let header = |namespaces| {
        let options = Options { namespaces, ..layout(Layout::Flat) };
        convert(&[document], &options).csv("i").lines().next().unwrap().to_owned()
    };
    assert_eq!(header(NamespaceMode::Strip), "a:n,b:n,m");
    assert_eq!(header(NamespaceMode::Prefix), "a:n,b:n,a:m");
    assert_eq!(header(NamespaceMode::Uri), "{urn:a}n,{urn:b}n,{urn:a}m");
}

#[test]
fn white_space_is_trimmed_unless_it_is_to_be_kept() {
    let document = "<r><i> a  b </i><i xml:space='preserve'> c </i></r>";
    let converted = convert(&[document], &Options { record: Some("i".into()), ..layout(Layout::Flat) });
    assert_eq!(converted.csv("i"), "@space,i\n,a  b\npreserve, c \n");
}

#[test]
fn the_document_table_gives_way_to_a_record_of_that_name() {
    let document = "<r v='1'><document><a>1</a></document><document><a>2</a></document></r>";
    let converted = convert(&[document], &layout(Layout::Flat));
    assert_eq!(converted.table_names(), ["r.document", "document"]);
}

/// Whether names of XML may go on with it.
fn goes_on_a_name(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

#[test]
fn names_have_nothing_that_nobody_sees_and_paths_have_it() {
    let unseen = ('\u{80}'..=char::MAX).filter(|c| goes_on_a_name(*c) && visible(&c.to_string(), 1).is_empty());
    let cells: Vec<(String, String)> = unseen.enumerate().map(|(at, c)| (format!("a{c}b"), at.to_string())).collect();
    assert!(cells.len() > 4_000);
    let row: String = cells.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    let of = |cells: &str| format!("<t\u{200d}\u{3164}><a_b>x</a_b>{cells}</t\u{200d}\u{3164}>");
    let document = format!("<r>{}{}</r>", of(&row), of(""));
    for wanted in [Layout::Relational, Layout::Flat] {
        let converted = convert(&[&document], &layout(wanted));
        let read = converted.read();
        let table = read.iter().find(|read| read.table.columns.len() > cells.len()).expect("the table");
        assert_eq!(table.table.name, "t__");
        let names: BTreeSet<&str> = table.table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names.len(), table.table.columns.len());
        for name in names {
            assert_eq!(visible(name, usize::MAX), name);
        }
        for (name, value) in &cells {
            let path = format!("/r/t\u{200d}\u{3164}/{name}");
            let at = table.table.columns.iter().position(|column| column.source_path == path);
            assert_eq!(at.map(|at| &table.rows[0][at]), Some(value), "{name:?}");
        }
    }
}
