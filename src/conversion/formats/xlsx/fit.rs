//! What fits a sheet: a table by its columns, a document by its cells.

use crate::conversion::emit::{Row, RowSink};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::{Plan, Table};

/// UTF-16 units that a cell can hold.
pub const CELL_UNITS: usize = 32_767;
/// Columns that a sheet can have.
const COLUMNS: usize = 16_384;

/// A sink that keeps nothing and stops at the first cell that no sheet can hold: what an [`Emitter`](crate::conversion::Emitter) is fed
/// to find out whether a document can be written, before anything is.
#[derive(Debug)]
pub struct FitsXlsx<'p> {
    plan: &'p Plan,
}

impl<'p> FitsXlsx<'p> {
    /// For documents of `plan`.
    ///
    /// # Errors
    /// `too_many_columns` and `cell_too_long` for a table that no sheet can hold, whatever its rows.
    pub fn new(plan: &'p Plan) -> Result<Self, Error> {
        plan.tables().iter().try_for_each(check_header)?;
        Ok(Self { plan })
    }
}

impl RowSink for FitsXlsx<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        if row.bytes() <= CELL_UNITS {
            return Ok(());
        }
        let columns = &self.plan.tables()[table].columns;
        let mut cells = columns.iter().zip(row.cells());
        let found = cells.find_map(|(column, cell)| too_long(&column.name, cell.unwrap_or_default()));
        found.map_or(Ok(()), Err)
    }
}

/// Whether a sheet can have these columns under these names.
pub(super) fn check_header(table: &Table) -> Result<(), Error> {
    let (columns, name) = (table.columns.len(), &table.name);
    if columns > COLUMNS {
        let detail = format!(
            "the table {name} has {columns} columns, a sheet of XLSX has room for {COLUMNS}; choose another format or the layout relational"
        );
        return Err(Error::new(ErrorCode::TooManyColumns, detail));
    }
    let long = table.columns.iter().find_map(|column| too_long(name, &column.name));
    long.map_or(Ok(()), Err)
}

/// The error for a value that no cell can hold.
pub(super) fn too_long(column: &str, value: &str) -> Option<Error> {
    // No text has more UTF-16 units than bytes.
    if value.len() <= CELL_UNITS {
        return None;
    }
    let units = value.encode_utf16().count();
    let detail = || {
        format!(
            "a value of the column {column} has {units} characters, a cell of XLSX holds {CELL_UNITS}; choose another format or leave the document out"
        )
    };
    (units > CELL_UNITS).then(|| Error::new(ErrorCode::CellTooLong, detail()))
}
