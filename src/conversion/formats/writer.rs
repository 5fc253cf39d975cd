//! One table being written, whatever the format.

use std::io::{self, Write};

use super::{CsvEncoder, CsvOptions, Format, JsonLinesEncoder, SheetLimits, XlsxWriter};
use crate::conversion::emit::Row;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::Table;

/// How many bytes of lines are gathered before they are written. Tables together stay below 64 MiB at the limit of 1,000.
const BUFFER: usize = 64 << 10;

/// How the files of all tables are written.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// The format.
    pub format: Format,
    /// Details of CSV.
    pub csv: CsvOptions,
    /// When a table goes on in a further sheet of its workbook.
    pub sheets: SheetLimits,
    /// Bytes of rows that a table of Parquet holds before it writes them.
    pub row_group_bytes: usize,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            format: Format::default(),
            csv: CsvOptions::default(),
            sheets: SheetLimits::default(),
            row_group_bytes: 8 << 20,
        }
    }
}

/// Why a row could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// The row, or the table, is more than the format can hold.
    Row(Error),
    /// The output failed.
    Output(io::Error),
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        Self::Row(error)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Appends rows of one table to buffers, for formats in which files are their lines: those of several threads can be put one after the
/// other.
#[derive(Clone, Debug)]
pub enum LineEncoder {
    /// Lines of CSV.
    Csv(Box<CsvEncoder>),
    /// Lines of JSON.
    JsonLines(JsonLinesEncoder),
}

impl LineEncoder {
    /// An encoder for `table`; `None` if the format is not one of lines.
    ///
    /// # Errors
    /// `invalid_option` as of [`CsvEncoder::new`].
    pub fn new(table: &Table, options: &FileOptions) -> Result<Option<Self>, Error> {
        Ok(match options.format {
            Format::Csv => Some(Self::Csv(Box::new(CsvEncoder::new(options.csv.clone())?))),
            Format::Jsonl => Some(Self::JsonLines(JsonLinesEncoder::new(table))),
            Format::Xlsx | Format::Parquet => None,
        })
    }

    /// Appends what stands before the rows of a file.
    pub fn header(&self, table: &Table, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.header(table, out),
            Self::JsonLines(_) => {}
        }
    }

    /// Appends a row.
    #[inline]
    pub fn row(&self, row: Row<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.row(row, out),
            Self::JsonLines(json) => json.row(row, out),
        }
    }

    /// Appends the beginning of a row: its keys that are numbers, which [`LineEncoder::rest`] follows.
    pub fn numbers(&self, numbers: impl Iterator<Item = Option<u64>>, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.numbers(numbers, out),
            Self::JsonLines(json) => json.numbers(numbers, out),
        }
    }

    /// Appends what stands behind the keys in a row; see [`RowSink::row_before_keys`](crate::conversion::RowSink::row_before_keys).
    #[inline]
    pub fn rest(&self, rest: Row<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.rest(rest, out),
            Self::JsonLines(json) => json.rest(rest, out),
        }
    }
}

/// Writes one table as a file.
#[derive(Debug)]
pub enum TableWriter<W: Write + Send> {
    /// A file of lines.
    Lines(Box<LineWriter<W>>),
    /// A workbook.
    Xlsx(Box<XlsxWriter<W>>),
    /// A Parquet file.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::ParquetWriter<W>>),
}

/// A file that was written whole.
#[derive(Clone, Copy, Debug)]
pub struct Finished<W> {
    /// Where it was written to.
    pub out: W,
    /// Over how many sheets of a workbook the table goes; 1 for other formats.
    pub sheets: usize,
}

/// Writes lines, gathered.
#[derive(Debug)]
pub struct LineWriter<W> {
    encoder: LineEncoder,
    buffer: Vec<u8>,
    out: W,
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins the file of a table, header row included.
    ///
    /// # Errors
    /// `invalid_option` for options that cannot be used and for a format that this build does not write; `too_many_columns` and
    /// `cell_too_long` for a table that the format cannot hold; failures of `out`.
    pub fn new(table: &Table, options: &FileOptions, out: W) -> Result<Self, WriteError> {
        if let Some(encoder) = LineEncoder::new(table, options)? {
            let mut buffer = Vec::new();
            encoder.header(table, &mut buffer);
            return Ok(Self::Lines(Box::new(LineWriter { encoder, buffer, out })));
        }
        match options.format {
            Format::Xlsx => Ok(Self::Xlsx(Box::new(XlsxWriter::new(table, options.sheets, out)?))),
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                Ok(Self::Parquet(Box::new(super::ParquetWriter::new(table, options.row_group_bytes, out)?)))
            }
            _ => {
                let detail = format!("the format '{}' is not in this build", options.format.as_str());
                Err(Error::new(ErrorCode::InvalidOption, detail).into())
            }
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `cell_too_long` for a value that the format cannot hold; failures of the output. The writer is spent then.
    #[inline]
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        match self {
            Self::Lines(lines) => lines.row(row),
            Self::Xlsx(workbook) => workbook.row(row),
            #[cfg(feature = "parquet")]
            Self::Parquet(file) => file.row(row),
        }
    }

    /// How rows are encoded, if files are lines: others can do it too, and hand the lines to [`TableWriter::append`].
    #[must_use]
    pub fn line_encoder(&self) -> Option<&LineEncoder> {
        match self {
            Self::Lines(lines) => Some(&lines.encoder),
            _ => None,
        }
    }

    /// Writes rows that were encoded elsewhere by the same encoder; only for formats of lines.
    ///
    /// # Errors
    /// Failures of the output. The writer is spent then.
    pub fn append(&mut self, encoded: &[u8]) -> Result<(), WriteError> {
        match self {
            Self::Lines(lines) => lines.append(encoded),
            _ => Err(Error::new(ErrorCode::InvalidOption, "the format is not one of lines").into()),
        }
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Failures of the output.
    pub fn finish(self) -> Result<Finished<W>, WriteError> {
        match self {
            Self::Lines(mut lines) => {
                lines.out.write_all(&lines.buffer)?;
                Ok(Finished { out: lines.out, sheets: 1 })
            }
            Self::Xlsx(workbook) => {
                let (out, sheets) = workbook.finish()?;
                Ok(Finished { out, sheets })
            }
            #[cfg(feature = "parquet")]
            Self::Parquet(file) => Ok(Finished { out: file.finish()?, sheets: 1 }),
        }
    }
}

impl<W: Write> LineWriter<W> {
    fn append(&mut self, encoded: &[u8]) -> Result<(), WriteError> {
        if self.buffer.len() + encoded.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        if encoded.len() >= BUFFER {
            self.out.write_all(encoded)?;
        } else {
            self.buffer.extend_from_slice(encoded);
        }
        Ok(())
    }

    #[inline]
    fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        self.encoder.row(row, &mut self.buffer);
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}
