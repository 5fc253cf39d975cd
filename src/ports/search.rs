//! Searching the rows of a session's tables for words.

use std::time::Duration;

/// What to look for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Words as a person writes them; case and accents do not count, and the last word may be a beginning.
    pub words: String,
    /// Only these tables, if any are named.
    pub tables: Vec<String>,
    /// How many rows at most.
    pub limit: usize,
    /// How long it may take; what was found until then is the answer.
    pub time: Duration,
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
}
