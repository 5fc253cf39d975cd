//! Session files as blobs: `{session}/metadata.json`, `{session}/input/…` and so on in one container.
//!
//! `metadata.json` is the session's mark. Whoever writes for a session looks for it before and, what matters, after the blob is there;
//! whoever removes a session removes the mark first. So either the removal meets the blob, or the writer takes it back: see
//! `docs/decisions/0019-session-files-as-blobs.md`.

mod addresses;
mod blocks;
mod container;
mod copies;
mod lists;
mod local;
mod partial;
mod read;
mod removal;
mod writer;

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use lru::LruCache;
use tempfile::TempDir;

use super::{StorageAccess, failure::Failure};
use crate::{
    domain::{FileKey, SessionId, Timestamp},
    ports::{
        Clock, SessionFiles, StoreError,
        error::StoreErrorKind,
        session_files::{ByteStream, FileWriter, Folder, LocalCopy, PartialFile, Removed, UploadAddress},
    },
};
use addresses::Signer;
use container::Container;
use lists::Listing;
use local::{LocalDisk, disk_failed};
use partial::BlobPartial;
use writer::{BlobWriter, Writers};

/// The store's name in errors.
const STORE: &str = "blobs";
/// What a session's files are below; what else it has is its mark.
const AREAS: [&str; 4] = ["input", "output", "extracted", "ai_index"];
/// The area of SQL stores, which every query opens.
const SQL_STORES: &str = "ai_index/";
/// How long it is believed that a session is there, before something is begun for it. What is published looks anew.
const BELIEVED: Duration = Duration::from_secs(1);
/// Sessions of which that is remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// Two clocks.
#[derive(Clone)]
pub struct BlobClocks {
    /// That of the service: what is told from outside, such as until when an address is to hold.
    pub service: Arc<dyn Clock>,
    /// That of the machine: the store judges signatures by its own.
    pub machine: Arc<dyn Clock>,
}

/// What this machine has to have of the files.
#[derive(Clone, Copy)]
pub struct BlobDisk<'a> {
    /// In a folder under it.
    pub runtime_root: &'a Path,
    /// How many bytes of copies are kept there because they are read again and again; one that is larger is kept alone.
    pub kept_bytes: u64,
}

/// Session files in a container of Blob Storage, which is made if it is not there.
pub struct BlobFiles(Store);

type Store = Arc<Shared>;

/// What calls share that go on by themselves: writers, readers, the look after kept copies.
struct Shared {
    container: Container,
    clocks: BlobClocks,
    disk: LocalDisk,
    writers: Writers,
    signer: Signer,
    seen: Mutex<LruCache<SessionId, Instant>>,
    /// One download at a time for each SQL store.
    downloads: Mutex<HashMap<FileKey, Weak<tokio::sync::Mutex<()>>>>,
    checking: Mutex<bool>,
}

impl BlobFiles {
    /// Uses a container, and a folder under the runtime root for what this machine has to have. Nothing is connected before the first call.
    pub fn open(
        access: StorageAccess,
        container: &str,
        disk: BlobDisk<'_>,
        clocks: BlobClocks,
    ) -> Result<Self, StoreError> {
        let disk = LocalDisk::open(disk.runtime_root, disk.kept_bytes).map_err(disk_failed("open"))?;
        Ok(Self(Arc::new(Shared {
            container: Container::new(access, container, Arc::clone(&clocks.machine)),
            clocks,
            disk,
            writers: Writers::default(),
            signer: Signer::default(),
            seen: Mutex::new(LruCache::new(REMEMBERED)),
            downloads: Mutex::default(),
            checking: Mutex::default(),
        })))
    }
}

impl Shared {
    fn mark_of(&self, session: SessionId) -> String {
        format!("{session}/metadata.json")
    }

    /// Whether the session is there now.
    async fn look_for(&self, session: SessionId) -> Result<bool, Failure> {
        let is_there = self.container.find(&self.mark_of(session)).await?.is_some();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if is_there {
            seen.put(session, Instant::now());
        } else {
            seen.pop(&session);
        }
        Ok(is_there)
    }

