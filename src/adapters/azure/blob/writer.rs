//! Writing a blob: blocks are sent as they fill, and put together in one step.
//!
//! Memory stays within [`GATHERED`] and [`SENT_AT_ONCE`] blocks, however many files are written at once: the more there are, the smaller are
//! their blocks. A small file is one request.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use azure_core::{Uuid, http::Etag};
use bytes::{Bytes, BytesMut};
use tokio::{io::AsyncReadExt as _, sync::Semaphore, task::JoinSet};

use super::{STORE, Store, local::disk_failed};
use crate::{
    adapters::azure::failure::Failure,
    domain::{FileKey, Timestamp},
    ports::{StoreError, error::StoreErrorKind, session_files::FileWriter},
};

/// The largest block, and the smallest that is sent before the end.
const BLOCK: usize = 4 << 20;
const SMALLEST_BLOCK: usize = 64 << 10;
/// What all writers together gather in memory, as long as the smallest blocks allow it.
const GATHERED: usize = 32 << 20;
/// Blocks that are on their way at once: of one file, and of all.
const OF_ONE_FILE: usize = 2;
const SENT_AT_ONCE: usize = 8;
/// A blob has 50,000 blocks at most: blocks grow with the file, so that half of them take what a share of the memory gives.
const BLOCKS_BEFORE_GROWTH: u64 = 25_000;

/// What writers share.
pub(super) struct Writers {
    open: AtomicUsize,
    sending: Arc<Semaphore>,
}

impl Default for Writers {
    fn default() -> Self {
        Self { open: AtomicUsize::new(0), sending: Arc::new(Semaphore::new(SENT_AT_ONCE)) }
    }
}

/// When a block was sent, by the service's clock, stands in its id. So do a number of the writer, for blocks of two writers of one key
/// must not be taken for each other's, and its place.
pub(super) fn block_id(at: Timestamp, writer: Uuid, number: u32) -> Vec<u8> {
    [&at.as_millis().to_be_bytes()[..], writer.as_bytes(), &number.to_be_bytes()].concat()
}

/// When a block was sent; `None` if it is not one of ours.
pub(super) fn sent_at(block: &[u8]) -> Option<Timestamp> {
    let (millis, rest) = block.split_first_chunk()?;
    (rest.len() == 20).then(|| Timestamp::from_millis(i64::from_be_bytes(*millis)))
}

/// A blob while it is written.
pub(super) struct BlobWriter {
    store: Store,
    key: FileKey,
    name: String,
    id: Uuid,
    gathered: BytesMut,
    sent: u64,
    blocks: Vec<Vec<u8>>,
    sending: JoinSet<Result<(), Failure>>,
}

impl BlobWriter {
    /// Starts a blob of a session that is there.
    pub(super) fn new(store: &Store, key: &FileKey) -> Self {
        store.writers.open.fetch_add(1, Ordering::Relaxed);
        Self {
            store: store.clone(),
            key: key.clone(),
            name: super::name_of(key),
            id: Uuid::new_v4(),
            gathered: BytesMut::new(),
            sent: 0,
            blocks: Vec::new(),
            sending: JoinSet::new(),
        }
    }

    /// Writes all of a file of this machine.
    pub(super) async fn write_file(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut file = tokio::fs::File::open(path).await.map_err(disk_failed("publish"))?;
        loop {
            let mut chunk = BytesMut::with_capacity(1 << 20);
            if file.read_buf(&mut chunk).await.map_err(disk_failed("publish"))? == 0 {
                return Ok(());
            }
            self.append(chunk.freeze()).await?;
        }
    }

    pub(super) async fn append(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.gathered.extend_from_slice(&chunk);
        loop {
            let block = self.block_bytes();
            if self.gathered.len() < block {
                return Ok(());
            }
            let bytes = self.gathered.split_to(block).freeze();
            self.send(bytes).await?;
        }
    }

    /// How large the next block is to be.
    fn block_bytes(&self) -> usize {
        let share = GATHERED / self.store.writers.open.load(Ordering::Relaxed).max(1);
        let needed = usize::try_from(self.sent / BLOCKS_BEFORE_GROWTH).unwrap_or(BLOCK);
        share.max(needed).clamp(SMALLEST_BLOCK, BLOCK)
    }

