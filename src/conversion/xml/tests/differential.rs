//! The same events as an independent parser, on generated documents.

use std::fmt::Write as _;

use proptest::prelude::*;
use quick_xml::events::Event as QuickEvent;

use super::{Event, record};
use crate::conversion::limits::Limits;

/// A piece of content of a generated document.
#[derive(Clone, Debug)]
enum Node {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
    Text(String),
    CharacterData(String),
    Comment(String),
    Instruction(String),
}

fn node() -> impl Strategy<Value = Node> {
    let name = "[a-zé_][a-z0-9é.-]{0,6}";
    let text = "[ a-zé量😀\n]]{1,12}";
    let leaf = prop_oneof![
        text.prop_map(|text| Node::Text(text.replace("]]", "]"))),
        "[<&a-zé> \n]{0,9}".prop_map(Node::CharacterData),
        "[<&a-z>' ]{0,9}".prop_map(Node::Comment),
        "[<&a-z' ]{0,9}".prop_map(Node::Instruction),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let attributes = prop::collection::btree_map(name, "[ a-zé<&>\"']{0,9}", 0..5);
        let children = prop::collection::vec(inner, 0..6);
        (name, attributes, children).prop_map(|(name, attributes, children)| Node::Element {
            name,
            attributes: attributes.into_iter().collect(),
            children,
        })
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;")
}

fn write(node: &Node, out: &mut String) {
    let written = match node {
        Node::Text(text) => write!(out, "{}", escaped(text)),
        Node::CharacterData(text) => write!(out, "<![CDATA[{text}]]>"),
        Node::Comment(text) => write!(out, "<!--{text}-->"),
        Node::Instruction(text) => write!(out, "<?p {text}?>"),
        Node::Element { name, attributes, children } => {
            out.push_str(&format!("<{name}"));
            for (name, value) in attributes {
                out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
            }
            if children.is_empty() {
                out.push_str("/>");
                return;
            }
            out.push('>');
            children.iter().for_each(|child| write_child(child, out));
            write!(out, "</{name}>")
        }
    };
    written.expect("a string takes everything");
}

fn write_child(node: &Node, out: &mut String) {
    write(node, out);
}

/// What both parsers must agree on.
#[derive(Debug, PartialEq)]
enum Token {
    Start(String, Vec<(String, String)>),
    Text(String),
    End,
}

fn push_text(tokens: &mut Vec<Token>, text: &str) {
    match tokens.last_mut() {
        _ if text.is_empty() => {}
        Some(Token::Text(before)) => before.push_str(text),
        _ => tokens.push(Token::Text(text.to_owned())),
    }
}

fn quick_tokens(document: &str) -> Vec<Token> {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut tokens = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            QuickEvent::Start(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("well-formed");
                    let name = String::from_utf8_lossy(attribute.key.as_ref().as_ref()).into_owned();
                    let value = quick_xml::escape::unescape(
                        std::str::from_utf8(attribute.value.as_ref().as_ref()).expect("text"),
                    );
                    (name, value.expect("known entities").into_owned())
                });
                let attributes = attributes.collect();
                tokens
                    .push(Token::Start(String::from_utf8_lossy(tag.name().as_ref().as_ref()).into_owned(), attributes));
            }
            QuickEvent::End(_) => tokens.push(Token::End),
            QuickEvent::Text(text) => push_text(&mut tokens, &text),
            QuickEvent::CData(text) => push_text(&mut tokens, &text),
            QuickEvent::GeneralRef(reference) => {
                let text =
                    quick_xml::escape::unescape(&format!("&{};", &*reference)).expect("known entities").into_owned();
                push_text(&mut tokens, &text);
            }
            QuickEvent::Eof => return tokens,
            _ => {}
        }
    }
}

fn own_tokens(document: &str, chunk: usize) -> Vec<Token> {
    let (events, error) = record(document.as_bytes(), chunk, &Limits::default());
    assert_eq!(error, None, "{document}");
    let token = |event| match event {
        Event::Start { name, attributes, .. } => Token::Start(name, attributes),
        Event::Text(text) => Token::Text(text),
        Event::End => Token::End,
    };
    events.into_iter().map(token).collect()
}

proptest! {
    #[test]
    fn events_agree_with_an_independent_parser(children in prop::collection::vec(node(), 0..8), chunk in 1_usize..40) {
        let root = Node::Element { name: "root".to_owned(), attributes: Vec::new(), children };
        let mut document = String::new();
        write(&root, &mut document);
        let expected = quick_tokens(&document);
        prop_assert_eq!(&own_tokens(&document, usize::MAX), &expected, "{}", document);
        prop_assert_eq!(&own_tokens(&document, chunk), &expected, "{}", document);
    }
}
