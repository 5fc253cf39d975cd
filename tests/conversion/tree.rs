//! Elements as the tables are to keep them: what two documents must have in common to count as equal.
//!
//! Data (elements whose text stands before their first child) is a text and children, prose is its parts in their order.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Attribute, Document, Node};

use super::reference::{Path, find_prose, path_of};

/// How alike two documents have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Children of data are sorted by name, while those of one name keep their order, and names in prose are as written.
    Values,
    /// Every element at its place, with its expanded name.
    Exact,
}

/// An element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Content {
    Data { text: String, children: Vec<Element> },
    Prose(Vec<Part>),
}

/// A part of prose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Text(String),
    Element(Element),
}

impl Element {
    pub(crate) fn is_void(&self) -> bool {
        let has_content = match &self.content {
            Content::Data { text, children } => !text.is_empty() || !children.is_empty(),
            Content::Prose(parts) => !parts.is_empty(),
        };
        !has_content && self.attributes.is_empty()
    }

    /// The element without what CSV cannot tell from nothing: empty attributes, and elements that hold nothing.
    pub(crate) fn without_voids(mut self) -> Self {
        self.attributes.retain(|_, value| !value.is_empty());
        if let Content::Data { children, .. } = &mut self.content {
            let kept = std::mem::take(children).into_iter().map(Self::without_voids).filter(|child| !child.is_void());
            *children = kept.collect();
        }
        self
    }

    /// The element with local names only, and children of one local name in no order.
    pub(crate) fn without_namespaces(mut self) -> Self {
        self.name = local(&self.name);
        let attributes = std::mem::take(&mut self.attributes);
        let mut seen = BTreeMap::<String, usize>::new();
        for (name, value) in attributes {
            // Attributes that differ in namespace alone: told apart by their number, in the order of their values.
            let count = seen.entry(local(&name)).or_default();
            *count += 1;
            self.attributes.insert(format!("{} {count}", local(&name)), value);
        }
        self.sort_values();
        if let Content::Data { children, .. } = &mut self.content {
            let mut stripped: Vec<Self> = std::mem::take(children).into_iter().map(Self::without_namespaces).collect();
            stripped.sort();
            *children = stripped;
        }
        self
    }

    fn sort_values(&mut self) {
        let names: Vec<String> = self.attributes.keys().cloned().collect();
        for alike in names.chunk_by(|left, right| left.split(' ').next() == right.split(' ').next()) {
            let mut values: Vec<String> = alike.iter().map(|name| self.attributes[name].clone()).collect();
            values.sort();
            self.attributes.extend(alike.iter().cloned().zip(values));
        }
    }
}

/// `{uri}local` and `prefix:local` without what stands in front.
fn local(name: &str) -> String {
    let without_uri = name.rsplit_once('}').map_or(name, |(_, local)| local);
    without_uri.rsplit_once(':').map_or(without_uri, |(_, local)| local).to_owned()
}

/// What a reader of the sources has to know of the tables.
pub(crate) struct Kept {
    /// Paths whose elements are rows.
    pub(crate) rows: BTreeSet<String>,
    /// Paths whose elements have a column for their text.
    pub(crate) texts: BTreeSet<String>,
    /// White space around a text is kept everywhere.
    pub(crate) keeps_space: bool,
    pub(crate) likeness: Likeness,
}

/// Reads documents of one group. If values will do, an element that holds nothing stays only where the tables have a row for it,
/// or a column for its text and it is empty indeed.
pub(crate) fn elements_of(documents: &[String], kept: &Kept) -> Vec<Element> {
    let parsed: Vec<Document<'_>> = documents.iter().map(|document| Document::parse(document).unwrap()).collect();
    let mut prose = BTreeSet::new();
    for document in &parsed {
        find_prose(document.root_element(), &Vec::new(), &mut prose);
    }
    let source = Source { kept, prose };
    let read = |document: &Document<'_>| source.element(document.root_element(), &Vec::new(), kept.keeps_space);
    parsed.iter().map(read).collect()
}

struct Source<'k> {
    kept: &'k Kept,
    prose: BTreeSet<Path>,
}

