//! Rows as files: an encoder for each format, and one writer in front of them all.

mod csv;
mod datapackage;
mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;
mod writer;
mod xlsx;

use serde::{Deserialize, Serialize};

pub use csv::{CsvEncoder, CsvOptions, LineEnd};
pub use datapackage::{DataPackage, Written, data_package};
pub use json_lines::JsonLinesEncoder;
#[cfg(feature = "parquet")]
pub use parquet::ParquetWriter;
pub use writer::{FileOptions, Finished, LineEncoder, LineWriter, TableWriter, WriteError};
pub use xlsx::{CELL_UNITS, FitsXlsx, SheetLimits, XlsxWriter};

/// A format of table files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    #[default]
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Every format there is, the default first.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Xlsx, Self::Jsonl, Self::Parquet];

    /// The format as it stands in answers, which is also the files' extension.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// The media type of the files, without parameters.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Jsonl => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The media type as a file is served, with the character set where it is text.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson; charset=utf-8",
            Self::Xlsx | Self::Parquet => self.media_type(),
        }
    }

    /// Whether this build writes the format.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Csv | Self::Xlsx | Self::Jsonl => true,
            Self::Parquet => cfg!(feature = "parquet"),
        }
    }
}
