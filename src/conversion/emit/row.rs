//! One row being put together.

use super::assemble::{join, row_of_segment};
use super::finished::{PADDING, Row, Span};
use super::keys::RowKeys;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::Cells;
use crate::conversion::whitespace::{Collapser, is_space, trim_end};

/// A value of a row whose columns may take several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) segment: u32,
    pub(super) column: u32,
    pub(super) span: Span,
}

/// A part of a record that is a row of its own unless there are parts inside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) around: u32,
    pub(super) is_innermost: bool,
}

/// A row whose element is open. Its buffers are used again for later rows.
#[derive(Debug, Default)]
pub(super) struct OpenRow {
    pub(super) table: u32,
    pub(super) id: u64,
    pub(super) is_complete: bool,
    /// The row began in an earlier part of the document, so it is not handed over from here.
    pub(super) is_part: bool,
    /// The keys that are numbers, where they are not written yet.
    pub(super) waiting_keys: RowKeys,
    gathers: bool,
    text: String,
    cells: Vec<Span>,
    values: Vec<Value>,
    segments: Vec<Segment>,
}

impl OpenRow {
    /// Starts a row of `columns` empty cells.
    pub(super) fn begin(&mut self, table: u32, id: u64, columns: usize, cells: &Cells) {
        self.table = table;
        self.id = id;
        self.is_complete = false;
        self.is_part = false;
        self.gathers = !matches!(cells, Cells::Single);
        self.text.clear();
        self.cells.clear();
        self.cells.resize(columns, Span::ABSENT);
        self.values.clear();
        self.segments.clear();
        self.segments.push(Segment { around: 0, is_innermost: true });
    }

    /// Makes this the rest of a row that began, keys and all, in an earlier part of the document.
    pub(super) fn go_on(&mut self) {
        self.is_part = true;
        self.text.clear();
        self.cells.fill(Span::ABSENT);
    }

    /// The text, and where in it the cells stand.
    pub(super) fn contents(&self) -> (&str, &[Span]) {
        (&self.text, &self.cells)
    }

    /// Writes the cell of a key.
    pub(super) fn set_key(&mut self, column: usize, value: &str) {
        let start = self.text.len();
        self.text.push_str(value);
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = Span { start, end: self.text.len() };
        }
    }

    /// Writes a whole value.
    #[inline]
    pub(super) fn set(&mut self, column: u32, segment: u32, value: &str) -> Result<(), Error> {
        if self.set_if_absent(column, segment, value) { Ok(()) } else { Err(occurs_again()) }
    }

    /// Writes the cell of a key that is a number.
    pub(super) fn set_number(&mut self, column: usize, number: u64) {
        let start = self.text.len();
        push_decimal(number, &mut self.text);
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = Span { start, end: self.text.len() };
        }
    }

    /// Writes a whole value, unless its column has one already. Answers whether it was written.
    #[inline(always)]
    pub(super) fn set_if_absent(&mut self, column: u32, segment: u32, value: &str) -> bool {
        let start = self.text.len();
        let span = Span { start, end: start + value.len() };
        if self.gathers {
            self.values.push(Value { segment, column, span });
        } else {
            match self.cells.get_mut(column as usize) {
                Some(cell) if *cell == Span::ABSENT => *cell = span,
                _ => return false,
            }
        }
        self.text.push_str(value);
        true
    }

    /// Starts a value; what is pushed belongs to it until another is started.
    #[inline]
    pub(super) fn open(&mut self, column: u32, segment: u32) -> Result<(), Error> {
        let span = Span { start: self.text.len(), end: self.text.len() };
        if self.gathers {
            self.values.push(Value { segment, column, span });
            return Ok(());
        }
        match self.cells.get_mut(column as usize) {
            Some(cell) if *cell == Span::ABSENT => {
                *cell = span;
                Ok(())
            }
            _ => Err(occurs_again()),
        }
    }

    /// Adds to the value started last; answers its length in bytes.
    #[inline]
    pub(super) fn push(&mut self, column: u32, text: &str) -> usize {
        self.text.push_str(text);
        self.end_at_end_of_text(column)
    }

    /// The length of the value started last, in bytes.
    #[inline]
    pub(super) fn length(&mut self, column: u32) -> usize {
        self.last_span(column).map_or(0, |span| span.end - span.start)
    }

    /// Makes one space of each run of white space in the value started last, and none at its ends.
    pub(super) fn collapse(&mut self, column: u32, collapser: &mut Collapser) {
        let Some(Span { start, .. }) = self.last_span(column).copied() else { return };
        collapser.collapse(&mut self.text, start);
        self.end_at_end_of_text(column);
    }

    #[inline]
    fn end_at_end_of_text(&mut self, column: u32) -> usize {
        let end = self.text.len();
        match self.last_span(column) {
            Some(span) => {
                span.end = end;
                end - span.start
            }
            None => 0,
        }
    }

    /// Takes white space off the end of the value started last.
    #[inline]
    pub(super) fn trim_end(&mut self, column: u32) {
        if !self.text.as_bytes().last().copied().is_some_and(is_space) {
            return;
        }
        let Some(Span { start, .. }) = self.last_span(column).copied() else { return };
        let end = start + trim_end(&self.text[start..]).len();
        self.text.truncate(end);
        if let Some(span) = self.last_span(column) {
            span.end = end;
        }
    }

    /// Starts a segment inside another.
    pub(super) fn open_segment(&mut self, around: u32) -> u32 {
        if let Some(segment) = self.segments.get_mut(around as usize) {
            segment.is_innermost = false;
        }
        self.segments.push(Segment { around, is_innermost: true });
        u32::try_from(self.segments.len() - 1).unwrap_or(u32::MAX)
    }

    /// Hands the row over: once, or for an exploded record once for each innermost segment.
    pub(super) fn hand_over(
        &mut self,
        cells: &Cells,
        mut take: impl FnMut(Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Cells::Joined(joined) = cells {
            join(&mut self.text, &mut self.cells, &mut self.values, joined)?;
        }
        self.text.push_str(PADDING);
        match cells {
            Cells::Single | Cells::Joined(_) => take(Row::new(&self.text, &self.cells)),
            Cells::Exploded => {
                self.values.sort_by_key(|value| value.segment);
                let keys = self.cells.clone();
                for (index, segment) in (0..).zip(&self.segments) {
                    if segment.is_innermost {
                        self.cells.copy_from_slice(&keys);
                        row_of_segment(index, &self.segments, &self.values, &mut self.cells)?;
                        take(Row::new(&self.text, &self.cells))?;
                    }
                }
                Ok(())
            }
        }
    }

    #[inline]
    fn last_span(&mut self, column: u32) -> Option<&mut Span> {
        if self.gathers {
            self.values.last_mut().map(|value| &mut value.span)
        } else {
            self.cells.get_mut(column as usize)
        }
    }
}

