//! Taking a document up in its middle: where that is possible, and what has to be known there.

use serde::{Deserialize, Serialize};

use super::document::{Document, Part};
use super::elements::{Bindings, Elements};
use super::handler::Handler;
use super::options::ParserOptions;
use super::position::{Lines, View};
use crate::conversion::error::{Error, Position};
use crate::conversion::limits::Limits;

/// A place right behind the end of an element, with all that a parser has to know to go on from there.
///
/// There is none in documents with a DOCTYPE, whose declarations would have to be known as well, and none in documents that are not
/// UTF-8, of whose bytes the parser does not know which became which character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumePoint {
    /// Offset in the bytes of the document, byte order mark included.
    pub(super) offset: u64,
    pub(super) position: Position,
    /// Open elements, the root first.
    open: Vec<OpenTag>,
}

/// An open element: its name as written, where it starts, and the namespaces that it declares as pairs of prefix and URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenTag {
    name: Box<str>,
    opened: Position,
    declared: Vec<(Box<str>, Box<str>)>,
}

impl ResumePoint {
    /// Offset in the bytes of the document, byte order mark included.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes that the point takes in memory, nearly.
    #[must_use]
    pub fn weight(&self) -> usize {
        let declared =
            |tag: &OpenTag| tag.declared.iter().map(|(prefix, uri)| 32 + prefix.len() + uri.len()).sum::<usize>();
        self.open.iter().map(|tag| size_of::<OpenTag>() + tag.name.len() + declared(tag)).sum::<usize>()
            + size_of::<Self>()
    }
}

/// Places behind a tag, for who looks for one without reading what stands before it.
impl ResumePoint {
    /// A place at another offset inside the same elements. The line and column are not those of the document but counted from the place.
    pub(crate) fn moved_to(&self, offset: u64) -> Self {
        let byte = offset - (self.offset - self.position.byte);
        Self { offset, position: Position { byte, line: 1, column: 1 }, open: self.open.clone() }
    }

    /// Whether the same elements are open at both places: not others of the same names.
    pub(crate) fn is_inside_same(&self, other: &Self) -> bool {
        self.open == other.open
    }

    /// This place, whose line and column count from the place `before`.
    pub(crate) fn counted_from(mut self, before: &Self) -> Self {
        let Position { line, column, .. } = self.position;
        let before = before.position;
        self.position.line = before.line + line - 1;
        self.position.column = if line == 1 { before.column + column - 1 } else { column };
        self
    }
}

impl Document {
    /// A document of which everything up to `point` was read elsewhere.
    pub(super) fn resumed(limits: &Limits, options: ParserOptions, point: &ResumePoint) -> Self {
        let mut document = Self::new(limits, options);
        document.lines = Lines::starting_at(point.position);
        document.part = Part::Content;
        document.has_markup = true;
        document.mark_length = point.offset - point.position.byte;
        for tag in &point.open {
            let declared = tag.declared.iter().map(|(prefix, uri)| (&**prefix, &**uri));
            // The declarations were found good when they were read for the first time.
            let changed = document.elements.namespaces.enter(declared).unwrap_or(false);
            let bindings = if changed { Bindings::Changed } else { Bindings::Unchanged };
            document.elements.push_earlier(&tag.name, tag.opened, bindings);
        }
        document
    }

    /// Whether the document can be taken up somewhere in what is still to be read.
    pub(super) fn can_be_resumed(&self) -> bool {
        self.encoding == encoding_rs::UTF_8 && !self.has_doctype && self.part == Part::Content
    }

    /// The place that was reached, if all of the window was read and the document can be taken up there.
    pub(super) fn reached(&self) -> Option<ResumePoint> {
        let is_between_tags = self.section.is_none() && self.can_be_resumed();
        let position = self.lines.position("", 0);
        let open = || open_tags(&self.elements, &self.lines, View::of_window(""));
        is_between_tags.then(|| ResumePoint { offset: position.byte + self.mark_length, position, open: open() })
    }

    /// Tells the handler of the place behind the token from `start` to `end`, if that ended an element.
    #[cold]
    pub(super) fn mark<H: Handler>(
        &mut self,
        handler: &mut H,
        view: View<'_>,
        start: usize,
        end: usize,
    ) -> Result<(), Error> {
        if view.is_replacement() {
            return Ok(());
        }
        let token = &view.window()[start..end];
        let is_tag = !token.starts_with("<!") && !token.starts_with("<?");
        // An end tag, an empty element, or an element that was read in one step.
        let ends_element = is_tag && (token.ends_with("/>") || token.contains("</"));
        if !ends_element {
            return Ok(());
        }
        self.wanted_depth = 0;
        let position = self.lines.position(view.window(), end);
        let offset = position.byte + self.mark_length;
        handler.resume_point(ResumePoint { offset, position, open: open_tags(&self.elements, &self.lines, view) })
    }
}

fn open_tags(elements: &Elements, lines: &Lines, view: View<'_>) -> Vec<OpenTag> {
    let mut scopes = 0;
    let mut tags = Vec::with_capacity(elements.depth());
    for (name, opened, bindings) in elements.open_elements() {
        let mut declared = Vec::new();
        if bindings == Bindings::Changed {
            let made = elements.namespaces.declared(scopes);
            declared.extend(made.map(|(prefix, uri)| (prefix.into(), uri.into())));
            scopes += 1;
        }
        tags.push(OpenTag { name: name.into(), opened: opened.position(lines, view.window()), declared });
    }
    tags
}
