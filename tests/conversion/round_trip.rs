//! What relational tables tell is enough to build the documents again.
//!
//! With `structure: complete` they are built exactly: the same elements in the same order, with the same expanded names,
//! attributes and texts. Not compared: comments, processing instructions, prefixes, the order of attributes, white space around
//! a text unless it is kept, and text of white space alone.
//!
//! Without it, two documents are equal here if they have the same elements inside the same elements, with the same expanded
//! names, attributes and texts; children of one name in the same order; and in prose (`mixed: xml`) all parts in the same order,
//! names as written. Not compared is also what the tables do not tell then: the order between children of different names, and
//! elements that hold nothing at all where they have neither a row nor a column of their own.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use ret::conversion::{
    ColumnRole, CsvOptions, Emitter, Error, FileOptions, Layout, Limits, MixedContent, NamespaceMode, Options, Plan,
    Row, RowSink, Structure, Table, TextMode, Written, data_package,
};

use super::generate::any_documents;
use super::rebuild::{StoredColumn, StoredTable, rebuild};
use super::tree::{Element, Kept, Likeness, elements_of};
use super::{Converted, cases, convert_in, convert_written};

fn relational(namespaces: NamespaceMode, text: TextMode) -> Options {
    Options { layout: Layout::Relational, mixed: MixedContent::Xml, namespaces, text, ..Options::default() }
}

fn complete(text: TextMode) -> Options {
    Options { structure: Structure::Complete, ..relational(NamespaceMode::Uri, text) }
}

fn converted(documents: &[String], options: &Options) -> Converted {
    convert_in(documents, options, &Limits::default(), usize::MAX).unwrap()
}

/// Rows as they are handed over: an absent cell is no empty one.
struct Cells(Vec<Vec<Vec<Option<String>>>>);

impl RowSink for Cells {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.0[table].push(row.cells().map(|cell| cell.map(str::to_owned)).collect());
        Ok(())
    }
}

fn rows_of(plan: &Plan, documents: &[String]) -> Vec<Vec<Vec<Option<String>>>> {
    let mut emitter = Emitter::new(plan, Cells(vec![Vec::new(); plan.tables().len()]));
    for (number, document) in documents.iter().enumerate() {
        emitter.begin_document(&format!("{number}.xml")).unwrap();
        emitter.feed(document.as_bytes()).unwrap();
        emitter.end_document().unwrap();
    }
    emitter.finish().unwrap().0
}

/// The tables as a caller of the library has them.
fn tables_of_plan(plan: &Plan, documents: &[String]) -> Vec<StoredTable> {
    let stored = |(table, rows): (&Table, Vec<Vec<Option<String>>>)| StoredTable {
        source_path: table.source_path.clone(),
        recursion_paths: table.recursion_paths.clone(),
        columns: table.columns.iter().map(stored_column).collect(),
        rows,
    };
    plan.tables().iter().zip(rows_of(plan, documents)).map(stored).collect()
}

fn stored_column(column: &ret::conversion::Column) -> StoredColumn {
    StoredColumn { name: column.name.clone(), source_path: column.source_path.clone(), markup: column.markup }
}

/// The tables as they are read from `datapackage.json` and the CSV files beside it, which were written so.
fn tables_of_files(converted: &Converted, options: &FileOptions) -> Vec<StoredTable> {
    let names: Vec<String> = (0..converted.files.len()).map(|place| format!("{place}.csv")).collect();
    let files = converted.plan.tables().iter().zip(&names);
    let written: Vec<_> = files.map(|(table, path)| Written { table, path, bytes: 0, sheets: 1 }).collect();
    let package = serde_json::to_value(data_package("group", &written, options)).unwrap();
    let resources = package["resources"].as_array().unwrap();
    let table = |resource: &Value| {
        let place = names.iter().position(|name| resource["path"] == name.as_str()).unwrap();
        let absent = if resource["schema"]["empty_values_quoted"] == true { Empty::Unquoted } else { Empty::Any };
        StoredTable {
            source_path: text(&resource["source_path"]),
            recursion_paths: array(&resource["recursion_paths"]).iter().map(text).collect(),
            columns: array(&resource["schema"]["fields"]).iter().map(read_column).collect(),
            rows: rows_in(std::str::from_utf8(&converted.files[place]).unwrap(), absent).split_off(1),
        }
    };
    resources.iter().map(table).collect()
}

/// Which empty cells of a file are absent values.
#[derive(Clone, Copy, PartialEq)]
enum Empty {
    Any,
    Unquoted,
}

/// All lines of a CSV file, its header first.
fn rows_in(csv: &str, absent: Empty) -> Vec<Vec<Option<String>>> {
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let mut rest = csv;
    while !rest.is_empty() {
        let (mut cell, is_quoted) = (String::new(), rest.starts_with('"'));
        while let Some(inside) = rest.strip_prefix('"') {
            let end = inside.find('"').unwrap();
            cell.push_str(&inside[..end]);
            rest = &inside[end + 1..];
            if rest.starts_with('"') {
                cell.push('"');
            }
        }
        let end = rest.find([',', '\n']).unwrap();
        cell.push_str(&rest[..end]);
        let is_absent = cell.is_empty() && (absent == Empty::Any || !is_quoted);
        row.push((!is_absent).then_some(cell));
        if rest[end..].starts_with('\n') {
            rows.push(std::mem::take(&mut row));
        }
        rest = &rest[end + 1..];
    }
    rows
}