/// The numbers below 100, two digits each.
const PAIRS: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
                     5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Appends the number in decimal digits.
#[inline]
pub(super) fn push_decimal(number: u64, text: &mut String) {
    match number {
        0..10 => text.push(char::from(b'0' + number as u8)),
        10..100 => push_pair(number, text),
        100.. => push_long_decimal(number, text),
    }
}

#[inline(never)]
fn push_long_decimal(number: u64, text: &mut String) {
    push_decimal(number / 100, text);
    push_pair(number % 100, text);
}

/// Appends a number below 100 as two digits.
#[inline]
fn push_pair(number: u64, text: &mut String) {
    text.push_str(&PAIRS[2 * number as usize..][..2]);
}

#[cold]
fn occurs_again() -> Error {
    unplanned("an element or attribute occurs more often")
}

/// The document is not as it was when it was scanned.
pub(super) fn unplanned(what: &str) -> Error {
    let detail = format!("{what} than when the document was scanned; upload it again");
    Error::new(ErrorCode::ShapeMismatch, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: usize, cells: &Cells) -> OpenRow {
        let mut row = OpenRow::default();
        row.begin(0, 1, columns, cells);
        row
    }

    fn delivered(row: &mut OpenRow, cells: &Cells) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        let take = |row: Row<'_>| {
            rows.push(row.cells().map(|cell| cell.map(str::to_owned)).collect());
            Ok(())
        };
        row.hand_over(cells, take).unwrap();
        rows
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for number in (0..1_100).chain([9_999, 10_000, 100_000, 1_020_304_050, 1_234_567_890, u64::MAX]) {
            let mut text = String::new();
            push_decimal(number, &mut text);
            assert_eq!(text, number.to_string());
        }
    }

    #[test]
    fn cells_stand_by_column_whatever_the_order_of_writing() {
        let mut row = row(3, &Cells::Single);
        row.set(2, 0, "c").unwrap();
        row.open(0, 0).unwrap();
        row.push(0, "a ");
        row.push(0, "b \n");
        row.trim_end(0);
        assert_eq!(delivered(&mut row, &Cells::Single), [[Some("a b".to_owned()), None, Some("c".to_owned())]]);
    }

    #[test]
    fn a_second_value_is_refused_rather_than_lost() {
        let mut row = row(1, &Cells::Single);
        row.set(0, 0, "a").unwrap();
        assert_eq!(row.set(0, 0, "b").unwrap_err().code, ErrorCode::ShapeMismatch);
    }

    #[test]
    fn joined_values_escape_the_separator() {
        let cells = Cells::Joined(vec![true, false]);
        let mut row = row(2, &cells);
        for (column, value) in [(0, "a|b"), (1, r"x|y\"), (0, r"c\"), (0, "")] {
            row.set(column, 0, value).unwrap();
        }
        assert_eq!(delivered(&mut row, &cells), [[Some(r"a\|b|c\\|".to_owned()), Some(r"x|y\".to_owned())]]);
    }

    #[test]
    fn exploded_rows_state_what_stands_around_again() {
        let mut row = row(3, &Cells::Exploded);
        row.set(0, 0, "order").unwrap();
        let line = row.open_segment(0);
        row.set(1, line, "line 1").unwrap();
        for tax in ["t1", "t2"] {
            let inner = row.open_segment(line);
            row.set(2, inner, tax).unwrap();
        }
        let line = row.open_segment(0);
        row.set(1, line, "line 2").unwrap();
        let rows = delivered(&mut row, &Cells::Exploded);
        let shown: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect()).collect();
        assert_eq!(shown, [["order", "line 1", "t1"], ["order", "line 1", "t2"], ["order", "line 2", "-"]]);
    }
}
