//! What values documents have, told by another reader of XML.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

/// How often each value occurs, white space normalised.
pub type Values = BTreeMap<String, u64>;

/// Expanded names from the root, in which recursion goes back to the element it returns to.
type Path<'a> = Vec<(Option<&'a str>, &'a str)>;

/// Counts one value, unless it is blank.
pub fn add(value: &str, values: &mut Values) {
    let normalised = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if !normalised.is_empty() {
        *values.entry(normalised).or_default() += 1;
    }
}

/// The values of documents that are converted as one group.
#[must_use]
pub fn values_of(documents: &[Document<'_>]) -> Values {
    let mut prose = BTreeSet::new();
    for document in documents {
        find_prose(document.root_element(), &Vec::new(), &mut prose);
    }
    let mut values = Values::new();
    for document in documents {
        count(document.root_element(), &Vec::new(), &prose, &mut values);
    }
    values
}

fn path_of<'a>(node: Node<'a, '_>, around: &Path<'a>) -> Path<'a> {
    let name = (node.tag_name().namespace(), node.tag_name().name());
    let mut path = around.clone();
    match path.iter().position(|earlier| *earlier == name) {
        Some(place) => path.truncate(place + 1),
        None => path.push(name),
    }
    path
}

/// Finds the paths of elements in which text follows a child.
fn find_prose<'a>(node: Node<'a, '_>, around: &Path<'a>, prose: &mut BTreeSet<Path<'a>>) {
    let path = path_of(node, around);
    let is_text = |child: Node<'_, '_>| child.text().is_some_and(|text| child.is_text() && !text.trim().is_empty());
    if node.children().skip_while(|child| !child.is_element()).any(is_text) {
        prose.insert(path.clone());
    }
    node.children().filter(Node::is_element).for_each(|child| find_prose(child, &path, prose));
}

fn count<'a>(node: Node<'a, '_>, around: &Path<'a>, prose: &BTreeSet<Path<'a>>, values: &mut Values) {
    let path = path_of(node, around);
    node.attributes().for_each(|attribute| add(attribute.value(), values));
    if prose.contains(&path) {
        let text: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
        add(&text, values);
        let inside = node.descendants().skip(1).filter(Node::is_element);
        inside.flat_map(|element| element.attributes()).for_each(|attribute| add(attribute.value(), values));
        return;
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    add(&text, values);
    node.children().filter(Node::is_element).for_each(|child| count(child, &path, prose, values));
}
