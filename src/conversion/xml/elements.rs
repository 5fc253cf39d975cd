//! The elements that are open, with their names, places and namespaces.

use super::fault::excerpt;
use super::namespaces::Namespaces;
use super::options::NamespaceRules;
use super::position::{Lines, Opened};
use crate::conversion::error::Position;

/// The stack of open elements.
#[derive(Debug, Default)]
pub(super) struct Elements {
    open: Vec<OpenElement>,
    /// The names of the open elements, one after the other.
    names: String,
    /// So many of the open elements lie outside of the entity that is being replaced.
    floor: usize,
    pub(super) namespaces: Namespaces,
}

#[derive(Debug)]
struct OpenElement {
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
        self.open.last().map(|element| &self.names[element.name_start..])
    }

    #[inline]
    pub(super) fn push(&mut self, name: &str, window_offset: usize, bindings: Bindings) {
        let opened = Opened::InWindow(window_offset);
        self.open.push(OpenElement { name_start: self.names.len(), opened, bindings });
        self.names.push_str(name);
    }

    /// Adds an element that was opened at a place read elsewhere.
    pub(super) fn push_earlier(&mut self, name: &str, opened: Position, bindings: Bindings) {
        self.open.push(OpenElement { name_start: self.names.len(), opened: Opened::Earlier(opened), bindings });
        self.names.push_str(name);
    }

    /// The open elements from the root on: names as written, places, and whether they changed the bindings.
    pub(super) fn open_elements(&self) -> impl Iterator<Item = (&str, Opened, Bindings)> {
        self.open.iter().zip(self.names()).map(|(element, name)| (name, element.opened, element.bindings))
    }

    /// The names of the open elements as written, from the root on.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let ends = self.open.iter().skip(1).map(|element| element.name_start).chain([self.names.len()]);
        self.open.iter().zip(ends).map(|(element, end)| &self.names[element.name_start..end])
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        if let Some(element) = self.open.pop() {
            self.names.truncate(element.name_start);
            if element.bindings == Bindings::Changed {
                self.namespaces.leave();
            }
        }
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
                let name = excerpt(&self.names[element.name_start..]);
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
    use super::*;

    #[test]
    fn names_come_back_in_reverse_order() {
        let mut elements = Elements::default();
        elements.push("a", 0, Bindings::Unchanged);
        elements.push("b:c", 3, Bindings::Unchanged);
        assert_eq!((elements.innermost(), elements.depth()), (Some("b:c"), 2));
        elements.pop();
        assert_eq!(elements.innermost(), Some("a"));
        elements.pop();
        assert_eq!((elements.innermost(), elements.is_empty()), (None, true));
    }

    #[test]
    fn an_entity_cannot_close_what_lies_outside_of_it() {
        let mut elements = Elements::default();
        elements.push("a", 0, Bindings::Unchanged);
        let before = elements.raise_floor();
        assert_eq!(elements.innermost(), None);
        elements.push("b", 0, Bindings::Unchanged);
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
        elements.push("a", 4, Bindings::Unchanged);
        elements.push("b", 8, Bindings::Unchanged);
        elements.settle(&lines, window);
        lines.advance(window, window.len());
        assert_eq!(elements.describe_innermost(&lines, ""), "<b> opened at line 4, column 1");
        elements.pop();
        assert_eq!(elements.describe_innermost(&lines, ""), "<a> opened at line 3, column 3");
    }
}
