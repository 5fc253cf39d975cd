//! The tables as a search sees them: for each row its key and the cells that somebody may look for.

use std::borrow::Cow;

use rusqlite::{Connection, Result, Row, types::ValueRef};

use super::super::{build::MAX_COLUMNS, row_number::row_number};
use crate::ports::tables::quoted;

/// A table to search.
pub(in super::super) struct Source {
    /// Which table of the store it is, from 0.
    pub(super) number: usize,
    pub(super) table: String,
    /// What numbers its rows, as an identifier of SQL.
    pub(in super::super) key: String,
    /// Its columns without keys.
    pub(super) columns: Vec<String>,
}

impl Source {
    /// The tables of a store in the order they were added; without those whose columns hide all names of a row's number.
    pub(in super::super) fn all(connection: &Connection) -> Result<Vec<Self>> {
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
            ORDER BY rowid";
        let tables: Vec<String> = connection.prepare(names)?.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
        let sources = tables.into_iter().enumerate().map(|(number, table)| Self::of(connection, number, table));
        sources.filter_map(Result::transpose).collect()
    }

    fn of(connection: &Connection, number: usize, table: String) -> Result<Option<Self>> {
        // The only index of a table is the one on the key of its parent.
        let mut statement = connection.prepare_cached(
            "SELECT c.name, c.pk, c.name IN (SELECT i.name FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i) \
             FROM pragma_table_info(?1) AS c ORDER BY c.cid",
        )?;
        let found = statement.query_map([&table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let columns: Vec<(String, bool, bool)> = found.collect::<Result<_>>()?;
        let primary = columns.iter().find(|(_, is_primary, _)| *is_primary).map(|(name, ..)| quoted(name));
        let is_column = |name: &str| columns.iter().any(|(column, ..)| column.eq_ignore_ascii_case(name));
        let Some(key) = primary.or_else(|| row_number(is_column).map(ToOwned::to_owned)) else { return Ok(None) };
        let is_key = |column: &(String, bool, bool)| column.1 || column.2;
        // A result has no more columns than a table, and the key takes one.
        let columns = columns.into_iter().filter(|column| !is_key(column)).map(|column| column.0);
        Ok(Some(Self { number, table, key, columns: columns.take(MAX_COLUMNS - 1).collect() }))
    }

    /// Key first, then the columns.
    pub(super) fn select(&self) -> String {
        let columns = self.columns.iter().map(|column| quoted(column));
        let selected: Vec<String> = std::iter::once(self.key.clone()).chain(columns).collect();
        format!("SELECT {} FROM {}", selected.join(", "), self.quoted_table())
    }

    /// Its name as SQL has it.
    pub(in super::super) fn quoted_table(&self) -> String {
        quoted(&self.table)
    }
}

/// The text of a cell as a person sees it; `None` for an absent one.
pub(super) fn text_of<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<Cow<'r, str>>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null | ValueRef::Blob(_) => None,
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string())),
        ValueRef::Real(number) => Some(Cow::Owned(number.to_string())),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text)),
    })
}
