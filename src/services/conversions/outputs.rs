//! Where rows go: one file for each table and, for queries, the SQL store.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{cluster::PlannedCluster, report::TableReport, request::ConvertRequest};
use crate::{
    conversion::{
        self, ColumnType, ErrorCode, FileOptions, Finished, Format, LineEncoder, Row, RowSink, Table, TableWriter,
        WriteError,
    },
    domain::{file::hexadecimal, names::sanitize_component},
    ports::tables::{SqlColumn, SqlTable, SqlType, TablesWriter},
};

/// Bytes of rows that all tables of Parquet together hold before they are written, as long as each may hold the smallest row group.
const ROW_GROUPS: usize = 64 << 20;
const SMALLEST_ROW_GROUP: usize = 256 << 10;
const LARGEST_ROW_GROUP: usize = 8 << 20;

/// Makes the file of a table; the path is relative to the outputs, for instance `ORDERS/line.csv`.
pub(super) type OpenFile<'a, W> = dyn FnMut(&str) -> io::Result<W> + 'a;

/// The files of all tables of one conversion.
pub(super) struct Outputs<W: Write + Send> {
    files: Vec<TableFile<W>>,
    sql: Option<Box<dyn TablesWriter>>,
    /// Number of the first table of the cluster that is being written.
    offset: usize,
    monitor: Arc<Monitor>,
}

/// What can be seen of the outputs while the engine holds them.
#[derive(Debug, Default)]
pub(super) struct Monitor {
    rows: AtomicU64,
    failure: Mutex<Option<io::Error>>,
}

impl Monitor {
    /// Rows written so far.
    #[must_use]
    pub(super) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// What made a write fail: the engine is only told to stop.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct TableFile<W: Write + Send> {
    report: TableReport,
    path: String,
    writer: TableWriter<Digesting<W>>,
}

/// Counts and digests what goes through.
struct Digesting<W> {
    writer: W,
    bytes: u64,
    digest: Sha256,
}

/// A table's file, written whole.
pub(super) struct FinishedFile<W> {
    /// What it is.
    pub(super) report: TableReport,
    /// Relative to the outputs.
    pub(super) path: String,
    /// The writer, flushed of everything gathered here.
    pub(super) writer: W,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
    /// Over how many sheets the table goes.
    pub(super) sheets: usize,
}

impl<W: Write + Send> Outputs<W> {
    /// Opens a file for every table of every cluster, header row included.
    pub(super) fn open(
        clusters: &[PlannedCluster],
        request: &ConvertRequest,
        mut sql: Option<Box<dyn TablesWriter>>,
        open: &mut OpenFile<'_, W>,
    ) -> io::Result<Self> {
        let tables: usize = clusters.iter().map(|cluster| cluster.plan.tables().len()).sum();
        let row_group_bytes = (ROW_GROUPS / tables.max(1)).clamp(SMALLEST_ROW_GROUP, LARGEST_ROW_GROUP);
        let options = FileOptions { row_group_bytes, ..request.file_options() };
        let mut files = Vec::new();
        for cluster in clusters {
            for table in cluster.plan.tables() {
                let path = table_path(&cluster.group, table, request.format);
                let report =
                    TableReport::planned(table, &cluster.group, format!("output/{path}"), request.format.as_str());
                let writer = Digesting { writer: open(&path)?, bytes: 0, digest: Sha256::new() };
                let writer = TableWriter::new(table, &options, writer).map_err(output_error)?;
                files.push(TableFile { report, path, writer });
                if let Some(sql) = &mut sql {
                    sql.add_table(&sql_table(table)).map_err(io::Error::other)?;
                }
            }
        }
        Ok(Self { files, sql, offset: 0, monitor: Arc::default() })
    }

    /// Says which cluster's rows come next.
    pub(super) fn start_cluster(&mut self, first_table: usize) {
        self.offset = first_table;
    }

    /// A view of the outputs that stays while the engine holds them.
    #[must_use]
    pub(super) fn monitor(&self) -> Arc<Monitor> {
        Arc::clone(&self.monitor)
    }

