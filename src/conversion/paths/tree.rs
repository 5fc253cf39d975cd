//! A trie of element and attribute paths with expanded names.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;
use crate::conversion::xml::{ExpandedName, XML_NAMESPACE};

/// The namespace of `xsi:nil` and `xsi:type`.
pub(crate) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Index of a node in [`Tree::nodes`].
pub(crate) type NodeId = u32;

/// The node above the root element.
pub(crate) const DOCUMENT: NodeId = 0;

/// The root element: the first node added below [`DOCUMENT`].
pub(crate) const ROOT: NodeId = 1;

/// An expanded name; two are the same if `uri` and `local` are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Name {
    pub(crate) uri: Box<str>,
    pub(crate) local: Box<str>,
    /// As first seen, for display only.
    pub(crate) prefix: Box<str>,
}

impl Name {
    /// Whether this is `xml:space`, which XML itself defines: it holds where namespaces are ignored, too.
    pub(crate) fn is_xml_space(&self) -> bool {
        *self.local == *"xml:space" || (*self.local == *"space" && *self.uri == *XML_NAMESPACE)
    }

    /// Whether two names are the same whatever their prefixes.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.local == other.local && self.uri == other.uri
    }

    pub(crate) fn is_nil(&self) -> bool {
        *self.local == *"nil" && *self.uri == *SCHEMA_INSTANCE
    }
}

impl From<ExpandedName<'_>> for Name {
    fn from(name: ExpandedName<'_>) -> Self {
        Self { uri: name.uri.into(), local: name.local.into(), prefix: name.prefix.into() }
    }
}

/// What a node of the trie stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "d")]
    Document,
    #[serde(rename = "e")]
    Element,
    #[serde(rename = "a")]
    Attribute,
    /// An element with the name of one that is open around it: recursion. Below it the trie goes on at that ancestor.
    #[serde(rename = "r")]
    Recursion(NodeId),
}

/// One distinct path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) parent: NodeId,
    /// Index in [`Tree::names`]; without meaning for the document node.
    pub(crate) name: u32,
    pub(crate) kind: Kind,
}

/// All distinct paths in the order in which they were first seen: a parent stands before its children.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) names: Vec<Name>,
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { names: Vec::new(), nodes: vec![Node { parent: DOCUMENT, name: 0, kind: Kind::Document }] }
    }

    /// Puts stored parts together again; `None` if they do not fit each other.
    pub(crate) fn from_parts(names: Vec<Name>, nodes: Vec<Node>) -> Option<Self> {
        let fits = nodes.iter().enumerate().all(|(id, node)| match node.kind {
            Kind::Document => id == DOCUMENT as usize,
            Kind::Recursion(target) => {
                (target as usize) < id && (node.parent as usize) < id && (node.name as usize) < names.len()
            }
            Kind::Element | Kind::Attribute => (node.parent as usize) < id && (node.name as usize) < names.len(),
        });
        (fits && nodes.get(ROOT as usize).is_some_and(|root| root.kind == Kind::Element))
            .then_some(Self { names, nodes })
    }

    /// Whether the first nodes are those of another tree, in the same order.
    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        let names = self.names.get(..other.names.len());
        self.nodes.starts_with(&other.nodes)
            && names.is_some_and(|names| names.iter().zip(&other.names).all(|(our, their)| our.is_same(their)))
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The name of a node other than the document's.
    pub(crate) fn name(&self, id: NodeId) -> &Name {
        &self.names[self.node(id).name as usize]
    }

    /// All nodes, the document's included.
    pub(crate) fn ids(&self) -> std::ops::Range<NodeId> {
        DOCUMENT..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// All elements and attributes.
    pub(crate) fn paths(&self) -> std::ops::Range<NodeId> {
        ROOT..self.ids().end
    }

    /// The nodes below each node, in the order of their first appearance.
    pub(crate) fn children(&self) -> Vec<Vec<NodeId>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for id in self.ids().skip(1) {
            children[self.node(id).parent as usize].push(id);
        }
        children
    }

    /// The node itself and all above it up to the root element.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let above = |id: &NodeId| Some(self.node(*id).parent);
        std::iter::successors(Some(id), above).take_while(|id| *id != DOCUMENT)
    }

    /// The node whose children are met below `id`: itself, or for recursion the element it returns to.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Recursion(target) => target,
            Kind::Document | Kind::Element | Kind::Attribute => id,
        }
    }
}

/// Finds children by expanded name, and adds what is new.
#[derive(Clone, Debug, Default)]
pub(crate) struct TreeIndex {
    names: HashMap<Box<str>, HashMap<Box<str>, u32>>,
    elements: HashMap<(NodeId, u32), NodeId>,
    attributes: HashMap<(NodeId, u32), NodeId>,
}

