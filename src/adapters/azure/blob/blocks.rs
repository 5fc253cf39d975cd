//! Putting blobs: whole, or block by block.

use std::collections::HashMap;

use azure_core::http::Etag;
use azure_storage_blob::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientCommitBlockListResultHeaders, BlockListType, BlockLookupList,
};
use bytes::Bytes;

use super::{
    super::{client::CALL_LIMIT, failure::Failure},
    container::{Container, TRANSFER_LIMIT, absent_is_none, is_refused_by_condition},
};

/// The mark of a blob that is there only because unfinished files are dropped so: nobody is to take it for a file.
pub(super) const DROPPED: &str = "dropped";

impl Container {
    /// Puts a whole blob of at most a block's size, in the place of one that is there.
    pub(super) async fn put(&self, name: &str, bytes: Bytes) -> Result<Option<Etag>, Failure> {
        self.ask(TRANSFER_LIMIT, async { Ok(self.blob(name)?.upload(bytes.into(), None).await?.etag) }).await
    }

    /// Adds a block to those of which a blob may be made.
    pub(super) async fn stage(&self, name: &str, block: &[u8], bytes: Bytes) -> Result<(), Failure> {
        let length = bytes.len() as u64;
        self.ask(TRANSFER_LIMIT, async {
            self.blob(name)?.block_blob_client().stage_block(block, length, bytes.into(), None).await
        })
        .await
        .map(drop)
    }

    /// Makes a blob of blocks that were staged, in the place of one that is there.
    pub(super) async fn commit(&self, name: &str, blocks: Vec<Vec<u8>>) -> Result<Option<Etag>, Failure> {
        self.commit_with(name, blocks, BlockBlobClientCommitBlockListOptions::default()).await
    }

    async fn commit_with(
        &self,
        name: &str,
        blocks: Vec<Vec<u8>>,
        options: BlockBlobClientCommitBlockListOptions<'_>,
    ) -> Result<Option<Etag>, Failure> {
        let list = BlockLookupList { latest: Some(blocks), ..BlockLookupList::default() };
        self.ask(TRANSFER_LIMIT, async {
            let blob = self.blob(name)?.block_blob_client();
            blob.commit_block_list(list.try_into()?, Some(options)).await?.etag()
        })
        .await
    }

    /// The ids of the blocks that were staged for a blob and not yet committed, with the sum of their bytes.
    pub(super) async fn staged(&self, name: &str) -> Result<(Vec<Vec<u8>>, u64), Failure> {
        let asked = self.ask(CALL_LIMIT, async {
            let blob = self.blob(name)?.block_blob_client();
            blob.get_block_list(BlockListType::Uncommitted, None).await?.into_model()
        });
        let blocks = absent_is_none(asked.await)?.and_then(|list| list.uncommitted_blocks).unwrap_or_default();
        let bytes = blocks.iter().filter_map(|block| u64::try_from(block.size?).ok()).sum();
        Ok((blocks.into_iter().filter_map(|block| block.name).collect(), bytes))
    }

    /// Drops the blocks of a blob that was never whole: the service knows no call for it, so that it is made empty and removed. Not if
    /// somebody has made it whole meanwhile. The empty blob has a mark, by which it is no file, should it be left behind.
    pub(super) async fn drop_staged(&self, name: &str) -> Result<(), Failure> {
        let unless_there = BlockBlobClientCommitBlockListOptions {
            if_none_match: Some(Etag::from("*")),
            metadata: Some(HashMap::from([(DROPPED.to_owned(), "true".to_owned())])),
            ..BlockBlobClientCommitBlockListOptions::default()
        };
        let failure = match self.commit_with(name, Vec::new(), unless_there).await {
            Ok(etag) => return self.delete_if(name, etag).await.map(drop),
            Err(failure) if failure.is_missing() => return Ok(()),
            Err(failure) => failure,
        };
        // It may have been made all the same: the answer was lost, or is that of a second try, which met the blob of the first.
        match self.find_any(name).await? {
            Some(found) if found.is_dropped => self.delete_if(name, Some(found.etag)).await.map(drop),
            _ if is_refused_by_condition(&failure) => Ok(()),
            _ => Err(failure),
        }
    }
}
