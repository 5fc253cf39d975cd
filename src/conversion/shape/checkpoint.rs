//! Places in a document at which the second pass can begin, so that several may work on it at once.

use serde::{Deserialize, Serialize};

use super::Shape;
use crate::conversion::error::Error;
use crate::conversion::limits::Limits;
use crate::conversion::paths::{Kind, NodeId};
use crate::conversion::xml::ResumePoint;

/// What a scan found: the shape, and where a conversion may begin. Small, and good to be stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scan {
    /// The document's shape.
    pub shape: Shape,
    /// Places in document order; none in a small document, or in one that cannot be read from its middle.
    pub checkpoints: Vec<Checkpoint>,
}

/// What is to be known of one document among those of a shape, so that several may convert it, or it beside others. It belongs to the shape
/// that it was made with, and to what that shape is merged into later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Occurrences of paths in the document.
    pub(crate) occurred: Vec<(NodeId, u64)>,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

impl Scan {
    /// The shape, and the document's outline in it.
    #[must_use]
    pub fn into_shape(self) -> (Shape, Outline) {
        let nodes: Vec<NodeId> = self.shape.tree.ids().collect();
        let outline = self.outline(&nodes);
        (self.shape, outline)
    }

    /// The outline in another shape that has `nodes` where this one has 0, 1, 2 …
    fn outline(&self, nodes: &[NodeId]) -> Outline {
        let there = |id: NodeId| nodes[id as usize];
        let occurrences = self.shape.occurrences();
        // Attributes make no rows.
        let kinds = self.shape.tree.nodes.iter().map(|node| node.kind);
        let occurred = nodes.iter().copied().zip(occurrences).zip(kinds);
        let occurred = occurred.filter(|((_, count), kind)| *count > 0 && *kind != Kind::Attribute);
        let occurred = occurred.map(|(occurred, _)| occurred).collect();
        let mut checkpoints = self.checkpoints.clone();
        for checkpoint in &mut checkpoints {
            for (id, _) in &mut checkpoint.occurred {
                *id = there(*id);
            }
            for element in &mut checkpoint.open {
                element.node = there(element.node);
                element.children.iter_mut().for_each(|(id, _)| *id = there(*id));
            }
        }
        Outline { occurred, checkpoints }
    }
}

impl Shape {
    /// Adds a document, as [`Shape::merge`] does; answers with its outline in this shape.
    ///
    /// # Errors
    /// As for [`Shape::merge`].
    pub fn add(&mut self, scan: &Scan, limits: &Limits) -> Result<Outline, Error> {
        self.merge_nodes(&scan.shape, limits).map(|nodes| scan.outline(&nodes))
    }
}

/// A place right behind the end of an element, with what was counted before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub(crate) point: ResumePoint,
    /// The elements that are open, the root first.
    pub(crate) open: Vec<OpenElement>,
    /// Occurrences of paths since the checkpoint before; those without any are left out.
    pub(crate) occurred: Vec<(NodeId, u64)>,
}

/// An element that is open at a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenElement {
    pub(crate) node: NodeId,
    /// `xml:space="preserve"` holds inside it.
    pub(crate) keeps_space: bool,
    /// How many children of which path it has had.
    pub(crate) children: Vec<(NodeId, u32)>,
}

impl Checkpoint {
    /// Offset in the bytes of the document.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.point.offset()
    }

    /// Bytes that it takes in memory, nearly.
    pub(super) fn weight(&self) -> usize {
        let children: usize = self.open.iter().map(|element| element.children.len()).sum();
        self.point.weight() + 16 * self.occurred.len() + 8 * children + size_of::<OpenElement>() * self.open.len()
    }
}

/// Bytes from one checkpoint to the next that suit conversions on several threads.
pub const CHECKPOINT_SPACING: u64 = 1 << 20;

/// When to ask the parser for the next checkpoint.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Bytes from one checkpoint to the next, at least.
    spacing: u64,
    /// Bytes of the document read so far.
    read: u64,
    /// Where the next checkpoint may be.
    next: u64,
    /// Bytes without a place after which one level deeper will do.
    patience: u64,
    /// Open elements around the place, at most. It begins with the children of the root and goes down while there is none.
    depth: usize,
}

/// After this part of the spacing without a place, one level deeper will do.
const PATIENCE: u64 = 16;
/// What a checkpoint weighs is this part of the spacing or less; a heavier one makes the way to the next longer, so that all of them stay
/// small beside the document.
const WEIGHT: u64 = 4_096;

/// Bytes to the next checkpoint, at least.
pub(super) fn distance_behind(checkpoint: &Checkpoint, spacing: u64) -> u64 {
    spacing.max(checkpoint.weight() as u64 * spacing / WEIGHT)
}

impl Pace {
    pub(crate) fn new(spacing: u64) -> Self {
        Self { spacing, read: 0, next: spacing, patience: (spacing / PATIENCE).max(1), depth: 1 }
    }

    /// For places that are as shallow as can be.
    pub(crate) fn patient(spacing: u64) -> Self {
        Self { patience: spacing, ..Self::new(spacing) }
    }

    /// How much of a chunk to read before looking again.
    pub(crate) fn step(&self, chunk: usize) -> usize {
        let wanted = if self.read < self.next { self.next - self.read } else { self.patience };
        chunk.min(usize::try_from(wanted).unwrap_or(usize::MAX))
    }

    /// Takes note of what was read and of the checkpoint in it, if there is one; answers in which depth the next is wanted, if it is.
    pub(crate) fn advance(&mut self, bytes: usize, reached: Option<&Checkpoint>) -> Option<usize> {
        let was_due = self.read >= self.next;
        self.read += bytes as u64;
        if let Some(checkpoint) = reached {
            self.next = checkpoint.offset() + distance_behind(checkpoint, self.spacing);
        } else if was_due && self.read >= self.next + self.patience {
            self.depth += 1;
            self.next += self.patience;
        }
        (self.read >= self.next).then_some(self.depth)
    }
}
