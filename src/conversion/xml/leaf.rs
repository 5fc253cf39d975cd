//! Elements with nothing but text in them: most of what data is made of, and so read in one step.

use super::document::Document;
use super::handler::Handler;
use super::position::{Returns, View};
use super::scan::{Ahead, find_markup};
use super::tag::Opening;
use crate::conversion::error::Error;

/// An element with nothing but text in it: offsets of the text, of the end tag, and after that.
pub(super) struct Leaf<'t> {
    text: &'t str,
    from: usize,
    end_tag: usize,
    end: usize,
}

impl Document {
    /// Sees whether there is nothing but text between the start tag that ends before `from` and its end tag.
    #[inline(always)]
    pub(super) fn find_leaf<'t>(
        &self,
        opening: &Opening<'_>,
        window: &'t str,
        from: usize,
        ahead: &mut Ahead,
    ) -> Option<Leaf<'t>> {
        let bytes = window.as_bytes();
        let end = find_markup(bytes, from);
        if end == from || bytes.get(end + 1) != Some(&b'/') {
            return None;
        }
        let bracket = self.elements.names.find_before_bracket(opening.id, bytes, end + 2)?;
        let is_plain = ahead.returns() == Returns::Absent
            && ahead.ampersand(bytes, from) >= end
            && ahead.section_end(bytes, from) >= end;
        let is_within_limits =
            bracket + 1 - from <= self.limits.token_bytes && self.elements.depth() < self.limits.depth;
        if is_plain && is_within_limits {
            Some(Leaf { text: &window[from..end], from, end_tag: end, end: bracket + 1 })
        } else {
            None
        }
    }

    /// Reports an element that holds nothing but text, and answers where it ends.
    #[inline(always)]
    pub(super) fn leaf<H: Handler>(
        &mut self,
        handler: &mut H,
        opening: &Opening<'_>,
        leaf: &Leaf<'_>,
        view: View<'_>,
    ) -> Result<usize, Error> {
        if handler.leaf(&opening.tag(&self.elements.namespaces), leaf.text) {
            self.elements.pass(opening.id);
            return Ok(leaf.end);
        }
        opening.open(handler, &mut self.elements, &self.lines, &self.limits, view)?;
        self.report(handler, leaf.text, leaf.from, view)?;
        self.close(handler, leaf.end_tag, leaf.end, view)
    }
}
