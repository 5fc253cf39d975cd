//! Opening a stored file and scanning every document in it.

use std::{fs::File, io, path::Path};

use tokio::runtime::Handle;

use super::{UploadError, UploadService, collect::Collector, watch::Watch};
use crate::{
    domain::{Area, DocumentProblem, FileKey, StoredFile, Timestamp, UploadId},
    ports::{
        StoreError,
        catalog::{NewUpload, ScannedDocument},
        error::StoreErrorKind,
    },
    services::{
        blocking,
        intake::{self, IntakeError, UploadKind},
        take_slot,
    },
};

/// A stored file whose documents nobody knows yet.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) upload: UploadId,
    /// What people call it.
    pub(super) name: String,
    /// Where its bytes are.
    pub(super) key: FileKey,
    /// The folder of what is found inside, below `extracted/`.
    pub(super) folder: String,
}

/// What a file turned out to hold; at least one document can be converted.
pub(super) struct Opened {
    pub(super) kind: UploadKind,
    pub(super) rejected: Vec<DocumentProblem>,
    extracted: Vec<StoredFile>,
    documents: Vec<ScannedDocument>,
}

impl Opened {
    /// The upload with all its rows, ready to be published.
    pub(super) fn describe(self, source: Source, bytes: u64, sha256: String, at: Timestamp) -> NewUpload {
        let content_type = match self.kind {
            UploadKind::Xml => "application/xml",
            UploadKind::Zip => "application/zip",
            UploadKind::Other => "application/octet-stream",
        };
        let file = StoredFile {
            area: Area::Input,
            path: source.name,
            key: source.key.path,
            bytes,
            sha256: Some(sha256),
            content_type: content_type.into(),
            modified_at: at,
        };
        let (extracted, documents) = (self.extracted, self.documents);
        NewUpload { id: source.upload, session: source.key.session, at, file, extracted, documents }
    }
}

impl UploadService {
    /// Opens the file and scans every document in it. Nothing becomes visible.
    pub(super) async fn open(
        &self,
        source: &Source,
        file: File,
        watch: impl Watch + 'static,
    ) -> Result<Opened, UploadError> {
        let spool = self.stores.session_files.scratch(source.key.session).await?;
        let collector = Collector::new(&self.stores, &self.policy, Handle::current(), source.clone(), watch);
        let (limits, name) = (self.policy.archive.clone(), source.name.clone());
        let slot = take_slot(&self.scans).await?;
        let walked = blocking("open upload", move || {
            let _slot = slot;
            walk(file, &name, &limits, spool.path(), collector)
        })
        .await?;
        let (summary, collector) = walked?;
        let mut rejected = collector.problems;
        rejected.extend(summary.rejected.into_iter().map(DocumentProblem::from));
        if collector.documents.iter().all(|scanned| scanned.document.problem.is_some()) {
            return Err(UploadError::NoDocuments { rejected });
        }
        let (extracted, documents) = (collector.extracted, collector.documents);
        Ok(Opened { kind: summary.kind, rejected, extracted, documents })
    }
}

/// Opens a file of this machine for reading.
pub(super) async fn open_local(path: &Path) -> Result<File, StoreError> {
    match tokio::fs::File::open(path).await {
        Ok(file) => Ok(file.into_std().await),
        // A logout removes it while its name is still known.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(StoreError::new(StoreErrorKind::Gone, "intake", "open upload", error))
        }
        Err(error) => Err(machine_failed(error.into())),
    }
}

/// Walks the stored file on a thread that may block.
fn walk(
    file: File,
    name: &str,
    limits: &intake::ArchiveLimits,
    spool: &Path,
    mut collector: Collector,
) -> Result<(intake::Summary, Collector), UploadError> {
    match intake::walk(file, name, limits, spool, &mut collector) {
        Ok(summary) => Ok((summary, collector)),
        Err(IntakeError::Sink(error)) => Err(error.into()),
        Err(IntakeError::Spool(error)) if error.kind() == io::ErrorKind::StorageFull => {
            Err(StoreError::new(StoreErrorKind::Full, "intake", "spool a nested archive", error).into())
        }
        Err(IntakeError::Spool(error)) if error.kind() == io::ErrorKind::NotFound => Err(UploadError::SessionEnded),
        Err(error) => Err(machine_failed(error.into()).into()),
    }
}

pub(super) fn machine_failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "intake", "read upload", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_a_logout_removed_is_gone_and_no_trouble_of_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let error = open_local(&folder.path().join("a.xml")).await.unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Gone);
    }
}
