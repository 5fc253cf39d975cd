//! Names as people see them.

use std::collections::HashMap;

use super::tree::{Kind, Name, NodeId, Tree};
use crate::conversion::options::NamespaceMode;

/// The displayed name of each node, and the paths made of them.
#[derive(Clone, Debug)]
pub(crate) struct Display {
    names: Vec<String>,
}

impl Display {
    /// Names under a mode. Where [`NamespaceMode::Strip`] would give siblings of one kind the same name, they keep their prefixes.
    pub(crate) fn new(tree: &Tree, mode: NamespaceMode) -> Self {
        let mut names: Vec<String> = tree.ids().map(|id| displayed(tree, id, mode)).collect();
        if mode == NamespaceMode::Strip {
            for id in stripped_alike(tree) {
                names[id as usize] = prefixed(tree.name(id));
            }
        }
        Self { names }
    }

    pub(crate) fn name(&self, id: NodeId) -> &str {
        &self.names[id as usize]
    }

    /// The path from the root, such as `/library/book/@id`.
    pub(crate) fn path(&self, tree: &Tree, id: NodeId) -> String {
        let mut above: Vec<NodeId> = tree.ancestors(id).collect();
        above.reverse();
        let mut path = String::new();
        for id in above {
            path.push('/');
            if tree.node(id).kind == Kind::Attribute {
                path.push('@');
            }
            path.push_str(self.name(id));
        }
        path
    }
}

fn displayed(tree: &Tree, id: NodeId, mode: NamespaceMode) -> String {
    if tree.node(id).kind == Kind::Document {
        return String::new();
    }
    let name = tree.name(id);
    match mode {
        NamespaceMode::Strip => name.local.to_string(),
        NamespaceMode::Prefix => prefixed(name),
        NamespaceMode::Uri if name.uri.is_empty() => name.local.to_string(),
        NamespaceMode::Uri => format!("{{{}}}{}", name.uri, name.local),
    }
}

fn prefixed(name: &Name) -> String {
    if name.prefix.is_empty() { name.local.to_string() } else { format!("{}:{}", name.prefix, name.local) }
}

/// Nodes that share parent, kind and local name with another.
fn stripped_alike(tree: &Tree) -> Vec<NodeId> {
    let key = |id: NodeId| (tree.node(id).parent, tree.node(id).kind == Kind::Attribute, &tree.name(id).local);
    let mut seen: HashMap<_, u32> = HashMap::new();
    for id in tree.paths() {
        *seen.entry(key(id)).or_default() += 1;
    }
    tree.paths().filter(|id| seen.get(&key(*id)).is_some_and(|count| *count > 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::shape::tests::shape_of;

    fn names(mode: NamespaceMode) -> Vec<String> {
        let tree = shape_of("<r xmlns:a='urn:a' xmlns:b='urn:b'><a:x/><b:x/><a:y a:k='' k=''/></r>").tree;
        let display = Display::new(&tree, mode);
        tree.ids().skip(2).map(|id| display.path(&tree, id)).collect()
    }

    #[test]
    fn stripped_names_keep_their_prefix_only_where_siblings_clash() {
        assert_eq!(names(NamespaceMode::Strip), ["/r/a:x", "/r/b:x", "/r/y", "/r/y/@a:k", "/r/y/@k"]);
    }

    #[test]
    fn prefix_and_uri_show_every_namespace() {
        assert_eq!(names(NamespaceMode::Prefix)[2..], ["/r/a:y", "/r/a:y/@a:k", "/r/a:y/@k"]);
        assert_eq!(names(NamespaceMode::Uri)[2], "/r/{urn:a}y");
    }
}
