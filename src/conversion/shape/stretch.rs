//! Counting in stretches of a document, of which only the first is read with all that stands before it, and putting the counts together.

use std::collections::BTreeMap;

use super::checkpoint::{CHECKPOINT_SPACING, Checkpoint, OpenElement, distance_behind};
use super::counter::Counter;
use super::{Scan, Shape, Stats};
use crate::conversion::error::Error;
use crate::conversion::limits::Limits;
use crate::conversion::paths::{DOCUMENT, Kind, NodeId, Tree, TreeIndex};
use crate::conversion::xml::{ParserOptions, ResumePoint};

/// What was counted in a stretch.
#[derive(Debug)]
pub(crate) struct Counts {
    tree: Tree,
    stats: Vec<Stats>,
    /// Of each element that is open where the stretch begins: its children of which path were so many.
    open: Vec<OpenElement>,
}

impl Counter {
    /// Begins inside these elements of another count.
    ///
    /// # Errors
    /// A limit is smaller than it was there.
    pub(crate) fn inside(tree: &Tree, open: &[OpenElement], limits: &Limits) -> Result<Self, Error> {
        let mut counter = Self::new(limits);
        let mut parent = DOCUMENT;
        for element in open {
            parent =
                counter.index.element_or_add(&mut counter.tree, parent, tree.name(element.node).clone(), limits)?;
            counter.make_room();
            counter.open(parent, element.keeps_space, true);
        }
        Ok(counter)
    }

    /// What was counted, in a stretch that began inside `depth` elements.
    pub(crate) fn into_counts(self, depth: usize) -> Counts {
        // Those elements were the first to be opened here, each the only one of its path then.
        let open = (1..=depth as u64).map(|serial| self.open_element(serial as NodeId, serial, false)).collect();
        Counts { tree: self.tree, stats: self.stats, open }
    }
}

/// Counts of stretches put together in the order of the document: what one scan of all of it gives.
#[derive(Debug)]
pub(crate) struct Assembly {
    shape: Shape,
    index: TreeIndex,
    limits: Limits,
    /// Where the next stretch begins.
    point: ResumePoint,
    /// The elements that are open there, with all of their children so far.
    open: Vec<OpenElement>,
    checkpoints: Vec<Checkpoint>,
    /// Where the next checkpoint may be, and what occurred since the last.
    next_checkpoint: u64,
    occurred: BTreeMap<NodeId, u64>,
}

impl Assembly {
    /// With the stretch at the beginning of a document, which ends at `point`. `None` if others cannot go on there.
    pub(crate) fn new(mut counter: Counter, options: ParserOptions, point: ResumePoint) -> Option<Self> {
        let known = counter.checkpoints.len();
        counter.check_point(point.clone());
        let checkpoint = counter.checkpoints.drain(known..).next()?;
        let limits = counter.limits;
        let open = checkpoint.open.clone();
        let shape = Shape::of_document(counter.tree, counter.stats, options);
        let assembly = Self {
            index: TreeIndex::of(&shape.tree),
            limits,
            point,
            open,
            next_checkpoint: checkpoint.offset() + distance_behind(&checkpoint, CHECKPOINT_SPACING),
            checkpoints: vec![checkpoint],
            occurred: BTreeMap::new(),
            shape,
        };
        (!has_recursion(&assembly.shape.tree)).then_some(assembly)
    }

    /// Where the next stretch begins.
    pub(crate) fn point(&self) -> &ResumePoint {
        &self.point
    }

    /// Adds the next stretch, which ends at `end` or with the document. `None` if its counts cannot be added up: where elements around the
    /// stretch end and others of their kind begin, for elements inside their own kind, and beyond the limits.
    pub(crate) fn add(&mut self, counts: &Counts, end: Option<ResumePoint>) -> Option<()> {
        // Children of an element that was open are only counted as long as none of its kind begins anew.
        let begins_anew = counts.stats[1..=counts.open.len()].iter().any(|stats| stats.instances > 0);
        if begins_anew || has_recursion(&counts.tree) {
            return None;
        }
        let nodes = merge_trees(&mut self.shape.tree, &mut self.index, &counts.tree, &self.limits).ok()?;
        self.shape.add_stats(&nodes, &counts.stats);
        for (id, stats) in nodes.iter().zip(&counts.stats).filter(|(_, stats)| stats.instances > 0) {
            *self.occurred.entry(*id).or_default() += stats.instances;
        }
        for (element, more) in self.open.iter_mut().zip(&counts.open) {
            for (child, count) in &more.children {
                let child = nodes[*child as usize];
                match element.children.iter_mut().find(|(known, _)| *known == child) {
                    Some((_, sum)) => *sum = sum.saturating_add(*count),
                    None => element.children.push((child, *count)),
                }
            }
        }
        if let Some(end) = end {
            self.point = end.counted_from(&self.point);
            if self.point.offset() >= self.next_checkpoint {
                self.check_point();
            }
        }
        Some(())
    }

    fn check_point(&mut self) {
        let occurred = std::mem::take(&mut self.occurred).into_iter().collect();
        let checkpoint = Checkpoint { point: self.point.clone(), open: self.open.clone(), occurred };
        self.next_checkpoint = checkpoint.offset() + distance_behind(&checkpoint, CHECKPOINT_SPACING);
        self.checkpoints.push(checkpoint);
    }

    /// What a scan of the whole document finds.
    pub(crate) fn finish(mut self, skipped_references: u64) -> Scan {
        for (child, count) in self.open.iter().flat_map(|element| &element.children) {
            let stats = &mut self.shape.stats[*child as usize];
            stats.most = stats.most.max(*count);
        }
        self.shape.stats.iter_mut().for_each(Stats::settle);
        self.shape.skipped_references = skipped_references;
        Scan { shape: self.shape, checkpoints: self.checkpoints }
    }
}

fn has_recursion(tree: &Tree) -> bool {
    tree.nodes.iter().any(|node| matches!(node.kind, Kind::Recursion(_)))
}

/// Adds the paths of another tree; answers which node each of them became.
pub(super) fn merge_trees(
    tree: &mut Tree,
    index: &mut TreeIndex,
    other: &Tree,
    limits: &Limits,
) -> Result<Vec<NodeId>, Error> {
    let mut ours: Vec<NodeId> = vec![DOCUMENT];
    for id in other.paths() {
        let node = other.node(id);
        let parent = ours[node.parent as usize];
        let name = other.name(id).clone();
        ours.push(match node.kind {
            Kind::Attribute => index.attribute_or_add(tree, parent, name, limits)?,
            Kind::Document | Kind::Element | Kind::Recursion(_) => index.element_or_add(tree, parent, name, limits)?,
        });
    }
    Ok(ours)
}
