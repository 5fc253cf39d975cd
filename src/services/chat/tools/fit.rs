//! Results that fit: what a model is told costs its reader, so what does not fit is left out, and said how to ask for it.

use std::borrow::Cow;

use serde_json::Value;

use crate::domain::chat::visible;

/// Bytes that any result may have, so that a fault can be told.
pub(crate) const LEAST_ROOM: usize = 400;

/// Bytes of a value as JSON.
pub(super) fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// The first items that fit into so many bytes, and how many there are.
pub(super) fn that_fit(items: &[Value], room: usize) -> usize {
    let mut left = room;
    let fits = |item: &&Value| {
        // With its comma.
        let wanted = size(item) + 1;
        let fits = wanted <= left;
        left = left.saturating_sub(wanted);
        fits
    };
    items.iter().take_while(fits).count()
}

/// Whether a name has this text in it, without regard to case; any has if there is none.
pub(super) fn contains(name: &str, text: Option<&str>) -> bool {
    text.is_none_or(|text| name.to_lowercase().contains(&text.to_lowercase()))
}

/// A result without what nobody sees in any of its texts: names of tables and columns are a stranger's as well.
pub(super) fn seen(value: Value) -> Value {
    match value {
        Value::String(text) => match visible(&text, usize::MAX) {
            Cow::Borrowed(_) => Value::String(text),
            Cow::Owned(seen) => Value::String(seen),
        },
        Value::Array(items) => items.into_iter().map(seen).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, seen(value))).collect(),
        other => other,
    }
}

/// What is wrong, in a result of so many bytes.
pub(super) fn fault(what: &str, characters: usize, room: usize) -> Value {
    // A character has four bytes at most, and one that is escaped has two.
    let fitting = room.max(LEAST_ROOM).saturating_sub(32) / 4;
    serde_json::json!({ "error": visible(what, characters.min(fitting)) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_many_items_as_fit_are_taken() {
        let items = [json!("ab"), json!([1]), json!(null)];
        assert_eq!([0, 4, 5, 8, 9, 14, 100].map(|room| that_fit(&items, room)), [0, 0, 1, 1, 2, 3, 3]);
    }

    #[test]
    fn no_text_of_a_result_has_what_nobody_sees() {
        let result = json!({ "tables": [{ "name": "a\u{200b}b", "rows": 1, "columns": ["c\u{e0041}", "d"] }] });
        assert_eq!(seen(result), json!({ "tables": [{ "name": "ab", "rows": 1, "columns": ["c", "d"] }] }));
    }

    #[test]
    fn a_fault_fits() {
        for what in ["\"".repeat(5_000), "👍".repeat(5_000)] {
            assert!(size(&fault(&what, 2_000, 1_000)) <= 1_000 && size(&fault(&what, 2_000, 0)) <= LEAST_ROOM);
        }
        assert_eq!(fault("no", 2_000, 1_000), json!({ "error": "no" }));
    }
}
