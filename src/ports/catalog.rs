//! The catalog: which files and documents a session has. A row here is what makes a file visible.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{Area, Document, DocumentId, SessionId, StoredFile, Timestamp, UploadId};

/// A document with what a conversion needs beyond what is shown.
#[derive(Clone, Debug)]
pub struct ScannedDocument {
    /// What is shown.
    pub document: Document,
    /// The engine's shape of it, serialized; `None` when the scan failed.
    pub shape: Option<String>,
}

/// An upload that is ready: all its bytes are stored, nothing of it is visible yet.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// Identity of the upload.
    pub id: UploadId,
    /// The session it belongs to.
    pub session: SessionId,
    /// When it was finished.
    pub at: Timestamp,
    /// The uploaded file itself; its path is the upload's name.
    pub file: StoredFile,
    /// Documents found inside, if it is an archive.
    pub extracted: Vec<StoredFile>,
    /// The documents.
    pub documents: Vec<ScannedDocument>,
}

/// How publishing into a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is visible. Keys whose files are not referred to any more and may be removed.
    Done {
        /// Keys of files that this publication replaced.
        obsolete: Vec<String>,
    },
    /// The session is closed or gone; nothing changed.
    SessionClosed,
    /// A path is that of a file of another upload; nothing changed.
    PathTaken,
}

/// What a removal of a file took with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemovedFiles {
    /// Keys whose bytes may be removed now; empty when there was no such file.
    pub keys: Vec<String>,
}

/// The store of files' and documents' rows.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Publishes uploads of one session: their files, what was found inside and the documents become visible together, all or none. An
    /// earlier upload of the same name is replaced with all that came of it.
    async fn publish_uploads(&self, uploads: &[NewUpload]) -> Result<Published, StoreError>;

    /// Files of a session in order of area and path, after `after`, at most `limit`.
    async fn list_files(
        &self,
        session: SessionId,
        area: Option<Area>,
        after: Option<(Area, String)>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, StoreError>;

    /// One file.
    async fn get_file(&self, session: SessionId, area: Area, path: &str) -> Result<Option<StoredFile>, StoreError>;

    /// Removes a file's row. An input takes its extracted files and its documents with it, an extracted file its document.
    async fn remove_file(&self, session: SessionId, area: Area, path: &str) -> Result<RemovedFiles, StoreError>;

    /// Documents of a session in order of finding, after `after`, at most `limit`; of one group only if given.
    async fn list_documents(
        &self,
        session: SessionId,
        group: Option<&str>,
        after: Option<DocumentId>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError>;

    /// The shape of a document, serialized, if it was scanned.
    async fn get_shape(&self, session: SessionId, document: DocumentId) -> Result<Option<String>, StoreError>;

    /// Bytes of all visible files of all sessions.
    async fn total_bytes(&self) -> Result<u64, StoreError>;
}
