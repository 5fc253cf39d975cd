//! Both passes in one: a document fills the tables of a plan that was made from a sample of it, and is counted meanwhile. What was counted
//! tells at the end whether the plan was right; where it was not, the rows are of no use and a second pass follows.
//!
//! Several can read stretches of one document at once, each from a place that was only guessed: its [`Joint`] proves the guesses.

mod both;
mod joint;
mod stretch;

pub use joint::{Filled, Joint, Misfit};
pub use stretch::{Stretch, StretchEnd};

use both::Both;

use super::emit::{Filler, RowSink};
use super::error::Error;
use super::plan::Plan;
use super::shape::{Counter, Pace, Scan, feed_at};
use super::xml::Parser;

/// Reads one document, from its beginning to its end.
pub struct SinglePass<'p, S: RowSink> {
    parser: Parser<Both<'p, S>>,
    pace: Option<Pace>,
    plan: &'p Plan,
}

impl<'p, S: RowSink> SinglePass<'p, S> {
    /// Begins the document with that label in `_document`, under a plan that is a guess.
    pub fn new(plan: &'p Plan, label: &str, sink: S) -> Self {
        let mut filler = Filler::new(&plan.program, plan.limits.token_bytes, sink);
        filler.begin_document(label);
        let both = Both::new(Counter::new(&plan.limits), Some(filler));
        Self { parser: Parser::with_options(both, &plan.limits, plan.parser), pace: None, plan }
    }

    /// Also notes checkpoints, as [`Scanner::with_checkpoints`](super::Scanner::with_checkpoints) does.
    #[must_use]
    pub fn with_checkpoints(self, spacing: u64) -> Self {
        Self { pace: Some(Pace::new(spacing)), ..self }
    }

    /// Takes the next bytes of the document.
    ///
    /// # Errors
    /// What is wrong with the document, or what the sink answered if that is `interrupted`.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        feed_at(&mut self.pace, &mut self.parser, bytes)?;
        self.parser.handler().refusal()
    }

    /// The document is complete: what a scan finds, and the sink if it was as the plan expects. The rows are good if a plan made from what was
    /// found [makes the same rows](Plan::makes_same_rows).
    ///
    /// # Errors
    /// As for [`SinglePass::feed`].
    pub fn finish(self) -> Result<(Scan, Option<S>), Error> {
        let finished = self.parser.finish_counting()?;
        finished.handler.refusal()?;
        let Both { counter, filler, .. } = finished.handler;
        let scan = counter.into_scan(self.plan.parser, finished.skipped_references)?;
        Ok((scan, filler.map(Filler::into_sink)))
    }
}

impl<S: RowSink> std::fmt::Debug for SinglePass<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinglePass").finish_non_exhaustive()
    }
}
