//! What the parser tells the passes: the seam between tokens and tables.
//!
//! The parser calls a [`Handler`] with slices borrowed from its own window, valid for that call only. Calls come in document
//! order and well nested; when a call has been made, the construct it reports is complete and well-formed. Static dispatch, no
//! allocation for an event.

use super::names::NameId;
use super::namespaces::Namespaces;
use super::resume::ResumePoint;
use crate::conversion::error::{Error, Position};

/// One attribute of a start tag; the value is normalised as XML 1.0 section 3.3.3 says (references resolved, white space).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The name as written, prefix included.
    pub name: &'a str,
    /// The normalised value.
    pub value: &'a str,
    /// The number of the name.
    pub name_id: NameId,
}

/// A start tag, or an empty-element tag (for which [`Handler::end`] follows at once).
#[derive(Clone, Copy, Debug)]
pub struct StartTag<'a> {
    /// The name as written, prefix included.
    pub name: &'a str,
    /// The number of the name.
    pub name_id: NameId,
    /// All attributes in document order, declarations of namespaces and DTD defaults included.
    pub attributes: &'a [Attribute<'a>],
    /// Namespace bindings in scope inside this element. `namespaces.context()` is equal for two tags only if the bindings
    /// in scope are the same, so `(name_id, context)` may stand for the expanded name in a look-up.
    pub namespaces: &'a Namespaces,
}

/// Receives a document. An `Err` stops the parser, which returns it unchanged.
pub trait Handler {
    /// A whole element: without attributes, with one text and nothing else in it. A handler that can take it in one step does so
    /// and answers `true`; otherwise the element comes by [`Handler::start`], [`Handler::text`] and [`Handler::end`], as it always
    /// does where the window cuts it.
    #[inline]
    fn leaf(&mut self, tag: &StartTag<'_>, text: &str) -> bool {
        let _ = (tag, text);
        false
    }

    /// White space right before a tag, never empty. A handler to which it means nothing here answers `true`; otherwise it comes by
    /// [`Handler::text`].
    #[inline]
    fn blank(&mut self) -> bool {
        false
    }

    /// An element starts. `at` gives the place of its `<` on demand.
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error>;

    /// Character data of the innermost open element: references resolved, line ends normalised, CDATA included. One run of text
    /// may arrive in several calls (a reference, a CDATA section, a comment or the end of the window splits it), never empty.
    fn text(&mut self, text: &str, at: &dyn Locate) -> Result<(), Error>;

    /// The innermost open element ends.
    fn end(&mut self, at: &dyn Locate) -> Result<(), Error>;

    /// A place that was asked for by [`Parser::want_resume_point`](super::Parser::want_resume_point): the element that ended last, and
    /// nothing behind it, has been reported.
    fn resume_point(&mut self, _point: ResumePoint) -> Result<(), Error> {
        Ok(())
    }
}

/// Gives the place of the event that is being reported; computed only when asked for.
pub trait Locate {
    /// The position of the event's first character.
    fn position(&self) -> Position;
}
