//! The document as a whole: what may come where, and what is remembered from one window to the next.
//!
//! [`Document::run`] takes a window of text and reports every token that is complete in it. A token is judged only by its own
//! text, and never before enough of it is there to be sure, so the events and errors do not depend on how windows are cut.

use encoding_rs::Encoding;

use super::chars::is_space;
use super::dtd::Dtd;
use super::elements::Elements;
use super::entities::Expansion;
use super::fault::Fault;
use super::handler::Handler;
use super::options::ParserOptions;
use super::position::{Lines, Returns, View};
use super::scan::Ahead;
use super::section::Section;
use super::tag::TagBuffers;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

/// Whether more text may follow the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// More may follow: what is not complete stays for the next window.
    More,
    /// Nothing follows.
    Last,
}

/// The part of the document that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing has been read: an XML declaration may come.
    Start,
    /// Before the root element.
    Prolog,
    /// After `<!DOCTYPE`.
    DoctypeHead,
    /// After the `[` of the DOCTYPE.
    InternalSubset,
    /// After the `]` of the DOCTYPE.
    DoctypeTail,
    /// Inside the root element.
    Content,
    /// After the root element.
    Epilog,
}

/// The state of one document.
pub(super) struct Document {
    pub(super) limits: Limits,
    pub(super) options: ParserOptions,
    pub(super) lines: Lines,
    pub(super) elements: Elements,
    pub(super) dtd: Dtd,
    pub(super) expansion: Expansion,
    pub(super) tag_buffers: TagBuffers,
    /// The comment, processing instruction or CDATA section that the last window ended in.
    pub(super) section: Option<Section>,
    /// Bytes of the run of text that is being read.
    pub(super) run_bytes: usize,
    /// Room for text whose line ends are normalised.
    pub(super) normalised: String,
    pub(super) part: Part,
    pub(super) has_doctype: bool,
    pub(super) has_markup: bool,
    /// Offset in the document of `<!DOCTYPE`.
    pub(super) doctype_start: u64,
    /// What the document is decoded from.
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(super) mark_length: u64,
    /// The handler wants to know of the end of an element inside so many others, or fewer; 0 if it does not.
    pub(super) wanted_depth: usize,
}

impl Document {
    pub(super) fn new(limits: &Limits, options: ParserOptions) -> Self {
        Self {
            limits: *limits,
            options,
            lines: Lines::new(),
            elements: Elements::new(options.namespace_rules),
            dtd: Dtd::new(options),
            expansion: Expansion::new(limits),
            tag_buffers: TagBuffers::default(),
            section: None,
            run_bytes: 0,
            normalised: String::new(),
            part: Part::Start,
            has_doctype: false,
            has_markup: false,
            doctype_start: 0,
            encoding: encoding_rs::UTF_8,
            mark_length: 0,
            wanted_depth: 0,
        }
    }

    /// Reports what is complete in `window`, and answers how many bytes that was; the rest is to come again, with more behind it.
    pub(super) fn run<H: Handler>(&mut self, handler: &mut H, window: &str, edge: Edge) -> Result<usize, Error> {
        self.run_knowing(Returns::of(window), handler, window, edge)
    }

    /// The same, where it is known already whether the window holds carriage returns.
    pub(super) fn run_knowing<H: Handler>(
        &mut self,
        returns: Returns,
        handler: &mut H,
        window: &str,
        edge: Edge,
    ) -> Result<usize, Error> {
        self.lines.enter(returns);
        let consumed = self.run_parts(handler, window, edge)?;
        if window.len() - consumed > self.limits.token_bytes {
            return Err(self.too_long(window, consumed));
        }
        self.elements.settle(&self.lines, window);
        if let Some(section) = &mut self.section {
            section.settle(&self.lines, window);
        }
        self.lines.advance(window, consumed);
        Ok(consumed)
    }

