//! Rows that lie in several parts of a document: taking the walk up in the middle, and putting such rows together.

use super::RowSink;
use super::filler::Filler;
use super::finished::{Row, Span};
use super::row::{OpenRow, unplanned};
use crate::conversion::error::Error;
use crate::conversion::options::TextMode;
use crate::conversion::plan::{Entry, NONE, Part, RowCounts};

/// What one part of a document holds of a row that other parts hold more of.
#[derive(Clone, Debug)]
pub struct RowPart {
    table: u32,
    id: u64,
    text: String,
    cells: Vec<Span>,
}

impl RowPart {
    pub(super) fn of(row: &OpenRow) -> Self {
        let (text, cells) = row.contents();
        Self { table: row.table, id: row.id, text: text.to_owned(), cells: cells.to_vec() }
    }

    /// Adds the values of a later part of the same row.
    fn extend(&mut self, later: &Self) -> Result<(), Error> {
        if (self.table, self.id) != (later.table, later.id) {
            return Err(unplanned("a part of the document begins or ends"));
        }
        let shift = self.text.len();
        self.text.push_str(&later.text);
        for (cell, more) in self.cells.iter_mut().zip(&later.cells) {
            match (*cell == Span::ABSENT, *more == Span::ABSENT) {
                (_, true) => {}
                (true, false) => *cell = Span { start: more.start + shift, end: more.end + shift },
                (false, false) => return Err(unplanned("an element or attribute occurs more often")),
            }
        }
        Ok(())
    }
}

/// The state of the second pass where a stretch ends.
#[derive(Debug)]
pub(crate) struct OpenState {
    /// Parts of rows that are open.
    pub(crate) open: Vec<RowPart>,
    /// Rows of each table that were begun.
    pub(crate) rows: RowCounts,
    /// Counters of the children of open elements.
    pub(crate) counters: Vec<u32>,
}

/// Puts rows together whose elements begin in one part of a document and end in a later one.
///
/// Give it what each part ends with, in the order of the parts, and what its sink gets by [`RowSink::rest_of_row`]; it answers with whole rows.
#[derive(Debug, Default)]
pub struct Seam {
    open: Vec<RowPart>,
}

impl Seam {
    /// Before the first part of a document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A part has ended with these rows open, the outermost first.
    ///
    /// # Errors
    /// `shape_mismatch` if the parts do not fit.
    pub fn part_ended(&mut self, open: Vec<RowPart>) -> Result<(), Error> {
        let known = self.open.len();
        if open.len() < known {
            return Err(unplanned("a part of the document ends"));
        }
        for (row, later) in self.open.iter_mut().zip(&open) {
            row.extend(later)?;
        }
        self.open.extend(open.into_iter().skip(known));
        Ok(())
    }

    /// A row that was open at the beginning of the part is complete with this; hands the whole row over.
    ///
    /// # Errors
    /// `shape_mismatch` if the parts do not fit, or what the sink answers.
    pub fn row_ended(&mut self, rest: &RowPart, sink: &mut impl RowSink) -> Result<(), Error> {
        let mut row = self.open.pop().ok_or_else(|| unplanned("a part of the document begins"))?;
        row.extend(rest)?;
        sink.row(row.table as usize, Row::new(&row.text, &row.cells))
    }
}

impl<S: RowSink> Filler<'_, S> {
    /// Begins in the middle of a document, or at its beginning.
    pub(super) fn begin_part(&mut self, label: &str, part: &Part) -> Result<(), Error> {
        self.begin_document(label);
        self.rows.set_last_ids(&part.rows);
        let Some(Entry { open, .. }) = &part.entry else { return Ok(()) };
        // Each element is opened again as it was the first time: what counted it then counts it once more.
        self.counters.fill(1);
        for element in open {
            let Some(frame) = self.frames.last() else { break };
            let around = frame.place;
            // The innermost `xml:space` around counts, which the scan has seen.
            let keeps_space = element.keeps_space || self.program.text == TextMode::Keep;
            let action = &self.program.actions[element.node as usize];
            if let Some(count) = self.counters.get_mut(around.counters as usize + action.counter as usize) {
                *count -= 1;
            }
            self.rows.forget_last(action.table);
            let place = self.place(action, around)?;
            if action.table != NONE {
                self.rows.get(place.row)?.go_on();
            }
            self.open_frame(action, place, keeps_space);
            self.counters[place.counters as usize..].copy_from_slice(&element.counters);
            if let Some(frame) = self.frames.last_mut() {
                frame.has_child = true;
            }
        }
        Ok(())
    }

    /// Begins at a guessed place in the middle of a document, before which there is what the plan knows of another place like it.
    pub(crate) fn begin_stretch(&mut self, label: &str, like: &Part) -> Result<(), Error> {
        self.begin_part(label, like)?;
        self.earlier_frames = self.frames.len();
        self.rows.let_keys_wait(self.counters.len());
        Ok(())
    }

    /// What is open where another stretch goes on: rows, the outermost first, and the counters of elements.
    pub(crate) fn end_stretch(&mut self) -> Result<OpenState, Error> {
        let rows = RowCounts(self.rows.last_ids().to_vec());
        let counters = self.counters.clone();
        let opened = self.frames.iter().filter(|frame| frame.opened_row).map(|frame| frame.place.row);
        Ok(OpenState { open: self.rows.take_open(opened)?, rows, counters })
    }

    /// Ends where another part goes on: the rows that are open there, the outermost first.
    pub(super) fn end_part(&mut self, next: &Part) -> Result<Vec<RowPart>, Error> {
        if self.rows.last_ids() != next.rows.0 {
            return Err(unplanned("there are other rows"));
        }
        let opened = self.frames.iter().filter(|frame| frame.opened_row).map(|frame| frame.place.row);
        self.rows.take_open(opened)
    }
}

/// A part of a document does not end where the next one begins.
pub(super) fn misplaced() -> Error {
    unplanned("a part of the document ends elsewhere")
}
