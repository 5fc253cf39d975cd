//! Session files in a folder: `sessions/{id}/` with `metadata.json`, `input/`, `output/`, `extracted/`, `ai_index/`.
//!
//! A file is written in the session's `.tmp/` and renamed into place, so nobody ever sees half of one. One that comes in pieces is written beside
//! its place, under a name that no file has: it goes with its folder. A session is removed by renaming its
//! folder away first: from then on every path of a writer that is still open leads nowhere, and nothing it does comes back.

mod partial;
mod removal;
mod writer;

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::{
    domain::{FileKey, SessionId, Timestamp},
    ports::{
        SessionFiles, StoreError,
        error::StoreErrorKind,
        session_files::{ByteStream, FileWriter, Folder, LocalCopy, PartialFile, Removed, UploadAddress},
    },
};
use partial::FolderPartial;
use writer::FolderWriter;

/// The folders every session has.
const AREAS: [&str; 4] = ["input", "output", "extracted", "ai_index"];
/// Unfinished and temporary files of a session.
const TEMPORARY: &str = ".tmp";
/// How much is read at once.
const READ_BUFFER: usize = 64 << 10;

/// The store of session files in one folder.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    sessions: PathBuf,
}

impl FolderFiles {
    /// Uses (and makes) `root/sessions`.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let sessions = root.join("sessions");
        std::fs::create_dir_all(&sessions).map_err(failed("open"))?;
        Ok(Self { sessions })
    }

    fn session(&self, session: SessionId) -> PathBuf {
        self.sessions.join(session.to_string())
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        self.session(key.session).join(&key.path)
    }

    /// Runs file system work off the asynchronous threads.
    async fn blocking<T: Send + 'static>(
        operation: &'static str,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::new(StoreErrorKind::Internal, "files", operation, error))?
            .map_err(failed(operation))
    }
}

#[async_trait]
impl SessionFiles for FolderFiles {
    async fn create_session(&self, session: SessionId, metadata: Bytes) -> Result<(), StoreError> {
        let folder = self.session(session);
        Self::blocking("create session", move || {
            for name in AREAS.into_iter().chain([TEMPORARY]) {
                std::fs::create_dir_all(folder.join(name))?;
            }
            let unfinished = folder.join(TEMPORARY).join("metadata.json");
            std::fs::write(&unfinished, &metadata)?;
            std::fs::rename(unfinished, folder.join("metadata.json"))
        })
        .await
    }

    async fn write(&self, key: &FileKey) -> Result<Box<dyn FileWriter>, StoreError> {
        let writer = FolderWriter::create(self.session(key.session), &key.path).await.map_err(failed("write"))?;
        Ok(Box::new(writer))
    }

    async fn go_on(&self, key: &FileKey) -> Result<Option<Box<dyn PartialFile>>, StoreError> {
        let (session, path) = (self.session(key.session), key.path.clone());
        let partial = Self::blocking("go on", move || FolderPartial::open(session, path)).await?;
        Ok(partial.map(|partial| Box::new(partial) as Box<dyn PartialFile>))
    }

    async fn unpublished_bytes(&self, key: &FileKey) -> Result<Option<u64>, StoreError> {
        length(&partial::place_of(&self.session(key.session), &key.path)).await
    }

    async fn publish_local(&self, key: &FileKey, local: &Path) -> Result<u64, StoreError> {
        let (session, path, local) = (self.session(key.session), key.path.clone(), local.to_owned());
        Self::blocking("publish", move || {
            let bytes = std::fs::metadata(&local)?.len();
            writer::rename_into_place(&session, &path, &local)?;
            Ok(bytes)
        })
        .await
    }

    async fn upload_address(&self, _: &FileKey, _: Timestamp) -> Result<Option<UploadAddress>, StoreError> {
        Ok(None)
    }

    async fn bytes_of(&self, key: &FileKey) -> Result<Option<u64>, StoreError> {
        length(&self.path(key)).await
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<u64>, StoreError> {
        let (session, source, target) = (self.session(to.session), self.path(from), to.path.clone());
        Self::blocking("copy", move || writer::copy(&session, &source, &target)).await
    }

    async fn read(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, StoreError> {
        let mut file = match tokio::fs::File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read")(error)),
        };
        let length = match range {
            Some(range) => {
                file.seek(io::SeekFrom::Start(range.start)).await.map_err(failed("read"))?;
                range.end.saturating_sub(range.start)
            }
            None => u64::MAX,
        };
        let stream = ReaderStream::with_capacity(file.take(length), READ_BUFFER);
        Ok(Some(Box::pin(stream.map(|chunk| chunk.map_err(failed("read"))))))
    }

    async fn local_copy(&self, key: &FileKey) -> Result<Option<LocalCopy>, StoreError> {
        let path = self.path(key);
        let exists = tokio::fs::try_exists(&path).await.map_err(failed("find"))?;
        Ok(exists.then_some(LocalCopy { path, guard: None }))
    }

    async fn scratch(&self, session: SessionId) -> Result<tempfile::TempDir, StoreError> {
        let folder = self.session(session).join(TEMPORARY);
        Self::blocking("make scratch folder", move || tempfile::Builder::new().prefix("work-").tempdir_in(folder)).await
    }

    async fn remove(&self, key: &FileKey) -> Result<bool, StoreError> {
        let path = self.path(key);
        Self::blocking("remove", move || match std::fs::remove_file(&path) {
            Ok(()) => {
                // The folder made for this file's upload or job goes with its last file.
                path.parent().map(std::fs::remove_dir);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }

    async fn remove_folder(&self, session: SessionId, folder: &str) -> Result<Removed, StoreError> {
        let path = self.session(session).join(folder);
        Self::blocking("remove folder", move || removal::remove_tree(&path)).await
    }

    async fn list_folders(&self, session: SessionId, parent: &str) -> Result<Vec<Folder>, StoreError> {
        let path = self.session(session).join(parent);
        Self::blocking("list folders", move || removal::folders_below(&path)).await
    }

    async fn remove_abandoned(&self, session: SessionId, untouched_since: Timestamp) -> Result<Removed, StoreError> {
        let path = self.session(session).join(TEMPORARY);
        Self::blocking("remove abandoned files", move || removal::remove_untouched(&path, untouched_since)).await
    }

    async fn remove_session(&self, session: SessionId) -> Result<Removed, StoreError> {
        let sessions = self.sessions.clone();
        Self::blocking("remove session", move || removal::remove_session(&sessions, session)).await
    }

    async fn missing_place(&self) -> Result<Option<String>, StoreError> {
        let sessions = self.sessions.clone();
        let missing = move || Ok((!sessions.try_exists()?).then(|| format!("folder {}", sessions.display())));
        Self::blocking("check", missing).await
    }

    async fn list_sessions(&self) -> Result<Vec<SessionId>, StoreError> {
        let sessions = self.sessions.clone();
        Self::blocking("list sessions", move || {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(sessions)? {
                found.extend(removal::session_of(&entry?.file_name().to_string_lossy()));
            }
            found.sort_unstable();
            found.dedup();
            Ok(found)
        })
        .await
    }
}

/// How long a file is; `None` if it is not there.
async fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("measure")(error)),
    }
}

/// Gives a failure of the file system its meaning. A path that is not there means that the session was removed: files are only
/// ever opened for writing below a session's folder.
fn failed(operation: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |error| {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => StoreErrorKind::Gone,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                StoreErrorKind::Full
            }
            _ => StoreErrorKind::Internal,
        };
        StoreError::new(kind, "files", operation, error)
    }
}
