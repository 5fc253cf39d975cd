//! Every value of a document stands in exactly one cell.

use std::collections::BTreeSet;

use proptest::prelude::*;

use ret::conversion::{Layout, Limits, NamespaceMode, Options, Repeated, TextMode};

use super::convert_in;
use super::generate::{Nesting, documents};
use super::reference::{values_in, values_of};

fn options() -> impl Strategy<Value = Options> {
    let layout = prop_oneof![Just(Layout::Auto), Just(Layout::Flat), Just(Layout::Relational)];
    let namespaces = prop_oneof![Just(NamespaceMode::Strip), Just(NamespaceMode::Prefix), Just(NamespaceMode::Uri)];
    let text = prop_oneof![Just(TextMode::Trim), Just(TextMode::Keep)];
    (layout, namespaces, text).prop_map(|(layout, namespaces, text)| Options {
        layout,
        namespaces,
        text,
        ..Options::default()
    })
}

fn any_documents() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![documents(Nesting::Recursive), documents(Nesting::Levelled)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_value_stands_in_exactly_one_cell(documents in any_documents(), options in options()) {
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        prop_assert_eq!(values_in(&converted.read()), values_of(&documents));
    }

    #[test]
    fn joined_cells_split_into_the_values(documents in documents(Nesting::Levelled)) {
        let options = Options { layout: Layout::Flat, repeated: Repeated::Join, ..Options::default() };
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        prop_assert_eq!(values_in(&converted.read()), values_of(&documents));
    }

    #[test]
    fn exploded_rows_hold_each_value_at_least_as_often(documents in documents(Nesting::Levelled)) {
        let options = Options { layout: Layout::Flat, repeated: Repeated::Explode, ..Options::default() };
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        let (found, wanted) = (values_in(&converted.read()), values_of(&documents));
        let names = |values: &super::reference::Values| values.keys().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(names(&found), names(&wanted));
        prop_assert!(wanted.iter().all(|(value, count)| found[value] >= *count));
    }
}
