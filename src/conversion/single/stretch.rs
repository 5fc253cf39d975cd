//! One stretch of a document.

use super::both::Both;
use crate::conversion::emit::{Filler, OpenState, RowSink};
use crate::conversion::error::Error;
use crate::conversion::plan::Plan;
use crate::conversion::shape::{Counter, Sample};
use crate::conversion::xml::{Finished, Parser, ResumePoint};

/// Reads one stretch: the first, which begins with the document, or one that begins at a place that [`Sample::find_boundary`] found.
pub struct Stretch<'p, S: RowSink> {
    parser: Parser<Both<'p, S>>,
    begin: u64,
}

/// What a stretch made, to be given to [`Joint::join`](super::Joint::join).
pub struct StretchEnd<S> {
    pub(super) counter: Counter,
    pub(super) skipped_references: u64,
    /// Offset at which it began.
    pub(super) begin: u64,
    /// Where it ended, if not with the document.
    pub(super) end: Option<ResumePoint>,
    /// What was filled, if the stretch was as the plan expects; nothing is open where the document ends.
    pub(super) filled: Option<(S, OpenState)>,
}

impl<'p, S: RowSink> Stretch<'p, S> {
    /// The stretch that begins at `offset` of the document: 0, or the place of a boundary. Without a `sink` it is only counted. `None` if the plan
    /// cannot be taken up at the sample's boundaries.
    pub fn new(plan: &'p Plan, sample: &Sample, offset: u64, label: &str, sink: Option<S>) -> Option<Self> {
        let (limits, options) = (&plan.limits, plan.parser);
        let mut filler = sink.map(|sink| Filler::new(&plan.program, limits.token_bytes, sink));
        if offset == 0 {
            if let Some(filler) = &mut filler {
                filler.begin_document(label);
            }
            let both = Both::new(Counter::new(limits), filler);
            return Some(Self { parser: Parser::with_options(both, limits, options), begin: 0 });
        }
        let boundary = sample.boundary()?;
        if let Some(filler) = &mut filler {
            filler.begin_stretch(label, &plan.part_like(boundary)?).ok()?;
        }
        let counter = Counter::inside(&sample.shape().tree, &boundary.outline.checkpoints[0].open, limits).ok()?;
        let point = boundary.point().moved_to(offset);
        let both = Both::new(counter, filler);
        Some(Self { parser: Parser::resumed(both, limits, options, &point), begin: offset })
    }

    /// Takes the next bytes of the stretch.
    ///
    /// # Errors
    /// What is wrong with the stretch. If its begin was guessed rightly the document is at fault, at another place than the error says.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.parser.feed(bytes)?;
        self.parser.handler().refusal()
    }

    /// The stretch ends where another begins. `None` if no other can begin there.
    ///
    /// # Errors
    /// As for [`Stretch::feed`].
    pub fn stop(self) -> Result<Option<StretchEnd<S>>, Error> {
        let begin = self.begin;
        let Some(stopped) = self.parser.stop()? else { return Ok(None) };
        let mut end = Self::ended(stopped.finished, begin);
        end.end = Some(stopped.point);
        Ok(Some(end))
    }

    /// The stretch ends with the document.
    ///
    /// # Errors
    /// As for [`Stretch::feed`].
    pub fn finish(self) -> Result<StretchEnd<S>, Error> {
        let begin = self.begin;
        let finished = self.parser.finish_counting()?;
        Ok(Self::ended(finished, begin))
    }

    fn ended(finished: Finished<Both<'p, S>>, begin: u64) -> StretchEnd<S> {
        let Finished { handler: Both { counter, filler, .. }, skipped_references } = finished;
        let filled = filler.and_then(|mut filler| {
            let state = filler.end_stretch().ok()?;
            Some((filler.into_sink(), state))
        });
        StretchEnd { counter, skipped_references, begin, end: None, filled }
    }
}

impl<S: RowSink> std::fmt::Debug for Stretch<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch").finish_non_exhaustive()
    }
}

impl<S> std::fmt::Debug for StretchEnd<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StretchEnd").field("begin", &self.begin).field("end", &self.end).finish_non_exhaustive()
    }
}