    /// Refuses to begin something for a session that is not there; it may have gone within the last second.
    async fn refuse_gone(&self, session: SessionId, operation: &'static str) -> Result<(), StoreError> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&session).copied();
        if seen.is_some_and(|seen| seen.elapsed() < BELIEVED) {
            return Ok(());
        }
        match self.look_for(session).await.map_err(failed(operation))? {
            true => Ok(()),
            false => Err(gone(operation)),
        }
    }

    /// Looks whether the session of a blob that was just made is still there, and takes the blob back if it is not.
    async fn settle(&self, key: &FileKey) -> Result<(), StoreError> {
        if self.look_for(key.session).await.map_err(failed("publish"))? {
            return Ok(());
        }
        // Should this fail, the cleanup meets a blob of a session without a row.
        self.container.delete(&name_of(key)).await.map_err(failed("publish"))?;
        Err(gone("publish"))
    }

    fn forget(&self, session: SessionId) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).pop(&session);
        self.disk.forget(|key| key.session == session);
    }
}

#[async_trait]
impl SessionFiles for BlobFiles {
    async fn create_session(&self, session: SessionId, metadata: Bytes) -> Result<(), StoreError> {
        let (container, mark) = (&self.0.container, self.0.mark_of(session));
        match container.put(&mark, metadata.clone()).await {
            Err(Failure::NoContainer(_)) => {
                container.create().await.map_err(failed("make container"))?;
                container.put(&mark, metadata).await
            }
            made => made,
        }
        .map(drop)
        .map_err(failed("create session"))
    }

    async fn write(&self, key: &FileKey) -> Result<Box<dyn FileWriter>, StoreError> {
        self.0.refuse_gone(key.session, "write").await?;
        Ok(Box::new(BlobWriter::new(&self.0, key)))
    }

    /// Clients go on in the store itself. Where it has no addresses for them, what has arrived is known to the writer alone.
    async fn go_on(&self, key: &FileKey) -> Result<Option<Box<dyn PartialFile>>, StoreError> {
        self.0.refuse_gone(key.session, "go on").await?;
        Ok(Some(Box::new(BlobPartial::new(&self.0, key))))
    }

    async fn unpublished_bytes(&self, _: &FileKey) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    async fn publish_local(&self, key: &FileKey, local: &Path) -> Result<u64, StoreError> {
        self.0.refuse_gone(key.session, "publish").await?;
        let mut writer = BlobWriter::new(&self.0, key);
        writer.write_file(local).await?;
        let (bytes, etag) = writer.finish().await?;
        match etag {
            // Whoever made it here may query it here: nothing has to be brought.
            Some(etag) if key.path.starts_with(SQL_STORES) => {
                let taken = self.0.disk.take_over(local).map_err(disk_failed("keep copy"))?;
                self.0.disk.keep(key, etag, taken).map_err(disk_failed("keep copy"))?;
                self.0.check_copies();
            }
            _ => tokio::fs::remove_file(local).await.map_err(disk_failed("publish"))?,
        }
        Ok(bytes)
    }