fn read_column(field: &Value) -> StoredColumn {
    let (name, source_path) = (text(&field["name"]), text(&field["source_path"]));
    StoredColumn { name, source_path, markup: field["markup"] == true }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn kept(converted: &Converted, text: TextMode) -> Kept {
    let tables = converted.plan.tables();
    let values = tables.iter().flat_map(|table| &table.columns).filter(|column| column.role == ColumnRole::Value);
    let texts: BTreeSet<String> = values.map(|column| column.source_path.clone()).collect();
    let rows = tables.iter().map(|table| table.source_path.clone()).collect();
    Kept { rows, texts, keeps_space: text == TextMode::Keep, likeness: Likeness::Values }
}

/// What the documents are, to be found again exactly.
fn exactly(documents: &[String], text: TextMode) -> Vec<Element> {
    let (rows, texts) = (BTreeSet::new(), BTreeSet::new());
    elements_of(documents, &Kept { rows, texts, keeps_space: text == TextMode::Keep, likeness: Likeness::Exact })
}

fn rebuilt(tables: &[StoredTable], documents: &[String], likeness: Likeness) -> Vec<Element> {
    (0..documents.len()).map(|number| rebuild(tables, &format!("{number}.xml"), likeness)).collect()
}

fn any_text() -> impl Strategy<Value = TextMode> {
    prop_oneof![Just(TextMode::Trim), Just(TextMode::Keep)]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn complete_rows_and_schema_build_the_documents_exactly(documents in any_documents(), text in any_text()) {
        let converted = converted(&documents, &complete(text));
        let found = rebuilt(&tables_of_plan(&converted.plan, &documents), &documents, Likeness::Exact);
        prop_assert_eq!(found, exactly(&documents, text));
    }

    #[test]
    fn complete_files_build_the_documents_exactly(documents in any_documents(), text in any_text()) {
        let csv = CsvOptions { quote_empty: true, ..CsvOptions::default() };
        let written = FileOptions { csv: csv.clone(), ..FileOptions::default() };
        let converted = convert_written(&documents, &complete(text), &csv, &Limits::default(), usize::MAX).unwrap();
        let found = rebuilt(&tables_of_files(&converted, &written), &documents, Likeness::Exact);
        prop_assert_eq!(found, exactly(&documents, text));
    }

    #[test]
    fn rows_and_schema_build_the_documents_again(documents in any_documents(), text in any_text()) {
        let converted = converted(&documents, &relational(NamespaceMode::Uri, text));
        let sources = elements_of(&documents, &kept(&converted, text));
        prop_assert_eq!(rebuilt(&tables_of_plan(&converted.plan, &documents), &documents, Likeness::Values), sources);
    }

    /// Files tell no empty value from an absent one, and local names hide the namespaces.
    #[test]
    fn files_build_the_documents_again_but_for_what_is_empty(documents in any_documents()) {
        for namespaces in [NamespaceMode::Uri, NamespaceMode::Strip, NamespaceMode::Prefix] {
            let converted = converted(&documents, &relational(namespaces, TextMode::Trim));
            let plain = |element: Element| match namespaces {
                NamespaceMode::Uri => element.without_voids(),
                NamespaceMode::Strip | NamespaceMode::Prefix => element.without_voids().without_namespaces(),
            };
            let sources = elements_of(&documents, &kept(&converted, TextMode::Trim));
            let found = rebuilt(&tables_of_files(&converted, &FileOptions::default()), &documents, Likeness::Values);
            prop_assert_eq!(
                found.into_iter().map(plain).collect::<Vec<_>>(),
                sources.into_iter().map(plain).collect::<Vec<_>>()
            );
        }
    }
}

fn files(documents: &[&str]) -> (Vec<Table>, Vec<Vec<u8>>) {
    let documents: Vec<String> = documents.iter().map(|document| (*document).to_owned()).collect();
    let Converted { plan, files, .. } = converted(&documents, &relational(NamespaceMode::Uri, TextMode::Trim));
    (plan.tables().to_vec(), files)
}

#[test]
fn the_order_between_different_names_is_not_in_the_tables() {
    let mixed = "<r><a>1</a><b>2</b><a>3</a><b>4</b></r>";
    let sorted = "<r><a>1</a><a>3</a><b>2</b><b>4</b></r>";
    assert_eq!(files(&[mixed]), files(&[sorted]));
}

#[test]
fn an_element_that_holds_nothing_is_in_the_tables_only_with_a_row_or_a_text_column() {
    let group = |last: &str| files(&["<r><a><b>1</b></a></r>", last]);
    assert_eq!(group("<r><a/></r>"), group("<r/>"), "no row and no text column");
    let repeated = |last: &str| files(&["<r><a><b>1</b></a><a/></r>", last]);
    assert_ne!(repeated("<r><a/></r>"), repeated("<r/>"), "a row");
    let rows = |last: &str| {
        let documents = ["<r><a>1</a></r>".to_owned(), last.to_owned()];
        rows_of(&converted(&documents, &relational(NamespaceMode::Uri, TextMode::Trim)).plan, &documents)
    };
    assert_ne!(rows("<r><a/></r>"), rows("<r/>"), "an empty cell and an absent one");
}

#[test]
fn an_element_inside_its_own_kind_goes_back_into_what_stood_between() {
    let documents = ["<folder n='a'><children><folder n='b'/><folder n='c'/></children></folder>".to_owned()];
    let converted = converted(&documents, &relational(NamespaceMode::Uri, TextMode::Trim));
    let table = &converted.plan.tables()[0];
    assert_eq!(table.recursion_paths, ["/folder/children/folder"]);
    let sources = elements_of(&documents, &kept(&converted, TextMode::Trim));
    assert_eq!(rebuilt(&tables_of_plan(&converted.plan, &documents), &documents, Likeness::Values), sources);
}
