//! Every value of a document stands in exactly one cell.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use ret::conversion::{ColumnRole, Key, Layout, Limits, NamespaceMode, Options, Repeated};

use super::generate::{any_documents, any_options};
use super::reference::{values_in, values_of};
use super::{ReadTable, cases, convert_in};

/// How often a value stands in a cell: by document, path and value.
type Places = BTreeMap<(usize, String, String), u64>;

fn places_of_values(documents: &[String], options: &Options, number_of: &dyn Fn(usize) -> usize) -> Places {
    let converted = convert_in(documents, options, &Limits::default(), usize::MAX).unwrap();
    let mut places = Places::new();
    for ReadTable { table, rows } in converted.read() {
        let document = table.columns.iter().position(|column| column.name == Key::Document.column_name());
        for row in &rows {
            let label = document.map_or(0, |place| row[place].trim_end_matches(".xml").parse().unwrap());
            for (column, cell) in table.columns.iter().zip(row).filter(|(column, _)| column.role == ColumnRole::Value) {
                *places.entry((number_of(label), column.source_path.clone(), cell.clone())).or_default() += 1;
            }
        }
    }
    places
}

proptest! {
    #![proptest_config(cases(200))]

    /// Repeated values of the document may be stated again in exploded rows; those have a test of their own.
    #[test]
    fn each_value_stands_in_exactly_one_cell(documents in any_documents(), options in any_options()) {
        let repeated = if options.repeated == Repeated::Explode { Repeated::Index } else { options.repeated };
        let options = Options { repeated, ..options };
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        prop_assert_eq!(values_in(&converted.read()), values_of(&documents));
    }

    #[test]
    fn exploded_rows_hold_each_value_at_least_as_often(documents in any_documents()) {
        let options = Options { layout: Layout::Flat, repeated: Repeated::Explode, ..Options::default() };
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        let (found, wanted) = (values_in(&converted.read()), values_of(&documents));
        let names = |values: &super::reference::Values| values.keys().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(names(&found), names(&wanted));
        prop_assert!(wanted.iter().all(|(value, count)| found[value] >= *count));
    }

    /// In whatever order the files of a group come: the same values of the same paths, document by document.
    #[test]
    fn the_order_of_documents_changes_no_value(documents in any_documents()) {
        let options = Options { layout: Layout::Relational, namespaces: NamespaceMode::Uri, ..Options::default() };
        let reversed: Vec<String> = documents.iter().rev().cloned().collect();
        let last = documents.len() - 1;
        prop_assert_eq!(places_of_values(&documents, &options, &|label| label), places_of_values(&reversed, &options, &|label| last - label));
    }
}
