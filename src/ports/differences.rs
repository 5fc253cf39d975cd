//! What differs between rows of two tables of one store, or between rows of one table that came from different documents.

use serde_json::Value;

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsOf {
    /// The table.
    pub table: String,
    /// Only rows of these documents, by the paths in the column `_document`.
    pub documents: Option<Vec<String>>,
    /// The table of the parent rows: its name, the column that numbers its rows, and the column of `table` that names one of them. Needed for
    /// keys that use the parent's columns.
    pub parent: Option<ParentRows>,
}

/// How a row finds its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentRows {
    /// The parents' table.
    pub table: String,
    /// The column that numbers its rows.
    pub number: String,
    /// The column of the child that has the number.
    pub link: String,
}

/// Which rows of both sides belong together: those that have the same values here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowKey {
    /// Columns of the parent row.
    pub of_parent: Vec<String>,
    /// Columns of the row; all that are compared if rows are told apart by all they hold.
    pub own: Vec<String>,
}

/// What is compared.
#[derive(Clone, Debug)]
pub struct DifferenceRequest {
    /// The rows that were.
    pub left: RowsOf,
    /// The rows that are.
    pub right: RowsOf,
    /// The columns whose cells are compared; both tables have them.
    pub columns: Vec<String>,
    /// What rows are told apart by.
    pub key: RowKey,
    /// Whether two rows of one side may have the same key. They are then paired in any order, so the key must have all columns.
    pub may_repeat: bool,
    /// Differences that are told; all are counted.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// How many rows there are of each kind.
    pub counts: DifferenceCounts,
    /// The first ones in order of the key.
    pub rows: Vec<RowDifference>,
    /// Bytes of what is told, about.
    pub bytes: usize,
    /// Whether there are more.
    pub truncated: bool,
}

/// Rows by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DifferenceCounts {
    /// Rows on the left side only.
    pub removed: u64,
    /// Rows on the right side only.
    pub added: u64,
    /// Rows of both sides with a cell that is not the same.
    pub changed: u64,
    /// Rows that are the same.
    pub unchanged: u64,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct RowDifference {
    /// Number of the row on the left side, if there is one.
    pub left: Option<i64>,
    /// Number of the row on the right side, if there is one.
    pub right: Option<i64>,
    /// The key's values, those of the parent first.
    pub key: Vec<Value>,
    /// The cells that differ; of a row that one side lacks, all that are not empty.
    pub cells: Vec<CellDifference>,
}

/// A cell that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct CellDifference {
    /// The column, as a place in [`DifferenceRequest::columns`].
    pub column: usize,
    /// What it was; null where it was empty or the row was not there.
    pub left: Value,
    /// What it is.
    pub right: Value,
}
