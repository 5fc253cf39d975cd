//! Turns XML into tables without losing a value.
//!
//! A library of its own: bytes go in, rows come out. It does no I/O, keeps no thread and logs nothing; memory is bounded by
//! the number of distinct element paths and by one open record, never by the size of a document.
//!
//! # Two passes
//! 1. A [`Scanner`] reads a document and gives its [`Shape`]: the distinct paths, which of them repeat, and what the values are
//!    like. Shapes of documents with the same root can be merged ([`Shape::merge`]), stored and used again.
//! 2. A [`Plan`] says which tables a shape becomes under some [`Options`], and an [`Emitter`] reads the documents again and hands
//!    the rows of those tables to a [`RowSink`]. A [`TableWriter`] turns rows into a file of some [`Format`], a [`CsvEncoder`] into
//!    pieces of CSV; [`data_package`] describes the files.
//!
//! ```
//! use ret::conversion::{CsvEncoder, CsvOptions, Emitter, Error, Limits, Options, Plan, Row, RowSink, Scanner};
//!
//! /// Collects each table as CSV.
//! struct Files {
//!     csv: CsvEncoder,
//!     tables: Vec<Vec<u8>>,
//! }
//!
//! impl RowSink for Files {
//!     fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
//!         self.csv.row(row, &mut self.tables[table]);
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let document = b"<library><book id='1'><title>Emma</title></book><book id='2'><title>Persuasion</title></book></library>";
//! let limits = Limits::default();
//!
//! let mut scanner = Scanner::new(&limits);
//! for piece in document.chunks(16) {
//!     scanner.feed(piece)?;
//! }
//! let shape = scanner.finish()?;
//! assert_eq!(shape.detect_record().record.path, "/library/book");
//!
//! let plan = Plan::new("BOOKS", &shape, &Options::default(), &limits)?;
//! let mut files = Files { csv: CsvEncoder::new(CsvOptions::default())?, tables: Vec::new() };
//! for table in plan.tables() {
//!     let mut file = Vec::new();
//!     files.csv.header(table, &mut file);
//!     files.tables.push(file);
//! }
//! let mut emitter = Emitter::new(&plan, files);
//! emitter.begin_document("library.xml")?;
//! emitter.feed(document)?;
//! emitter.end_document()?;
//! let files = emitter.finish()?;
//!
//! assert_eq!(plan.tables()[0].name, "book");
//! assert_eq!(files.tables[0], b"@id,title\n1,Emma\n2,Persuasion\n");
//! # Ok(())
//! # }
//! ```
//!
//! # What stands where
//! Every attribute value and every text that is not blank stands in exactly one cell, whole, in document order within its
//! column. Declarations of namespaces, comments and processing instructions are not data. Each [`Column`] tells the path that its
//! values come from; the key columns `_id`, `_parent` and `_ord` tell where a row stood, so that the document can be built again
//! (`docs/engine.md` says how, and up to what; with [`Structure::Complete`] exactly).
//! An element with text after a child is prose: one cell holds all text inside it. In groups of several documents the column
//! `_document` tells the source.
//!
//! # What can go wrong
//! Every [`Error`] has an [`ErrorCode`] and, where there is one, a [`Position`]. A document beyond one of the [`Limits`] is
//! refused; nothing is ever cut.

mod blocks;
mod emit;
mod error;
mod formats;
mod lanes;
mod limits;
mod options;
mod paths;
mod plan;
mod shape;
mod single;
mod whitespace;
pub mod xml;

pub use emit::{Emitter, KeyBase, Row, RowBuffer, RowKeys, RowPart, RowSink, Seam};
pub use error::{Error, ErrorCode, Position};
#[cfg(feature = "parquet")]
pub use formats::ParquetWriter;
pub use formats::{
    CELL_UNITS, CsvEncoder, CsvOptions, DataPackage, FileOptions, Finished, FitsXlsx, Format, JsonLinesEncoder,
    LineEncoder, LineEnd, LineWriter, SheetLimits, TableWriter, WriteError, Written, XlsxWriter, data_package,
};
pub use limits::Limits;
pub use options::{Layout, MixedContent, NamespaceMode, Options, Repeated, Structure, TextMode};
pub use plan::{
    Column, ColumnRole, Key, ParentLink, Part, Plan, RowCounts, Table, Warning, WarningCode, make_table_names_unique,
};
pub use shape::{
    CHECKPOINT_SPACING, Candidate, Checkpoint, ColumnType, Detection, Outline, RootName, Sample, Scan, Scanner, Shape,
};
pub use single::{Filled, Joint, Misfit, SinglePass, Stretch, StretchEnd};
pub use xml::{ExternalEntities, NamespaceRules, ParserOptions};
