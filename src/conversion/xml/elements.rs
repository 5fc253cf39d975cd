//! The elements that are open, with their names, places and namespaces.

use super::chars::ScannedName;
use super::fault::excerpt;
use super::names::{After, Found, NameId, Names, Spot};
use super::namespaces::Namespaces;
use super::options::NamespaceRules;
use super::position::{Lines, Opened};
use crate::conversion::error::Position;

/// The stack of open elements.
#[derive(Debug, Default)]
pub(super) struct Elements {
    open: Vec<OpenElement>,
    pub(super) names: Names,
    /// The names of the open elements that have no number, one after the other.
    unknown: String,
    /// Where the next tag stands.
    spot: Spot,
    /// So many of the open elements lie outside of the entity that is being replaced.
    floor: usize,
    pub(super) namespaces: Namespaces,
}

#[derive(Debug)]
struct OpenElement {
    name: NameId,
    /// Where its name begins in `unknown`, or would.
    name_start: usize,
    opened: Opened,
    bindings: Bindings,
}

/// Whether an element changed the namespace bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bindings {
    Unchanged,
    Changed,
}

impl Elements {
    pub(super) fn new(rules: NamespaceRules) -> Self {
        Self { namespaces: Namespaces::by(rules), ..Self::default() }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The name of the innermost element that may be closed here: none outside of the entity that is being replaced.
    #[inline]
    pub(super) fn innermost(&self) -> Option<&str> {
        if self.open.len() <= self.floor {
            return None;
        }
        self.open.last().map(|element| self.name_of(element))
    }

    fn name_of(&self, element: &OpenElement) -> &str {
        self.names.text(element.name).unwrap_or(&self.unknown[element.name_start..])
    }

    /// The name of the tag that is likely here, if it stands at `at`.
    #[inline(always)]
    pub(super) fn guess(&mut self, bytes: &[u8], at: usize) -> Option<Found> {
        self.names.guess(self.spot, bytes, at)
    }

    /// Remembers the name of a tag that was not guessed.
    pub(super) fn learn(&mut self, name: &str, scanned: ScannedName) -> Found {
        self.names.learn(self.spot, name, scanned)
    }

    /// The offset of the `>` if the name of the innermost element stands at `at` right before it, and may be closed here.
    #[inline]
    pub(super) fn find_end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        if self.open.len() <= self.floor {
            return None;
        }
        self.names.find_before_bracket(self.open.last()?.name, bytes, at)
    }

    #[inline]
    pub(super) fn push(&mut self, name: &str, id: NameId, window_offset: usize, bindings: Bindings) {
        let opened = Opened::InWindow(window_offset);
        self.open.push(OpenElement { name: id, name_start: self.unknown.len(), opened, bindings });
        if id == NameId::UNKNOWN {
            self.unknown.push_str(name);
        }
        self.spot = Spot::new(id, After::Start);
    }

    /// An element was opened and closed in one step.
    #[inline]
    pub(super) fn pass(&mut self, id: NameId) {
        self.spot = Spot::new(id, After::End);
    }

    /// Adds an element that was opened at a place read elsewhere.
    pub(super) fn push_earlier(&mut self, name: &str, opened: Position, bindings: Bindings) {
        let id = self.names.id(name);
        self.push(name, id, 0, bindings);
        if let Some(element) = self.open.last_mut() {
            element.opened = Opened::Earlier(opened);
        }
    }

    /// The open elements from the root on: names as written, places, and whether they changed the bindings.
    pub(super) fn open_elements(&self) -> impl Iterator<Item = (&str, Opened, Bindings)> {
        self.open.iter().zip(self.open_names()).map(|(element, name)| (name, element.opened, element.bindings))
    }