    /// Writes out what is gathered and completes the SQL store.
    pub(super) fn finish(self) -> io::Result<Vec<FinishedFile<W>>> {
        let mut finished = Vec::with_capacity(self.files.len());
        for mut file in self.files {
            let Finished { out, sheets } = file.writer.finish().map_err(output_error)?;
            let Digesting { writer, bytes, digest } = out;
            file.report.bytes = bytes;
            let sha256 = hexadecimal(&digest.finalize());
            finished.push(FinishedFile { report: file.report, path: file.path, writer, sha256, sheets });
        }
        if let Some(sql) = self.sql {
            sql.finish().map_err(io::Error::other)?;
        }
        Ok(finished)
    }

    /// How the rows of each table are encoded, for formats of lines.
    pub(super) fn line_encoders(&self) -> Vec<Option<LineEncoder>> {
        self.files.iter().map(|file| file.writer.line_encoder().cloned()).collect()
    }

    /// Whether rows are needed and not only the lines that they are in files.
    pub(super) fn wants_rows(&self) -> bool {
        self.sql.is_some() || self.files.iter().any(|file| file.writer.line_encoder().is_none())
    }

    /// Adds rows that were encoded elsewhere, by the encoder of their table; they are given to [`Outputs::keep`] too.
    pub(super) fn append(&mut self, table: usize, encoded: &[u8], rows: u64) -> Result<(), WriteError> {
        let Some(file) = self.files.get_mut(table) else { return Ok(()) };
        file.report.rows += rows;
        self.monitor.rows.fetch_add(rows, Ordering::Relaxed);
        if file.writer.line_encoder().is_some() { file.writer.append(encoded) } else { Ok(()) }
    }

    /// Describes the tables as these plans do, which have the same tables and columns as those that the outputs were opened with.
    pub(super) fn describe_as(&mut self, clusters: &[PlannedCluster], request: &ConvertRequest) {
        let tables =
            clusters.iter().flat_map(|cluster| cluster.plan.tables().iter().map(|table| (&cluster.group, table)));
        for (file, (group, table)) in self.files.iter_mut().zip(tables) {
            let planned = TableReport::planned(table, group, file.report.path.clone(), request.format.as_str());
            file.report = TableReport { rows: file.report.rows, ..planned };
        }
    }

    /// Adds a row, counted by [`Outputs::append`], wherever its cells are needed.
    pub(super) fn keep(&mut self, table: usize, row: Row<'_>) -> Result<(), WriteError> {
        let Some(file) = self.files.get_mut(table) else { return Ok(()) };
        if file.writer.line_encoder().is_none() {
            file.writer.row(row)?;
        }
        match &mut self.sql {
            Some(sql) => Ok(sql.insert(table, &mut row.cells()).map_err(io::Error::other)?),
            None => Ok(()),
        }
    }

    fn write_row(&mut self, table: usize, row: Row<'_>) -> Result<(), WriteError> {
        let Some(file) = self.files.get_mut(table) else { return Ok(()) };
        file.writer.row(row)?;
        file.report.rows += 1;
        self.monitor.rows.fetch_add(1, Ordering::Relaxed);
        match &mut self.sql {
            Some(sql) => Ok(sql.insert(table, &mut row.cells()).map_err(io::Error::other)?),
            None => Ok(()),
        }
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W: Write + Send> RowSink for &mut Outputs<W> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), conversion::Error> {
        let number = self.offset + table;
        self.write_row(number, row).map_err(|error| match error {
            WriteError::Row(error) => error,
            WriteError::Output(failure) => {
                *self.monitor.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                conversion::Error::new(ErrorCode::Interrupted, "the output could not be written")
            }
        })
    }
}

/// What a table cannot hold was found before its file was begun, so it is a failure like any other here.
fn output_error(error: WriteError) -> io::Error {
    match error {
        WriteError::Row(error) => io::Error::other(error),
        WriteError::Output(error) => error,
    }
}

/// The path of a table's file below the outputs.
fn table_path(group: &str, table: &Table, format: Format) -> String {
    format!("{}/{}.{}", sanitize_component(group), table.name, format.as_str())
}

fn sql_table(table: &Table) -> SqlTable {
    let column = |column: &conversion::Column| SqlColumn {
        name: column.name.clone(),
        sql_type: match column.column_type {
            ColumnType::Integer => SqlType::Integer,
            ColumnType::Decimal => SqlType::Decimal,
            _ => SqlType::Text,
        },
    };
    SqlTable {
        name: table.name.clone(),
        columns: table.columns.iter().map(column).collect(),
        primary_key: table.primary_key.clone(),
        parent_key: table.parent.as_ref().map(|_| "_parent".to_owned()),
    }
}
