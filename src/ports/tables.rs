//! The SQL store of a session's tables: one file, built once, then only read.
//!
//! Methods block: callers run them off the asynchronous threads.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use serde_json::Value;

use super::{
    StoreError,
    differences::{DifferenceRequest, Differences, RowKey, RowsOf},
    search::{Hit, RowTexts, SearchRequest, VectorsWriter},
};

/// A name as an identifier in statements for the store.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// How a column's cells are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// Whole numbers that fit 64 bits; a cell that does not fit stays text.
    Integer,
    /// Decimal numbers; a cell that would not print back the same stays text.
    Decimal,
    /// Everything else, verbatim.
    Text,
}

/// A column to build.
#[derive(Clone, Debug)]
pub struct SqlColumn {
    /// Name, unique in its table without regard to case.
    pub name: String,
    /// How cells are stored.
    pub sql_type: SqlType,
}

/// A table to build.
#[derive(Clone, Debug)]
pub struct SqlTable {
    /// Name, unique without regard to case.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<SqlColumn>,
    /// The column that numbers the rows, if there is one.
    pub primary_key: Option<String>,
    /// The column that names the parent row, if there is one; it gets an index.
    pub parent_key: Option<String>,
}

/// Builds one store. Dropped unfinished, the file is of no use and is removed with its folder.
pub trait TablesWriter: Send {
    /// Adds a table; its number for [`TablesWriter::insert`] counts from 0.
    fn add_table(&mut self, table: &SqlTable) -> Result<(), StoreError>;

    /// Adds a row; one cell for each column, `None` for an absent one.
    fn insert(&mut self, table: usize, cells: &mut dyn Iterator<Item = Option<&str>>) -> Result<(), StoreError>;

    /// Makes the file complete.
    fn finish(self: Box<Self>) -> Result<(), StoreError>;
}

/// What one query may cost.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// Time it may run.
    pub time: Duration,
    /// Rows it may return; more are cut and said to be.
    pub rows: usize,
    /// Bytes its cells may have in all; more are cut and said to be.
    pub bytes: usize,
}

/// What a query returned.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryRows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows, a value for each column.
    pub rows: Vec<Vec<Value>>,
    /// Whether a limit cut the result.
    pub truncated: bool,
    /// Whether the statement read a table, and did not only return what stands in it.
    pub reads_tables: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why a query gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It is not one read-only statement over the session's tables.
    #[error("{0}")]
    Rejected(String),
    /// It ran longer than it may.
    #[error("the query took too long")]
    Timeout,
    /// The statement is allowed but failed; the text is SQLite's own.
    #[error("{0}")]
    Failed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same value.
    Equal,
    /// Another value, or none.
    NotEqual,
    /// Smaller.
    Less,
    /// Smaller or the same.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or the same.
    GreaterOrEqual,
    /// Holds the text anywhere, without regard to the case of ASCII letters.
    Contains,
}

/// One condition on a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
}

/// A direction of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// A page of a table's rows.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The table's name.
    pub table: String,
    /// Sort by this column; rows of equal value, and without it all, stand in the order of the document.
    pub sort: Option<(String, Direction)>,
    /// Conditions that all hold.
    pub filters: Vec<Filter>,
    /// How many rows to pass over.
    pub offset: u64,
    /// How many rows at most.
    pub limit: u32,
}

/// How many rows were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The rows.
    pub rows: u64,
    /// Whether these are all; else there are at least so many.
    pub complete: bool,
}

/// The technology behind the SQL store.
pub trait Tables: Send + Sync {
    /// Starts a new store in a file that is not there yet.
    fn create(&self, path: &Path) -> Result<Box<dyn TablesWriter>, StoreError>;

    /// Runs one read-only statement under limits, over these tables if any are named and else over all; `cancelled` stops it from outside.
    /// Whatever the statement is, nothing is written anywhere.
    fn query(
        &self,
        path: &Path,
        sql: &str,
        only: &[String],
        limits: &QueryLimits,
        cancelled: Arc<AtomicBool>,
    ) -> Result<QueryRows, QueryError>;

    /// Rows of one table; a table or column that is not there is `Rejected`.
    fn page(&self, path: &Path, request: &PageRequest, limits: &QueryLimits) -> Result<QueryRows, QueryError>;

    /// Counts the rows of one table for which all filters hold, as far as it gets in the time; `Rejected` as for [`Tables::page`].
    fn count(&self, path: &Path, table: &str, filters: &[Filter], time: Duration) -> Result<Counted, QueryError>;

    /// Whether every row has a key, and no two have the same.
    fn is_key(&self, path: &Path, rows: &RowsOf, key: &RowKey, limits: &QueryLimits) -> Result<bool, QueryError>;

    /// Compares two sets of rows cell by cell; a number and its text count as the same where the columns are of different types. `cancelled`
    /// stops it from outside. A table or column that is not there, and two rows of one side with the same key where that may not be, are
    /// `Rejected`.
    fn differences(
        &self,
        path: &Path,
        request: &DifferenceRequest,
        limits: &QueryLimits,
        cancelled: Arc<AtomicBool>,
    ) -> Result<Differences, QueryError>;

    /// Builds the index of a finished store in a file that is not there yet: which rows have which words. How many rows there are; `None` if
    /// `watch`, which is told of the rows read until now, said `false`: then the file is of no use.
    fn index(&self, path: &Path, index: &Path, watch: &mut dyn FnMut(u64) -> bool) -> Result<Option<u64>, StoreError>;

    /// Reads the texts of a store that has an index: of all rows, or of at most `rows`. Then small tables are whole, and of the others come the
    /// first rows, as many of each.
    fn texts(&self, path: &Path, index: &Path, rows: u64) -> Result<Box<dyn RowTexts>, StoreError>;

    /// Starts a file of vectors that is not there yet.
    fn vectors(&self, path: &Path) -> Result<Box<dyn VectorsWriter>, StoreError>;

    /// Rows with all words of the request, best first, or else rows with some. With its index all rows of the store count, however many; without
    /// it, as many as the time allows. Words without a letter or a digit are `Rejected`. With the index and vectors rows count too whose vectors
    /// are near: the ranks of both are fused.
    fn search(&self, path: &Path, index: Option<&Path>, request: &SearchRequest) -> Result<Vec<Hit>, QueryError>;
}