    /// Sends a block, as soon as few enough are on their way.
    async fn send(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        while self.sending.len() >= OF_ONE_FILE {
            self.one_sent().await?;
        }
        let turn = Arc::clone(&self.store.writers.sending).acquire_owned().await;
        let number = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        let block = block_id(self.store.clocks.service.now(), self.id, number);
        self.sent += bytes.len() as u64;
        self.blocks.push(block.clone());
        let (store, name) = (self.store.clone(), self.name.clone());
        self.sending.spawn(async move {
            let _turn = turn;
            store.container.stage(&name, &block, bytes).await
        });
        Ok(())
    }

    async fn one_sent(&mut self) -> Result<(), StoreError> {
        match self.sending.join_next().await {
            Some(Ok(sent)) => sent.map_err(failed),
            Some(Err(error)) => Err(StoreError::new(StoreErrorKind::Internal, STORE, "write", error)),
            None => Ok(()),
        }
    }

    /// Makes the blob visible, and looks afterwards whether its session is still there: then the removal of the session will meet the blob,
    /// or has come before it, and it is taken back here. How many bytes it has.
    pub(super) async fn finish(mut self) -> Result<(u64, Option<Etag>), StoreError> {
        let rest = self.gathered.split().freeze();
        let bytes = self.sent + rest.len() as u64;
        let etag = if self.blocks.is_empty() {
            self.store.container.put(&self.name, rest).await.map_err(failed)?
        } else {
            if !rest.is_empty() {
                self.send(rest).await?;
            }
            while !self.sending.is_empty() {
                self.one_sent().await?;
            }
            match self.store.container.commit(&self.name, self.blocks.clone()).await {
                Err(failure) if failure.code() == Some("InvalidBlockList") => return Err(self.lost_blocks().await),
                committed => committed.map_err(failed)?,
            }
        };
        self.blocks.clear();
        self.store.settle(&self.key).await?;
        Ok((bytes, etag))
    }

    /// Why blocks may be missing: the session was removed, or another writer has published under the same key.
    async fn lost_blocks(&self) -> StoreError {
        match self.store.look_for(self.key.session).await {
            Ok(false) => super::gone("publish"),
            Ok(true) => {
                let reason = "another file was published under the same key, or this one was taken for abandoned";
                StoreError::new(StoreErrorKind::Unavailable, STORE, "publish", reason)
            }
            Err(failure) => failed(failure),
        }
    }
}

#[async_trait]
impl FileWriter for BlobWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.append(chunk).await
    }

    async fn publish(self: Box<Self>) -> Result<u64, StoreError> {
        self.finish().await.map(|(bytes, _)| bytes)
    }
}

/// What was sent of a file that was given up is removed in the background. Where that fails, the cleanup finds it.
impl Drop for BlobWriter {
    fn drop(&mut self) {
        self.store.writers.open.fetch_sub(1, Ordering::Relaxed);
        if let (false, Ok(runtime)) = (self.blocks.is_empty(), tokio::runtime::Handle::try_current()) {
            let (store, name) = (self.store.clone(), std::mem::take(&mut self.name));
            let mut sending = std::mem::take(&mut self.sending);
            runtime.spawn(async move {
                // A block that came after the others were dropped would stay.
                while sending.join_next().await.is_some() {}
                if let Err(failure) = store.container.drop_staged(&name).await {
                    tracing::debug!(%failure, "blocks of an unfinished file are left to the cleanup");
                }
            });
        }
    }
}

fn failed(failure: Failure) -> StoreError {
    failure.into_error(STORE, "write")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_tells_when_it_was_sent() {
        let at = Timestamp::from_millis(1_772_359_200_123);
        let block = block_id(at, Uuid::new_v4(), 7);
        assert_eq!(sent_at(&block), Some(at));
        assert_eq!(sent_at(b"somebody else's"), None);
        assert_eq!(block.len(), block_id(Timestamp::from_millis(0), Uuid::new_v4(), u32::MAX).len(), "all as long");
    }
}
