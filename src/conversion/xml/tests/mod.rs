//! Whole documents through the parser.

mod chunks;
mod differential;
mod documents;
mod encodings;
mod limits;
mod mutations;
mod options;
mod problems;

use super::{Handler, Locate, Parser, StartTag};
use crate::conversion::error::{Error, ErrorCode, Position};
use crate::conversion::limits::Limits;

/// One event, as a test compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Start { name: String, attributes: Vec<(String, String)>, context: u32, at: Position },
    Text(String),
    End,
}

/// Writes down what it is told; text that comes in pieces is put together.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) events: Vec<Event>,
}

impl Handler for Recorder {
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        let owned = |attribute: &super::Attribute<'_>| (attribute.name.to_owned(), attribute.value.to_owned());
        self.events.push(Event::Start {
            name: tag.name.to_owned(),
            attributes: tag.attributes.iter().map(owned).collect(),
            context: tag.namespaces.context(),
            at: at.position(),
        });
        Ok(())
    }

    fn text(&mut self, text: &str, _: &dyn Locate) -> Result<(), Error> {
        assert!(!text.is_empty(), "text is never empty");
        match self.events.last_mut() {
            Some(Event::Text(before)) => before.push_str(text),
            _ => self.events.push(Event::Text(text.to_owned())),
        }
        Ok(())
    }

    fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
        self.events.push(Event::End);
        Ok(())
    }
}

/// The events of a document fed in chunks of one size, and the error it ended with.
pub(super) fn record(bytes: &[u8], chunk: usize, limits: &Limits) -> (Vec<Event>, Option<Error>) {
    let mut parser = Parser::new(Recorder::default(), limits);
    for chunk in bytes.chunks(chunk) {
        if let Err(error) = parser.feed(chunk) {
            return (std::mem::take(&mut parser.handler_mut().events), Some(error));
        }
    }
    match parser.finish() {
        Ok(recorder) => (recorder.events, None),
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// The events of a well-formed document, written short: `<a b="c">`, text, `</>`.
pub(super) fn brief(document: &str) -> String {
    let (events, error) = record(document.as_bytes(), usize::MAX, &Limits::default());
    assert_eq!(error, None, "{document}");
    let mut out = String::new();
    for event in events {
        match event {
            Event::Start { name, attributes, .. } => {
                out.push_str(&format!("<{name}"));
                for (name, value) in attributes {
                    out.push_str(&format!(" {name}={value:?}"));
                }
                out.push('>');
            }
            Event::Text(text) => out.push_str(&text),
            Event::End => out.push_str("</>"),
        }
    }
    out
}

/// The error of a document that has one.
pub(super) fn problem(document: impl AsRef<[u8]>) -> Error {
    let bytes = document.as_ref();
    let (_, error) = record(bytes, usize::MAX, &Limits::default());
    error.unwrap_or_else(|| panic!("accepted: {}", String::from_utf8_lossy(bytes)))
}

/// The code, line and column of the error of a document that has one.
pub(super) fn place(document: impl AsRef<[u8]>) -> (ErrorCode, u64, u64) {
    let error = problem(document);
    let position = error.position.expect("every problem of a document has a place");
    (error.code, position.line, position.column)
}
