//! A file that comes in pieces: beside its place until it is whole, and never under two hands.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

use super::{failed, writer};
use crate::ports::{StoreError, session_files::PartialFile};

/// What has arrived of a file. Held by a lock of the system, which ends with whoever has it, so that processes that share a folder for a while,
/// as an old and a new one do, keep off each other.
pub(super) struct FolderPartial {
    session: PathBuf,
    path: String,
    unfinished: PathBuf,
    file: tokio::fs::File,
    bytes: u64,
}

impl FolderPartial {
    /// Takes hold of it; `None` while somebody else has it.
    pub(super) fn open(session: PathBuf, path: String) -> io::Result<Option<Self>> {
        writer::make_parents(&session, &path)?;
        let unfinished = place_of(&session, &path);
        loop {
            let file = OpenOptions::new().create(true).append(true).open(&unfinished)?;
            match file.try_lock() {
                // Some file systems of a network know no locks; there one process alone may use the folder.
                Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
                Err(TryLockError::WouldBlock) => return Ok(None),
                _ => {}
            }
            // Published between the two it is another's file, which nobody may write to.
            if is_at(&file, &unfinished)? {
                let bytes = file.metadata()?.len();
                let file = tokio::fs::File::from_std(file);
                return Ok(Some(Self { session, path, unfinished, file, bytes }));
            }
        }
    }
}

#[async_trait]
impl PartialFile for FolderPartial {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    async fn cut(&mut self, bytes: u64) -> Result<(), StoreError> {
        if bytes < self.bytes {
            self.file.set_len(bytes).await.map_err(failed("cut"))?;
            self.bytes = bytes;
        }
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.file.write_all(&chunk).await.map_err(failed("write"))?;
        // Then the system has them, and keeps them whatever becomes of the process.
        self.file.flush().await.map_err(failed("write"))?;
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    async fn publish(self: Box<Self>) -> Result<u64, StoreError> {
        let Self { session, path, unfinished, file, bytes } = *self;
        let held = file.into_std().await;
        tokio::task::spawn_blocking(move || {
            writer::rename_into_place(&session, &path, &unfinished)?;
            drop(held);
            Ok(bytes)
        })
        .await
        .map_err(io::Error::from)
        .and_then(|renamed| renamed)
        .map_err(failed("publish"))
    }
}

/// Where a file is until it is whole. Names of files begin with no dot.
pub(super) fn place_of(session: &Path, path: &str) -> PathBuf {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    session.join(folder).join(format!(".{name}.part"))
}

/// Whether this is the file that is at the path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// An open file is not renamed here, so it is.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(session: &Path) -> Option<FolderPartial> {
        FolderPartial::open(session.to_owned(), "input/1.sent/a.xml".to_owned()).unwrap()
    }

    #[tokio::test]
    async fn what_a_dropped_one_had_is_gone_on_with_and_published_bytes_stay() {
        let session = tempfile::tempdir().unwrap();
        let mut partial = opened(session.path()).unwrap();
        partial.write(Bytes::from_static(b"<a")).await.unwrap();
        assert!(opened(session.path()).is_none(), "one at a time");
        drop(partial);
        let mut partial = opened(session.path()).unwrap();
        assert_eq!(partial.bytes(), 2);
        partial.write(Bytes::from_static(b"x")).await.unwrap();
        partial.cut(2).await.unwrap();
        partial.write(Bytes::from_static(b"/>")).await.unwrap();
        assert_eq!(Box::new(partial).publish().await.unwrap(), 4);
        let published = session.path().join("input/1.sent/a.xml");
        assert_eq!(std::fs::read(&published).unwrap(), b"<a/>");
        let mut next = opened(session.path()).unwrap();
        assert_eq!(next.bytes(), 0);
        next.write(Bytes::from_static(b"<b")).await.unwrap();
        assert_eq!(std::fs::read(published).unwrap(), b"<a/>");
    }

    #[tokio::test]
    async fn a_file_that_was_published_meanwhile_is_not_taken_for_the_unfinished_one() {
        let session = tempfile::tempdir().unwrap();
        let partial = opened(session.path()).unwrap();
        let held = std::fs::File::open(place_of(session.path(), "input/1.sent/a.xml")).unwrap();
        Box::new(partial).publish().await.unwrap();
        assert!(!is_at(&held, &place_of(session.path(), "input/1.sent/a.xml")).unwrap());
    }
}
