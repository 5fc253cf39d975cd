//! The XML parser: bytes of a document in, its elements, attributes and text out.
//!
//! A push parser without input or output of its own ([`Parser`]), which tells a [`Handler`] what it reads. It is a complete
//! checker of well-formedness for XML 1.0 (fifth edition) and Namespaces in XML 1.0, reads the internal DTD subset, never anything
//! outside of the document, and keeps to [`Limits`](super::limits::Limits). [`ParserOptions`] loosen it for documents that other
//! processors read.
//!
//! From outside to inside: `parser` takes chunks, `sniff` and `decode` make text of them, `document` knows what may come where
//! (with `prolog` for what stands around the root), and `content`, `tag`, `leaf` and `section` read the tokens. `names`
//! remembers names, so that what comes again is known again.

mod attributes;
mod chars;
mod content;
mod decode;
mod distinct;
mod document;
mod dtd;
mod elements;
mod entities;
mod fault;
mod handler;
mod instruction;
mod leaf;
mod names;
mod namespaces;
mod options;
mod parser;
mod position;
mod prolog;
mod reference;
mod resume;
mod scan;
mod section;
mod sniff;
mod subset;
mod tag;
mod value;

#[cfg(test)]
mod tests;

pub use handler::{Attribute, Handler, Locate, StartTag};
pub use names::NameId;
pub use namespaces::{ExpandedName, Namespaces, XML_NAMESPACE, XMLNS_NAMESPACE};
pub use options::{ExternalEntities, NamespaceRules, ParserOptions, UnknownWord};
pub use parser::{Finished, Parser, Stopped};
pub use resume::ResumePoint;
