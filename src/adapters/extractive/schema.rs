//! The tables as the tools tell of them.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    index::Index,
    words::{common_forms, fold, name_words},
};

/// A column, by the numbers of its table and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ColumnId {
    pub(crate) table: usize,
    pub(crate) column: usize,
}

/// What can be done with a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unknown,
    Number,
    Boolean,
    /// Dates, and dates with times: their texts sort as they do.
    Date,
    Text,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
    pub(crate) kind: Kind,
    /// Made by the conversion, not from the document.
    pub(crate) is_key: bool,
    /// Times of zones other than UTC stand in it. Texts are put in order, so it is not that of the moments.
    pub(crate) has_zones: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) parent: Option<usize>,
    pub(crate) parent_key: String,
}

/// All tables that there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) tables: Vec<Table>,
    pub(crate) index: Index,
}

const KEYS: [&str; 4] = ["_id", "_parent", "_ord", "_document"];

impl Catalogue {
    /// From the result of `list_tables`.
    pub(crate) fn new(listed: &Value) -> Self {
        let listed = listed["tables"].as_array().map_or(&[][..], Vec::as_slice);
        let name_of = |table: &Value| table["name"].as_str().unwrap_or_default().to_owned();
        let names: Vec<String> = listed.iter().map(name_of).collect();
        let tables = listed.iter().map(|table| Table {
            name: name_of(table),
            words: name_words(&name_of(table)),
            columns: table["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).map(column).collect(),
            parent: table["parent"].as_str().and_then(|parent| names.iter().position(|name| name == parent)),
            parent_key: "_id".to_owned(),
        });
        let tables: Vec<Table> = tables.collect();
        Self { index: Index::of(&tables), tables }
    }

    /// Takes in what `describe_table` says.
    pub(crate) fn describe(&mut self, described: &Value) {
        let name = described["table"].as_str().unwrap_or_default();
        let Some(table) = self.tables.iter_mut().find(|table| table.name == name) else { return };
        if let Some(key) = described["parent"]["column"].as_str() {
            table.parent_key = key.to_owned();
        }
        let names = table.columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place));
        let places: HashMap<String, usize> = names.collect();
        for told in described["columns"].as_array().into_iter().flatten() {
            let place = told["name"].as_str().and_then(|name| places.get(name));
            if let Some(column) = place.map(|place| &mut table.columns[*place]) {
                let samples = told["samples"].as_array().into_iter().flatten().filter_map(Value::as_str);
                column.has_zones = samples.into_iter().any(has_zone);
                column.kind = match told["type"].as_str().unwrap_or_default() {
                    "integer" | "decimal" => Kind::Number,
                    "boolean" => Kind::Boolean,
                    "date" | "date_time" | "datetime" | "date-time" => Kind::Date,
                    _ => Kind::Text,
                };
            }
        }
    }

    pub(crate) fn table(&self, id: ColumnId) -> &Table {
        &self.tables[id.table]
    }

    pub(crate) fn column(&self, id: ColumnId) -> &Column {
        &self.tables[id.table].columns[id.column]
    }

    /// Columns of a table that are from the document.
    pub(crate) fn columns(&self, table: usize) -> impl Iterator<Item = (ColumnId, &Column)> {
        let columns = self.tables[table].columns.iter().enumerate();
        columns.filter(|(_, column)| !column.is_key).map(move |(at, column)| (ColumnId { table, column: at }, column))
    }

    pub(crate) fn all_columns(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        (0..self.tables.len()).flat_map(|table| self.columns(table))
    }

    /// A table and those above it, itself first.
    pub(crate) fn upwards(&self, table: usize) -> Vec<usize> {
        let mut path = vec![table];
        while let Some(parent) = path.last().and_then(|last| self.tables[*last].parent) {
            if path.contains(&parent) {
                break;
            }
            path.push(parent);
        }
        path
    }

    pub(crate) fn are_related(&self, one: usize, other: usize) -> bool {
        self.upwards(one).last() == self.upwards(other).last()
    }

    /// The column that tells a row of the table to a person.
    pub(crate) fn label(&self, table: usize) -> Option<ColumnId> {
        const NAMES: [&str; 6] = ["title", "number", "name", "label", "code", "id"];
        let columns: Vec<(ColumnId, &Column)> = self.columns(table).collect();
        let exact = |name: &&str| {
            columns.iter().find(|(_, column)| column.words.len() == 1 && column.words[0] == **name).map(|(id, _)| *id)
        };
        let partly = |name: &&str| {
            columns.iter().find(|(_, column)| column.words.last().is_some_and(|last| last == name)).map(|(id, _)| *id)
        };
        let text = || columns.iter().find(|(_, column)| column.kind == Kind::Text).map(|(id, _)| *id);
        let early = NAMES[..2].iter().find_map(exact);
        let late =
            || NAMES.iter().filter(|name| **name != "id").find_map(partly).or_else(|| NAMES.iter().find_map(exact));
        early.or_else(late).or_else(text).or_else(|| columns.first().map(|(id, _)| *id))
    }
}

/// Whether a time ends with a zone other than UTC: `+02:00`.
fn has_zone(time: &str) -> bool {
    let zone = time.get(time.len().saturating_sub(6)..).unwrap_or_default();
    let is_zone = zone.starts_with(['+', '-']) && zone.as_bytes().get(3) == Some(&b':');
    time.contains('T') && is_zone && !zone.ends_with("00:00")
}

fn column(name: &str) -> Column {
    let is_key = KEYS.contains(&name);
    Column { name: name.to_owned(), words: name_words(name), kind: Kind::Unknown, is_key, has_zones: false }
}

/// The common words of a phrase of folded words.
pub(crate) fn phrase_words<'a>(folded: impl Iterator<Item = &'a str>) -> Vec<String> {
    folded.flat_map(|word| common_forms(&fold(word))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_know_their_parents_and_what_tells_their_rows_apart() {
        let mut catalogue = Catalogue::new(&json!({ "tables": [
            { "name": "order", "rows": 2, "columns": ["_id", "number", "customerName"], "parent": null },
            { "name": "line", "rows": 5, "columns": ["_id", "_parent", "price", "product"], "parent": "order" },
        ]}));
        catalogue.describe(&json!({ "table": "line", "parent": { "table": "order", "column": "_id" }, "columns": [
            { "name": "price", "type": "decimal" }, { "name": "product", "type": "text" },
        ]}));
        assert_eq!(catalogue.upwards(1), [1, 0]);
        assert!(catalogue.are_related(0, 1));
        assert_eq!(catalogue.label(0), Some(ColumnId { table: 0, column: 1 }));
        assert_eq!(catalogue.label(1), Some(ColumnId { table: 1, column: 3 }));
        assert_eq!(catalogue.columns(1).count(), 2);
    }

    #[test]
    fn times_tell_whether_they_are_of_a_zone() {
        for time in ["2024-01-01T00:30:00+05:00", "2024-01-01T00:30:00.5-08:00"] {
            assert!(has_zone(time), "{time}");
        }
        for time in ["2024-01-01T00:30:00Z", "2024-01-01T00:30:00", "2024-01-01T00:30:00+00:00", "2024-01-01", "x", ""]
        {
            assert!(!has_zone(time), "{time}");
        }
    }
}
