//! The rows of a stretch as lines, with room for keys that are known later.

use crate::{
    conversion::{Error, KeyBase, LineEncoder, Row, RowKeys, RowPart, RowSink},
    services::conversions::outputs::Outputs,
};

/// Lines of all tables.
pub(super) struct TableLines<'e> {
    encoders: &'e [Option<LineEncoder>],
    tables: Vec<Lines>,
    /// Rows that began earlier and end here; each stands before the lines of its table.
    pub(super) rests: Vec<RowPart>,
}

/// Lines of one table.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    rows: u64,
    /// Where the lines end that are without their keys, and the keys.
    waiting: Vec<(usize, RowKeys)>,
    /// The lines with their keys.
    complete: Vec<u8>,
}

impl<'e> TableLines<'e> {
    pub(super) fn new(encoders: &'e [Option<LineEncoder>]) -> Self {
        Self { encoders, tables: encoders.iter().map(|_| Lines::default()).collect(), rests: Vec::new() }
    }

    /// Writes the keys.
    pub(super) fn complete(&mut self, keys: &KeyBase<'_>) {
        for (encoder, lines) in self.encoders.iter().zip(&mut self.tables) {
            let (Some(encoder), false) = (encoder, lines.waiting.is_empty()) else { continue };
            lines.complete.reserve(lines.bytes.len() + 16 * lines.waiting.len());
            let mut start = 0;
            for (end, of_row) in lines.waiting.drain(..) {
                encoder.numbers(keys.numbers(&of_row), &mut lines.complete);
                lines.complete.extend_from_slice(&lines.bytes[start..end]);
                start = end;
            }
            std::mem::swap(&mut lines.bytes, &mut lines.complete);
            lines.complete.clear();
        }
    }

    /// Hands the lines of each table over, and is empty then.
    pub(super) fn write<W: std::io::Write + Send>(
        &mut self,
        outputs: &mut Outputs<W>,
    ) -> Result<(), crate::conversion::WriteError> {
        for (table, lines) in self.tables.iter_mut().enumerate() {
            if lines.rows > 0 {
                outputs.append(table, &lines.bytes, lines.rows)?;
            }
            lines.bytes.clear();
            lines.rows = 0;
        }
        Ok(())
    }
}

impl RowSink for TableLines<'_> {
    #[inline]
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        let lines = &mut self.tables[table];
        lines.rows += 1;
        if let Some(encoder) = &self.encoders[table] {
            encoder.row(row, &mut lines.bytes);
        }
        Ok(())
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        self.rests.push(rest);
        Ok(())
    }

    #[inline]
    fn row_before_keys(&mut self, keys: RowKeys, rest: Row<'_>) -> Result<(), Error> {
        let lines = &mut self.tables[keys.table()];
        lines.rows += 1;
        if let Some(encoder) = &self.encoders[keys.table()] {
            encoder.rest(rest, &mut lines.bytes);
            lines.waiting.push((lines.bytes.len(), keys));
        }
        Ok(())
    }
}
