//! What a client may ask of a conversion. Every member may be missing; `{}` converts everything with the defaults.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    conversion::{
        CsvOptions, FileOptions, Format, Layout, MixedContent, NamespaceMode, Options, Repeated, Structure, TextMode,
    },
    domain::DocumentId,
};

/// A conversion to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConvertRequest {
    /// These documents only; all when empty.
    pub documents: Vec<DocumentId>,
    /// Documents of these groups only; all when empty.
    pub groups: Vec<String>,
    /// `auto`, `flat` or `relational`.
    #[schema(value_type = String)]
    pub layout: Layout,
    /// The element that makes one row in a flat table: a tag or a path; detected if not given.
    pub record: Option<String>,
    /// `index`, `join` or `explode`: what a flat table does with elements that repeat inside a record.
    #[schema(value_type = String)]
    pub repeated: Repeated,
    /// `strip`, `prefix` or `uri`: how namespaces show in names.
    #[schema(value_type = String)]
    pub namespaces: NamespaceMode,
    /// `trim` or `keep`: white space around texts.
    #[schema(value_type = String)]
    pub text: TextMode,
    /// `text` or `xml`: what a cell of prose holds.
    #[schema(value_type = String)]
    pub mixed: MixedContent,
    /// `values` or `complete`: whether relational tables tell all of a document's structure. `complete` makes the layout `auto`
    /// relational and goes with no `flat` one.
    // Stored only where it says something: a worker of the version before, which does not know it, can do all other jobs.
    #[schema(value_type = String)]
    #[serde(skip_serializing_if = "Structure::is_values")]
    pub structure: Structure,
    /// `csv`, `xlsx`, `jsonl` or `parquet`: the files' format.
    #[schema(value_type = String)]
    pub format: Format,
    /// Details of CSV files.
    #[schema(value_type = Object)]
    pub csv: CsvOptions,
    /// What happens when a document cannot be converted.
    pub on_error: OnError,
}

impl ConvertRequest {
    /// How documents become tables, in the engine's terms.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            layout: self.layout,
            record: self.record.clone(),
            repeated: self.repeated,
            namespaces: self.namespaces,
            text: self.text,
            mixed: self.mixed,
            structure: self.structure,
        }
    }

    /// How tables are written, in the engine's terms.
    #[must_use]
    pub fn file_options(&self) -> FileOptions {
        FileOptions { format: self.format, csv: self.csv.clone(), ..FileOptions::default() }
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
