//! What one thread does without the others.

use std::collections::VecDeque;

use crate::{
    conversion::{Part, RowCounts},
    services::conversions::cluster::{PlannedCluster, Source},
};

/// Small documents are put together up to so many bytes, which are worth a channel.
const BATCH_BYTES: u64 = 512 << 10;

/// A piece of work.
pub(super) enum Piece<'c> {
    /// Whole documents, one after the other.
    Documents {
        /// Their plan, and the number of its first table.
        of: PlanOf<'c>,
        documents: &'c [Source],
        /// The rows before them, if they can be told.
        start: Option<Part>,
    },
    /// A part of a document.
    Part { of: PlanOf<'c>, document: &'c Source, part: Part, next: Option<Part> },
}

/// The cluster that a piece belongs to.
#[derive(Clone, Copy)]
pub(super) struct PlanOf<'c> {
    pub(super) cluster: &'c PlannedCluster,
    /// Number of the plan's first table among those of all plans.
    pub(super) first_table: usize,
}

/// All pieces in the order in which their rows are to be written.
pub(super) fn pieces(clusters: &[PlannedCluster]) -> impl Iterator<Item = Piece<'_>> + Send {
    let first_tables = clusters.iter().scan(0, |next, cluster| {
        let first = *next;
        *next += cluster.plan.tables().len();
        Some(first)
    });
    clusters.iter().zip(first_tables).flat_map(|(cluster, first_table)| ClusterPieces {
        of: PlanOf { cluster, first_table },
        next_document: 0,
        before: cluster.plan.no_rows(),
        parts: VecDeque::new(),
    })
}

struct ClusterPieces<'c> {
    of: PlanOf<'c>,
    next_document: usize,
    /// Rows of the documents before the next.
    before: RowCounts,
    /// Parts of the document before the next that are not given out.
    parts: VecDeque<Part>,
}

impl<'c> Iterator for ClusterPieces<'c> {
    type Item = Piece<'c>;

    fn next(&mut self) -> Option<Piece<'c>> {
        if self.parts.is_empty() {
            if let Some(batch) = self.batch() {
                return Some(batch);
            }
            self.divide_next()?;
        }
        let part = self.parts.pop_front()?;
        let document = &self.of.cluster.documents[self.next_document - 1];
        Some(Piece::Part { of: self.of, document, part, next: self.parts.front().cloned() })
    }
}

impl<'c> ClusterPieces<'c> {
    /// The next documents that are not divided, if the very next is one.
    fn batch(&mut self) -> Option<Piece<'c>> {
        let (plan, documents) = (&self.of.cluster.plan, &self.of.cluster.documents);
        let first = self.next_document;
        let mut start = Some(Part::at_start(self.before.clone()));
        let mut bytes = 0;
        while let Some(Source { document, outline }) = documents.get(self.next_document) {
            match plan.row_counts(outline) {
                Some(rows) if plan.parts(outline, &self.before).len() == 1 => self.before.add(&rows),
                Some(_) => break,
                // What rows there are is only known when they are there: all documents in one go.
                None => {
                    start = None;
                    self.next_document = documents.len();
                    break;
                }
            }
            self.next_document += 1;
            bytes += document.bytes;
            if bytes >= BATCH_BYTES {
                break;
            }
        }
        let documents = &documents[first..self.next_document];
        (!documents.is_empty()).then_some(Piece::Documents { of: self.of, documents, start })
    }

    /// Divides the next document into parts.
    fn divide_next(&mut self) -> Option<()> {
        let plan = &self.of.cluster.plan;
        let Source { outline, .. } = self.of.cluster.documents.get(self.next_document)?;
        self.parts = plan.parts(outline, &self.before).into();
        self.before.add(&plan.row_counts(outline)?);
        self.next_document += 1;
        Some(())
    }
}
