//! The statements that read the rows of one side. Names are looked up, values are bound.

use rusqlite::Connection;

use super::super::{
    errors::running_error,
    page::{Column, look_up},
    row_number::row_number,
};
use crate::ports::{
    differences::{ParentRows, RowKey, RowsOf},
    tables::{QueryError, quoted},
};

/// The place of the row's number in what is read.
pub(super) const NUMBER: usize = 0;
/// The place of the first column that is compared; the others follow, and then the parent's part of the key.
pub(super) const FIRST_COLUMN: usize = 1;

/// What is read of one side.
pub(super) struct Reading {
    from: String,
    number: Option<&'static str>,
    /// The columns that are compared.
    columns: Vec<Column>,
    /// Places of the key's own columns among them.
    own_key: Vec<usize>,
    /// Columns of the parent that are part of the key.
    parent_key: Vec<Column>,
}

/// The paths of the documents whose rows are read, as they are bound; none if it is all.
pub(super) fn documents(rows: &RowsOf) -> Option<String> {
    rows.documents.as_ref().map(|documents| serde_json::json!(documents).to_string())
}

impl Reading {
    pub(super) fn new(
        connection: &Connection,
        rows: &RowsOf,
        columns: &[String],
        key: &RowKey,
    ) -> Result<Self, QueryError> {
        let (table, known) = looked_up(connection, &rows.table)?;
        let number = row_number(|name| known.iter().any(|column| column.name.eq_ignore_ascii_case(name)));
        let mut from = format!("{} AS row", quoted(&table));
        let mut parent_key = Vec::new();
        if !key.of_parent.is_empty() {
            let Some(ParentRows { table, number, link }) = &rows.parent else {
                return Err(QueryError::Rejected(format!("rows of '{}' have no parent", rows.table)));
            };
            let (parent, of_parent) = looked_up(connection, table)?;
            from += &format!(
                " LEFT JOIN {} AS parent ON parent.{} = row.{}",
                quoted(&parent),
                quoted(&find(&of_parent, number)?.name),
                quoted(&find(&known, link)?.name)
            );
            parent_key = key.of_parent.iter().map(|name| find(&of_parent, name)).collect::<Result<_, _>>()?;
        }
        from += match &rows.documents {
            Some(paths) if !paths.is_empty() => " WHERE row._document IN (SELECT value FROM json_each(?1))",
            // All rows, or none.
            _ => " WHERE ?1 IS NULL",
        };
        let mut compared: Vec<Column> = columns.iter().map(|name| find(&known, name)).collect::<Result<_, _>>()?;
        let mut own_key = Vec::new();
        for name in &key.own {
            let place = compared.iter().position(|column| column.name.eq_ignore_ascii_case(name));
            own_key.push(match place {
                Some(place) => place,
                None => {
                    compared.push(find(&known, name)?);
                    compared.len() - 1
                }
            });
        }
        Ok(Self { from, number, columns: compared, own_key, parent_key })
    }

    /// Which columns, the parent's last, are text on one side and numbers on the other.
    pub(super) fn differing_types(&self, other: &Self) -> Vec<bool> {
        let is_text = |column: &Column| column.declared == "TEXT";
        let pairs = self.all().zip(other.all());
        pairs.map(|(left, right)| is_text(left) != is_text(right)).collect()
    }

    /// Reads all rows in order of the key.
    pub(super) fn in_order(&self, as_text: &[bool]) -> String {
        let number = self.number.map_or_else(|| "NULL".to_owned(), |number| format!("row.{number}"));
        let terms = self.expressions().zip(as_text).map(|(name, as_text)| match as_text {
            true => format!("CAST({name} AS TEXT)"),
            false => name,
        });
        let selected: Vec<String> = std::iter::once(number).chain(terms).collect();
        // The order by bytes is that of the comparison, whatever a column's own collation.
        let order: Vec<String> =
            self.key_places().iter().map(|place| format!("{} COLLATE BINARY", place + 1)).collect();
        let ordered = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        format!("SELECT {} FROM {}{ordered}", selected.join(", "), self.from)
    }

    /// Gives a row if two rows have the same key, or one has none.
    pub(super) fn repeated_key(&self) -> String {
        let names: Vec<String> = self.expressions().collect();
        let places = self.key_places();
        let key: Vec<&str> = places.iter().map(|place| names[place - FIRST_COLUMN].as_str()).collect();
        if key.is_empty() {
            // Of all rows, which have nothing to be told apart by, there may be one.
            return format!("SELECT 1 FROM {} LIMIT 1 OFFSET 1", self.from);
        }
        let is_empty: Vec<String> = key.iter().map(|column| format!("{column} IS NULL")).collect();
        format!(
            "SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 OR {} LIMIT 1",
            self.from,
            key.join(", "),
            is_empty.join(" OR ")
        )
    }

    /// Places of the key's values in a row, those of the parent first.
    pub(super) fn key_places(&self) -> Vec<usize> {
        let of_parent = self.columns.len()..self.columns.len() + self.parent_key.len();
        of_parent.chain(self.own_key.iter().copied()).map(|place| FIRST_COLUMN + place).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().chain(&self.parent_key)
    }

    fn expressions(&self) -> impl Iterator<Item = String> {
        let own = self.columns.iter().map(|column| format!("row.{}", quoted(&column.name)));
        own.chain(self.parent_key.iter().map(|column| format!("parent.{}", quoted(&column.name))))
    }
}

fn looked_up(connection: &Connection, table: &str) -> Result<(String, Vec<Column>), QueryError> {
    let (name, columns) = look_up(connection, table).map_err(running_error)?;
    if columns.is_empty() {
        return Err(QueryError::Rejected(format!("there is no table '{table}'")));
    }
    Ok((name, columns))
}

fn find(columns: &[Column], name: &str) -> Result<Column, QueryError> {
    super::super::page::find(columns, name).cloned()
}
