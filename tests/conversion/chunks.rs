//! The same bytes come out however the bytes come in.

use proptest::prelude::*;

use ret::conversion::{Limits, Options};

use super::generate::{Nesting, documents};
use super::{convert_in, scan};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunking_changes_nothing(documents in documents(Nesting::Recursive), chunk in 1_usize..40) {
        let (options, limits) = (Options::default(), Limits::default());
        let whole = convert_in(&documents, &options, &limits, usize::MAX).unwrap();
        let pieces = convert_in(&documents, &options, &limits, chunk).unwrap();
        prop_assert_eq!(whole.plan.tables(), pieces.plan.tables());
        prop_assert_eq!(whole.files, pieces.files);
    }

    #[test]
    fn a_stored_shape_is_the_same_shape(documents in documents(Nesting::Recursive), chunk in 1_usize..40) {
        let limits = Limits::default();
        let whole = serde_json::to_string(&scan(&documents[0], usize::MAX, &limits).unwrap()).unwrap();
        let pieces = serde_json::to_string(&scan(&documents[0], chunk, &limits).unwrap()).unwrap();
        prop_assert_eq!(&whole, &pieces);
        let again: ret::conversion::Shape = serde_json::from_str(&whole).unwrap();
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), whole);
    }
}
