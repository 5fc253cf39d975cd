//! What values a document has, told by roxmltree: the yardstick of the lossless checks.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::ReadTable;

/// How often each value occurs, white space normalised.
pub(crate) type Values = BTreeMap<String, u64>;

/// A path of expanded names in which recursion goes back to the element it returns to.
pub(crate) type Path = Vec<(Option<String>, String)>;

const KEYS: [&str; 8] = ["_id", "_parent", "_ord", "_document", "_element", "_file", "_pos", "_content"];

/// The values of documents that are converted as one group.
pub(crate) fn values_of(documents: &[String]) -> Values {
    let parsed: Vec<Document<'_>> = documents.iter().map(|document| Document::parse(document).unwrap()).collect();
    let mut prose = BTreeSet::new();
    for document in &parsed {
        find_prose(document.root_element(), &Vec::new(), &mut prose);
    }
    let mut values = Values::new();
    for document in &parsed {
        count(document.root_element(), &Vec::new(), &prose, &mut values);
    }
    values
}

/// The values in the cells of tables, keys left out.
pub(crate) fn values_in(tables: &[ReadTable]) -> Values {
    let mut values = Values::new();
    for ReadTable { table, rows } in tables {
        for row in rows {
            for (column, cell) in table.columns.iter().zip(row) {
                if KEYS.contains(&column.name.as_str()) {
                    continue;
                }
                let parts = if column.joined { split_joined(cell) } else { vec![cell.clone()] };
                for part in &parts {
                    if column.markup { add_markup(part, &mut values) } else { add(part, &mut values) }
                }
            }
        }
    }
    values
}

fn add(value: &str, values: &mut Values) {
    let normalised = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if !normalised.is_empty() {
        *values.entry(normalised).or_default() += 1;
    }
}

/// The values in a cell of markup: its text, and the attributes inside.
fn add_markup(markup: &str, values: &mut Values) {
    with_markup(markup, |prose| add_prose(prose, values));
}

/// Parses the markup of a cell, inside an element of its own. What its prefixes stand for is not in the tables.
pub(crate) fn with_markup<T>(markup: &str, take: impl FnOnce(Node<'_, '_>) -> T) -> T {
    let mut declarations = String::new();
    loop {
        let whole = format!("<prose{declarations}>{markup}</prose>");
        match Document::parse(&whole) {
            Ok(document) => return take(document.root_element()),
            Err(roxmltree::Error::UnknownNamespace(prefix, _)) => {
                declarations.push_str(&format!(" xmlns:{prefix}=\"prefix:{prefix}\""));
            }
            Err(error) => panic!("{error} in {markup}"),
        }
    }
}

fn add_prose(node: Node<'_, '_>, values: &mut Values) {
    let text: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    add(&text, values);
    let inside = node.descendants().skip(1).filter(Node::is_element);
    inside.flat_map(|element| element.attributes()).for_each(|attribute| add(attribute.value(), values));
}

fn split_joined(cell: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match character {
            '|' => parts.push(String::new()),
            '\\' => parts.last_mut().unwrap().extend(characters.next()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts
}

pub(crate) fn path_of(node: Node<'_, '_>, around: &Path) -> Path {
    let name = (node.tag_name().namespace().map(str::to_owned), node.tag_name().name().to_owned());
    let mut path = around.clone();
    match path.iter().position(|earlier| *earlier == name) {
        Some(place) => path.truncate(place + 1),
        None => path.push(name),
    }
    path
}

pub(crate) fn find_prose(node: Node<'_, '_>, around: &Path, prose: &mut BTreeSet<Path>) {
    let path = path_of(node, around);
    let after_first_child = node.children().skip_while(|child| !child.is_element());
    let has_text = |child: Node<'_, '_>| child.is_text() && !child.text().unwrap_or_default().trim().is_empty();
    if after_first_child.into_iter().any(has_text) {
        prose.insert(path.clone());
    }
    node.children().filter(Node::is_element).for_each(|child| find_prose(child, &path, prose));
}

fn count(node: Node<'_, '_>, around: &Path, prose: &BTreeSet<Path>, values: &mut Values) {
    let path = path_of(node, around);
    node.attributes().for_each(|attribute| add(attribute.value(), values));
    if prose.contains(&path) {
        return add_prose(node, values);
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    add(&text, values);
    node.children().filter(Node::is_element).for_each(|child| count(child, &path, prose, values));
}
