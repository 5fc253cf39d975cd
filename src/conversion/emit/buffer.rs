//! Rows kept for later.

use super::finished::{Row, Span};

/// Rows of any tables in the order in which they came, to be read again elsewhere: in another thread, for one.
#[derive(Clone, Debug, Default)]
pub struct RowBuffer {
    text: String,
    cells: Vec<Span>,
    rows: Vec<Kept>,
}

/// A row: its table, and where its text and its cells end.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    table: usize,
    text_end: usize,
    cells_end: usize,
}

impl RowBuffer {
    /// Adds a row of a table.
    pub fn push(&mut self, table: usize, row: Row<'_>) {
        let base = self.text.len();
        for cell in row.cells() {
            let start = self.text.len() - base;
            self.cells.push(match cell {
                Some(cell) => {
                    self.text.push_str(cell);
                    Span { start, end: start + cell.len() }
                }
                None => Span::ABSENT,
            });
        }
        self.rows.push(Kept { table, text_end: self.text.len(), cells_end: self.cells.len() });
    }

    /// The rows with their tables.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Row<'_>)> {
        let before = std::iter::once(Kept::default()).chain(self.rows.iter().copied());
        before.zip(&self.rows).map(|(before, kept)| {
            let text = &self.text[before.text_end..kept.text_end];
            (kept.table, Row::new(text, &self.cells[before.cells_end..kept.cells_end]))
        })
    }

    /// Bytes of memory in use, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + size_of_val(self.cells.as_slice()) + size_of_val(self.rows.as_slice())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let mut buffer = RowBuffer::default();
        let cells = [Span { start: 0, end: 2 }, Span::ABSENT, Span { start: 2, end: 2 }];
        buffer.push(3, Row::new("ab", &cells));
        buffer.push(0, Row::new("", &[]));
        buffer.push(3, Row::new("xyz", &[Span { start: 1, end: 3 }]));
        let rows: Vec<_> = buffer.iter().map(|(table, row)| (table, row.cells().collect::<Vec<_>>())).collect();
        assert_eq!(rows, [(3, vec![Some("ab"), None, Some("")]), (0, vec![]), (3, vec![Some("yz")])]);
        assert!(buffer.bytes() > 4 && !buffer.is_empty());
    }
}
