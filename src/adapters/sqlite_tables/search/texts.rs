//! Reading the texts of rows, for a model to turn into vectors.

use std::{fmt::Write as _, path::Path};

use rusqlite::{Connection, Error, Row};

use super::{
    super::{
        errors::{misuse, store_error},
        gate,
    },
    index::{entry_of, row_of},
    lookup::Index,
    source::{Source, text_of},
};
use crate::ports::{
    StoreError,
    search::{RowText, RowTexts},
};

/// Characters of a row that count: what is behind them changes little of what a row means, and a model takes no texts of any length.
const MAX_CHARS: usize = 2_000;

/// The rows of a store in the order of the index.
pub(in super::super) struct Texts {
    store: Connection,
    rows: u64,
    parts: Vec<Part>,
    /// Which part is read, and the last key that was.
    at: usize,
    after: i64,
}

/// The rows of a table that are to be read.
struct Part {
    source: Source,
    last: i64,
}

/// Reads the rows of a store, at most so many.
pub(in super::super) fn texts(path: &Path, index: &Path, most: u64) -> Result<Texts, StoreError> {
    let failed = |error| store_error("read texts", error);
    let store = gate::open(path)?;
    let sources = Source::all(&store).map_err(failed)?;
    let connection = gate::open(index)?;
    let index = Index::read(&connection, &sources).map_err(failed)?;
    let index = index.ok_or_else(|| misuse("read texts", "the index is that of other tables".to_owned()))?;
    let (rows, of_tables) = (index.rows(), index.rows_of_tables());
    let mut parts = Vec::new();
    for (source, (share, rows)) in sources.into_iter().zip(shares(&of_tables, most).into_iter().zip(of_tables)) {
        if share > 0 {
            let last = if share == rows { i64::MAX } else { key_at(&store, &source, share).map_err(failed)? };
            parts.push(Part { source, last });
        }
    }
    Ok(Texts { store, rows, parts, at: 0, after: i64::MIN })
}

/// How many rows of each table are read: all of those that are small, and equally many of the others.
fn shares(rows: &[u64], most: u64) -> Vec<u64> {
    let mut by_size: Vec<usize> = (0..rows.len()).collect();
    by_size.sort_by_key(|table| rows[*table]);
    let mut shares = vec![0; rows.len()];
    let mut left = most;
    for (done, table) in by_size.into_iter().enumerate() {
        shares[table] = rows[table].min(left / (rows.len() - done) as u64);
        left -= shares[table];
    }
    shares
}

/// The key of the row of this number, from 1.
fn key_at(store: &Connection, source: &Source, number: u64) -> Result<i64, Error> {
    let key = &source.key;
    let sql = format!("SELECT {key} FROM {} ORDER BY {key} LIMIT 1 OFFSET ?", source.quoted_table());
    store.query_row(&sql, [i64::try_from(number - 1).unwrap_or(i64::MAX)], |row| row.get(0))
}

impl RowTexts for Texts {
    fn rows(&self) -> u64 {
        self.rows
    }

    fn go_on_after(&mut self, row: i64) {
        let (table, key) = row_of(row);
        self.at = self.parts.partition_point(|part| part.source.number < table);
        let is_within = self.parts.get(self.at).is_some_and(|part| part.source.number == table);
        self.after = if is_within { key } else { i64::MIN };
    }

    fn next(&mut self, limit: usize) -> Result<Option<(Vec<RowText>, i64)>, StoreError> {
        let failed = |error| store_error("read texts", error);
        let (mut texts, mut last_row) = (Vec::new(), None);
        while texts.len() < limit
            && let Some(Part { source, last }) = self.parts.get(self.at)
        {
            let room = limit - texts.len();
            let key = &source.key;
            let sql = format!("{} WHERE {key} > ? AND {key} <= ? ORDER BY {key} LIMIT ?", source.select());
            let mut select = self.store.prepare_cached(&sql).map_err(failed)?;
            let bounds = (self.after, last, i64::try_from(room).unwrap_or(i64::MAX));
            let mut rows = select.query(bounds).map_err(failed)?;
            let mut read = 0;
            while let Some(row) = rows.next().map_err(failed)? {
                read += 1;
                self.after = row.get(0).map_err(failed)?;
                let Some(entry) = entry_of(source.number, self.after) else { continue };
                last_row = Some(entry);
                let text = described(row, source).map_err(failed)?;
                texts.extend(text.map(|text| RowText { row: entry, text }));
            }
            if read < room {
                (self.at, self.after) = (self.at + 1, i64::MIN);
            }
        }
        Ok(last_row.map(|last| (texts, last)))
    }
}

/// The table and the cells that are there; `None` if none is.
fn described(row: &Row<'_>, source: &Source) -> Result<Option<String>, Error> {
    let (mut text, mut left) = (source.table.clone(), MAX_CHARS);
    let mut has_cells = false;
    for (number, column) in source.columns.iter().enumerate() {
        let Some(cell) = text_of(row, number + 1)?.filter(|cell| !cell.trim().is_empty()) else { continue };
        has_cells = true;
        let end = cell.char_indices().nth(left).map_or(cell.len(), |(end, _)| end);
        // Writing to a string cannot fail.
        let _ = write!(text, "; {column}: {}", &cell[..end]);
        left = left.saturating_sub(column.chars().count() + cell[..end].chars().count());
        if left == 0 {
            break;
        }
    }
    Ok(has_cells.then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tables_are_whole_and_the_others_share() {
        for (rows, most, wanted) in [
            (&[][..], 10, &[][..]),
            (&[3, 0, 4], 7, &[3, 0, 4]),
            (&[100, 3, 100], 23, &[10, 3, 10]),
            (&[100, 3, 100], 2, &[1, 0, 1]),
            (&[5, 1_000, 20], 100, &[5, 75, 20]),
            (&[9, 9], 0, &[0, 0]),
        ] {
            assert_eq!(shares(rows, most), wanted, "{rows:?} {most}");
        }
    }
}
