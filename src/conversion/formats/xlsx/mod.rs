//! Rows as a workbook (Office Open XML), written as they come: nothing of a table is held but the rows not yet compressed.

mod archive;
mod calendar;
mod cell;
mod fit;
mod names;
mod package;
mod style;

use std::io::Write;

#[cfg(feature = "parquet")]
pub(super) use calendar::days_since_1899_12_30;
pub use fit::{CELL_UNITS, FitsXlsx};

use super::WriteError;
use crate::conversion::emit::Row;
use crate::conversion::plan::Table;
use crate::conversion::shape::ColumnType;
use archive::Archive;
use fit::{check_header, too_long};
use names::{column_letters, sheet_name};

/// Rows are compressed in pieces of this size.
const PIECE: usize = 64 << 10;

/// When a table goes on in a further sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetLimits {
    /// Rows of a sheet, the header row included; at least 2.
    pub rows: u32,
    /// Bytes of a sheet before compression.
    pub bytes: u64,
}

impl Default for SheetLimits {
    /// What spreadsheets take: 1,048,576 rows, and less than 4 GiB in one part of a package.
    fn default() -> Self {
        Self { rows: 1 << 20, bytes: 0xF000_0000 }
    }
}

/// Writes one table as a workbook. Every sheet begins with the header row; strings are never formulas.
pub struct XlsxWriter<W: Write> {
    archive: Archive<W>,
    limits: SheetLimits,
    table: String,
    columns: Vec<Column>,
    /// Names of the sheets begun so far.
    sheets: Vec<String>,
    /// Rows of the last sheet.
    rows: u32,
    /// Bytes of the last sheet that are compressed already.
    bytes: u64,
    piece: Vec<u8>,
    row_number: String,
}

struct Column {
    name: String,
    column_type: ColumnType,
    /// How each of its cells begins: `<c r="AB`.
    open: String,
}

impl<W: Write> XlsxWriter<W> {
    /// Begins the workbook of a table.
    ///
    /// # Errors
    /// `too_many_columns` and `cell_too_long` for a table that no sheet can hold; failures of `out`.
    pub fn new(table: &Table, limits: SheetLimits, out: W) -> Result<Self, WriteError> {
        check_header(table)?;
        let mut archive = Archive::new(out);
        for (path, part) in package::FIXED_PARTS {
            archive.add_part(path, part.as_bytes())?;
        }
        archive.add_part("xl/styles.xml", style::styles_part().as_bytes())?;
        let columns = table.columns.iter().enumerate().map(|(place, column)| Column {
            name: column.name.clone(),
            column_type: column.column_type,
            open: format!("<c r=\"{}", column_letters(place)),
        });
        let mut writer = Self {
            archive,
            limits,
            table: table.name.clone(),
            columns: columns.collect(),
            sheets: Vec::new(),
            rows: 0,
            bytes: 0,
            piece: Vec::new(),
            row_number: String::new(),
        };
        writer.begin_sheet();
        Ok(writer)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `cell_too_long`, after which the writer is spent; failures of the output.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        self.cells(row.cells())
    }

    fn cells<'a>(&mut self, cells: impl Iterator<Item = Option<&'a str>>) -> Result<(), WriteError> {
        if self.rows >= self.limits.rows || self.bytes + self.piece.len() as u64 >= self.limits.bytes {
            self.end_sheet()?;
            self.begin_sheet();
        }
        self.begin_row();
        let last = self.columns.len().saturating_sub(1);
        for (place, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            let Some(value) = cell.filter(|value| !value.is_empty()) else {
                // Without it readers would take the row for a shorter one, or for none.
                if place == last {
                    cell::push_empty(&column.open, &self.row_number, &mut self.piece);
                }
                continue;
            };
            if let Some(error) = too_long(&column.name, value) {
                return Err(error.into());
            }
            cell::push_cell(column.column_type, &column.open, &self.row_number, value, &mut self.piece);
        }
        self.piece.extend_from_slice(b"</row>");
        if self.piece.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    /// Completes the workbook; answers the output and the number of sheets.
    ///
    /// # Errors
    /// Failures of the output.
    pub fn finish(mut self) -> Result<(W, usize), WriteError> {
        self.end_sheet()?;
        self.archive.add_part("xl/workbook.xml", &package::workbook_part(&self.sheets))?;
        let relationships = package::relationships_part(self.sheets.len());
        self.archive.add_part("xl/_rels/workbook.xml.rels", relationships.as_bytes())?;
        Ok((self.archive.finish()?, self.sheets.len()))
    }

    fn begin_sheet(&mut self) {
        self.sheets.push(sheet_name(&self.table, &self.sheets));
        (self.rows, self.bytes) = (0, 0);
        self.piece.extend_from_slice(package::SHEET_START.as_bytes());
        self.begin_row();
        for column in &self.columns {
            cell::push_header(&column.open, &self.row_number, &column.name, &mut self.piece);
        }
        self.piece.extend_from_slice(b"</row>");
    }

    fn begin_row(&mut self) {
        self.rows += 1;
        self.row_number.clear();
        push_number(self.rows, &mut self.row_number);
        self.piece.extend_from_slice(b"<row r=\"");
        self.piece.extend_from_slice(self.row_number.as_bytes());
        self.piece.extend_from_slice(b"\">");
    }

    fn end_sheet(&mut self) -> Result<(), WriteError> {
        self.piece.extend_from_slice(package::SHEET_END.as_bytes());
        self.flush()
    }

    /// Hands the gathered rows to the archive. The entry of a sheet begins with its first piece: until then a table has no compressor,
    /// which takes more memory than a small table.
    fn flush(&mut self) -> Result<(), WriteError> {
        if self.bytes == 0 {
            self.archive.begin_part(&package::sheet_path(self.sheets.len()))?;
        }
        self.archive.write(&self.piece)?;
        self.bytes += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> std::fmt::Debug for XlsxWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XlsxWriter").field("table", &self.table).finish_non_exhaustive()
    }
}

fn push_number(number: u32, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests;
