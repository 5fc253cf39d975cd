//! The first pass itself: feeds a document through the parser and counts.

use super::checkpoint::Pace;
use super::counter::Counter;
use super::{Scan, Shape, Stats};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;
use crate::conversion::xml::{Finished, Handler, Parser, ParserOptions};

/// Scans one document: feed it in pieces of any size, then finish.
pub struct Scanner {
    parser: Parser<Counter>,
    pace: Option<Pace>,
    options: ParserOptions,
}

impl Scanner {
    /// A scanner for one document, with the default options of the parser.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self::with_options(limits, ParserOptions::default())
    }

    /// A scanner for one document. The shape remembers the options, so that the document is read the same way again.
    #[must_use]
    pub fn with_options(limits: &Limits, options: ParserOptions) -> Self {
        Self { parser: Parser::with_options(Counter::new(limits), limits, options), options, pace: None }
    }

    /// Also notes a [`Checkpoint`](super::Checkpoint) about every `spacing` bytes, so that several can work on the document later.
    #[must_use]
    pub fn with_checkpoints(self, spacing: u64) -> Self {
        Self { pace: Some(Pace::new(spacing)), ..self }
    }

    /// Takes the next bytes of the document.
    ///
    /// # Errors
    /// The document is not well-formed, or beyond a limit.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        feed_at(&mut self.pace, &mut self.parser, bytes)
    }

    /// The document is complete.
    ///
    /// # Errors
    /// As for [`Scanner::feed`]; a document that just stops is `xml_truncated` or `xml_empty`.
    pub fn finish(self) -> Result<Shape, Error> {
        self.finish_scan().map(|scan| scan.shape)
    }

    /// The shape of what was read until now, of a document that is at fault or not complete; `None` before its first element. For a look at
    /// what there is: rows are only those that are complete before the fault.
    #[must_use]
    pub fn so_far(self) -> Option<Shape> {
        let options = self.options;
        let mut counter = self.parser.into_handler();
        if counter.tree.nodes.len() < 2 {
            return None;
        }
        counter.count_recursions();
        Some(Shape::of_document(counter.tree, counter.stats, options))
    }

    /// The document is complete; its shape and its checkpoints.
    ///
    /// # Errors
    /// As for [`Scanner::finish`].
    pub fn finish_scan(self) -> Result<Scan, Error> {
        let Finished { handler, skipped_references } = self.parser.finish_counting()?;
        handler.into_scan(self.options, skipped_references)
    }
}

/// Feeds a parser whose handler counts, and asks for checkpoints on the way.
pub(crate) fn feed_at<H: Handler + AsRef<Counter>>(
    pace: &mut Option<Pace>,
    parser: &mut Parser<H>,
    bytes: &[u8],
) -> Result<(), Error> {
    let Some(pace) = pace else { return parser.feed(bytes) };
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(pace.step(rest.len()));
        let known = parser.handler().as_ref().checkpoints.len();
        parser.feed(piece)?;
        let reached = parser.handler().as_ref().checkpoints[known..].last();
        if let Some(depth) = pace.advance(piece.len(), reached) {
            parser.want_resume_point(depth);
        }
        rest = behind;
    }
    Ok(())
}

impl AsRef<Counter> for Counter {
    fn as_ref(&self) -> &Counter {
        self
    }
}

impl Counter {
    /// The whole document was counted.
    ///
    /// # Errors
    /// `xml_empty` if it has no element.
    pub(crate) fn into_scan(mut self, options: ParserOptions, skipped_references: u64) -> Result<Scan, Error> {
        if self.tree.nodes.len() < 2 {
            return Err(Error::new(ErrorCode::XmlEmpty, "the document has no element"));
        }
        self.count_recursions();
        self.stats.iter_mut().for_each(Stats::settle);
        let shape = Shape { skipped_references, ..Shape::of_document(self.tree, self.stats, options) };
        Ok(Scan { shape, checkpoints: self.checkpoints })
    }
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").finish_non_exhaustive()
    }
}
