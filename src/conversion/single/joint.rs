//! Proving stretches of a document one after the other, and putting together what they counted.

use super::stretch::StretchEnd;
use crate::conversion::emit::{KeyBase, OpenState, RowPart};
use crate::conversion::plan::{Part, Plan, RowCounts};
use crate::conversion::shape::{Assembly, Sample, Scan};
use crate::conversion::xml::ResumePoint;

/// Takes stretches in the order of the document and proves that each began where it was guessed to begin: all is then as if one had read
/// the whole document.
#[derive(Debug)]
pub struct Joint<'p> {
    plan: &'p Plan,
    /// The place in the head that all stretches but the first were begun like.
    like: Part,
    /// Which counters of the elements around may go on: those that number rows.
    numbering: Vec<bool>,
    guessed_counters: Vec<u32>,
    open: ResumePoint,
    depth: usize,
    assembly: Option<Assembly>,
    skipped_references: u64,
    rows: RowCounts,
    counters: Vec<u32>,
    is_as_planned: bool,
    is_complete: bool,
}

/// The stretches were not guessed rightly, or cannot be put together: the document is to be read from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit;

/// The rows of a stretch that was found to be right.
#[derive(Debug)]
pub struct Filled<'p, S> {
    /// The sink with its rows.
    pub sink: S,
    /// What the rows' keys count on from.
    pub keys: KeyBase<'p>,
    /// Rows that are open at the end, for [`Seam::part_ended`](crate::conversion::Seam::part_ended).
    pub open: Vec<RowPart>,
}

impl<'p> Joint<'p> {
    /// Before the first stretch. `None` if the plan cannot be taken up at the sample's boundaries.
    #[must_use]
    pub fn new(plan: &'p Plan, sample: &Sample) -> Option<Self> {
        let boundary = sample.boundary()?;
        let like = plan.part_like(boundary)?;
        Some(Self {
            plan,
            numbering: plan.numbering_counters(&like),
            guessed_counters: plan.open_counters(&like),
            like,
            open: boundary.point().clone(),
            depth: boundary.depth(),
            assembly: None,
            skipped_references: 0,
            rows: plan.no_rows(),
            counters: Vec::new(),
            is_as_planned: true,
            is_complete: false,
        })
    }

    /// Adds the next stretch, and answers with what it filled; `None` if this or an earlier one is not as the plan expects: then no rows are of
    /// use.
    ///
    /// # Errors
    /// [`Misfit`] if it did not begin where the one before ended, or cannot be added.
    pub fn join<S>(&mut self, stretch: StretchEnd<S>) -> Result<Option<Filled<'p, S>>, Misfit> {
        let StretchEnd { counter, skipped_references, begin, end, filled } = stretch;
        if end.as_ref().is_some_and(|end| !end.is_inside_same(&self.open)) || self.is_complete {
            return Err(Misfit);
        }
        self.is_complete = end.is_none();
        self.skipped_references += skipped_references;
        let begins_document = begin == 0;
        match &mut self.assembly {
            none @ None if begins_document => {
                let end = end.ok_or(Misfit)?;
                *none = Some(Assembly::new(counter, self.plan.parser, end).ok_or(Misfit)?);
            }
            Some(assembly) if assembly.point().offset() == begin => {
                assembly.add(&counter.into_counts(self.depth), end).ok_or(Misfit)?;
            }
            _ => return Err(Misfit),
        }
        let filled = filled.filter(|_| self.is_as_planned);
        let filled = filled.and_then(|(sink, state)| self.take_up(sink, state, begins_document));
        self.is_as_planned = filled.is_some();
        Ok(filled)
    }

    /// Counts rows and counters on, and answers with what the stretch filled; `None` if counters do not go on as guessed.
    fn take_up<S>(&mut self, sink: S, state: OpenState, begins_document: bool) -> Option<Filled<'p, S>> {
        let guessed = &self.guessed_counters;
        let OpenState { open, rows, counters } = state;
        let keys = KeyBase {
            program: &self.plan.program,
            guessed_rows: self.like.rows.clone(),
            rows: self.rows.clone(),
            guessed_counters: guessed.clone(),
            counters: self.counters.clone(),
        };
        if begins_document {
            (self.rows, self.counters) = (rows, counters);
        } else {
            let more = rows.0.iter().zip(&self.like.rows.0).map(|(rows, guessed)| rows - guessed);
            self.rows.0.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            if !self.is_complete {
                let more = counters.iter().zip(guessed).map(|(count, guessed)| count.saturating_sub(*guessed));
                self.counters.iter_mut().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(more));
            }
        }
        let goes_on = self.is_complete || self.counters_go_on();
        goes_on.then_some(Filled { sink, keys, open })
    }

    /// Whether the next stretch, which began like the place in the head, counts on rightly.
    fn counters_go_on(&self) -> bool {
        let mut counters = self.counters.iter().zip(&self.guessed_counters).zip(&self.numbering);
        self.counters.len() == self.guessed_counters.len()
            && counters.all(|((count, guessed), numbers)| *numbers || count == guessed)
    }

    /// Whether all stretches until now were as the plan expects.
    #[must_use]
    pub fn is_as_planned(&self) -> bool {
        self.is_as_planned
    }

    /// All stretches are added: what a scan of the whole document finds, with checkpoints where stretches ended.
    ///
    /// # Errors
    /// [`Misfit`] if the last stretch did not end with the document.
    pub fn finish(self) -> Result<Scan, Misfit> {
        let assembly = self.assembly.filter(|_| self.is_complete).ok_or(Misfit)?;
        Ok(assembly.finish(self.skipped_references))
    }
}
