//! Names as people see them.

use std::collections::HashMap;
use std::hash::Hash;

use super::tree::{Kind, Name, NodeId, Tree};
use crate::conversion::options::NamespaceMode;

/// The displayed name of each node, and the paths made of them.
#[derive(Clone, Debug)]
pub(crate) struct Display {
    names: Vec<String>,
    /// `{uri}local` for those that look like a sibling all the same: one prefix may stand for several namespaces.
    exact: HashMap<NodeId, String>,
    /// What is shown as `*` because it stands for siblings of other names as well, with its own name.
    families: HashMap<NodeId, String>,
}

impl Display {
    /// Names under a mode. Where [`NamespaceMode::Strip`] would give siblings of one kind the same name, they keep their prefixes.
    pub(crate) fn new(tree: &Tree, mode: NamespaceMode) -> Self {
        let mut names: Vec<String> = tree.ids().map(|id| displayed(tree, id, mode)).collect();
        if mode == NamespaceMode::Strip {
            for id in alike(tree, |id| &tree.name(id).local) {
                names[id as usize] = prefixed(tree.name(id));
            }
        }
        let exact =
            alike(tree, |id| &names[id as usize]).map(|id| (id, displayed(tree, id, NamespaceMode::Uri))).collect();
        Self { names, exact, families: HashMap::new() }
    }

    /// From now on the element stands for siblings of other names as well.
    pub(crate) fn show_as_family(&mut self, head: NodeId) {
        let own_name = self.source_name(head).to_owned();
        self.exact.insert(head, "*".to_owned());
        self.families.insert(head, own_name);
    }

    /// Whether the element stands for siblings of other names as well.
    pub(crate) fn is_family(&self, id: NodeId) -> bool {
        self.families.contains_key(&id)
    }

    pub(crate) fn name(&self, id: NodeId) -> &str {
        &self.names[id as usize]
    }

    /// The path from the root, such as `/library/book/@id`.
    pub(crate) fn path(&self, tree: &Tree, id: NodeId) -> String {
        Self::joined(tree, id, |id| self.name(id))
    }

    /// The same for tables to say where their values come from: no two nodes share it.
    pub(crate) fn source_path(&self, tree: &Tree, id: NodeId) -> String {
        Self::joined(tree, id, |id| self.source_name(id))
    }

    /// The same with the element's own name where it stands for siblings as well.
    pub(crate) fn own_path(&self, tree: &Tree, id: NodeId) -> String {
        Self::joined(tree, id, |id| self.families.get(&id).map_or(self.source_name(id), String::as_str))
    }

    /// The part of the node in [`Display::source_path`], without the `@` of attributes.
    pub(crate) fn source_name(&self, id: NodeId) -> &str {
        self.exact.get(&id).map_or(self.name(id), String::as_str)
    }

    fn joined<'d>(tree: &Tree, id: NodeId, name: impl Fn(NodeId) -> &'d str) -> String {
        let mut above: Vec<NodeId> = tree.ancestors(id).collect();
        above.reverse();
        let mut path = String::new();
        for id in above {
            path.push('/');
            if tree.node(id).kind == Kind::Attribute {
                path.push('@');
            }
            path.push_str(name(id));
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

/// Nodes that share parent, kind and name with another.
fn alike<'t, N>(tree: &'t Tree, name: impl Fn(NodeId) -> &'t N) -> std::vec::IntoIter<NodeId>
where
    N: Hash + Eq + ?Sized + 't,
{
    let key = |id: NodeId| (tree.node(id).parent, tree.node(id).kind == Kind::Attribute, name(id));
    let mut seen: HashMap<_, u32> = HashMap::new();
    for id in tree.paths() {
        *seen.entry(key(id)).or_default() += 1;
    }
    let found: Vec<_> = tree.paths().filter(|id| seen.get(&key(*id)).is_some_and(|count| *count > 1)).collect();
    found.into_iter()
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
    fn one_prefix_for_two_namespaces_is_told_apart_in_source_paths() {
        let document = "<r><x:a xmlns:x='urn:1'/><x:a xmlns:x='urn:2'/><b/><b xmlns='urn:3'/></r>";
        let tree = shape_of(document).tree;
        for mode in [NamespaceMode::Strip, NamespaceMode::Prefix] {
            let display = Display::new(&tree, mode);
            let paths: Vec<_> = tree.ids().skip(2).map(|id| display.source_path(&tree, id)).collect();
            assert_eq!(paths, ["/r/{urn:1}a", "/r/{urn:2}a", "/r/b", "/r/{urn:3}b"]);
            assert_eq!(display.path(&tree, 2), "/r/x:a", "what people choose a record by stays short");
        }
    }

    #[test]
    fn prefix_and_uri_show_every_namespace() {
        assert_eq!(names(NamespaceMode::Prefix)[2..], ["/r/a:y", "/r/a:y/@a:k", "/r/a:y/@k"]);
        assert_eq!(names(NamespaceMode::Uri)[2], "/r/{urn:a}y");
    }
}
