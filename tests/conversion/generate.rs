//! Documents made up to be awkward: names with dots and dashes, names that differ in case or in namespace only, mixed
//! content, repeats that come late, recursion, CDATA, attributes everywhere.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use ret::conversion::{Layout, MixedContent, NamespaceMode, Options, Repeated, Structure, TextMode};

const DECLARATIONS: &str = r#"xmlns:x="urn:x" xmlns:y="urn:y" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;
const ELEMENTS: [&str; 14] =
    ["a", "b", "A", "x:a", "a.b", "y:a", "c", "Item", "item", "x:c-d", "_id", "document", "é", "con"];
const ATTRIBUTES: [&str; 10] = ["a", "b", "A", "x:a", "y:a", "a.b", "_parent", "xml:lang", "xml:space", "xsi:nil"];
const TEXTS: [&str; 18] = [
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
    "1 < 2 & 3 > 2",
    "<b>no markup</b>&amp;",
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
    declares: Declares,
}

/// What an element declares anew.
#[derive(Clone, Copy, Debug)]
enum Declares {
    Nothing,
    /// A default namespace.
    Default,
    /// The prefix `x` for another namespace.
    Prefix,
}

/// Groups of either kind.
pub(crate) fn any_documents() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![documents(Nesting::Recursive), documents(Nesting::Levelled)]
}

/// Every choice of every option that is not a name.
pub(crate) fn any_options() -> impl Strategy<Value = Options> {
    let layout = select(vec![Layout::Auto, Layout::Flat, Layout::Relational]);
    let repeated = select(vec![Repeated::Index, Repeated::Join, Repeated::Explode]);
    let namespaces = select(vec![NamespaceMode::Strip, NamespaceMode::Prefix, NamespaceMode::Uri]);
    let text = select(vec![TextMode::Trim, TextMode::Keep]);
    let mixed = select(vec![MixedContent::Text, MixedContent::Xml]);
    let structure = select(vec![Structure::Values, Structure::Values, Structure::Complete]);
    let any = (layout, repeated, namespaces, text, mixed, structure);
    any.prop_map(|(layout, repeated, namespaces, text, mixed, structure)| Options {
        layout,
        repeated,
        namespaces,
        text,
        mixed,
        structure: if layout == Layout::Flat { Structure::Values } else { structure },
        record: None,
    })
}

/// What the documents of one group have in common.
#[derive(Clone, Copy, Debug)]
struct Style {
    nesting: Nesting,
    /// So many names are used: with few, elements repeat, late or early, and recur.
    names: usize,
    /// Text stands anywhere; else only before the first child.
    has_prose: bool,
    /// The root has the name of other elements.
    root_recurs: bool,
}

/// Groups of one to three documents with the same root.
pub(crate) fn documents(nesting: Nesting) -> impl Strategy<Value = Vec<String>> {
    let style = (2..=ELEMENTS.len(), any::<bool>(), prop::bool::weighted(0.3));
    let style = style.prop_map(move |(names, has_prose, root_recurs)| Style { nesting, names, has_prose, root_recurs });
    (style, vec((element(), family()), 1..4)).prop_map(|(style, roots)| {
        let written = |(root, family): &(Element, Vec<Fact>)| {
            let mut out = String::from("<?xml version=\"1.0\"?>\n");
            write_element(root, 0, style, &mut out);
            let end = out.rfind("</").unwrap_or_default();
            out.insert_str(end, &family.iter().map(fact).collect::<String>());
            out
        };
        roots.iter().map(written).collect()
    })
}

/// One of many siblings of one shape: its name, an attribute that all have, one that some have, and a text.
type Fact = (usize, &'static str, Option<&'static str>, &'static str);

/// Mostly none, else enough for a table of their own.
fn family() -> impl Strategy<Value = Vec<Fact>> {
    let fact = (0..20_usize, select(&TEXTS[..]), prop::option::of(select(&TEXTS[..])), select(&TEXTS[..]));
    prop_oneof![4 => Just(Vec::new()), 1 => vec(fact, 20..60)]
}

fn fact((name, context, unit, text): &Fact) -> String {
    let prefix = if name % 2 == 0 { "x:" } else { "" };
    let unit = unit.map(|unit| format!(" y:unit=\"{}\"", escaped(unit))).unwrap_or_default();
    let (context, text) = (escaped(context), escaped(text));
    format!("<{prefix}fact-{name} context=\"{context}\"{unit}>{text}</{prefix}fact-{name}>")
}

fn element() -> impl Strategy<Value = Element> {
    let leaf = parts(vec(text(), 0..2));
    leaf.prop_recursive(5, 120, 3, |inner| {
        let content = prop_oneof![3 => inner.prop_map(Content::Element), 2 => text()];
        parts(vec(content, 0..8))
    })
}

fn parts(content: impl Strategy<Value = Vec<Content>>) -> impl Strategy<Value = Element> {
    let attribute = (0..ATTRIBUTES.len(), select(&TEXTS[..]));
    let fields = (0..ELEMENTS.len(), vec(attribute, 0..3), content, declares());
    fields.prop_map(|(name, attributes, content, declares)| Element { name, attributes, content, declares })
}

fn declares() -> impl Strategy<Value = Declares> {
    prop_oneof![17 => Just(Declares::Nothing), 2 => Just(Declares::Default), 1 => Just(Declares::Prefix)]
}

fn text() -> impl Strategy<Value = Content> {
    prop_oneof![
        6 => select(&TEXTS[..]).prop_map(Content::Text),
        1 => select(&TEXTS[..]).prop_map(Content::CData),
        1 => Just(Content::Comment),
    ]
}

fn write_element(element: &Element, level: usize, style: Style, out: &mut String) {
    let own_name = ELEMENTS[element.name % style.names];
    let name = match (level, style.nesting) {
        (0, Nesting::Recursive) if style.root_recurs => ELEMENTS[0].to_owned(),
        (0, _) => "r".to_owned(),
        (_, Nesting::Recursive) => own_name.to_owned(),
        (_, Nesting::Levelled) => format!("{own_name}{level}"),
    };
    let _ = write!(out, "<{name}");
    if level == 0 {
        let _ = write!(out, " {DECLARATIONS}");
    } else {
        out.push_str(match element.declares {
            Declares::Nothing => "",
            Declares::Default => " xmlns=\"urn:d/d\"",
            Declares::Prefix => " xmlns:x=\"urn:x2\"",
        });
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
    let mut has_child = false;
    for content in &element.content {
        match content {
            Content::Element(inner) => {
                has_child = true;
                write_element(inner, level + 1, style, out);
            }
            Content::Text(text) | Content::CData(text) if has_child && !style.has_prose && !text.trim().is_empty() => {}
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
