//! Every limit of the engine in one place, with its default.

use serde::{Deserialize, Serialize};

/// What a document may ask of the engine. A document beyond a limit is refused with the code named; nothing is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Open elements at once, the root counting 1 (`xml_too_deep`).
    pub depth: usize,
    /// Attributes of one element, namespace declarations included (`xml_too_many_attributes`).
    pub attributes: usize,
    /// Bytes of one token: a tag with its attributes, one run of text, one comment (`xml_token_too_long`).
    pub token_bytes: usize,
    /// Bytes of one name of an element or attribute, its prefix left out, and of its namespace (`xml_token_too_long`).
    pub name_bytes: usize,
    /// Bytes of the internal DTD subset (`xml_token_too_long`).
    pub dtd_bytes: usize,
    /// Bytes that the entities of one document may expand to in total (`xml_entity_expansion`).
    pub entity_bytes: u64,
    /// Entities inside entities (`xml_entity_expansion`).
    pub entity_depth: usize,
    /// Distinct element paths of one shape (`too_many_paths`).
    pub paths: usize,
    /// Columns of one table (`too_many_columns`; a flat table over it turns relational instead).
    pub columns: usize,
    /// Tables of one plan (`too_many_tables`).
    pub tables: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 256,
            attributes: 1_024,
            token_bytes: 64 << 20,
            name_bytes: 4 << 10,
            dtd_bytes: 256 << 10,
            entity_bytes: 8 << 20,
            entity_depth: 16,
            paths: 10_000,
            columns: 16_384,
            tables: 1_000,
        }
    }
}
