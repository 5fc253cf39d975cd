//! An XML document found in an upload, with what its scan found out.

use serde::{Deserialize, Serialize};

use super::{DocumentId, UploadId};

/// What is wrong with a document that could not be scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentProblem {
    /// The document's path.
    pub file: String,
    /// Line of the fault, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column of the fault in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The kind of problem, snake_case.
    pub code: String,
    /// What is wrong and what would mend it.
    pub detail: String,
}

/// A document of a session. Either the scan succeeded and `root` is known, or `problem` says why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Identity of the document.
    pub id: DocumentId,
    /// The upload it came with.
    pub upload: UploadId,
    /// The path people see: the file's name, or the way through the archives.
    pub path: String,
    /// The group it converts with.
    pub group: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Where its bytes are, below the session's folder.
    pub key: String,
    /// Name of the root element.
    pub root: Option<String>,
    /// Path of the detected record.
    pub record_path: Option<String>,
    /// How many records there are.
    pub records_estimate: Option<u64>,
    /// Why it cannot be converted.
    pub problem: Option<DocumentProblem>,
}
