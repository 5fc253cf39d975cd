//! A blob that comes in pieces within one request: nothing of it is kept when that ends, for whoever sends to the store itself goes on there.

use async_trait::async_trait;
use bytes::Bytes;

use super::{STORE, Store, writer::BlobWriter};
use crate::{
    domain::FileKey,
    ports::{StoreError, error::StoreErrorKind, session_files::PartialFile},
};

/// A writer that can begin again.
pub(super) struct BlobPartial {
    store: Store,
    key: FileKey,
    writer: BlobWriter,
    bytes: u64,
}

impl BlobPartial {
    /// Starts a blob of a session that is there.
    pub(super) fn new(store: &Store, key: &FileKey) -> Self {
        Self { store: store.clone(), key: key.clone(), writer: BlobWriter::new(store, key), bytes: 0 }
    }
}

#[async_trait]
impl PartialFile for BlobPartial {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    async fn cut(&mut self, bytes: u64) -> Result<(), StoreError> {
        if bytes == self.bytes {
            return Ok(());
        }
        if bytes > 0 {
            return Err(StoreError::new(StoreErrorKind::Internal, STORE, "cut", "blocks that were sent cannot be cut"));
        }
        self.writer = BlobWriter::new(&self.store, &self.key);
        self.bytes = 0;
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.bytes += chunk.len() as u64;
        self.writer.append(chunk).await
    }

    async fn publish(self: Box<Self>) -> Result<u64, StoreError> {
        self.writer.finish().await.map(|(bytes, _)| bytes)
    }
}
