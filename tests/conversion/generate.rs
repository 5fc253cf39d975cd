//! Documents made up to be awkward: names with dots and dashes, names that differ in case or in namespace only, mixed
//! content, repeats that come late, recursion, CDATA, attributes everywhere.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const DECLARATIONS: &str = r#"xmlns:x="urn:x" xmlns:y="urn:y" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;
const ELEMENTS: [&str; 12] = ["a", "b", "c", "A", "a.b", "x:a", "y:a", "x:c-d", "_id", "document", "é", "con"];
const ATTRIBUTES: [&str; 10] = ["a", "b", "A", "x:a", "y:a", "a.b", "_parent", "xml:lang", "xml:space", "xsi:nil"];
const TEXTS: [&str; 16] = [
    "",
    " ",
    "\n  ",
    "one",
    " two\n words ",
    "=1+1",
    "7",
    "007",
    "1.50",
    "2024-02-29",
    "true",
    "a|b\\",
    "\"quoted\", x",
    "ünï 量子",
    "\u{a0}",
    "z",
];

/// Whether an element may hold its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// Any name anywhere.
    Recursive,
    /// Names tell the level, so that no element holds its own kind.
    Levelled,
}

#[derive(Clone, Debug)]
enum Content {
    Element(Element),
    Text(&'static str),
    CData(&'static str),
    Comment,
}

#[derive(Clone, Debug)]
struct Element {
    name: usize,
    attributes: Vec<(usize, &'static str)>,
    content: Vec<Content>,
    default_namespace: bool,
}

/// Groups of one to three documents with the same root.
pub(crate) fn documents(nesting: Nesting) -> impl Strategy<Value = Vec<String>> {
    vec(element(), 1..4).prop_map(move |roots| {
        let written = |root: &Element| {
            let mut out = String::from("<?xml version=\"1.0\"?>\n");
            write_element(root, 0, nesting, &mut out);
            out
        };
        roots.iter().map(written).collect()
    })
}

fn element() -> impl Strategy<Value = Element> {
    let leaf = parts(vec(text(), 0..2));
    leaf.prop_recursive(5, 60, 6, |inner| {
        let content = prop_oneof![3 => inner.prop_map(Content::Element), 2 => text()];
        parts(vec(content, 0..6))
    })
}

fn parts(content: impl Strategy<Value = Vec<Content>>) -> impl Strategy<Value = Element> {
    let attribute = (0..ATTRIBUTES.len(), select(&TEXTS[..]));
    let fields = (0..ELEMENTS.len(), vec(attribute, 0..3), content, prop::bool::weighted(0.1));
    fields.prop_map(|(name, attributes, content, default_namespace)| Element {
        name,
        attributes,
        content,
        default_namespace,
    })
}

fn text() -> impl Strategy<Value = Content> {
    prop_oneof![
        6 => select(&TEXTS[..]).prop_map(Content::Text),
        1 => select(&TEXTS[..]).prop_map(Content::CData),
        1 => Just(Content::Comment),
    ]
}

fn write_element(element: &Element, level: usize, nesting: Nesting, out: &mut String) {
    let name = match (level, nesting) {
        (0, _) => "r".to_owned(),
        (_, Nesting::Recursive) => ELEMENTS[element.name % 6].to_owned(),
        (_, Nesting::Levelled) => format!("{}{level}", ELEMENTS[element.name]),
    };
    let _ = write!(out, "<{name}");
    if level == 0 {
        let _ = write!(out, " {DECLARATIONS}");
    } else if element.default_namespace {
        out.push_str(" xmlns=\"urn:d\"");
    }
    let mut written = Vec::new();
    for (attribute, value) in &element.attributes {
        if !written.contains(attribute) {
            written.push(*attribute);
            let value = if ATTRIBUTES[*attribute] == "xml:space" { "preserve" } else { value };
            let _ = write!(out, " {}=\"{}\"", ATTRIBUTES[*attribute], escaped(value));
        }
    }
    out.push('>');
    for content in &element.content {
        match content {
            Content::Element(inner) => write_element(inner, level + 1, nesting, out),
            Content::Text(text) => out.push_str(&escaped(text)),
            Content::CData(text) => {
                let _ = write!(out, "<![CDATA[{text}]]>");
            }
            Content::Comment => out.push_str("<!-- not <data> -->"),
        }
    }
    let _ = write!(out, "</{name}>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\n', "&#10;")
}
