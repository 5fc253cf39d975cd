//! The shapes of several documents as one, so that a group of documents gets one set of tables.

use super::stretch::merge_trees;
use super::{Shape, Stats};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;
use crate::conversion::paths::{NodeId, Tree, TreeIndex};
use crate::conversion::xml::ExternalEntities;

impl Shape {
    /// Adds what another shape knows: the union of the paths, repeating if it repeats in either.
    ///
    /// # Errors
    /// `invalid_option` if the roots or the rules for names differ (see [`Shape::cluster_key`]), `too_many_paths`; this shape is
    /// then as it was.
    pub fn merge(&mut self, other: &Self, limits: &Limits) -> Result<(), Error> {
        self.merge_nodes(other, limits).map(drop)
    }

    /// Adds what was counted of paths that are `nodes` here.
    pub(super) fn add_stats(&mut self, nodes: &[NodeId], stats: &[Stats]) {
        self.stats.resize(self.tree.nodes.len(), Stats::NONE);
        for (id, stats) in nodes.iter().zip(stats) {
            self.stats[*id as usize].merge(stats);
        }
    }

    /// Merges, and answers which node here each of the other's became.
    pub(super) fn merge_nodes(&mut self, other: &Self, limits: &Limits) -> Result<Vec<NodeId>, Error> {
        if self.root() != other.root() || self.options.namespace_rules != other.options.namespace_rules {
            let (ours, theirs) = (self.cluster_key(), other.cluster_key());
            let detail = format!("documents with the roots {ours} and {theirs} cannot share tables");
            return Err(Error::new(ErrorCode::InvalidOption, detail));
        }
        // Most documents of a group have the same paths in the same order.
        let ours = if self.tree.starts_with(&other.tree) {
            other.tree.ids().collect()
        } else {
            let index = self.index.get_or_insert_with(|| TreeIndex::of(&self.tree));
            match index.nodes_of(&other.tree) {
                Some(ours) => ours,
                None => self.grow(&other.tree, limits)?,
            }
        };
        self.add_stats(&ours, &other.stats);
        self.documents += other.documents;
        self.skipped_references += other.skipped_references;
        if other.options.external_entities == ExternalEntities::Skip {
            self.options.external_entities = ExternalEntities::Skip;
        }
        Ok(ours)
    }

    /// Adds the paths of another tree, or nothing if they are too many.
    fn grow(&mut self, other: &Tree, limits: &Limits) -> Result<Vec<NodeId>, Error> {
        let mut tree = self.tree.clone();
        let mut index = TreeIndex::of(&tree);
        let ours = merge_trees(&mut tree, &mut index, other, limits)?;
        (self.tree, self.index) = (tree, Some(index));
        Ok(ours)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;
    use crate::conversion::paths::Kind;

    fn merged(documents: &[&str]) -> Shape {
        let mut shape = shape_of(documents[0]);
        for document in &documents[1..] {
            shape.merge(&shape_of(document), &Limits::default()).unwrap();
        }
        shape
    }

    fn facts(shape: &Shape) -> Vec<(String, Stats)> {
        let label = |id: NodeId| {
            let mut names: Vec<_> = shape.tree.ancestors(id).map(|id| &*shape.tree.name(id).local).collect();
            names.reverse();
            format!("{} {:?}", names.join("/"), shape.tree.node(id).kind == Kind::Attribute)
        };
        let mut facts: Vec<_> = shape.tree.paths().map(|id| (label(id), *shape.stats(id))).collect();
        facts.sort_by(|left, right| left.0.cmp(&right.0));
        facts
    }

    #[test]
    fn the_order_of_documents_changes_no_fact() {
        let one = "<r a='1'><i>1</i><s><s>x</s></s></r>";
        let two = "<r b='x'><i>1.5</i><i>2</i><p>a<b/>c</p></r>";
        let three = "<r><i/><s>text</s></r>";
        let expected = facts(&merged(&[one, two, three]));
        assert_eq!(facts(&merged(&[three, two, one])), expected);
        assert_eq!(facts(&merged(&[two, one, three])), expected);
    }

    #[test]
    fn roots_must_agree_in_namespace_and_name() {
        let mut shape = shape_of("<r/>");
        assert!(shape.merge(&shape_of("<r xmlns='urn:a'/>"), &Limits::default()).is_err());
        assert!(shape.merge(&shape_of("<q/>"), &Limits::default()).is_err());
        assert!(shape.merge(&shape_of("<r a='1'/>"), &Limits::default()).is_ok());
    }

    #[test]
    fn a_refused_merge_changes_nothing() {
        let mut shape = shape_of("<r><a/></r>");
        let limits = Limits { paths: 3, ..Limits::default() };
        let error = shape.merge(&shape_of("<r><b/><c/></r>"), &limits).unwrap_err();
        assert_eq!(error.code, ErrorCode::TooManyPaths);
        assert_eq!((shape.paths(), shape.documents()), (2, 1));
    }
}
