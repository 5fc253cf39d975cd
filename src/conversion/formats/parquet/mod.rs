//! Rows as Apache Parquet. Every column has the narrowest type that gives back the very text of the document, else it is text:
//! moments are text because a cell may have a time zone and the one below it none.

mod values;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::WriteError;
use crate::conversion::emit::Row;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::Table;
use values::Values;

/// Writes one table as a Parquet file. Rows are held, typed, until there are enough for a row group.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<Slot<W>>,
    columns: Vec<Values>,
    names: Vec<String>,
    row_group_bytes: usize,
    /// Bytes of the rows held.
    bytes: usize,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins the file of a table; a row group is written when its rows hold so many bytes.
    ///
    /// # Errors
    /// Failures of `out`.
    pub fn new(table: &Table, row_group_bytes: usize, out: W) -> Result<Self, WriteError> {
        let columns: Vec<_> = table.columns.iter().map(Values::new).collect();
        let fields = table.columns.iter().zip(&columns).map(|(column, values)| values.field(&column.name));
        let fields = fields.collect::<Result<Vec<_>, _>>().map_err(failure)?;
        let schema = Type::group_type_builder("row").with_fields(fields).build().map_err(failure)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by("ret".to_owned())
            .build();
        let file =
            SerializedFileWriter::new(Slot(Some(out)), Arc::new(schema), Arc::new(properties)).map_err(failure)?;
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { file, columns, names, row_group_bytes, bytes: 0 })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `shape_mismatch` for a value that its column's type does not give back; failures of the output. The writer is spent then.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        self.cells(row.cells())
    }

    fn cells<'a>(&mut self, cells: impl Iterator<Item = Option<&'a str>>) -> Result<(), WriteError> {
        for (place, (values, cell)) in self.columns.iter_mut().zip(cells).enumerate() {
            let held = values.push(cell);
            self.bytes += held.ok_or_else(|| unexpected(&self.names[place], cell.unwrap_or_default()))?;
        }
        if self.bytes >= self.row_group_bytes { self.flush() } else { Ok(()) }
    }

    /// Completes the file and gives the output back.
    ///
    /// # Errors
    /// Failures of the output.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.flush()?;
        self.file.finish().map_err(failure)?;
        let out = self.file.inner_mut().0.take();
        out.ok_or_else(|| io::Error::other("the output was given back before").into())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.bytes = 0;
        if self.columns.first().is_none_or(|first| first.is_empty()) {
            return Ok(());
        }
        let mut group = self.file.next_row_group().map_err(failure)?;
        for values in &mut self.columns {
            if let Some(column) = group.next_column().map_err(failure)? {
                values.write(column).map_err(failure)?;
            }
        }
        group.close().map(drop).map_err(|error| failure(error).into())
    }
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").finish_non_exhaustive()
    }
}

/// The scan saw other values than there are.
fn unexpected(column: &str, value: &str) -> Error {
    let shown: String = value.chars().take(40).collect();
    let detail = format!(
        "the column {column} has a value of another type than when the document was scanned, '{shown}'; upload it again"
    );
    Error::new(ErrorCode::ShapeMismatch, detail)
}

/// The failure of the output itself where there is one: callers look into it.
fn failure(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

/// The output, to be taken out again.
struct Slot<W>(Option<W>);

impl<W: Write> Write for Slot<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

#[cfg(test)]
mod tests;
