//! An element that is open in the second pass.

use super::prose::Prose;
use super::row::OpenRow;
use crate::conversion::error::Error;
use crate::conversion::options::{MixedContent, TextMode};
use crate::conversion::paths::{DOCUMENT, NodeId};
use crate::conversion::plan::{NONE, Special};

/// An open element. Its parts are read one by one and never copied as a whole: they were written a moment ago, and a wide load
/// of what narrow stores wrote makes the processor wait.
pub(super) struct Frame {
    pub(super) node: NodeId,
    pub(super) place: Place,
    /// The column of its text, or [`NONE`].
    pub(super) text: u32,
    pub(super) guess: usize,
    /// Its row ends with it.
    pub(super) opened_row: bool,
    pub(super) has_child: bool,
    pub(super) has_text: bool,
    pub(super) is_prose: bool,
    pub(super) is_nil: bool,
    pub(super) keeps_space: bool,
}

/// Where the values of an element go.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The row, or [`NONE`].
    pub(super) row: u32,
    /// The column that the element's own columns are counted from.
    pub(super) base: u32,
    pub(super) segment: u32,
    /// Where the counters of the element's children begin.
    pub(super) counters: u32,
}

impl Frame {
    /// What is around the root element.
    pub(super) fn document(mode: TextMode) -> Self {
        Self {
            node: DOCUMENT,
            place: Place { row: NONE, base: 0, segment: 0, counters: 0 },
            text: NONE,
            guess: 0,
            opened_row: false,
            has_child: true,
            has_text: false,
            is_prose: false,
            is_nil: false,
            keeps_space: mode == TextMode::Keep,
        }
    }

    /// Whether white space before a tag means nothing here.
    #[inline]
    pub(super) fn ignores_space(&self) -> bool {
        self.has_child || self.text == NONE || !(self.has_text || self.keeps_space)
    }

    /// Does what an attribute says about the text of its element.
    pub(super) fn heed(&mut self, special: Special, value: &str, mode: TextMode) {
        match special {
            Special::No => {}
            Special::Space => self.keeps_space = value == "preserve" || mode == TextMode::Keep,
            Special::Nil => self.is_nil = matches!(value, "true" | "1"),
        }
    }

    /// Writes a piece of the element's text. Answers how long the text is.
    #[inline]
    pub(super) fn write(&mut self, text: &str, row: &mut OpenRow) -> Result<usize, Error> {
        if !std::mem::replace(&mut self.has_text, true) {
            row.open(self.text, self.place.segment)?;
        }
        Ok(row.push(self.text, text))
    }

    /// Writes a piece of the element's text, unless that makes more than `longest` bytes. Answers whether it was written.
    #[inline]
    pub(super) fn write_within(&mut self, text: &str, longest: usize, row: &mut OpenRow) -> bool {
        let before = if self.has_text { row.length(self.text) } else { 0 };
        before + text.len() <= longest && self.write(text, row).is_ok()
    }

    /// Writes the text of an element that ends into its cell, or completes it there.
    pub(super) fn close_text(&self, row: &mut OpenRow) -> Result<(), Error> {
        if self.has_child {
            return Ok(());
        }
        match (self.has_text, self.keeps_space) {
            (true, false) => row.trim_end(self.text),
            (true, true) => {}
            // Neither text nor child: the cell is empty rather than absent.
            (false, _) if !self.is_nil => row.open(self.text, self.place.segment)?,
            (false, _) => {}
        }
        Ok(())
    }

    /// Writes the content of a prose element that ends into its cell, or completes it there.
    pub(super) fn close_prose(&self, prose: &mut Prose, mixed: MixedContent, row: &mut OpenRow) -> Result<(), Error> {
        let content = prose.close();
        let is_there = self.has_text;
        if self.is_nil && content.is_empty() && !is_there {
            return Ok(());
        }
        if !is_there {
            row.open(self.text, self.place.segment)?;
            row.push(self.text, content);
        }
        if !self.keeps_space && mixed == MixedContent::Text {
            row.collapse(self.text, &mut prose.collapser);
        }
        Ok(())
    }
}
