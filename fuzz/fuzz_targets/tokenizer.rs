//! The parser: any chunks give the same events and the same error, nothing panics, and what it accepts another reader accepts
//! with the same meaning.
#![no_main]

use std::cell::RefCell;
use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use ret_fuzz::conversion::xml::{Handler, Locate, Parser, StartTag};
use ret_fuzz::conversion::{Error, ExternalEntities, Limits, NamespaceRules, ParserOptions, Position};
use ret_fuzz::{Chunks, Input, comparable};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Start { name: String, attributes: Vec<(String, String)>, context: u32, at: Position },
    Text(String),
    End,
}

/// Writes down what it is told; text that comes in pieces is put together.
#[derive(Clone, Default)]
struct Recorder(Rc<RefCell<Vec<Event>>>);

impl Handler for Recorder {
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        self.0.borrow_mut().push(Event::Start {
            name: tag.name.to_owned(),
            attributes: tag.attributes.iter().map(|one| (one.name.to_owned(), one.value.to_owned())).collect(),
            context: tag.namespaces.context(),
            at: at.position(),
        });
        Ok(())
    }

    fn text(&mut self, text: &str, at: &dyn Locate) -> Result<(), Error> {
        at.position();
        assert!(!text.is_empty(), "text is never empty");
        let mut events = self.0.borrow_mut();
        match events.last_mut() {
            Some(Event::Text(before)) => before.push_str(text),
            _ => events.push(Event::Text(text.to_owned())),
        }
        Ok(())
    }

    fn end(&mut self, at: &dyn Locate) -> Result<(), Error> {
        at.position();
        self.0.borrow_mut().push(Event::End);
        Ok(())
    }
}

type Outcome = (Vec<Event>, Result<u64, Error>);

fn record(document: &[u8], chunks: Option<Chunks>, limits: &Limits, options: ParserOptions) -> Outcome {
    let recorder = Recorder::default();
    let mut parser = Parser::with_options(recorder.clone(), limits, options);
    let fed = match chunks {
        Some(chunks) => chunks.cut(document, |chunk| parser.feed(chunk)),
        None => parser.feed(document),
    };
    let outcome = fed.and_then(|()| parser.finish_counting()).map(|finished| finished.skipped_references);
    let mut events = recorder.0.take();
    if outcome.is_err() && matches!(events.last(), Some(Event::Text(_))) {
        // How much of the text that a fault stands in is told depends on the chunks.
        events.pop();
    }
    (events, outcome)
}

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::new(data) else { return };
    let limits = Limits {
        token_bytes: input.choose(0, [64 << 20, 4_096, 64, 20]),
        depth: input.choose(2, [256, 256, 20, 4]),
        entity_bytes: 64 << 10,
        ..Limits::default()
    };
    let options = ParserOptions {
        external_entities: input
            .choose(4, [ExternalEntities::Refuse, ExternalEntities::Refuse, ExternalEntities::Skip]),
        namespace_rules: input.choose(6, [NamespaceRules::Apply, NamespaceRules::Apply, NamespaceRules::Ignore]),
    };
    for document in input.documents {
        let whole = record(document, None, &limits, options);
        assert_eq!(record(document, Some(input.chunks), &limits, options), whole);
        if let (events, Ok(_)) = &whole
            && options.namespace_rules == NamespaceRules::Apply
            && let Some(text) = comparable(document)
        {
            let other = roxmltree::Document::parse(text).expect("another reader accepts the document");
            assert_eq!(brief(events), brief_of(other.root_element()));
        }
    }
});

/// The text with every carriage return as a line feed. The other reader takes a lone one that is written out, and comes before one that is
/// referred to (`\r&#13;`), for the latter; by section 2.11 of XML 1.0 it is a line feed.
fn alike(text: &str) -> String {
    text.replace('\r', "\n")
}

/// Events without the prefixes and the order of attributes, which the other reader does not keep.
fn brief(events: &[Event]) -> Vec<String> {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let declares = |name: &str| name == "xmlns" || name.starts_with("xmlns:");
    let one = |event: &Event| match event {
        Event::Start { name, attributes, .. } => {
            let kept = attributes.iter().filter(|(name, _)| !declares(name));
            let mut attributes: Vec<_> = kept.map(|(name, value)| format!("{}={value:?}", local(name))).collect();
            attributes.sort_unstable();
            format!("<{} {attributes:?}", local(name))
        }
        Event::Text(text) => alike(text),
        Event::End => "</".to_owned(),
    };
    events.iter().map(one).collect()
}

fn brief_of(node: roxmltree::Node<'_, '_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut text = String::new();
    write(node, &mut text, &mut out);
    out
}

fn write(node: roxmltree::Node<'_, '_>, text: &mut String, out: &mut Vec<String>) {
    let flush = |text: &mut String, out: &mut Vec<String>| {
        if !text.is_empty() {
            out.push(alike(&std::mem::take(text)));
        }
    };
    flush(text, out);
    let mut attributes: Vec<_> =
        node.attributes().map(|attribute| format!("{}={:?}", attribute.name(), attribute.value())).collect();
    attributes.sort_unstable();
    out.push(format!("<{} {attributes:?}", node.tag_name().name()));
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        } else if child.is_element() {
            write(child, text, out);
        }
    }
    flush(text, out);
    out.push("</".to_owned());
}