    fn run_parts<H: Handler>(&mut self, handler: &mut H, window: &str, edge: Edge) -> Result<usize, Error> {
        let view = View::of_window(window);
        let mut at = 0;
        if self.section.is_some() && !matches!(self.part, Part::InternalSubset) {
            at = self.continue_section(handler, window, at, view)?;
        }
        while self.section.is_none() || self.part == Part::InternalSubset {
            let part = self.part;
            at = match part {
                Part::Start => self.start(window, edge)?,
                Part::Prolog => self.prolog(handler, window, at, view)?,
                Part::DoctypeHead | Part::InternalSubset | Part::DoctypeTail => self.doctype(handler, window, at)?,
                Part::Content => {
                    let mut ahead = Ahead::in_document(window, self.lines.returns());
                    let reached = self.content(handler, window, at, view, edge, &mut ahead)?;
                    if self.elements.is_empty() && reached > at {
                        self.part = Part::Epilog;
                    }
                    reached
                }
                Part::Epilog => self.epilog(handler, window, at, view)?,
            };
            if self.part == part {
                break;
            }
        }
        Ok(at)
    }

    /// What is wrong when the document ends here, with `rest` left that is no complete token.
    pub(super) fn check_end(&self, rest: &str) -> Result<(), Error> {
        if self.part == Part::Epilog && rest.is_empty() && self.section.is_none() {
            return Ok(());
        }
        let end = self.lines.position(rest, rest.len());
        if !self.has_markup && rest.bytes().all(is_space) {
            let detail = "the document is empty; an XML document needs at least a root element";
            return Err(Error::at(ErrorCode::XmlEmpty, end, detail));
        }
        let truncated = |at, detail: String| Err(Error::at(ErrorCode::XmlTruncated, at, detail));
        if let Some(section) = &self.section {
            let (kind, opened) = (section.kind.name(), section.opened_at(&self.lines, rest));
            let (line, column) = (opened.line, opened.column);
            return truncated(
                end,
                format!(
                    "the document ends inside the {kind} opened at line {line}, column {column}; see whether its end was cut off"
                ),
            );
        }
        if !rest.is_empty() {
            let kind = if rest.starts_with('&') { "a reference" } else { "markup" };
            return truncated(
                self.lines.position(rest, 0),
                format!("the document ends inside {kind} that starts here; see whether its end was cut off"),
            );
        }
        match self.part {
            Part::DoctypeHead | Part::InternalSubset | Part::DoctypeTail => {
                truncated(end, "the document ends inside its DOCTYPE; see whether its end was cut off".to_owned())
            }
            Part::Content => {
                let innermost = self.elements.describe_innermost(&self.lines, rest);
                truncated(
                    end,
                    format!("the document ends before {innermost} is closed; see whether its end was cut off"),
                )
            }
            _ => Err(Error::at(ErrorCode::XmlNotWellFormed, end, "the document has no root element; add one")),
        }
    }

    /// The text up to the longest token that may start at `at`.
    #[inline]
    pub(super) fn within_limit<'t>(&self, text: &'t str, at: usize) -> &'t str {
        if text.len() - at <= self.limits.token_bytes {
            return text;
        }
        &text[..text.floor_char_boundary(at + self.limits.token_bytes)]
    }

    #[cold]
    pub(super) fn malformed(&self, view: View<'_>, at: usize, detail: impl Into<String>) -> Error {
        self.lines.error(view, Fault::malformed(at, detail))
    }

    #[cold]
    fn too_long(&self, window: &str, at: usize) -> Error {
        let limit = self.limits.token_bytes;
        // No more of it than any way of cutting the document lets be seen here.
        let start = &window[at..window.floor_char_boundary(at + limit.min(20))];
        let detail = format!(
            "the markup that starts here with {start} is longer than {limit} bytes, which is the limit; \
             shorten it, or raise the limit on tokens"
        );
        Error::at(ErrorCode::XmlTokenTooLong, self.lines.position(window, at), detail)
    }
}
