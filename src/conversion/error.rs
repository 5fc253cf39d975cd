//! What can be wrong with a document, and where.
//!
//! Every problem has a stable [`ErrorCode`], a [`Position`] where one is known, and a sentence that names what is wrong
//! and what would mend it. Nothing here ever carries a path of the machine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a document. Bytes count from 0 in the source encoding as decoded to UTF-8; lines and columns count from 1,
/// columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Offset in bytes of the decoded (UTF-8) text.
    pub byte: u64,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

/// The kind of a problem: stable, snake_case on the wire, one entry each in `docs/problems.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The document breaks a rule of XML 1.0 or of Namespaces in XML.
    XmlNotWellFormed,
    /// The document ends inside an element, a tag or another construct.
    XmlTruncated,
    /// The document holds nothing but white space.
    XmlEmpty,
    /// A byte sequence is not of the document's encoding, or the encoding is not one that is read.
    XmlEncoding,
    /// A reference to an entity that was never declared.
    XmlEntityUndeclared,
    /// A reference to an external entity: those are never fetched.
    XmlEntityExternal,
    /// Entities refer to themselves, or grow beyond the budget.
    XmlEntityExpansion,
    /// Elements nest deeper than the limit.
    XmlTooDeep,
    /// A single tag, text or attribute is longer than the limit.
    XmlTokenTooLong,
    /// An element has more attributes than the limit.
    XmlTooManyAttributes,
    /// The document has more distinct element paths than the limit.
    TooManyPaths,
    /// The tables would have more columns than the limit.
    TooManyColumns,
    /// There would be more tables than the limit.
    TooManyTables,
    /// The record asked for occurs nowhere in the document.
    RecordNotFound,
    /// A document has something that the shape it is converted by does not know: it changed since it was scanned.
    ShapeMismatch,
    /// An option has a value that cannot be used.
    InvalidOption,
    /// A value is longer than a cell of the format can be.
    CellTooLong,
    /// The caller's sink or source failed, or the caller asked to stop.
    Interrupted,
}

impl ErrorCode {
    /// The code as it stands in answers and reports, for instance `xml_too_deep`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::XmlNotWellFormed => "xml_not_well_formed",
            Self::XmlTruncated => "xml_truncated",
            Self::XmlEmpty => "xml_empty",
            Self::XmlEncoding => "xml_encoding",
            Self::XmlEntityUndeclared => "xml_entity_undeclared",
            Self::XmlEntityExternal => "xml_entity_external",
            Self::XmlEntityExpansion => "xml_entity_expansion",
            Self::XmlTooDeep => "xml_too_deep",
            Self::XmlTokenTooLong => "xml_token_too_long",
            Self::XmlTooManyAttributes => "xml_too_many_attributes",
            Self::TooManyPaths => "too_many_paths",
            Self::TooManyColumns => "too_many_columns",
            Self::TooManyTables => "too_many_tables",
            Self::RecordNotFound => "record_not_found",
            Self::ShapeMismatch => "shape_mismatch",
            Self::InvalidOption => "invalid_option",
            Self::CellTooLong => "cell_too_long",
            Self::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One problem of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The kind of problem.
    pub code: ErrorCode,
    /// Where, if the problem has a place.
    pub position: Option<Position>,
    /// What is wrong and what would mend it, in one or two sentences without a final full stop.
    pub detail: String,
}

impl Error {
    /// A problem without a place.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, position: None, detail: detail.into() }
    }

    /// A problem at a place.
    pub fn at(code: ErrorCode, position: Position, detail: impl Into<String>) -> Self {
        Self { code, position: Some(position), detail: detail.into() }
    }

    /// The same problem, placed.
    #[must_use]
    pub fn placed(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column, .. }) => {
                write!(f, "line {line}, column {column}: {} ({})", self.detail, self.code)
            }
            None => write!(f, "{} ({})", self.detail, self.code),
        }
    }
}

impl std::error::Error for Error {}
