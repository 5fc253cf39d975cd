//! Builds the file: one long transaction without a journal, because a file that was not finished is thrown away.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{
    cells::{exact_integer, to_sql},
    errors::{io_error, misuse, store_error},
};
use crate::ports::{
    StoreError,
    tables::{SqlColumn, SqlTable, SqlType, TablesWriter, quoted},
};

/// Columns that SQLite holds in one table.
pub const MAX_COLUMNS: usize = 2_000;

/// Statements kept ready; rows of several tables come mixed.
const READY_STATEMENTS: usize = 256;

/// No undo information and no waiting for the disk before the end; the cache bounds the memory.
pub(super) const BUILD_SETTINGS: &str = "
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -8192;
    PRAGMA cache_spill = ON;
    BEGIN;
";

/// A store being built.
pub(super) struct SqliteTablesWriter {
    path: PathBuf,
    connection: Connection,
    tables: Vec<BuiltTable>,
}

struct BuiltTable {
    insert: String,
    columns: Vec<StoredColumn>,
    /// Columns given, those past the greatest number included.
    width: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StoredColumn {
    /// The number of the row.
    Key,
    Cell(SqlType),
}

impl SqliteTablesWriter {
    /// Starts in a file that must not exist yet.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(|error| io_error("create tables file", error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| store_error("open tables file", error))?;
        connection.set_prepared_statement_cache_capacity(READY_STATEMENTS);
        connection.execute_batch(BUILD_SETTINGS).map_err(|error| store_error("open tables file", error))?;
        Ok(Self { path: path.to_owned(), connection, tables: Vec::new() })
    }
}

impl TablesWriter for SqliteTablesWriter {
    fn add_table(&mut self, table: &SqlTable) -> Result<(), StoreError> {
        let kept = &table.columns[..table.columns.len().min(MAX_COLUMNS)];
        let is_key = |column: &SqlColumn| table.primary_key.as_ref() == Some(&column.name);
        let definitions: Vec<String> = kept
            .iter()
            .map(|column| {
                let declared = if is_key(column) { "INTEGER PRIMARY KEY" } else { declared_type(column.sql_type) };
                format!("{} {declared}", quoted(&column.name))
            })
            .collect();
        // Strict tables keep a value as it is bound; other tables would turn long digits into inexact reals.
        let mut schema = format!("CREATE TABLE {} ({}) STRICT;", quoted(&table.name), definitions.join(", "));
        if let Some(parent) = &table.parent_key {
            let index = quoted(&format!("{}/{parent}", table.name));
            schema.push_str(&format!("CREATE INDEX {index} ON {} ({});", quoted(&table.name), quoted(parent)));
        }
        self.connection.execute_batch(&schema).map_err(|error| store_error("create table", error))?;

        let marks = vec!["?"; kept.len()].join(",");
        self.tables.push(BuiltTable {
            insert: format!("INSERT INTO {} VALUES ({marks})", quoted(&table.name)),
            columns: kept
                .iter()
                .map(|column| if is_key(column) { StoredColumn::Key } else { StoredColumn::Cell(column.sql_type) })
                .collect(),
            width: table.columns.len(),
        });
        Ok(())
    }

    fn insert(&mut self, table: usize, cells: &mut dyn Iterator<Item = Option<&str>>) -> Result<(), StoreError> {
        let failed = |error| store_error("insert row", error);
        let built = self.tables.get(table).ok_or_else(|| misuse("insert row", format!("there is no table {table}")))?;
        let mut statement = self.connection.prepare_cached(&built.insert).map_err(failed)?;
        let mut count = 0;
        for cell in cells {
            if let (Some(column), Some(text)) = (built.columns.get(count), cell) {
                bind(&mut statement, count + 1, text, *column)?;
            }
            count += 1;
        }
        if count != built.width {
            return Err(misuse("insert row", format!("{count} cells for {} columns", built.width)));
        }
        statement.raw_execute().map_err(failed)?;
        // Absent cells of the next row are not bound and must not keep this row's values.
        statement.clear_bindings();
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let Self { path, connection, tables: _ } = *self;
        connection.execute_batch("COMMIT").map_err(|error| store_error("finish tables file", error))?;
        connection.close().map_err(|(_, error)| store_error("finish tables file", error))?;
        File::open(path).and_then(|file| file.sync_all()).map_err(|error| io_error("finish tables file", error))
    }
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    position: usize,
    text: &str,
    column: StoredColumn,
) -> Result<(), StoreError> {
    let bound = match column {
        StoredColumn::Cell(sql_type) => statement.raw_bind_parameter(position, to_sql(text, sql_type)),
        StoredColumn::Key => {
            let key = exact_integer(text)
                .ok_or_else(|| misuse("insert row", "a primary key is not a whole number".to_owned()))?;
            statement.raw_bind_parameter(position, key)
        }
    };
    bound.map_err(|error| store_error("insert row", error))
}

/// `ANY` keeps numbers as numbers and text as text; a column of numbers may hold both.
fn declared_type(sql_type: SqlType) -> &'static str {
    match sql_type {
        SqlType::Integer | SqlType::Decimal => "ANY",
        SqlType::Text => "TEXT",
    }
}