    /// The names of the open elements as written, from the root on.
    pub(super) fn open_names(&self) -> impl Iterator<Item = &str> {
        let ends = self.open.iter().skip(1).map(|element| element.name_start).chain([self.unknown.len()]);
        let name = |(element, end): (&OpenElement, usize)| (element.name, element.name_start..end);
        self.open.iter().zip(ends).map(name).map(|(id, range)| self.names.text(id).unwrap_or(&self.unknown[range]))
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        let Some(OpenElement { name, name_start, bindings, .. }) = self.open.pop() else { return };
        if name == NameId::UNKNOWN {
            self.unknown.truncate(name_start);
        }
        if bindings == Bindings::Changed {
            self.namespaces.leave();
        }
        self.spot = Spot::new(name, After::End);
    }

    /// Begins the replacement of an entity, which may close only what it opens; answers what to give to [`Self::lower_floor`].
    pub(super) fn raise_floor(&mut self) -> usize {
        std::mem::replace(&mut self.floor, self.open.len())
    }

    /// Ends the replacement of an entity.
    pub(super) fn lower_floor(&mut self, before: usize) {
        self.floor = before;
    }

    /// The innermost element and its place, for a message.
    pub(super) fn describe_innermost(&self, lines: &Lines, window: &str) -> String {
        match self.open.last() {
            None => "the root element".to_owned(),
            Some(element) => {
                let name = excerpt(self.name_of(element));
                let position = element.opened.position(lines, window);
                format!("<{name}> opened at line {}, column {}", position.line, position.column)
            }
        }
    }

    /// Works out the places of the elements opened in this window that stay open when it goes.
    pub(super) fn settle(&mut self, lines: &Lines, window: &str) {
        let is_new = |element: &&mut OpenElement| matches!(element.opened, Opened::InWindow(_));
        let new = self.open.iter_mut().rev().take_while(is_new).count();
        let settled = self.open.len() - new;
        for element in &mut self.open[settled..] {
            element.opened = Opened::Earlier(element.opened.position(lines, window));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chars::scan_name;
    use super::*;

    fn open(elements: &mut Elements, name: &str, window_offset: usize) {
        let id = elements.learn(name, scan_name(name.as_bytes(), 0)).id;
        elements.push(name, id, window_offset, Bindings::Unchanged);
    }

    #[test]
    fn names_come_back_in_reverse_order() {
        let mut elements = Elements::default();
        open(&mut elements, "a", 0);
        open(&mut elements, "b:c", 3);
        assert_eq!((elements.innermost(), elements.depth()), (Some("b:c"), 2));
        elements.pop();
        assert_eq!(elements.innermost(), Some("a"));
        elements.pop();
        assert_eq!((elements.innermost(), elements.is_empty()), (None, true));
    }

    #[test]
    fn names_without_a_number_are_kept_as_long_as_their_elements_are_open() {
        let mut elements = Elements::default();
        for name in ["first", "second"] {
            elements.push(name, NameId::UNKNOWN, 0, Bindings::Unchanged);
        }
        assert_eq!((elements.innermost(), elements.find_end(b"second>         ", 0)), (Some("second"), None));
        elements.pop();
        assert_eq!(elements.innermost(), Some("first"));
        open(&mut elements, "third", 0);
        assert_eq!((elements.innermost(), elements.find_end(b"third>          ", 0)), (Some("third"), Some(5)));
    }

    #[test]
    fn an_entity_cannot_close_what_lies_outside_of_it() {
        let mut elements = Elements::default();
        open(&mut elements, "a", 0);
        let before = elements.raise_floor();
        assert_eq!(elements.innermost(), None);
        open(&mut elements, "b", 0);
        assert_eq!(elements.innermost(), Some("b"));
        elements.pop();
        elements.lower_floor(before);
        assert_eq!(elements.innermost(), Some("a"));
    }

    #[test]
    fn places_outlive_the_window() {
        let mut elements = Elements::default();
        let mut lines = Lines::new();
        let window = "\n\n  <a>\n<b>";
        open(&mut elements, "a", 4);
        open(&mut elements, "b", 8);
        elements.settle(&lines, window);
        lines.advance(window, window.len());
        assert_eq!(elements.describe_innermost(&lines, ""), "<b> opened at line 4, column 1");
        elements.pop();
        assert_eq!(elements.describe_innermost(&lines, ""), "<a> opened at line 3, column 3");
    }
}
