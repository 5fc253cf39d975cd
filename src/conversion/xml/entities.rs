//! The budget for replacing entities: how deep, and how much in total; and how many were left out.

use std::sync::Arc;

use super::fault::{Fault, excerpt};
use crate::conversion::error::ErrorCode;
use crate::conversion::limits::Limits;

/// Default values from the DTD may add this many bytes for each byte of the document, beyond the budget for entities. Documents
/// that rely on defaults (XHTML, DITA) stay far below; a default of many kilobytes on an empty element does not.
const DEFAULTS_PER_DOCUMENT_BYTE: u64 = 16;

/// Counts what the entities of one document expand to, and knows which are being replaced at the moment.
#[derive(Debug)]
pub(super) struct Expansion {
    byte_limit: u64,
    depth_limit: usize,
    bytes: u64,
    default_bytes: u64,
    skipped_references: u64,
    /// The replacement texts around the place reached; an entity's text is one shared allocation, so its address identifies it.
    open: Vec<Arc<str>>,
}

impl Expansion {
    pub(super) fn new(limits: &Limits) -> Self {
        let (byte_limit, depth_limit) = (limits.entity_bytes, limits.entity_depth);
        Self { byte_limit, depth_limit, bytes: 0, default_bytes: 0, skipped_references: 0, open: Vec::new() }
    }

    /// Begins to replace the reference to `name` at `at`; [`Self::leave`] ends it.
    pub(super) fn enter(&mut self, name: &str, text: &Arc<str>, at: usize) -> Result<(), Fault> {
        let name = || excerpt(name);
        let refuse = |detail| Err(Fault::new(ErrorCode::XmlEntityExpansion, at, detail));
        if self.open.iter().any(|open| Arc::ptr_eq(open, text)) {
            return refuse(format!(
                "the entity {} refers to itself; remove the reference from its declaration",
                name()
            ));
        }
        let limit = self.depth_limit;
        if self.open.len() >= limit {
            let name = name();
            return refuse(format!(
                "the entity {name} stands inside {limit} others, which is the limit; write its text out"
            ));
        }
        self.bytes += text.len() as u64;
        let limit = self.byte_limit;
        if self.bytes > limit {
            return refuse(format!(
                "the entities of this document expand to more than {limit} bytes, which is the limit, with the reference to {}; \
                 write the text out instead",
                name()
            ));
        }
        self.open.push(Arc::clone(text));
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// Counts a reference that contributes nothing, because what it stands for is not read.
    pub(super) fn skip(&mut self) {
        self.skipped_references += 1;
    }

    pub(super) fn skipped_references(&self) -> u64 {
        self.skipped_references
    }

    /// Counts a default value that is added to a tag, `document_bytes` into the document.
    pub(super) fn add_default(&mut self, value: &str, document_bytes: u64, at: usize) -> Result<(), Fault> {
        self.default_bytes += value.len() as u64;
        if self.default_bytes
            <= self.byte_limit.saturating_add(document_bytes.saturating_mul(DEFAULTS_PER_DOCUMENT_BYTE))
        {
            return Ok(());
        }
        let detail =
            "the default values of the DOCTYPE outgrow the document many times over; write the attributes out instead";
        Err(Fault::new(ErrorCode::XmlEntityExpansion, at, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion(entity_bytes: u64, entity_depth: usize) -> Expansion {
        Expansion::new(&Limits { entity_bytes, entity_depth, ..Limits::default() })
    }

    #[test]
    fn bytes_are_counted_over_all_replacements() {
        let text: Arc<str> = "1234".into();
        let mut expansion = expansion(8, 1);
        for _ in 0..2 {
            assert_eq!(expansion.enter("e", &text, 0), Ok(()));
            expansion.leave();
        }
        assert_eq!(
            expansion.enter("e", &text, 7).map_err(|fault| (fault.code, fault.at)),
            Err((ErrorCode::XmlEntityExpansion, 7))
        );
    }

    #[test]
    fn depth_and_recursion_are_refused() {
        let texts: [Arc<str>; 3] = ["x".into(), "x".into(), "x".into()];
        let mut expansion = expansion(100, 2);
        assert_eq!(expansion.enter("a", &texts[0], 0), Ok(()));
        let itself = expansion.enter("a", &texts[0], 0).expect_err("recursion");
        assert!(itself.detail.contains("refers to itself"));
        assert_eq!(expansion.enter("b", &texts[1], 0), Ok(()));
        let deep = expansion.enter("c", &texts[2], 0).expect_err("too deep");
        assert!(deep.detail.contains("inside 2 others"));
    }

    #[test]
    fn defaults_may_grow_with_the_document() {
        let mut expansion = expansion(10, 1);
        let value = "x".repeat(10 + 160);
        assert_eq!(expansion.add_default(&value, 10, 0), Ok(()));
        assert!(expansion.add_default("x", 10, 0).is_err());
        assert_eq!(expansion.add_default("x", 11, 0), Ok(()));
    }
}
