//! What the tools gave in a turn: what an answer may rest on.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::chat::{Marker, ShownRow, has_figure, stands_in};

/// What the tools gave in a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    queries: Vec<ShownQuery>,
    /// Rows that a search found, by table and key.
    rows: BTreeMap<(String, String), ShownRow>,
    /// Vega-Lite specifications, with their data.
    charts: Vec<Value>,
}

/// A query with what it returned, as the model saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShownQuery {
    /// `q1`, `q2`, …
    pub(crate) name: String,
    /// The statement.
    pub(crate) sql: String,
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Evidence {
    /// Keeps a query; its name.
    pub(crate) fn add_query(&mut self, sql: String, columns: Vec<String>, rows: Vec<Vec<Value>>) -> String {
        let name = format!("q{}", self.queries.len() + 1);
        self.queries.push(ShownQuery { name: name.clone(), sql, columns, rows });
        name
    }

    /// Keeps what was shown of a row of a table with these columns.
    pub(crate) fn add_row(&mut self, table: &str, key: &str, excerpt: &str, columns: &[String]) {
        let row = ShownRow::new(table, key, excerpt, columns);
        self.rows.insert((table.to_owned(), key.to_owned()), row);
    }

    /// Keeps a chart; its name.
    pub(crate) fn add_chart(&mut self, specification: Value) -> String {
        self.charts.push(specification);
        format!("c{}", self.charts.len())
    }

    /// Nothing that was shown counts any more. Names stay taken, for they may have been said.
    pub(crate) fn forget(&mut self) {
        self.rows.clear();
        for query in &mut self.queries {
            query.rows.clear();
        }
    }

    /// All rows that searches found.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &ShownRow> {
        self.rows.values()
    }

    /// Whether a name stands anywhere in what was shown; as all of a cell, if it has to be that.
    #[must_use]
    pub(crate) fn has_name(&self, name: &str, is_all: bool) -> bool {
        let stands = |cell: &str| if is_all { cell == name } else { stands_in(name, cell) };
        let mut cells = self.queries.iter().flat_map(|query| query.rows.iter().flatten()).filter_map(Value::as_str);
        cells.any(stands) || self.rows().flat_map(|row| row.values().lines()).any(stands)
    }

    /// Whether a result has a number of which this holds.
    #[must_use]
    pub(crate) fn has_number(&self, is_meant: impl Fn(f64) -> bool) -> bool {
        self.cells().filter_map(Value::as_f64).any(is_meant)
    }

    /// Whether a figure stands like this in a text of a result or in a row.
    #[must_use]
    pub(crate) fn has_figure(&self, figure: &str) -> bool {
        let mut texts = self.cells().filter_map(Value::as_str).chain(self.rows().map(ShownRow::values));
        texts.any(|text| has_figure(text, figure))
    }

    /// Whether a word stands anywhere in what was shown, names of columns and tables included.
    #[must_use]
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let of_queries = self.queries.iter().flat_map(|query| query.columns.iter().chain([&query.sql]));
        let of_rows = self.rows.iter().flat_map(|((table, key), row)| [table.as_str(), key.as_str(), row.excerpt()]);
        let mut texts = of_queries.map(String::as_str).chain(of_rows).chain(self.cells().filter_map(Value::as_str));
        texts.any(|text| stands_in(word, text))
    }

    fn cells(&self) -> impl Iterator<Item = &Value> {
        self.queries.iter().flat_map(|query| query.rows.iter().flatten())
    }

    /// A query by its name.
    #[must_use]
    pub(crate) fn query(&self, name: &str) -> Option<&ShownQuery> {
        self.queries.iter().find(|query| query.name == name)
    }

    /// All queries, in order.
    #[must_use]
    pub(crate) fn queries(&self) -> &[ShownQuery] {
        &self.queries
    }

    /// All charts, in order.
    #[must_use]
    pub(crate) fn charts(&self) -> &[Value] {
        &self.charts
    }

    /// The value that a citation of a cell points to.
    #[must_use]
    pub(crate) fn cell(&self, marker: &Marker) -> Option<&Value> {
        let Marker::Cell { query, row, column } = marker else { return None };
        let query = self.query(query)?;
        let column = query.columns.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        query.rows.get(row.checked_sub(1)?)?.get(column)
    }

    /// The row that a citation of a row points to, if it was shown.
    #[must_use]
    pub(crate) fn row(&self, marker: &Marker) -> Option<&ShownRow> {
        let Marker::Row { table, row } = marker else { return None };
        self.rows.get(&(table.clone(), row.clone()))
    }
}
