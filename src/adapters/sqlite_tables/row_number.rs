//! The number that SQLite gives each row.

/// Names under which SQLite offers it; a column of the same name hides one.
const NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What the number of a row is called in a table of these columns; `None` where they hide all names.
pub(super) fn row_number<'n>(columns: impl Iterator<Item = &'n str> + Clone) -> Option<&'static str> {
    NAMES.into_iter().find(|number| !columns.clone().any(|column| column.eq_ignore_ascii_case(number)))
}
