//! The bytes of session files. Which of them a person sees is the catalog's matter; here are only keys and bytes.

use std::{ops::Range, path::Path, path::PathBuf, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;

use super::StoreError;
use crate::domain::{FileKey, SessionId, Timestamp};

/// Bytes of a file as they come.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, StoreError>> + Send>>;

/// What a removal removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A folder of a session's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its name, without the parent's.
    pub name: String,
    /// When something in it was last changed.
    pub modified_at: Timestamp,
}

/// A file on this machine that holds the bytes of a stored one: the stored file itself or a temporary copy, which goes when this is
/// dropped.
#[derive(Debug)]
pub struct LocalCopy {
    /// Where to open it; never to be written.
    pub path: PathBuf,
    /// Keeps a temporary copy alive.
    pub guard: Option<tempfile::TempPath>,
}

/// An address of the store itself that takes the bytes of one file by `PUT`, from whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadAddress {
    /// The whole URL, with what authorises it.
    pub url: String,
    /// Names and values of the headers that have to be sent with the bytes.
    pub headers: Vec<(String, String)>,
}

/// A file that is being written. Invisible under its key until published; dropped unpublished it leaves nothing.
#[async_trait]
pub trait FileWriter: Send {
    /// Appends bytes.
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError>;

    /// Makes the file durable and visible under its key in one step; how many bytes it has. Replaces a file of the same key.
    async fn publish(self: Box<Self>) -> Result<u64, StoreError>;
}

/// A file that comes in pieces, and one at a time holds. Invisible under its key until published; dropped unpublished it keeps what was written,
/// where the store can, until somebody goes on with it or its folder is removed.
#[async_trait]
pub trait PartialFile: Send {
    /// How many bytes it has.
    fn bytes(&self) -> u64;

    /// Takes back what it has behind so many bytes, of which it has not fewer.
    async fn cut(&mut self, bytes: u64) -> Result<(), StoreError>;

    /// Appends bytes. Once this has returned they outlive the process.
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError>;

    /// As [`FileWriter::publish`].
    async fn publish(self: Box<Self>) -> Result<u64, StoreError>;
}

/// The store of session files.
#[async_trait]
pub trait SessionFiles: Send + Sync {
    /// Makes room for a session and keeps `metadata` (JSON) with it.
    async fn create_session(&self, session: SessionId, metadata: Bytes) -> Result<(), StoreError>;

    /// Starts a file. `Gone` when the session's files were removed.
    async fn write(&self, key: &FileKey) -> Result<Box<dyn FileWriter>, StoreError>;

    /// Goes on with a file that comes in pieces behind those that have arrived, or starts it. `None` while somebody else holds it. `Gone` as for
    /// `write`.
    async fn go_on(&self, key: &FileKey) -> Result<Option<Box<dyn PartialFile>>, StoreError>;

    /// How many bytes have arrived of a file that comes in pieces and is not published yet; `None` if nothing is kept of it.
    async fn unpublished_bytes(&self, key: &FileKey) -> Result<Option<u64>, StoreError>;

    /// Publishes a finished file of this machine under a key, and removes it from where it was. How many bytes it has.
    async fn publish_local(&self, key: &FileKey, local: &Path) -> Result<u64, StoreError>;

    /// Where a client may put the bytes of a file itself until `until`, past the service; they are visible under the key once they are whole,
    /// like those of a writer. `None` if the store has no such addresses: then the service takes the bytes for it.
    async fn upload_address(&self, key: &FileKey, until: Timestamp) -> Result<Option<UploadAddress>, StoreError>;

    /// How many bytes a file has; `None` if it is not there.
    async fn bytes_of(&self, key: &FileKey) -> Result<Option<u64>, StoreError>;

    /// Publishes the bytes that a file has now under another key of the session, without sending them through the service; what is later
    /// put under the first key does not change the second. How many bytes it has; `None` if there is no such file. `Gone` as for `write`.
    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<u64>, StoreError>;

    /// The bytes of a file, or of a part of it (`range` lies within the file).
    async fn read(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, StoreError>;

    /// The file as one that can be opened and sought on this machine.
    async fn local_copy(&self, key: &FileKey) -> Result<Option<LocalCopy>, StoreError>;

    /// A folder of this machine for temporary files of the session's work; goes when dropped. `Gone` as for `write`.
    async fn scratch(&self, session: SessionId) -> Result<tempfile::TempDir, StoreError>;

    /// Removes one file; `true` if it was there.
    async fn remove(&self, key: &FileKey) -> Result<bool, StoreError>;

    /// Removes every file whose key starts with `folder` and a `/`.
    async fn remove_folder(&self, session: SessionId, folder: &str) -> Result<Removed, StoreError>;

    /// Folders directly below `parent`, with the time of the last change in each: what the sweep for orphans looks at.
    async fn list_folders(&self, session: SessionId, parent: &str) -> Result<Vec<Folder>, StoreError>;

    /// Removes unfinished and temporary files that nobody has written to since `untouched_since`: their process was killed.
    async fn remove_abandoned(&self, session: SessionId, untouched_since: Timestamp) -> Result<Removed, StoreError>;

    /// Removes everything of the session, metadata and unfinished files included. Writers of the session that are still open fail from now
    /// on. May be repeated.
    async fn remove_session(&self, session: SessionId) -> Result<Removed, StoreError>;

    /// What all sessions' files are in, if it is not there: the first session makes it, so it may be missing only as long as there is none.
    async fn missing_place(&self) -> Result<Option<String>, StoreError>;

    /// Sessions that have anything here.
    async fn list_sessions(&self) -> Result<Vec<SessionId>, StoreError>;
}
