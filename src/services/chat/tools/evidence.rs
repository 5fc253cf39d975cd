//! What the tools gave in a turn: what an answer may rest on.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::chat::Marker;

/// What the tools gave in a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    queries: Vec<ShownQuery>,
    rows: BTreeMap<(String, String), ShownRow>,
    charts: Vec<ShownChart>,
}

/// A query with what it returned, as the model saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownQuery {
    /// `q1`, `q2`, …
    pub name: String,
    /// The statement.
    pub sql: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// A row that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRow {
    /// What of it was shown.
    pub excerpt: String,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownChart {
    /// `c1`, `c2`, …
    pub name: String,
    /// Its Vega-Lite specification, data included.
    pub specification: Value,
}

impl Evidence {
    /// Keeps a query; its name.
    pub(in crate::services::chat) fn add_query(
        &mut self,
        sql: String,
        columns: Vec<String>,
        rows: Vec<Vec<Value>>,
    ) -> String {
        let name = format!("q{}", self.queries.len() + 1);
        self.queries.push(ShownQuery { name: name.clone(), sql, columns, rows });
        name
    }

    pub(in crate::services::chat) fn add_row(&mut self, table: &str, row: &str, excerpt: &str) {
        self.rows.insert((table.to_owned(), row.to_owned()), ShownRow { excerpt: excerpt.to_owned() });
    }

    /// Keeps a chart; its name.
    pub(in crate::services::chat) fn add_chart(&mut self, specification: Value) -> String {
        let name = format!("c{}", self.charts.len() + 1);
        self.charts.push(ShownChart { name: name.clone(), specification });
        name
    }

    /// A query by its name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&ShownQuery> {
        self.queries.iter().find(|query| query.name == name)
    }

    /// All queries, in order.
    #[must_use]
    pub fn queries(&self) -> &[ShownQuery] {
        &self.queries
    }

    /// All charts, in order.
    #[must_use]
    pub fn charts(&self) -> &[ShownChart] {
        &self.charts
    }

    /// The value that a citation of a cell points to.
    #[must_use]
    pub fn cell(&self, marker: &Marker) -> Option<&Value> {
        let Marker::Cell { query, row, column } = marker else { return None };
        let query = self.query(query)?;
        let column = query.columns.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        query.rows.get(row.checked_sub(1)?)?.get(column)
    }

    /// The row that a citation of a row points to.
    #[must_use]
    pub fn row(&self, marker: &Marker) -> Option<&ShownRow> {
        let Marker::Row { table, row } = marker else { return None };
        self.rows.get(&(table.clone(), row.clone()))
    }
}