    async fn upload_address(&self, key: &FileKey, until: Timestamp) -> Result<Option<UploadAddress>, StoreError> {
        let lifetime = until.since(self.0.clocks.service.now());
        let until = self.0.container.now() + lifetime;
        let signed = self.0.signer.sign(&self.0.container, &name_of(key), until).await;
        let url = signed.map_err(failed("sign address"))?;
        Ok(url.map(|url| UploadAddress {
            url: url.into(),
            headers: vec![("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())],
        }))
    }

    async fn bytes_of(&self, key: &FileKey) -> Result<Option<u64>, StoreError> {
        let found = self.0.container.find(&name_of(key)).await.map_err(failed("measure"))?;
        Ok(found.map(|found| found.bytes))
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<u64>, StoreError> {
        self.0.refuse_gone(to.session, "copy").await?;
        let copied = self.0.copy(from, to).await.map_err(failed("copy"))?;
        if copied.is_some() {
            self.0.settle(to).await?;
        }
        Ok(copied)
    }

    async fn read(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, StoreError> {
        Ok(read::read(&self.0, &name_of(key), range).await?.map(|(bytes, _)| bytes))
    }

    async fn local_copy(&self, key: &FileKey) -> Result<Option<LocalCopy>, StoreError> {
        if key.path.starts_with(SQL_STORES) {
            return self.0.kept_copy(key).await;
        }
        let fetched = self.0.fetch(key).await?;
        Ok(fetched.map(|(path, _)| LocalCopy { path: path.to_path_buf(), guard: Some(path) }))
    }

    async fn scratch(&self, session: SessionId) -> Result<TempDir, StoreError> {
        self.0.refuse_gone(session, "make scratch folder").await?;
        self.0.disk.scratch().map_err(disk_failed("make scratch folder"))
    }

    async fn remove(&self, key: &FileKey) -> Result<bool, StoreError> {
        self.0.disk.forget(|kept| kept == key);
        self.0.container.delete(&name_of(key)).await.map_err(failed("remove"))
    }

    async fn remove_folder(&self, session: SessionId, folder: &str) -> Result<Removed, StoreError> {
        let below = format!("{folder}/");
        self.0.disk.forget(|kept| kept.session == session && kept.path.starts_with(&below));
        let prefix = format!("{}{below}", prefix_of(session));
        let removed = removal::remove_prefix(&self.0, &prefix).await.map_err(failed("remove folder"))?;
        Ok(removed.0)
    }

    async fn list_folders(&self, session: SessionId, parent: &str) -> Result<Vec<Folder>, StoreError> {
        let prefix = format!("{}{parent}/", prefix_of(session));
        let mut newest = BTreeMap::<String, Timestamp>::new();
        let mut pages = self.0.container.list(&prefix, Listing::Whole).map_err(failed("list folders"))?;
        while let Some(page) = pages.next().await.map_err(failed("list folders"))? {
            for blob in page {
                let Some((folder, _)) = blob.name.strip_prefix(&prefix).and_then(|below| below.split_once('/')) else {
                    continue;
                };
                let modified_at = newest.entry(folder.to_owned()).or_insert(blob.modified_at);
                *modified_at = blob.modified_at.max(*modified_at);
            }
        }
        Ok(newest.into_iter().map(|(name, modified_at)| Folder { name, modified_at }).collect())
    }

    async fn remove_abandoned(&self, session: SessionId, untouched_since: Timestamp) -> Result<Removed, StoreError> {
        let removed = removal::remove_abandoned(&self.0, session, untouched_since).await;
        removed.map_err(failed("remove abandoned files"))
    }

    async fn remove_session(&self, session: SessionId) -> Result<Removed, StoreError> {
        removal::remove_session(&self.0, session).await
    }

    async fn missing_place(&self) -> Result<Option<String>, StoreError> {
        let container = &self.0.container;
        let is_there = container.is_there().await.map_err(failed("check"))?;
        Ok((!is_there).then(|| format!("container '{}'", container.name())))
    }

    async fn list_sessions(&self) -> Result<Vec<SessionId>, StoreError> {
        let roots = self.0.container.list_roots().await.map_err(failed("list sessions"))?;
        Ok(roots.iter().filter_map(|root| root.parse().ok()).collect())
    }
}

/// The name of a file's blob.
fn name_of(key: &FileKey) -> String {
    format!("{}{}", prefix_of(key.session), key.path)
}

/// What the names of all blobs of a session start with.
fn prefix_of(session: SessionId) -> String {
    format!("{session}/")
}

/// The area of a blob; `None` for a session's mark.
fn area_of(name: &str) -> Option<&str> {
    name.split('/').nth(1).filter(|area| AREAS.contains(area))
}

fn failed(operation: &'static str) -> impl Fn(Failure) -> StoreError {
    move |failure| failure.into_error(STORE, operation)
}

fn gone(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Gone, STORE, operation, "the session's files were removed")
}
