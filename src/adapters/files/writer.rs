//! Writing under a temporary name and renaming into place.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use super::{TEMPORARY, failed};
use crate::ports::{StoreError, session_files::FileWriter};

/// A file of a session while it is written. Dropped, it removes what it wrote.
pub(super) struct FolderWriter {
    session: PathBuf,
    path: String,
    file: tokio::fs::File,
    unfinished: TempPath,
    bytes: u64,
}

impl FolderWriter {
    pub(super) async fn create(session: PathBuf, path: &str) -> io::Result<Self> {
        let folder = session.join(TEMPORARY);
        let unfinished =
            tokio::task::spawn_blocking(move || tempfile::Builder::new().suffix(".part").tempfile_in(folder)).await??;
        let (file, unfinished) = unfinished.into_parts();
        Ok(Self { session, path: path.to_owned(), file: tokio::fs::File::from_std(file), unfinished, bytes: 0 })
    }
}

#[async_trait]
impl FileWriter for FolderWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.bytes += chunk.len() as u64;
        self.file.write_all(&chunk).await.map_err(failed("write"))
    }

    async fn publish(mut self: Box<Self>) -> Result<u64, StoreError> {
        self.file.flush().await.map_err(failed("publish"))?;
        let file = self.file.into_std().await;
        let (session, path, unfinished) = (self.session, self.path, self.unfinished);
        tokio::task::spawn_blocking(move || {
            drop(file);
            rename_into_place(&session, &path, &unfinished)?;
            // Renamed: there is nothing left to remove.
            let _ = unfinished.keep();
            Ok(())
        })
        .await
        .map_err(io::Error::from)
        .and_then(|renamed| renamed)
        .map_err(failed("publish"))?;
        Ok(self.bytes)
    }
}

/// Renames a finished file to `path` below the session's folder, which must still be there. Uploads and results are forced to the disk
/// first; documents taken out of an archive are not: there may be thousands, and the archive itself is safe.
pub(super) fn rename_into_place(session: &Path, path: &str, finished: &Path) -> io::Result<()> {
    let target = session.join(path);
    let parent = make_parents(session, path)?;
    let durable = !path.starts_with("extracted/");
    if durable {
        std::fs::File::open(finished)?.sync_all()?;
    }
    std::fs::rename(finished, target)?;
    if durable {
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Gives the bytes of `source` a second name below the session's folder. Published files are never written to, only replaced, so both
/// names may share the bytes; where the file system knows no second names they are copied. `None` if there is no such file.
pub(super) fn copy(session: &Path, source: &Path, path: &str) -> io::Result<Option<u64>> {
    let folder = session.join(TEMPORARY);
    let named =
        tempfile::Builder::new().suffix(".part").make_in(&folder, |name| match std::fs::hard_link(source, name) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                std::fs::copy(source, name).map(|_| ())
            }
            linked => linked,
        });
    match named {
        Ok(named) => {
            let bytes = std::fs::metadata(named.path())?.len();
            // Its path goes when it is dropped: a rename to another name of the same bytes leaves it where it is.
            rename_into_place(session, path, named.path())?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.exists() && !source.exists() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the folders between the session's and the file. Never the session's own: if that is gone, the session has ended.
pub(super) fn make_parents(session: &Path, path: &str) -> io::Result<PathBuf> {
    let mut folder = session.to_owned();
    let (parents, _) = path.rsplit_once('/').unwrap_or_default();
    for component in parents.split('/').filter(|component| !component.is_empty()) {
        folder.push(component);
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(folder)
}
