//! The generated documents have what the properties are about: a property that never meets a case says nothing of it.

use std::collections::BTreeSet;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use roxmltree::{Document, ExpandedName, Node};

use super::generate::{Nesting, documents};

const GROUPS: usize = 300;

fn draw(nesting: Nesting) -> Vec<Vec<String>> {
    let mut runner = TestRunner::deterministic();
    let strategy = documents(nesting);
    (0..GROUPS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn parse(group: &[String]) -> Vec<Document<'_>> {
    group.iter().map(|text| Document::parse(text).unwrap()).collect()
}

fn elements<'a, 'd: 'a>(group: &'a [Document<'d>]) -> impl Iterator<Item = Node<'a, 'd>> {
    group.iter().flat_map(|document| document.descendants()).filter(Node::is_element)
}

fn names<'a, 'd: 'a>(node: Node<'a, 'd>) -> Vec<ExpandedName<'a, 'd>> {
    node.children().filter(Node::is_element).map(|child| child.tag_name()).collect()
}

fn has_pair(node: Node<'_, '_>, alike: impl Fn(ExpandedName<'_, '_>, ExpandedName<'_, '_>) -> bool) -> bool {
    let names = names(node);
    names.iter().enumerate().any(|(place, left)| names[..place].iter().any(|right| alike(*left, *right)))
}

fn has_visible_text(node: Node<'_, '_>) -> bool {
    node.is_text() && !node.text().unwrap_or_default().trim().is_empty()
}

fn is_prose(node: Node<'_, '_>) -> bool {
    node.children().skip_while(|child| !child.is_element()).any(has_visible_text)
}

fn is_prose_with_attributes(node: Node<'_, '_>) -> bool {
    is_prose(node) && node.descendants().skip(1).any(|inner| inner.attributes().len() > 0)
}

fn is_data_with_text(node: Node<'_, '_>) -> bool {
    !is_prose(node) && !names(node).is_empty() && node.children().any(has_visible_text)
}

fn recurs(node: Node<'_, '_>) -> bool {
    node.ancestors().skip(1).any(|around| around.is_element() && around.tag_name() == node.tag_name())
}

/// A name that stands once in one element, and several times in a later one of the same kind.
fn repeats_late(group: &[Document<'_>]) -> bool {
    let mut once = BTreeSet::new();
    let key = |name: ExpandedName<'_, '_>| format!("{name:?}");
    elements(group).any(|node| {
        let names = names(node);
        let count = |name: &ExpandedName<'_, '_>| names.iter().filter(|other| *other == name).count();
        let late = names.iter().any(|name| count(name) > 1 && once.contains(&(key(node.tag_name()), key(*name))));
        once.extend(names.iter().filter(|name| count(name) == 1).map(|name| (key(node.tag_name()), key(*name))));
        late
    })
}

/// Tells how many of the groups have something.
struct Drawn<'d> {
    nesting: Nesting,
    groups: Vec<Vec<Document<'d>>>,
}

impl Drawn<'_> {
    fn at_least(&self, least: usize, what: &str, has: impl Fn(&[Document<'_>]) -> bool) {
        let found = self.groups.iter().filter(|group| has(group)).count();
        assert!(found >= least, "{what}: {found} of {GROUPS} {:?} groups", self.nesting);
    }

    fn elements_at_least(&self, least: usize, what: &str, is: impl Fn(Node<'_, '_>) -> bool) {
        self.at_least(least, what, |group| elements(group).any(&is));
    }
}

#[test]
fn the_documents_are_as_awkward_as_they_are_meant_to_be() {
    for nesting in [Nesting::Recursive, Nesting::Levelled] {
        let texts = draw(nesting);
        let drawn = Drawn { nesting, groups: texts.iter().map(|group| parse(group)).collect() };
        drawn.elements_at_least(30, "a dot in a name", |node| node.tag_name().name().contains('.'));
        drawn.elements_at_least(15, "a dash in a name", |node| node.tag_name().name().contains('-'));
        drawn.elements_at_least(30, "children that differ in case", |node| {
            has_pair(node, |left, right| left.name() != right.name() && left.name().eq_ignore_ascii_case(right.name()))
        });
        drawn.elements_at_least(30, "children that differ in namespace", |node| {
            has_pair(node, |left, right| left.name() == right.name() && left.namespace() != right.namespace())
        });
        drawn.elements_at_least(30, "attributes in namespaces", |node| node.has_attribute(("urn:x", "a")));
        drawn.elements_at_least(30, "xsi:nil", |node| node.attributes().any(|attribute| attribute.name() == "nil"));
        drawn.elements_at_least(30, "kept white space", |node| {
            node.attributes().any(|attribute| attribute.name() == "space")
        });
        drawn.elements_at_least(30, "prose", is_prose);
        drawn.elements_at_least(30, "prose with attributes inside", is_prose_with_attributes);
        drawn.elements_at_least(30, "text before children", is_data_with_text);
        drawn.elements_at_least(30, "empty elements", |node| !node.has_children() && node.attributes().len() == 0);
        drawn.elements_at_least(30, "repeats", |node| has_pair(node, |left, right| left == right));
        drawn.at_least(30, "repeats that come late", repeats_late);
        drawn.at_least(30, "repeats without any prose", |group| {
            let repeats = |node| has_pair(node, |left, right| left == right);
            elements(group).any(repeats) && !elements(group).any(is_prose)
        });
        drawn.at_least(100, "several documents", |group| group.len() > 1);
        if nesting == Nesting::Recursive {
            drawn.elements_at_least(30, "recursion", recurs);
            drawn.at_least(15, "recursion without any prose", |group| {
                elements(group).any(recurs) && !elements(group).any(is_prose)
            });
            drawn.elements_at_least(10, "recursion of the root", |node| {
                recurs(node) && node.tag_name() == node.document().root_element().tag_name()
            });
        }
    }
}
