//! Taking in files: streamed to the store, opened, scanned, and only then visible, all of a file together.

mod by_ticket;
mod collect;
mod content;
mod open;
mod presence;
mod report;
mod ticket;
mod turns;
mod watch;
mod work;

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Policy, Stores, audit::AuditService, auth::Secrets, files::remove_bytes, intake::UploadKind};
use crate::{
    domain::{
        DocumentProblem, FileKey, SessionId, UploadId,
        file::hexadecimal,
        names::{EntryName, check_entry_name, sanitize_component},
    },
    ports::{
        StoreError,
        catalog::{NewUpload, Published},
        error::StoreErrorKind,
        session_files::FileWriter,
    },
};
pub use by_ticket::{Destination, Offer, TicketError};
pub use content::{Arrived, IncomingContent, Sending};
use open::{Opened, Source, open_local};
use presence::Presence;
pub use report::{GroupSummary, UploadReport, UploadedFile};
use ticket::Tickets;
pub(super) use ticket::awaited_until;
use turns::Turns;
use watch::Watch as _;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The name given cannot be used.
    #[error("the file name cannot be used: {0}")]
    InvalidName(String),
    /// The file is larger than the limit, in bytes.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty {
        /// Its name.
        name: String,
    },
    /// There is no document in it that could be read; each entry says why.
    #[error("no readable XML document was found")]
    NoDocuments {
        /// What was found instead.
        rejected: Vec<DocumentProblem>,
    },
    /// A file in it has the path of one that came with another upload.
    #[error("a path is taken")]
    PathTaken,
    /// The session ended while the file came in.
    #[error("the session has ended")]
    SessionEnded,
    /// A store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        if error.kind == StoreErrorKind::Gone { Self::SessionEnded } else { Self::Store(error) }
    }
}

/// A file that is stored and scanned but not visible yet.
pub struct PreparedUpload {
    upload: NewUpload,
    kind: UploadKind,
    rejected: Vec<DocumentProblem>,
    /// Until it is published or forgotten, nobody may take its files for orphans.
    presence: Presence,
}

/// A file that is coming in.
pub struct IncomingFile {
    id: UploadId,
    session: SessionId,
    name: String,
    key: FileKey,
    writer: Box<dyn FileWriter>,
    digest: Sha256,
    bytes: u64,
    limit: u64,
    presence: Presence,
}

impl IncomingFile {
    /// The name that people will see.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), UploadError> {
        self.bytes += chunk.len() as u64;
        if self.bytes > self.limit {
            return Err(UploadError::TooLarge { limit: self.limit });
        }
        self.digest.update(&chunk);
        self.presence.check()?;
        Ok(self.writer.write(chunk).await?)
    }
}

/// Takes files in.
#[derive(Clone)]
pub struct UploadService {
    stores: Stores,
    policy: Arc<Policy>,
    tickets: Arc<Tickets>,
    turns: Arc<Turns>,
    audit: AuditService,
    scans: Arc<Semaphore>,
}

/// Uploads that are opened and scanned at once: each holds a thread and keeps a core busy.
const SCANNED_AT_ONCE: usize = 8;

impl UploadService {
    pub(super) fn new(stores: Stores, policy: Arc<Policy>, secrets: &Secrets, audit: AuditService) -> Self {
        let tickets = Arc::new(Tickets::new(&secrets.token_key));
        let scans = Arc::new(Semaphore::new(SCANNED_AT_ONCE));
        Self { stores, policy, tickets, turns: Arc::default(), audit, scans }
    }

    /// How many files one request may bring.
    #[must_use]
    pub fn files_at_once(&self) -> usize {
        self.policy.upload_files
    }

    /// How many bytes one file may have.
    #[must_use]
    pub fn bytes_at_most(&self) -> u64 {
        self.policy.upload_bytes
    }

    /// Starts a file. The name is what people will see; folders in it are kept.
    pub async fn begin(&self, session: SessionId, name: &str) -> Result<IncomingFile, UploadError> {
        let entry = check_file_name(name)?;
        let id = UploadId(self.stores.ids.next());
        let key = FileKey::new(session, format!("input/{id}/{}", sanitize_component(entry.file_name())));
        let writer = self.stores.session_files.write(&key).await?;
        let (name, limit) = (entry.as_str().to_owned(), self.policy.upload_bytes);
        let presence = Presence::of(&self.stores, session);
        Ok(IncomingFile { id, session, name, key, writer, digest: Sha256::new(), bytes: 0, limit, presence })
    }

