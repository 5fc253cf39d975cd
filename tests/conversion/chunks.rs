//! The same bytes come out however the bytes come in.

use proptest::prelude::*;

use ret::conversion::Limits;

use super::generate::{any_documents, any_options};
use super::{cases, convert_in, scan};

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn chunking_changes_nothing(documents in any_documents(), options in any_options(), chunk in 1_usize..40) {
        let limits = Limits::default();
        let whole = convert_in(&documents, &options, &limits, usize::MAX).unwrap();
        let pieces = convert_in(&documents, &options, &limits, chunk).unwrap();
        prop_assert_eq!(whole.plan.tables(), pieces.plan.tables());
        prop_assert_eq!(whole.files, pieces.files);
    }

    #[test]
    fn a_stored_shape_is_the_same_shape(documents in any_documents(), chunk in 1_usize..40) {
        let limits = Limits::default();
        let whole = serde_json::to_string(&scan(&documents[0], usize::MAX, &limits).unwrap()).unwrap();
        let pieces = serde_json::to_string(&scan(&documents[0], chunk, &limits).unwrap()).unwrap();
        prop_assert_eq!(&whole, &pieces);
        let again: ret::conversion::Shape = serde_json::from_str(&whole).unwrap();
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), whole);
    }
}
