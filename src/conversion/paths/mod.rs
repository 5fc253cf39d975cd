//! The distinct paths of a document as a trie, and how the passes find their way in it.
//!
//! [`Tree`] is plain data that can be stored; [`TreeIndex`] finds or adds a child by its expanded name; [`PathCache`]
//! answers the same question from the tag as written, without resolving its name again.

mod cache;
mod display;
mod tree;

pub(crate) use cache::{PathCache, Step};
pub(crate) use display::Display;
pub(crate) use tree::{DOCUMENT, Kind, Name, Node, NodeId, ROOT, SCHEMA_INSTANCE, Tree, TreeIndex};