impl Source<'_> {
    fn element(&self, node: Node<'_, '_>, around: &Path, keeps_space: bool) -> Element {
        let path = path_of(node, around);
        let keeps_space = match node.attribute(("http://www.w3.org/XML/1998/namespace", "space")) {
            Some(value) => value == "preserve" || self.kept.keeps_space,
            None => keeps_space,
        };
        let content = if self.prose.contains(&path) {
            prose(parts(node, self.kept.likeness))
        } else {
            self.data(node, &path, keeps_space)
        };
        let (name, attributes) = names_of(node);
        Element { name, attributes, content }
    }

    fn data(&self, node: Node<'_, '_>, path: &Path, keeps_space: bool) -> Content {
        let leading = node.children().take_while(|child| !child.is_element());
        let text: String = leading.filter(Node::is_text).filter_map(|child| child.text()).collect();
        let elements = node.children().filter(Node::is_element);
        let children = elements.map(|child| (child, self.element(child, path, keeps_space)));
        let is_exact = self.kept.likeness == Likeness::Exact;
        let kept = children.filter(|(child, element)| is_exact || !element.is_void() || self.keeps_void(*child, path));
        let mut children: Vec<Element> = kept.map(|(_, element)| element).collect();
        if !is_exact {
            children.sort_by(|left, right| left.name.cmp(&right.name));
        }
        Content::Data { text: visible(&text, keeps_space), children }
    }

    fn keeps_void(&self, node: Node<'_, '_>, around: &Path) -> bool {
        let path = path_of(node, around);
        let steps = path.iter().map(|(uri, local)| format!("/{}", expanded(uri.as_deref(), local)));
        let path: String = steps.collect();
        let is_empty = !node.children().any(|child| child.is_element());
        self.kept.rows.contains(&path) || (is_empty && self.kept.texts.contains(&path))
    }
}

/// A text as it counts: nothing if nobody would see it, and without white space around it unless that is kept.
pub(crate) fn visible(text: &str, keeps_space: bool) -> String {
    let is_space = |character| matches!(character, ' ' | '\t' | '\n' | '\r');
    match (text.trim().is_empty(), keeps_space) {
        (true, _) => String::new(),
        (_, true) => text.to_owned(),
        (_, false) => text.trim_matches(is_space).to_owned(),
    }
}

fn expanded(uri: Option<&str>, local: &str) -> String {
    uri.map_or_else(|| local.to_owned(), |uri| format!("{{{uri}}}{local}"))
}

/// Prose without any part is nothing.
pub(crate) fn prose(parts: Vec<Part>) -> Content {
    if parts.is_empty() { Content::Data { text: String::new(), children: Vec::new() } } else { Content::Prose(parts) }
}

/// The content of prose.
pub(crate) fn parts(node: Node<'_, '_>, likeness: Likeness) -> Vec<Part> {
    let mut found = Vec::new();
    for child in node.children() {
        if child.is_element() {
            found.push(Part::Element(match likeness {
                Likeness::Values => as_written(child),
                Likeness::Exact => as_meant(child),
            }));
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            match found.last_mut() {
                Some(Part::Text(before)) => before.push_str(text),
                _ if text.is_empty() => {}
                _ => found.push(Part::Text(text.to_owned())),
            }
        }
    }
    found
}

fn as_written(node: Node<'_, '_>) -> Element {
    let written = &node.document().input_text()[node.range()][1..];
    let end = written.find(|character: char| character.is_whitespace() || "/>".contains(character)).unwrap();
    let name_of = |range: std::ops::Range<usize>| node.document().input_text()[range].to_owned();
    let attributes =
        node.attributes().map(|attribute| (name_of(attribute.range_qname()), attribute.value().to_owned()));
    Element {
        name: written[..end].to_owned(),
        attributes: attributes.collect(),
        content: Content::Prose(parts(node, Likeness::Values)),
    }
}

fn as_meant(node: Node<'_, '_>) -> Element {
    let (name, attributes) = names_of(node);
    Element { name, attributes, content: Content::Prose(parts(node, Likeness::Exact)) }
}

/// The expanded name of an element, and its attributes by theirs.
fn names_of(node: Node<'_, '_>) -> (String, BTreeMap<String, String>) {
    let attribute = |attribute: Attribute<'_, '_>| {
        (expanded(attribute.namespace(), attribute.name()), attribute.value().to_owned())
    };
    let name = expanded(node.tag_name().namespace(), node.tag_name().name());
    (name, node.attributes().map(attribute).collect())
}
