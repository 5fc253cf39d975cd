//! What came of an upload, as it is answered.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    domain::{AuditEntry, DocumentProblem, UploadId, audit::shown},
    ports::catalog::NewUpload,
    services::intake::UploadKind,
};

/// Names of files that an entry of the audit log has at most.
const NAMES_IN_AUDIT: usize = 20;

/// One file as it was taken in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UploadedFile {
    /// Identity of the upload.
    pub id: UploadId,
    /// Its name.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// What it is.
    pub kind: UploadKind,
}

/// Documents that convert together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupSummary {
    /// The group's name.
    pub name: String,
    /// How many documents it has.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What came of one request's files.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct UploadReport {
    /// The files.
    pub files: Vec<UploadedFile>,
    /// Documents that can be converted.
    pub documents: u64,
    /// Their groups, by name.
    pub groups: Vec<GroupSummary>,
    /// What cannot be converted, and why.
    pub rejected: Vec<DocumentProblem>,
}

impl UploadReport {
    /// An entry of the audit log, with what was taken in.
    #[must_use]
    pub fn describe(&self, entry: AuditEntry) -> AuditEntry {
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        let mut about = json!({ "files": self.files.len(), "documents": self.documents, "bytes": bytes });
        if let [file] = &self.files[..] {
            return entry.about(&file.name).with(about);
        }
        about["names"] = self.files.iter().take(NAMES_IN_AUDIT).map(|file| shown(&file.name)).collect();
        entry.with(about)
    }

    /// Adds one file with its documents.
    pub(super) fn add(&mut self, upload: &NewUpload, kind: UploadKind, rejected: Vec<DocumentProblem>) {
        for scanned in upload.documents.iter().filter(|scanned| scanned.document.problem.is_none()) {
            let document = &scanned.document;
            self.documents += 1;
            match self.groups.iter_mut().find(|group| group.name == document.group) {
                Some(group) => {
                    group.documents += 1;
                    group.bytes += document.bytes;
                }
                None => {
                    let name = document.group.clone();
                    self.groups.push(GroupSummary { name, documents: 1, bytes: document.bytes });
                }
            }
        }
        self.groups.sort_by(|a, b| a.name.cmp(&b.name));
        self.files.push(UploadedFile {
            id: upload.id,
            name: upload.file.path.clone(),
            bytes: upload.file.bytes,
            sha256: upload.file.sha256.clone().unwrap_or_default(),
            kind,
        });
        self.rejected.extend(rejected);
    }
}
