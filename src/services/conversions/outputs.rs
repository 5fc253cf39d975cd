//! Where rows go: one CSV file for each table and, for queries, the SQL store.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{
    cluster::PlannedCluster,
    report::TableReport,
    request::{ConvertRequest, Format},
};
use crate::{
    conversion::{self, ColumnType, CsvEncoder, ErrorCode, Row, RowSink, Table},
    domain::{file::hexadecimal, names::sanitize_component},
    ports::tables::{SqlColumn, SqlTable, SqlType, TablesWriter},
};

/// How many bytes of a table are gathered before they are written. Tables together stay below 64 MiB at the limit of 1,000.
const BUFFER: usize = 64 << 10;

/// Makes the file of a table; the path is relative to the outputs, for instance `ORDERS/line.csv`.
pub(super) type OpenFile<'a, W> = dyn FnMut(&str) -> io::Result<W> + 'a;

/// The files of all tables of one conversion.
pub(super) struct Outputs<W> {
    files: Vec<TableFile<W>>,
    encoder: CsvEncoder,
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

struct TableFile<W> {
    report: TableReport,
    path: String,
    writer: W,
    buffer: Vec<u8>,
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
}

impl<W: Write> Outputs<W> {
    /// Opens a file for every table of every cluster, header row included.
    pub(super) fn open(
        clusters: &[PlannedCluster],
        request: &ConvertRequest,
        mut sql: Option<Box<dyn TablesWriter>>,
        open: &mut OpenFile<'_, W>,
    ) -> io::Result<Self> {
        let encoder = CsvEncoder::new(request.csv.clone()).map_err(io::Error::other)?;
        let mut files = Vec::new();
        for cluster in clusters {
            for table in cluster.plan.tables() {
                let path = table_path(&cluster.group, table, request.format);
                let mut buffer = Vec::new();
                encoder.header(table, &mut buffer);
                let report =
                    TableReport::planned(table, &cluster.group, format!("output/{path}"), request.format.as_str());
                let writer = open(&path)?;
                files.push(TableFile { report, path, writer, buffer, digest: Sha256::new() });
                if let Some(sql) = &mut sql {
                    sql.add_table(&sql_table(table)).map_err(io::Error::other)?;
                }
            }
        }
        Ok(Self { files, encoder, sql, offset: 0, monitor: Arc::default() })
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
            file.flush()?;
            let sha256 = hexadecimal(&file.digest.finalize());
            finished.push(FinishedFile { report: file.report, path: file.path, writer: file.writer, sha256 });
        }
        if let Some(sql) = self.sql {
            sql.finish().map_err(io::Error::other)?;
        }
        Ok(finished)
    }

    fn write_row(&mut self, table: usize, row: Row<'_>) -> io::Result<()> {
        let Some(file) = self.files.get_mut(table) else { return Ok(()) };
        self.encoder.row(row, &mut file.buffer);
        file.report.rows += 1;
        self.monitor.rows.fetch_add(1, Ordering::Relaxed);
        if file.buffer.len() >= BUFFER {
            file.flush()?;
        }
        match &mut self.sql {
            Some(sql) => sql.insert(table, &mut row.cells()).map_err(io::Error::other),
            None => Ok(()),
        }
    }
}

impl<W: Write> TableFile<W> {
    fn flush(&mut self) -> io::Result<()> {
        self.digest.update(&self.buffer);
        self.report.bytes += self.buffer.len() as u64;
        self.writer.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl<W: Write> RowSink for &mut Outputs<W> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), conversion::Error> {
        let number = self.offset + table;
        self.write_row(number, row).map_err(|error| {
            let stopped = conversion::Error::new(ErrorCode::Interrupted, "the output could not be written");
            *self.monitor.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            stopped
        })
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
