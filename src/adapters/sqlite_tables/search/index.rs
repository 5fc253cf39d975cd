//! The index: which rows have which words. The rows themselves stay in the store of the tables.
//!
//! FTS5 keeps no more than the numbers of the rows of each word (`detail=none`, no sizes, no content), a third of what it would keep to rank
//! by itself. Words are told apart and folded here, as in the search without an index, so that both find the same; FTS5 only splits them at
//! the blanks between.

use std::{fs::File, ops::ControlFlow, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{
    super::{
        build::BUILD_SETTINGS,
        errors::{io_error, misuse, store_error},
        gate,
    },
    source::{Source, text_of},
    words::each_word,
};
use crate::ports::StoreError;

/// Bits of a row's number in the index that are its key; those before are the number of its table.
const KEY_BITS: u32 = 40;

/// Bytes of words that are taken of one row.
const MAX_ROW_BYTES: usize = 1 << 20;

/// Rows between two reports of progress.
const ROWS_BETWEEN_REPORTS: u64 = 2_048;

/// `vocabulary` lists the words in order. FTS5 gathers entries in memory up to `hashsize` before it writes them.
const SCHEMA: &str = "
    CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii');
    CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance);
    CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT NOT NULL, rows INTEGER NOT NULL, words INTEGER NOT NULL) STRICT;
    INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);
";

/// The number of a row in the index; `None` if the key is none that a conversion gives.
pub(super) fn entry_of(source: usize, key: i64) -> Option<i64> {
    let is_small = (0..1 << KEY_BITS).contains(&key);
    let table = i64::try_from(source).ok().filter(|table| *table < 1 << (62 - KEY_BITS))?;
    is_small.then_some((table << KEY_BITS) | key)
}

/// The table and the key of a row in the index.
pub(super) fn row_of(entry: i64) -> (usize, i64) {
    (usize::try_from(entry >> KEY_BITS).unwrap_or_default(), entry & ((1 << KEY_BITS) - 1))
}

/// Builds the index of the store at `tables` in a new file; how many rows it has. `None` if `watch`, which is told of the rows until now, said
/// that it is not wanted any more.
pub(in super::super) fn build(
    tables: &Path,
    index: &Path,
    watch: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<u64>, StoreError> {
    let failed = |error| store_error("build index", error);
    let store = gate::open(tables)?;
    let sources = Source::all(&store).map_err(failed)?;
    File::create_new(index).map_err(|error| io_error("create index file", error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(index, flags).map_err(failed)?;
    connection.execute_batch(BUILD_SETTINGS).and_then(|()| connection.execute_batch(SCHEMA)).map_err(failed)?;
    let mut builder = Builder { store: &store, index: &connection, rows: 0, watch };
    for source in &sources {
        if builder.add(source)?.is_break() {
            return Ok(None);
        }
    }
    let rows = builder.rows;
    connection.execute_batch("COMMIT").map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    File::open(index).and_then(|file| file.sync_all()).map_err(|error| io_error("finish index file", error))?;
    Ok(Some(rows))
}

struct Builder<'b> {
    store: &'b Connection,
    index: &'b Connection,
    rows: u64,
    watch: &'b mut dyn FnMut(u64) -> bool,
}

impl Builder<'_> {
    fn add(&mut self, source: &Source) -> Result<ControlFlow<()>, StoreError> {
        let failed = |error| store_error("build index", error);
        let mut select = self.store.prepare(&source.select()).map_err(failed)?;
        let mut insert = self.index.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let (mut text, mut buffer) = (String::new(), String::new());
        let (mut count, mut words) = (0_u64, 0_u64);
        while let Some(row) = rows.next().map_err(failed)? {
            let key = row.get(0).map_err(failed)?;
            let entry = entry_of(source.number, key)
                .ok_or_else(|| misuse("build index", format!("the key {key} is beyond what the index holds")))?;
            text.clear();
            for column in 1..=source.columns.len() {
                if let Some(cell) = text_of(row, column).map_err(failed)? {
                    let _ = each_word(&cell, &mut buffer, |_, word| {
                        text.push_str(word);
                        text.push(' ');
                        words += 1;
                        if text.len() < MAX_ROW_BYTES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                    });
                }
            }
            if !text.is_empty() {
                insert.execute((entry, &text)).map_err(failed)?;
            }
            count += 1;
            self.rows += 1;
            if self.rows.is_multiple_of(ROWS_BETWEEN_REPORTS) && !(self.watch)(self.rows) {
                return Ok(ControlFlow::Break(()));
            }
        }
        let number = i64::try_from(source.number).unwrap_or_default();
        let described =
            (number, &source.table, i64::try_from(count).unwrap_or(i64::MAX), i64::try_from(words).unwrap_or(i64::MAX));
        self.index.execute("INSERT INTO sources VALUES (?, ?, ?, ?)", described).map_err(failed)?;
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_their_rows() {
        for (source, key) in [(0, 0), (0, 1), (1, 0), (4_000, (1 << 40) - 1), ((1 << 22) - 1, 7)] {
            assert_eq!(row_of(entry_of(source, key).unwrap()), (source, key));
        }
        assert_eq!((entry_of(0, -1), entry_of(0, 1 << 40), entry_of(1 << 22, 0)), (None, None, None));
        assert!(entry_of(0, (1 << 40) - 1) < entry_of(1, 0));
    }
}
