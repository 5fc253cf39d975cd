//! What the tools gave in a turn: what an answer may rest on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::chat::{Figure, Marker, Number, ShownRow, has_figure, stands_in};

/// What the tools gave in a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    queries: Vec<ShownQuery>,
    /// Rows that a search found, by table and key.
    rows: BTreeMap<(String, String), ShownRow>,
    /// Vega-Lite specifications, with their data.
    charts: Vec<Value>,
    /// Names of tables and of columns in which figures stand, in lower case, once they are known.
    names: Option<BTreeSet<String>>,
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
    /// Whether it read a table: one that does not returns what the model wrote, which shows nothing.
    pub(crate) reads_tables: bool,
}

/// A cell that a citation points to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShownCell<'e> {
    /// What stands there.
    pub(crate) value: &'e Value,
    /// Whether it can show anything, since its statement read a table.
    pub(crate) is_of_tables: bool,
}

impl Evidence {
    /// The name of the next query.
    #[must_use]
    pub(crate) fn next_query(&self) -> String {
        format!("q{}", self.queries.len() + 1)
    }

    /// Keeps a query.
    pub(crate) fn add_query(&mut self, query: ShownQuery) {
        self.queries.push(query);
    }

    /// Keeps the names of tables and of their columns, which are no figures.
    pub(crate) fn add_names<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let with_figures = names.filter(|name| name.contains(char::is_numeric)).map(str::to_lowercase);
        self.names.get_or_insert_default().extend(with_figures);
    }

    /// Whether it was told what tables there are.
    #[must_use]
    pub(crate) fn knows_names(&self) -> bool {
        self.names.is_some()
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

    /// Whether a figure is a number of a result, or stands like this in a text of a result or in a row.
    #[must_use]
    pub(crate) fn has_figure(&self, figure: &Figure) -> bool {
        let means =
            |(column, cell): (&str, &Value)| Number::of(cell).is_some_and(|number| figure.means_in(&number, column));
        let mut texts = self.texts().chain(self.rows().map(ShownRow::values));
        self.cells().any(means) || texts.any(|text| has_figure(text, figure))
    }

    /// Whether a word stands anywhere in what was shown, or is the name of a table or a column. What the model wrote into a statement, names
    /// of the result's columns included, was not shown.
    #[must_use]
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let of_rows = self.rows.iter().flat_map(|((table, key), row)| [table.as_str(), key.as_str(), row.excerpt()]);
        let folded = word.to_lowercase();
        of_rows.chain(self.texts()).any(|text| stands_in(word, text))
            || self.names.iter().flatten().any(|name| stands_in(&folded, name))
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.cells().filter_map(|(_, cell)| cell.as_str())
    }

    /// What statements over tables returned, with the names of the columns.
    fn cells(&self) -> impl Iterator<Item = (&str, &Value)> {
        let shown = self.queries.iter().filter(|query| query.reads_tables);
        shown.flat_map(|query| {
            let names = query.columns.iter().map(String::as_str);
            query.rows.iter().flat_map(move |row| names.clone().zip(row))
        })
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
    pub(crate) fn cell(&self, marker: &Marker) -> Option<ShownCell<'_>> {
        let Marker::Cell { query, row, column } = marker else { return None };
        let query = self.query(query)?;
        let column = query.columns.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        let value = query.rows.get(row.checked_sub(1)?)?.get(column)?;
        Some(ShownCell { value, is_of_tables: query.reads_tables })
    }

    /// The row that a citation of a row points to, if it was shown.
    #[must_use]
    pub(crate) fn row(&self, marker: &Marker) -> Option<&ShownRow> {
        let Marker::Row { table, row } = marker else { return None };
        self.rows.get(&(table.clone(), row.clone()))
    }
}
