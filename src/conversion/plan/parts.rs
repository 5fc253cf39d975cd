//! Parts of a document that can be converted apart from each other, and how many rows stand before each.

use super::Plan;
use super::program::{Action, Cells, NONE, Program};
use super::survey::Survey;
use crate::conversion::paths::{DOCUMENT, Kind, NodeId};
use crate::conversion::shape::{OpenElement, Outline};
use crate::conversion::xml::ResumePoint;

/// Rows of each table of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCounts(pub(crate) Vec<u64>);

impl RowCounts {
    /// Adds the rows of another document.
    pub fn add(&mut self, other: &Self) {
        for (sum, rows) in self.0.iter_mut().zip(&other.0) {
            *sum += rows;
        }
    }
}

/// A stretch of one document, up to where the next part begins or to the end.
#[derive(Clone, Debug)]
pub struct Part {
    /// Rows of earlier parts and documents.
    pub(crate) rows: RowCounts,
    /// Where the part begins, and what is open there; `None` at the beginning of the document.
    pub(crate) entry: Option<Entry>,
}

/// The state of a conversion in the middle of a document.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) point: ResumePoint,
    /// Open elements, the root first.
    pub(crate) open: Vec<ResumedElement>,
}

/// An element that was opened in an earlier part.
#[derive(Clone, Debug)]
pub(crate) struct ResumedElement {
    pub(crate) node: NodeId,
    pub(crate) keeps_space: bool,
    /// The element's counters of its children.
    pub(crate) counters: Vec<u32>,
}

impl Part {
    /// The beginning of a document with so many rows before it.
    #[must_use]
    pub fn at_start(rows: RowCounts) -> Self {
        Self { rows, entry: None }
    }

    /// Offset in the bytes of the document at which the part begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.entry.as_ref().map_or(0, |entry| entry.point.offset())
    }
}

impl Plan {
    /// No rows at all: what stands before the first document.
    #[must_use]
    pub fn no_rows(&self) -> RowCounts {
        RowCounts(vec![0; self.tables().len()])
    }

    /// How many rows a document makes, whose outline in the plan's shape this is. `None` if that cannot be told before the document is converted:
    /// for elements that hold their own kind inside prose.
    #[must_use]
    pub fn row_counts(&self, outline: &Outline) -> Option<RowCounts> {
        let mut counts = self.no_rows();
        self.program.count_rows(&outline.occurred, &mut counts);
        self.program.counts_rows.then_some(counts)
    }

    /// Divides a document at those of its checkpoints at which this plan can be taken up. `before` are the rows of all documents before it.
    #[must_use]
    pub fn parts(&self, outline: &Outline, before: &RowCounts) -> Vec<Part> {
        let mut parts = vec![Part { rows: before.clone(), entry: None }];
        if !self.program.counts_rows {
            return parts;
        }
        let mut rows = before.clone();
        for checkpoint in &outline.checkpoints {
            self.program.count_rows(&checkpoint.occurred, &mut rows);
            if let Some(open) = checkpoint.open.iter().map(|element| self.program.resumed(element)).collect() {
                let entry = Some(Entry { point: checkpoint.point.clone(), open });
                parts.push(Part { rows: rows.clone(), entry });
            }
        }
        parts
    }
}

impl Program {
    fn count_rows(&self, occurred: &[(NodeId, u64)], counts: &mut RowCounts) {
        for (id, occurrences) in occurred {
            let table = self.actions.get(*id as usize).map_or(NONE, |action| action.table);
            if let Some(count) = counts.0.get_mut(table as usize) {
                *count += occurrences;
            }
        }
    }

    fn resumed(&self, element: &OpenElement) -> Option<ResumedElement> {
        let action = self.actions.get(element.node as usize).filter(|action| action.resumable)?;
        let mut counters = vec![0; action.counters as usize];
        for (child, occurrences) in &element.children {
            let child = self.actions.get(*child as usize)?;
            if let Some(counter) = counters.get_mut(child.counter as usize) {
                *counter = *occurrences;
            }
        }
        Some(ResumedElement { node: element.node, keeps_space: element.keeps_space, counters })
    }

    /// Marks the elements inside which a document can be taken up: nothing around holds its own kind or is prose, and all rows that are open
    /// there can be put together from parts. There is none where positions are told, which a scan does not count.
    pub(super) fn mark_resumable(&mut self, survey: &Survey<'_>) {
        self.counts_rows = !survey.prose_hides_data;
        let is_simple = |table: u32| self.tables.get(table as usize).is_none_or(|table| table.cells == Cells::Single);
        let mut resumable = vec![false; self.actions.len()];
        resumable[DOCUMENT as usize] = true;
        for id in self.tree.paths() {
            let node = self.tree.node(id);
            let Action { table, .. } = self.actions[id as usize];
            let is_data = node.kind == Kind::Element && !survey.is_prose(id) && !survey.is_inside_prose(id);
            let is_single = table == NONE || is_simple(table);
            let is_plain = is_data && is_single && self.content_names.is_none();
            resumable[id as usize] = resumable[node.parent as usize] && is_plain && !survey.nests(id);
        }
        for (action, resumable) in self.actions.iter_mut().zip(resumable) {
            action.resumable = resumable;
        }
    }
}
