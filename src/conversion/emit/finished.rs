//! A row as it is handed over.

/// Where a cell stands in the text of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) const ABSENT: Self = Self { start: usize::MAX, end: usize::MAX };
}

/// A finished row, valid while it is handed over.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a str,
    cells: &'a [Span],
}

/// Short cells are copied in one step of so many bytes, and what was too much is cut off.
const STEP: usize = 16;

/// Stands behind the text of a row, so that its last cells can be copied so too. Letters are never special in a cell.
pub(super) const PADDING: &str = "xxxxxxxxxxxxxxxx";

impl<'a> Row<'a> {
    pub(super) fn new(text: &'a str, cells: &'a [Span]) -> Self {
        Self { text, cells }
    }

    /// The row from its column `first` on.
    pub(super) fn without(self, first: usize) -> Self {
        Self { cells: self.cells.get(first..).unwrap_or_default(), ..self }
    }

    /// The cells in the order of the table's columns: `None` for what the document does not have, `Some("")` for what is empty.
    pub fn cells(self) -> impl ExactSizeIterator<Item = Option<&'a str>> {
        self.cells.iter().map(move |span| self.text.get(span.start..span.end))
    }

    /// One cell by its column.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&'a str> {
        self.cells.get(column).and_then(|span| self.text.get(span.start..span.end))
    }

    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Bytes of the text that the cells are parts of: no cell is longer.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Whether the table has no column at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A text that holds every cell: what is not in it is in no cell. Letters may follow the last cell.
    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// Appends all cells as they are, with `delimiter` after each.
    #[inline]
    pub(crate) fn append_delimited(self, delimiter: u8, out: &mut Vec<u8>) {
        let text = self.text.as_bytes();
        for &Span { start, end } in self.cells {
            if start < end {
                append(&text[start..], end - start, out);
            }
            out.push(delimiter);
        }
    }
}

/// Appends the first `length` bytes.
#[inline]
fn append(text: &[u8], length: usize, out: &mut Vec<u8>) {
    match text.first_chunk::<STEP>() {
        Some(step) if length <= STEP => {
            let end = out.len() + length;
            out.extend_from_slice(step);
            out.truncate(end);
        }
        _ => out.extend_from_slice(&text[..length]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_cells_are_the_cells() {
        let text = "shorta cell that is longer than one stepéx";
        let spans = [(0, 5), (5, 40), (usize::MAX, usize::MAX), (3, 3), (40, 42), (42, 43)];
        let spans = spans.map(|(start, end)| Span { start, end });
        for cells in [&spans[..], &spans[..1], &spans[3..], &[]] {
            let row = Row::new(text, cells);
            let mut out = b"before ".to_vec();
            row.append_delimited(b';', &mut out);
            let expected: String = row.cells().map(|cell| format!("{};", cell.unwrap_or_default())).collect();
            assert_eq!(String::from_utf8(out).unwrap(), format!("before {expected}"));
        }
    }
}
