//! Searching the rows of a session's tables, for words and for what they mean.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::StoreError;
use crate::domain::VectorBatch;

/// What to look for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Words as a person writes them; case and accents do not count, and the last word may be a beginning.
    pub words: String,
    /// What they mean, to look for that too.
    pub meaning: Option<Meaning>,
    /// Only these tables, if any are named.
    pub tables: Vec<String>,
    /// How many rows at most.
    pub limit: usize,
    /// How long it may take; what was found until then is the answer.
    pub time: Duration,
    /// Stops it from outside.
    pub cancelled: Arc<AtomicBool>,
}

/// What words mean.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// The file with the vectors of the rows.
    pub vectors: PathBuf,
    /// The vector of the words, by the model that made the others.
    pub vector: Vec<f32>,
}

/// A row that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The table's name.
    pub table: String,
    /// The row's key, or its number from 1 where the table has none.
    pub row: String,
    /// `column: value` pairs around the first word that was found, at most 300 characters.
    pub excerpt: String,
    /// How well the row fits; greater is better, and only hits of one answer compare.
    pub score: f64,
    /// Whether the words of the request found it.
    pub by_words: bool,
    /// Whether what they mean found it.
    pub by_meaning: bool,
}

/// The text of a row, for a model to turn into a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowText {
    /// The row's number in the index.
    pub row: i64,
    /// Its table, and `column: value` for each cell that is there.
    pub text: String,
}

/// Reads the texts of a store's rows, table by table.
pub trait RowTexts: Send {
    /// Rows in all tables.
    fn rows(&self) -> u64;

    /// Goes on after this row, wherever it was before.
    fn go_on_after(&mut self, row: i64);

    /// The next texts, at most so many, with the last row that was read for them; `None` at the end. Rows without a cell have no text.
    fn next(&mut self, limit: usize) -> Result<Option<(Vec<RowText>, i64)>, StoreError>;
}

/// Gathers vectors in a file. Dropped unfinished, the file is of no use.
pub trait VectorsWriter: Send {
    /// Adds vectors of rows that follow those before; all have as many numbers as the first.
    fn add(&mut self, batch: &VectorBatch) -> Result<(), StoreError>;

    /// Makes the file complete.
    fn finish(self: Box<Self>) -> Result<(), StoreError>;
}
