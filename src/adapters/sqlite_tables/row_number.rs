//! The number that SQLite gives each row.

/// Names under which SQLite offers it; a column of the same name hides one.
const NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What the number of a row is called in a table that has such columns; `None` where they hide all names.
pub(super) fn row_number(is_column: impl Fn(&str) -> bool) -> Option<&'static str> {
    NAMES.into_iter().find(|number| !is_column(number))
}
