//! Pass 1: what paths a document has, how often they occur and what their values are like.
//!
//! A [`Shape`] is small (it grows with the distinct paths, not with the document), independent of every option, and can be
//! stored and merged: one scan of each document serves every later conversion of any group of them.

mod checkpoint;
mod counter;
mod detect;
mod merge;
mod sample;
mod scanner;
mod stats;
mod stretch;
mod types;

use serde::{Deserialize, Serialize};

pub use checkpoint::{CHECKPOINT_SPACING, Checkpoint, Outline, Scan};
pub(crate) use checkpoint::{OpenElement, Pace};
pub(crate) use counter::Counter;
pub use detect::{Candidate, Detection};
pub(crate) use sample::Boundary;
pub use sample::Sample;
pub use scanner::Scanner;
pub(crate) use scanner::feed_at;
pub(crate) use stats::Stats;
pub(crate) use stretch::Assembly;
pub use types::ColumnType;
pub(crate) use types::{date, digits, number, time};

use super::paths::{Kind, Name, Node, NodeId, ROOT, Tree, TreeIndex};
use super::xml::{NamespaceRules, ParserOptions};
use stats::StoredStats;

/// The shape of one document, or of several with the same root merged into one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "StoredShape", into = "StoredShape")]
pub struct Shape {
    pub(crate) tree: Tree,
    pub(crate) stats: Vec<Stats>,
    documents: u64,
    pub(crate) options: ParserOptions,
    skipped_references: u64,
    /// Finds the paths of the tree, once another had to be merged that has them in another order.
    index: Option<TreeIndex>,
}

/// The name of an element with its namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RootName<'a> {
    /// The namespace, empty for none.
    pub uri: &'a str,
    /// The name without prefix.
    pub local: &'a str,
}

impl Shape {
    /// What was counted in one document, all of whose references contributed.
    fn of_document(tree: Tree, stats: Vec<Stats>, options: ParserOptions) -> Self {
        Self { tree, stats, documents: 1, options, skipped_references: 0, index: None }
    }

    /// The name of the root element.
    #[must_use]
    pub fn root(&self) -> RootName<'_> {
        let Name { uri, local, .. } = self.tree.name(ROOT);
        RootName { uri, local }
    }

    /// Equal for documents that may share tables: those whose roots have the same name, read by the same rules for names.
    #[must_use]
    pub fn cluster_key(&self) -> String {
        let RootName { uri, local } = self.root();
        match self.options.namespace_rules {
            NamespaceRules::Apply if uri.is_empty() => local.to_owned(),
            NamespaceRules::Apply => format!("{{{uri}}}{local}"),
            NamespaceRules::Ignore => format!("{local} (namespaces ignored)"),
        }
    }

    /// How many references to entities contributed nothing to the documents; see
    /// [`ExternalEntities`](super::xml::ExternalEntities).
    #[must_use]
    pub fn skipped_references(&self) -> u64 {
        self.skipped_references
    }

    /// How many documents were merged into this shape.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Bytes of the longest value of an element or attribute. `None` if a cell may be longer: running text and white space around
    /// texts are not measured.
    #[must_use]
    pub fn longest_value(&self) -> Option<u64> {
        let unmeasured = self.stats.iter().any(|stats| stats.prose || stats.padded);
        if unmeasured { None } else { self.stats.iter().map(|stats| stats.longest).max() }
    }

    /// Distinct paths of elements and attributes.
    #[must_use]
    pub fn paths(&self) -> usize {
        self.stats.len() - 1
    }

    /// How often each path occurs, an element inside its own kind counted where it stands and not where its path returns to.
    pub(crate) fn occurrences(&self) -> Vec<u64> {
        let mut occurrences: Vec<u64> = self.stats.iter().map(|stats| stats.instances).collect();
        for id in self.tree.paths() {
            let target = self.tree.target(id);
            if target != id {
                occurrences[target as usize] -= self.stats(id).instances;
            }
        }
        occurrences
    }

    pub(crate) fn stats(&self, id: NodeId) -> &Stats {
        &self.stats[id as usize]
    }
}