    /// Finishes a file: stores it, opens it and scans every document in it. Nothing is visible yet.
    pub async fn prepare(&self, incoming: IncomingFile) -> Result<PreparedUpload, UploadError> {
        let IncomingFile { id, session, name, key, writer, digest, bytes, presence, .. } = incoming;
        if bytes == 0 {
            return Err(UploadError::Empty { name });
        }
        let sha256 = hexadecimal(&digest.finalize());
        writer.publish().await?;
        let source = Source { upload: id, name, key, folder: id.to_string() };
        match self.open_stored(&source, presence.clone()).await {
            Ok(opened) => {
                let (kind, rejected) = (opened.kind, opened.rejected.clone());
                let upload = opened.describe(source, bytes, sha256, self.stores.clock.now());
                Ok(PreparedUpload { upload, kind, rejected, presence })
            }
            Err(error) => {
                self.remove_stored(session, id).await;
                Err(error)
            }
        }
    }

    async fn open_stored(&self, source: &Source, presence: Presence) -> Result<Opened, UploadError> {
        let local = self.stores.session_files.local_copy(&source.key).await?.ok_or(UploadError::SessionEnded)?;
        self.open(source, open_local(&local.path).await?, presence).await
    }

    /// Makes prepared files visible, all together. A file of a name that is there already replaces it with all that came of it.
    /// `rejected` are files of the same request in which nothing could be read: they are reported beside.
    pub async fn publish(
        &self,
        prepared: Vec<PreparedUpload>,
        rejected: Vec<DocumentProblem>,
    ) -> Result<UploadReport, UploadError> {
        let mut report = UploadReport { rejected, ..UploadReport::default() };
        let mut uploads = Vec::with_capacity(prepared.len());
        let mut presences = Vec::with_capacity(prepared.len());
        for PreparedUpload { upload, kind, rejected, presence } in prepared {
            presences.push(presence);
            report.add(&upload, kind, rejected);
            uploads.push(upload);
        }
        let error = match self.stores.catalog.publish_uploads(&uploads).await {
            Ok(Published::Done { obsolete }) => {
                if let Some(upload) = uploads.first() {
                    remove_bytes(&self.stores, upload.session, &obsolete).await;
                }
                return Ok(report);
            }
            Ok(Published::SessionClosed) => UploadError::SessionEnded,
            Ok(Published::PathTaken) => UploadError::PathTaken,
            // It may be published for all that: what was lost is the answer. Bytes that are nobody's are swept later.
            Err(error) if error.kind == StoreErrorKind::Unavailable => return Err(error.into()),
            Err(error) => error.into(),
        };
        self.discard(uploads.into_iter()).await;
        Err(error)
    }

    /// Forgets files that were prepared but are not to be published.
    pub async fn discard_prepared(&self, prepared: Vec<PreparedUpload>) {
        self.discard(prepared.into_iter().map(|prepared| prepared.upload)).await;
    }

    async fn discard(&self, uploads: impl Iterator<Item = NewUpload>) {
        for upload in uploads {
            self.remove_stored(upload.session, upload.id).await;
        }
    }

    async fn remove_stored(&self, session: SessionId, upload: UploadId) {
        for area in ["input", "extracted"] {
            if let Err(error) = self.stores.session_files.remove_folder(session, &format!("{area}/{upload}")).await {
                tracing::warn!(session_id = %session, %error, "a refused upload could not be removed yet");
            }
        }
    }
}

/// A name that a file can have: that of an entry of an archive, and not of a folder.
fn check_file_name(name: &str) -> Result<EntryName, UploadError> {
    let entry = check_entry_name(name).map_err(|problem| UploadError::InvalidName(problem.to_string()))?;
    if entry.is_directory() {
        return Err(UploadError::InvalidName("the name is that of a folder".into()));
    }
    Ok(entry)
}
