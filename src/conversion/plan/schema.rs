//! The tables of a plan as a caller sees them.

use serde::{Deserialize, Serialize};

use crate::conversion::shape::ColumnType;

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Safe as a file name and in SQL; unique in its plan without regard to case.
    pub name: String,
    /// The path of the element that makes a row; `*` at its end for siblings of many names and one shape.
    pub source_path: String,
    /// Where rows stand besides, or for siblings of many names all of their paths: an element inside its own kind, such as `/folder/children/folder` for the table of
    /// `/folder`. A row says by `_element` at which path it stands; without that column a row with a `_parent` stands at the
    /// one path here.
    #[serde(default)]
    pub recursion_paths: Vec<String>,
    /// Key columns first, then values in document order.
    pub columns: Vec<Column>,
    /// The column that tells rows apart, if there is one.
    pub primary_key: Option<String>,
    /// The table that every `_parent` points into. `None` if there is no such column, or if it points into several tables;
    /// the column `_element` then tells which.
    pub parent: Option<ParentLink>,
    /// Rows there will be: exact for every layout but `explode`, where there may be more.
    pub rows_estimate: u64,
}

/// Where the column `_parent` points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentLink {
    /// The name of the table, which may be the table itself.
    pub table: String,
    /// Its key column.
    pub column: String,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Unique in its table without regard to case.
    pub name: String,
    /// The path that the values come from; empty for keys.
    pub source_path: String,
    /// Key or value.
    pub role: ColumnRole,
    /// What every value may be read as.
    pub column_type: ColumnType,
    /// Of a decimal column whose values all have as many decimals: how many.
    pub decimals: Option<u8>,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Whether a cell may hold several values joined by `|`, a `|` or `\` inside a value having a `\` in front.
    pub joined: bool,
    /// Whether a cell holds the markup inside an element rather than its text (prose with `mixed: xml`).
    #[serde(default)]
    pub markup: bool,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// Made by the conversion.
    Key(Key),
    /// Taken from the document.
    Value,
}

/// The key columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// `_id`: 1, 2, 3 … in the order of the documents.
    Id,
    /// `_parent`: the `_id` of the row around this one; empty for an outermost row of a table that refers to itself.
    Parent,
    /// `_ord`: 1, 2, 3 … among the elements of one path inside one element.
    Ord,
    /// `_document`: the label of the source document.
    Document,
    /// `_element`: the path of the row's element, in a table whose rows stand at several paths.
    Element,
    /// `_pos`: 1, 2, 3 … among all elements inside one element, with `structure: complete`.
    Pos,
    /// `_content`: the elements of the row that have no rows of their own, in document order, with `structure: complete`. Each is
    /// `name@position`, with those inside it in parentheses behind: `title@1 author@2(name@1 mail@2) price@7`. Names are those of
    /// the last step of source paths, positions as in `_pos`.
    Content,
}

impl Key {
    /// All keys, in the order in which their columns stand.
    pub const ALL: [Self; 7] =
        [Self::Id, Self::Parent, Self::Ord, Self::Document, Self::Element, Self::Pos, Self::Content];

    /// The column's name.
    #[must_use]
    pub fn column_name(self) -> &'static str {
        match self {
            Self::Id => "_id",
            Self::Parent => "_parent",
            Self::Ord => "_ord",
            Self::Document => "_document",
            Self::Element => "_element",
            Self::Pos => "_pos",
            Self::Content => "_content",
        }
    }

    pub(super) fn column_type(self) -> ColumnType {
        match self {
            Self::Id | Self::Parent | Self::Ord | Self::Pos => ColumnType::Integer,
            Self::Document | Self::Element | Self::Content => ColumnType::Text,
        }
    }
}

/// Something a user should know about a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The kind.
    pub code: WarningCode,
    /// What was done instead, and why.
    pub detail: String,
    /// How often.
    pub count: u64,
}

/// The kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningCode {
    /// A flat table would have had too many columns; the tables are relational.
    FlatTooWide,
    /// The record holds itself, which no flat table can; the tables are relational.
    FlatRecursive,
    /// References to entities that are not declared or stand outside of the documents contributed nothing; see
    /// [`ExternalEntities`](crate::conversion::ExternalEntities).
    EntitiesSkipped,
}

impl WarningCode {
    /// The code as it stands in answers and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FlatTooWide => "flat_too_wide",
            Self::FlatRecursive => "flat_recursive",
            Self::EntitiesSkipped => "entities_skipped",
        }
    }
}
