//! The files of a session: list, read, remove, all outputs at once.

use std::{ops::Range, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Page, Stores};
use crate::{
    domain::{Area, FileKey, SessionId, StoredFile},
    ports::{StoreError, session_files::ByteStream},
};

/// Where a list of files goes on.
pub type FileCursor = (Area, String);

/// Reads files.
#[derive(Clone)]
pub struct FileService {
    stores: Stores,
    packing: Arc<Semaphore>,
}

/// Archives that are packed at once: each holds a thread while its client reads.
const PACKED_AT_ONCE: usize = 32;

impl FileService {
    pub(super) fn new(stores: Stores) -> Self {
        Self { stores, packing: Arc::new(Semaphore::new(PACKED_AT_ONCE)) }
    }

    /// Leave to pack one archive; `None` when too many are being packed.
    #[must_use]
    pub fn packing_slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.packing).try_acquire_owned().ok()
    }

    /// Files in order of area and path.
    pub async fn list(
        &self,
        session: SessionId,
        area: Option<Area>,
        after: Option<FileCursor>,
        limit: u32,
    ) -> Result<Page<StoredFile>, StoreError> {
        let files = self.stores.catalog.list_files(session, area, after, limit + 1).await?;
        Ok(Page::of(files, limit, |file| format!("{}/{}", file.area, file.path)))
    }

    /// Reads a cursor that [`FileService::list`] made.
    #[must_use]
    pub fn parse_cursor(cursor: &str) -> Option<FileCursor> {
        let (area, path) = cursor.split_once('/')?;
        Some((area.parse().ok()?, path.to_owned()))
    }

    /// One file's row.
    pub async fn get(&self, session: SessionId, area: Area, path: &str) -> Result<Option<StoredFile>, StoreError> {
        self.stores.catalog.get_file(session, area, path).await
    }

    /// The bytes of a file, or a part of them.
    pub async fn read(
        &self,
        session: SessionId,
        file: &StoredFile,
        range: Option<Range<u64>>,
    ) -> Result<Option<ByteStream>, StoreError> {
        self.stores.session_files.read(&FileKey::new(session, &file.key), range).await
    }

    /// All output files whose table is among `tables` (all when empty); the description of the package always.
    pub async fn outputs(&self, session: SessionId, tables: &[String]) -> Result<Vec<StoredFile>, StoreError> {
        let files = self.stores.catalog.list_files(session, Some(Area::Output), None, u32::MAX).await?;
        let wanted = |file: &StoredFile| {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            tables.is_empty() || name == "datapackage.json" || tables.iter().any(|table| table == stem)
        };
        Ok(files.into_iter().filter(wanted).collect())
    }

    /// Removes a file; an upload with all that came out of it. `false` if there is no such file.
    pub async fn remove(&self, session: SessionId, area: Area, path: &str) -> Result<bool, StoreError> {
        let removed = self.stores.catalog.remove_file(session, area, path).await?;
        remove_bytes(&self.stores, session, &removed.keys).await;
        Ok(!removed.keys.is_empty())
    }
}

/// Removes bytes that no row refers to any more. What fails here is swept up by the cleanup timer.
pub(super) async fn remove_bytes(stores: &Stores, session: SessionId, keys: &[String]) {
    for key in keys {
        if let Err(error) = stores.session_files.remove(&FileKey::new(session, key)).await {
            tracing::warn!(session_id = %session, %error, "a replaced file could not be removed yet");
        }
    }
}
