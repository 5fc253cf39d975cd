//! Plans made from a guess: where stretches of a document can begin under them, and whether they turned out right.

use super::parts::{Entry, Part};
use super::program::{Action, NONE, Program};
use super::{Column, Plan, Table};
use crate::conversion::paths::DOCUMENT;
use crate::conversion::shape::Boundary;

impl Plan {
    /// The part of the document that begins at the place in the head that the boundary was taken from.
    pub(crate) fn part_like(&self, boundary: &Boundary) -> Option<Part> {
        self.parts(&boundary.outline, &self.no_rows()).into_iter().find(|part| part.entry.is_some())
    }

    /// The counters of the elements that are open where a part begins: those of the document first, then those of each element.
    pub(crate) fn open_counters(&self, part: &Part) -> Vec<u32> {
        let mut counters = vec![1; self.program.actions[DOCUMENT as usize].counters as usize];
        let open = part.entry.iter().flat_map(|Entry { open, .. }| open);
        open.for_each(|element| counters.extend(&element.counters));
        counters
    }

    /// Which of those counters only number rows, so that a stretch can count on without knowing them.
    pub(crate) fn numbering_counters(&self, part: &Part) -> Vec<bool> {
        let open = part.entry.iter().flat_map(|Entry { open, .. }| open).map(|element| element.node);
        let mut numbering = Vec::new();
        for node in std::iter::once(DOCUMENT).chain(open) {
            let start = numbering.len();
            numbering.resize(start + self.program.actions[node as usize].counters as usize, true);
            for child in self.program.tree.paths().filter(|id| self.program.tree.node(*id).parent == node) {
                let Action { counter, table, .. } = self.program.actions[child as usize];
                if counter != NONE && table == NONE {
                    numbering[start + counter as usize] = false;
                }
            }
        }
        numbering
    }

    /// Whether rows made under this plan are those that `other` makes of the same documents, in tables of the same names and columns. Types,
    /// and what else describes the columns, may differ. It holds only for documents that could be converted under this plan.
    #[must_use]
    pub fn makes_same_rows(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.program, &other.program);
        let known = ours.actions.len();
        // Paths that this plan does not know, and yet were passed through, are inside running text.
        let same_paths = theirs.actions.len() >= known
            && ours.tree.paths().all(|id| {
                let (our, their) = (ours.tree.node(id), theirs.tree.node(id));
                (our.parent, our.kind) == (their.parent, their.kind) && ours.tree.name(id).is_same(theirs.tree.name(id))
            });
        let same_actions = ours.actions.iter().zip(&theirs.actions).all(|(our, their)| our.does_the_same(their));
        same_paths
            && same_actions
            && ours.tables.iter().eq(&theirs.tables)
            && (ours.text, ours.mixed) == (theirs.text, theirs.mixed)
            && has_same_content_names(ours, theirs)
            && self.tables.len() == other.tables.len()
            && self.tables.iter().zip(&other.tables).all(|(our, their)| has_same_columns(our, their))
    }
}

impl Action {
    fn does_the_same(&self, other: &Self) -> bool {
        // Rows are as many as there are, and where a part may begin changes none.
        let what = |action: &Self| Self {
            resumable: false,
            most: if action.table == NONE { action.most } else { 1 },
            ..*action
        };
        what(self) == what(other)
    }
}

/// What this plan does not know more is inside running text, which lists nothing.
fn has_same_content_names(our: &Program, their: &Program) -> bool {
    match (&our.content_names, &their.content_names) {
        (None, None) => true,
        (Some(our), Some(their)) => their.starts_with(our),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn has_same_columns(our: &Table, their: &Table) -> bool {
    let same = |(our, their): (&Column, &Column)| {
        our.name == their.name && (our.role, our.joined, our.markup) == (their.role, their.joined, their.markup)
    };
    our.name == their.name
        && our.columns.len() == their.columns.len()
        && our.columns.iter().zip(&their.columns).all(same)
}