/// A shape as it is stored: names once, nodes as short sequences.
#[derive(Clone, Serialize, Deserialize)]
struct StoredShape {
    documents: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    options: ParserOptions,
    #[serde(default, skip_serializing_if = "is_default")]
    skipped_references: u64,
    names: Vec<(Box<str>, Box<str>, Box<str>)>,
    nodes: Vec<(NodeId, u32, Kind, StoredStats)>,
}

impl From<Shape> for StoredShape {
    fn from(shape: Shape) -> Self {
        let names = shape.tree.names.into_iter().map(|name| (name.uri, name.local, name.prefix)).collect();
        let nodes = shape.tree.nodes.iter().zip(&shape.stats);
        let nodes = nodes.map(|(node, stats)| (node.parent, node.name, node.kind, stats.into())).collect();
        let Shape { documents, options, skipped_references, .. } = shape;
        Self { documents, options, skipped_references, names, nodes }
    }
}

impl TryFrom<StoredShape> for Shape {
    type Error = &'static str;

    fn try_from(stored: StoredShape) -> Result<Self, Self::Error> {
        let names = stored.names.into_iter().map(|(uri, local, prefix)| Name { uri, local, prefix }).collect();
        let nodes =
            stored.nodes.iter().map(|(parent, name, kind, _)| Node { parent: *parent, name: *name, kind: *kind });
        let tree = Tree::from_parts(names, nodes.collect()).ok_or("the stored shape is damaged")?;
        let stats = stored.nodes.into_iter().map(|(_, _, _, stats)| stats.into()).collect();
        let StoredShape { documents, options, skipped_references, .. } = stored;
        Ok(Self { documents, skipped_references, ..Self::of_document(tree, stats, options) })
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::xml::ExternalEntities;

    pub(crate) fn shape_of(document: &str) -> Shape {
        let mut scanner = Scanner::new(&Limits::default());
        scanner.feed(document.as_bytes()).unwrap();
        scanner.finish().unwrap()
    }

    #[test]
    fn a_shape_survives_being_stored() {
        let shape = shape_of("<r xmlns='urn:a' a='1'><s><s>x</s>y</s><t>2</t><t/></r>");
        let stored = serde_json::to_string(&shape).unwrap();
        let again: Shape = serde_json::from_str(&stored).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), stored);
        assert_eq!(again.cluster_key(), "{urn:a}r");
        assert_eq!(again.stats, shape.stats);
    }

    #[test]
    fn a_stored_shape_knows_how_it_was_read() {
        let options =
            ParserOptions { external_entities: ExternalEntities::Skip, namespace_rules: NamespaceRules::Ignore };
        let mut scanner = Scanner::with_options(&Limits::default(), options);
        scanner.feed(b"<!DOCTYPE r [<!ENTITY e SYSTEM 'x'>]><r>&e;<a:b:c/>&e;</r>").unwrap();
        let shape = scanner.finish().unwrap();
        let stored = serde_json::to_string(&shape).unwrap();
        let again: Shape = serde_json::from_str(&stored).unwrap();
        assert_eq!((again.options, again.skipped_references()), (options, 2));
        assert_eq!(again.cluster_key(), "r (namespaces ignored)");
        let defaults = serde_json::to_string(&shape_of("<r/>")).unwrap();
        assert!(!defaults.contains("options"), "a shape read by default is stored as ever: {defaults}");
    }

    #[test]
    fn a_damaged_store_is_an_error() {
        let stored = serde_json::to_string(&shape_of("<r><s/></r>")).unwrap();
        let damaged = stored.replace("[1,1,\"e\"", "[7,1,\"e\"");
        assert_ne!(stored, damaged);
        assert!(serde_json::from_str::<Shape>(&damaged).is_err());
    }
}
