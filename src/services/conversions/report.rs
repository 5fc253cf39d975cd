//! What a conversion reports: the `result` of its job.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    conversion::{Column, ColumnRole, ColumnType, ParentLink, Table},
    domain::DocumentProblem,
};

/// The result of a conversion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConversionReport {
    /// The tables that were written.
    pub tables: Vec<TableReport>,
    /// How many documents were converted and how many were not.
    pub documents: DocumentCounts,
    /// Rows of all tables.
    pub rows: u64,
    /// One entry for each document that was not converted.
    pub errors: Vec<DocumentProblem>,
    /// What was done otherwise than asked.
    pub warnings: Vec<WarningReport>,
    /// Where the description of all tables is.
    pub schema_path: String,
    /// The uploads whose documents are in the tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputReport>,
}

/// An upload as it was when it was converted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InputReport {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Documents by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentCounts {
    /// Documents whose values are in the tables.
    pub converted: u64,
    /// Documents that could not be read.
    pub failed: u64,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableReport {
    /// Its name, in SQL too.
    pub name: String,
    /// Its file, area first: `output/ORDERS/line.csv`.
    pub path: String,
    /// The file's format.
    pub format: String,
    /// The group whose documents it holds.
    pub group: String,
    /// How many rows it has.
    pub rows: u64,
    /// Its columns in order.
    pub columns: Vec<ColumnReport>,
    /// Size of the file.
    pub bytes: u64,
    /// The column that tells rows apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<String>,
    /// The table and column that `_parent` points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub parent: Option<ParentLink>,
    /// The path of the element that makes a row.
    pub source_path: String,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// The path its values come from; empty for keys.
    pub source_path: String,
    /// What every value may be read as.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub column_type: ColumnType,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Whether the conversion made it.
    pub key: bool,
}

/// Something that was done otherwise than asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningReport {
    /// The group it is about.
    pub file: String,
    /// The kind.
    pub code: String,
    /// What was done instead, and why.
    pub detail: String,
    /// How often.
    pub count: u64,
}

impl From<&Column> for ColumnReport {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            source_path: column.source_path.clone(),
            column_type: column.column_type,
            nullable: column.nullable,
            key: matches!(column.role, ColumnRole::Key(_)),
        }
    }
}

impl TableReport {
    /// The report of a table before anything is written: no rows, no bytes.
    #[must_use]
    pub fn planned(table: &Table, group: &str, path: String, format: &str) -> Self {
        Self {
            name: table.name.clone(),
            path,
            format: format.to_owned(),
            group: group.to_owned(),
            rows: 0,
            columns: table.columns.iter().map(ColumnReport::from).collect(),
            bytes: 0,
            primary_key: table.primary_key.clone(),
            parent: table.parent.clone(),
            source_path: table.source_path.clone(),
        }
    }
}
