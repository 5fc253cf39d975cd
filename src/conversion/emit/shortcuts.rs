//! The usual, in few steps: an element that is one cell, and attributes in the order of the last time. What is unusual is left to
//! the general way, with nothing changed.

use super::RowSink;
use super::filler::Filler;
use super::frame::Place;
use crate::conversion::options::MixedContent;
use crate::conversion::paths::{NodeId, Step};
use crate::conversion::plan::{NONE, Special};
use crate::conversion::whitespace::trim;
use crate::conversion::xml::StartTag;

impl<S: RowSink> Filler<'_, S> {
    /// Takes an element with nothing but text if that makes one cell, or a part of prose. Nothing has changed after `false`.
    #[inline]
    pub(super) fn take_leaf(&mut self, tag: &StartTag<'_>, text: &str) -> bool {
        self.take_leaf_at(tag, text, None)
    }

    /// The same, where somebody may know already which path it is.
    #[inline]
    pub(crate) fn take_leaf_at(&mut self, tag: &StartTag<'_>, text: &str, path: Option<NodeId>) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        if self.prose.is_open() {
            if self.prose.is_direct() {
                // What is too long is refused there.
                return self
                    .rows
                    .slot(frame.place.row)
                    .is_some_and(|row| frame.write_within(text, self.longest_text, row));
            }
            let is_text = self.program.mixed == MixedContent::Text
                && (self.skipped > 0 || !self.program.actions[frame.node as usize].attributed);
            return is_text && self.prose.push_within(text, self.longest_text);
        }
        let look_up = || self.cache.element(frame.node, tag.name_id, tag.namespaces.context(), &mut frame.guess);
        let Some(id) = path.or_else(look_up) else { return false };
        let action = &self.program.actions[id as usize];
        if !action.is_cell || (frame.has_text && !frame.has_child) {
            return false;
        }
        let around = frame.place;
        let Some(row) = self.rows.slot(around.row) else { return false };
        let text = if frame.keeps_space { text } else { trim(text) };
        let counted = count_at(around.counters, action.counter);
        let occurrence = counted.map_or(1, |at| self.counters[at].saturating_add(1));
        if occurrence > action.most || text.len() > self.longest_text {
            return false;
        }
        let column = around.base + action.start + (occurrence - 1) * action.stride + action.text;
        if !row.set_if_absent(column, around.segment, text) {
            return false;
        }
        frame.has_child = true;
        if let Some(at) = counted {
            self.counters[at] = occurrence;
        }
        true
    }

    /// Writes the attributes that come in their usual order and say nothing beside their values. Answers how many that were.
    pub(super) fn write_usual_attributes(&mut self, node: NodeId, place: Place, tag: &StartTag<'_>) -> usize {
        let Some(row) = self.rows.slot(place.row) else { return 0 };
        let mut count = 0;
        for (step, value) in self.cache.attributes(node, tag) {
            if let Step::To(id) = step {
                let action = &self.program.actions[id as usize];
                let is_special = action.special != Special::No;
                if is_special || !row.set_if_absent(place.base + action.start, place.segment, value) {
                    break;
                }
            }
            count += 1;
        }
        count
    }
}

/// The place of a counter, if the element is counted.
#[inline]
pub(super) fn count_at(counters: u32, counter: u32) -> Option<usize> {
    (counter != NONE).then_some(counters as usize + counter as usize)
}
