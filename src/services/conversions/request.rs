//! What a client may ask of a conversion. Every member may be missing; `{}` converts everything with the defaults.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    conversion::{CsvOptions, Options},
    domain::DocumentId,
};

/// A conversion to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConvertRequest {
    /// These documents only; all when empty.
    pub documents: Vec<DocumentId>,
    /// Documents of these groups only; all when empty.
    pub groups: Vec<String>,
    /// How documents become tables.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub options: Options,
    /// The files' format.
    pub format: Format,
    /// Details of CSV files.
    #[schema(value_type = Object)]
    pub csv: CsvOptions,
    /// What happens when a document cannot be converted.
    pub on_error: OnError,
}

/// A format of table files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RFC 4180.
    #[default]
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The format as it stands in answers, which is also the files' extension.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// What happens when a document cannot be converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// It is reported and the others are converted.
    #[default]
    Skip,
    /// Nothing is written and the job fails.
    Fail,
}