impl TreeIndex {
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut index = Self::default();
        for (id, name) in (0..).zip(&tree.names) {
            index.names.entry(name.uri.clone()).or_default().insert(name.local.clone(), id);
        }
        for id in tree.paths() {
            index.enter(tree.node(id), id);
        }
        index
    }

    /// The child element of that name, if the trie has it.
    pub(crate) fn element(&self, parent: NodeId, uri: &str, local: &str) -> Option<NodeId> {
        self.elements.get(&(parent, self.name(uri, local)?)).copied()
    }

    /// The attribute of that name, if the trie has it.
    pub(crate) fn attribute(&self, parent: NodeId, uri: &str, local: &str) -> Option<NodeId> {
        self.attributes.get(&(parent, self.name(uri, local)?)).copied()
    }

    /// The node that each of another tree is in the trie, if it has them all.
    pub(crate) fn nodes_of(&self, other: &Tree) -> Option<Vec<NodeId>> {
        let names: Option<Vec<u32>> = other.names.iter().map(|name| self.name(&name.uri, &name.local)).collect();
        let names = names?;
        let mut ours = Vec::with_capacity(other.nodes.len());
        ours.push(DOCUMENT);
        for id in other.paths() {
            let node = other.node(id);
            let map = if node.kind == Kind::Attribute { &self.attributes } else { &self.elements };
            ours.push(*map.get(&(ours[node.parent as usize], names[node.name as usize]))?);
        }
        Some(ours)
    }

    /// The child element of that name, added if it is new. An element named as one around it folds into that one.
    pub(crate) fn element_or_add(
        &mut self,
        tree: &mut Tree,
        parent: NodeId,
        name: Name,
        limits: &Limits,
    ) -> Result<NodeId, Error> {
        check_length(&name, limits)?;
        let name = self.name_or_add(tree, name);
        if let Some(id) = self.elements.get(&(parent, name)) {
            return Ok(*id);
        }
        if self.elements.len() >= limits.paths {
            return Err(too_many("element", limits.paths));
        }
        let same_around = tree.ancestors(parent).find(|around| tree.node(*around).name == name);
        let kind = same_around.map_or(Kind::Element, Kind::Recursion);
        Ok(self.add(tree, Node { parent, name, kind }))
    }

    /// The attribute of that name, added if it is new.
    pub(crate) fn attribute_or_add(
        &mut self,
        tree: &mut Tree,
        parent: NodeId,
        name: Name,
        limits: &Limits,
    ) -> Result<NodeId, Error> {
        check_length(&name, limits)?;
        let name = self.name_or_add(tree, name);
        if let Some(id) = self.attributes.get(&(parent, name)) {
            return Ok(*id);
        }
        if self.attributes.len() >= limits.paths {
            return Err(too_many("attribute", limits.paths));
        }
        Ok(self.add(tree, Node { parent, name, kind: Kind::Attribute }))
    }

    fn add(&mut self, tree: &mut Tree, node: Node) -> NodeId {
        let id = u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX);
        tree.nodes.push(node);
        self.enter(&node, id);
        id
    }

    fn enter(&mut self, node: &Node, id: NodeId) {
        let map = if node.kind == Kind::Attribute { &mut self.attributes } else { &mut self.elements };
        map.insert((node.parent, node.name), id);
    }

    fn name(&self, uri: &str, local: &str) -> Option<u32> {
        self.names.get(uri)?.get(local).copied()
    }

    fn name_or_add(&mut self, tree: &mut Tree, name: Name) -> u32 {
        if let Some(id) = self.name(&name.uri, &name.local) {
            return id;
        }
        let id = u32::try_from(tree.names.len()).unwrap_or(u32::MAX);
        self.names.entry(name.uri.clone()).or_default().insert(name.local.clone(), id);
        tree.names.push(name);
        id
    }
}

fn check_length(name: &Name, limits: &Limits) -> Result<(), Error> {
    let length = name.local.len().max(name.uri.len());
    if length <= limits.name_bytes {
        return Ok(());
    }
    let detail = format!("a name has {length} bytes, more than {}; use shorter names", limits.name_bytes);
    Err(Error::new(ErrorCode::XmlTokenTooLong, detail))
}

fn too_many(what: &str, limit: usize) -> Error {
    let detail = format!("more than {limit} distinct {what} paths; split the document, or raise the limit on paths");
    Error::new(ErrorCode::TooManyPaths, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(local: &str) -> Name {
        Name { uri: "".into(), local: local.into(), prefix: "".into() }
    }

    fn grow(paths: &[&str], limits: &Limits) -> Result<Tree, Error> {
        let (mut tree, mut index) = (Tree::new(), TreeIndex::default());
        for path in paths {
            let mut at = DOCUMENT;
            for local in path.split('/') {
                let child = index.element_or_add(&mut tree, at, name(local), limits)?;
                at = tree.target(child);
            }
        }
        Ok(tree)
    }

    #[test]
    fn an_element_inside_its_own_kind_folds_into_it() {
        let tree = grow(&["doc/sec/title", "doc/sec/sec/sec/para", "doc/sec/para"], &Limits::default()).unwrap();
        let kinds: Vec<_> = tree.nodes.iter().map(|node| node.kind).collect();
        assert_eq!(
            kinds,
            [Kind::Document, Kind::Element, Kind::Element, Kind::Element, Kind::Recursion(2), Kind::Element],
            "doc, sec, title, sec again, para"
        );
    }

    #[test]
    fn paths_stop_at_the_limit() {
        let limits = Limits { paths: 3, ..Limits::default() };
        assert!(grow(&["a/b", "a/c", "a/b"], &limits).is_ok());
        assert_eq!(grow(&["a/b", "a/c/d"], &limits).unwrap_err().code, ErrorCode::TooManyPaths);
    }

    #[test]
    fn an_index_made_from_a_tree_finds_every_node() {
        let tree = grow(&["a/b/c", "a/d"], &Limits::default()).unwrap();
        let index = TreeIndex::of(&tree);
        let b = index.element(ROOT, "", "b").unwrap();
        assert_eq!(tree.name(index.element(b, "", "c").unwrap()).local.as_ref(), "c");
        assert_eq!(index.element(b, "", "d"), None);
        assert_eq!(index.element(ROOT, "urn:x", "b"), None);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let tree = grow(&["a/b"], &Limits::default()).unwrap();
        let mut nodes = tree.nodes.clone();
        nodes[2].parent = 9;
        assert!(Tree::from_parts(tree.names.clone(), nodes).is_none());
        assert!(Tree::from_parts(tree.names, tree.nodes).is_some());
    }
}
