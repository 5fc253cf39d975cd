//! Copies of blobs: on this machine, and within the service.

use std::{
    sync::{Arc, PoisonError, Weak},
    time::{Duration, Instant},
};

use azure_core::http::Etag;
use azure_storage_blob::models::CopyStatus;
use futures::TryStreamExt as _;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;

use super::{Shared, failed, local::disk_failed, name_of, read};
use crate::{
    adapters::azure::failure::Failure,
    domain::FileKey,
    ports::{StoreError, session_files::LocalCopy},
};

/// How often a process that keeps copies asks whether their sessions are still there.
const COPIES_CHECKED_EVERY: Duration = Duration::from_secs(30);
/// How long a copy within the service may take, and the longest wait between two looks at it.
const COPY_LIMIT: Duration = Duration::from_secs(300);
const COPY_LOOK: Duration = Duration::from_secs(1);
/// How much is gathered before it is written to the disk.
const DISK_BUFFER: usize = 1 << 20;

impl Shared {
    /// Brings a blob to this machine.
    pub(super) async fn fetch(self: &Arc<Self>, key: &FileKey) -> Result<Option<(TempPath, Option<Etag>)>, StoreError> {
        let Some((mut bytes, etag)) = read::read(self, &name_of(key), None).await? else { return Ok(None) };
        let (file, path) = self.disk.new_file().map_err(disk_failed("copy here"))?;
        let mut file = tokio::io::BufWriter::with_capacity(DISK_BUFFER, tokio::fs::File::from_std(file));
        while let Some(chunk) = bytes.try_next().await? {
            file.write_all(&chunk).await.map_err(disk_failed("copy here"))?;
        }
        file.flush().await.map_err(disk_failed("copy here"))?;
        Ok(Some((path, etag)))
    }

    /// A copy of a SQL store that is brought here once, as long as it is the same.
    pub(super) async fn kept_copy(self: &Arc<Self>, key: &FileKey) -> Result<Option<LocalCopy>, StoreError> {
        let name = name_of(key);
        let Some(found) = self.container.find(&name).await.map_err(failed("find"))? else {
            self.disk.forget(|kept| kept == key);
            return Ok(None);
        };
        let turn = self.turn_to_fetch(key);
        let _turn = turn.lock().await;
        if let Some(copy) = self.disk.kept(key, &found.etag).map_err(disk_failed("open copy"))? {
            return Ok(Some(copy));
        }
        self.disk.make_room(found.bytes);
        let Some((path, etag)) = self.fetch(key).await? else { return Ok(None) };
        let etag = etag.unwrap_or(found.etag);
        self.disk.keep(key, etag.clone(), path).map_err(disk_failed("keep copy"))?;
        self.check_copies();
        self.disk.kept(key, &etag).map_err(disk_failed("open copy"))
    }

    fn turn_to_fetch(&self, key: &FileKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut downloads = self.downloads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = downloads.get(key).and_then(Weak::upgrade) {
            return turn;
        }
        downloads.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        downloads.insert(key.clone(), Arc::downgrade(&turn));
        turn
    }

    /// While copies are kept, looks now and then whether their sessions are still there: another process may have removed them.
    pub(super) fn check_copies(self: &Arc<Self>) {
        let mut checking = self.checking.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *checking, true) {
            return;
        }
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(COPIES_CHECKED_EVERY).await;
                let Some(shared) = shared.upgrade() else { return };
                for session in shared.disk.sessions() {
                    if let Ok(false) = shared.look_for(session).await {
                        shared.forget(session);
                    }
                }
                let mut checking = shared.checking.lock().unwrap_or_else(PoisonError::into_inner);
                *checking = !shared.disk.sessions().is_empty();
                if !*checking {
                    return;
                }
            }
        });
    }

    /// Has the service copy a blob; how many bytes it has.
    pub(super) async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<u64>, Failure> {
        const CHANGES: usize = 5;
        let (from, to) = (name_of(from), name_of(to));
        for _ in 0..CHANGES {
            let Some(source) = self.container.find(&from).await? else { return Ok(None) };
            let Some(mut status) = self.container.start_copy(&from, source.etag, &to).await? else { continue };
            let began = Instant::now();
            let mut pause = Duration::from_millis(50);
            while status == CopyStatus::Pending && began.elapsed() < COPY_LIMIT {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(COPY_LOOK);
                let Some(copy) = self.container.find(&to).await? else { return Ok(None) };
                status = copy.copy.unwrap_or(CopyStatus::Success);
            }
            match status {
                CopyStatus::Success => return Ok(Some(source.bytes)),
                CopyStatus::Pending => return Err(Failure::Slow(COPY_LIMIT)),
                // The source was replaced meanwhile.
                _ => {}
            }
        }
        Ok(None)
    }
}
