//! The calls to one container, each with its time limit.

use std::{pin::Pin, sync::Arc, time::Duration};

use azure_core::{
    http::{Etag, Response, StatusCode, XmlFormat, pager::PageIterator, response::AsyncResponseBody},
    xml,
};
use azure_storage_blob::{
    BlobClient, BlobContainerClient, BlobContainerClientOptions,
    models::{
        BlobClientDeleteOptions, BlobClientDownloadOptions, BlobClientGetPropertiesResultHeaders,
        BlobClientStartCopyFromUrlOptions, BlobClientStartCopyFromUrlResultHeaders,
        BlobContainerClientListBlobsOptions, BlockBlobClientCommitBlockListOptions,
        BlockBlobClientCommitBlockListResultHeaders, BlockListType, BlockLookupList, CopyStatus, HttpRange,
        ListBlobsIncludeItem, ListBlobsResponse,
    },
};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Deserialize;

use super::super::{
    Door, StorageAccess,
    client::{CALL_LIMIT, Connections, Kept, in_time, now},
    failure::Failure,
};
use crate::{domain::Timestamp, ports::Clock};

/// How long a call may take that moves a block of bytes, lists thousands of names, or puts thousands of blocks together.
pub(super) const TRANSFER_LIMIT: Duration = Duration::from_secs(10);

/// One request brings all that is asked for: more than a blob can have.
const IN_ONE_REQUEST: std::num::NonZero<usize> = std::num::NonZero::new(1 << 42).unwrap();

/// A container, reached as the settings say.
pub(super) struct Container {
    access: StorageAccess,
    name: String,
    machine: Arc<dyn Clock>,
    connections: Connections,
    client: Kept<Arc<BlobContainerClient>>,
}

/// A blob as it is now.
pub(super) struct Found {
    pub(super) bytes: u64,
    pub(super) etag: Etag,
    pub(super) copy: Option<CopyStatus>,
}

/// A blob in a list.
pub(super) struct Listed {
    pub(super) name: String,
    /// 0 also for one of which only blocks are there.
    pub(super) bytes: u64,
    pub(super) modified_at: Timestamp,
}

/// What a list has beside the blobs that are whole.
#[derive(Clone, Copy)]
pub(super) enum Listing {
    Whole,
    /// Those of which only blocks are there as well.
    AndUnfinished,
}

impl Container {
    pub(super) fn new(access: StorageAccess, name: &str, machine: Arc<dyn Clock>) -> Self {
        let (connections, client) = (Connections::default(), Kept::default());
        Self { access, name: name.to_owned(), machine, connections, client }
    }

    pub(super) fn access(&self) -> &StorageAccess {
        &self.access
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The machine's time, by which signatures are made: the service judges them by its own.
    pub(super) fn now(&self) -> time::OffsetDateTime {
        now(self.machine.as_ref())
    }

    fn client(&self) -> azure_core::Result<Arc<BlobContainerClient>> {
        let now = self.now();
        self.client.get(now, || {
            let door = self.access.door(&self.name, now)?;
            let until = door.until;
            Ok((Arc::new(self.open(door)?), until))
        })
    }

    fn open(&self, door: Door) -> azure_core::Result<BlobContainerClient> {
        let client_options = self.connections.client_options();
        let options = BlobContainerClientOptions { client_options, ..BlobContainerClientOptions::default() };
        BlobContainerClient::new(door.url, door.credential, Some(options))
    }

    pub(super) fn blob(&self, name: &str) -> azure_core::Result<BlobClient> {
        Ok(self.client()?.blob_client(name))
    }

    /// Makes the container, if it is not there.
    pub(super) async fn create(&self) -> Result<(), Failure> {
        match in_time(CALL_LIMIT, async { self.client()?.create(None).await }).await {
            Err(failure) if failure.code() == Some("ContainerAlreadyExists") => Ok(()),
            made => made.map(drop),
        }
    }

    /// What a blob is like; `None` if it is not there, or not whole.
    pub(super) async fn find(&self, name: &str) -> Result<Option<Found>, Failure> {
        let asked = in_time(CALL_LIMIT, async {
            let answer = self.blob(name)?.get_properties(None).await?;
            Ok(Found {
                bytes: answer.content_length()?.unwrap_or_default(),
                etag: answer.etag()?.unwrap_or_else(|| Etag::from("")),
                copy: answer.copy_status()?,
            })
        });
        absent_is_none(asked.await)
    }

    /// Puts a whole blob of at most a block's size, in the place of one that is there.
    pub(super) async fn put(&self, name: &str, bytes: Bytes) -> Result<Option<Etag>, Failure> {
        in_time(TRANSFER_LIMIT, async { Ok(self.blob(name)?.upload(bytes.into(), None).await?.etag) }).await
    }

    /// Adds a block to those of which a blob may be made.
    pub(super) async fn stage(&self, name: &str, block: &[u8], bytes: Bytes) -> Result<(), Failure> {
        let length = bytes.len() as u64;
        in_time(TRANSFER_LIMIT, async {
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
        in_time(TRANSFER_LIMIT, async {
            let blob = self.blob(name)?.block_blob_client();
            blob.commit_block_list(list.try_into()?, Some(options)).await?.etag()
        })
        .await
    }

    /// The ids of the blocks that were staged for a blob and not yet committed, with the sum of their bytes.
    pub(super) async fn staged(&self, name: &str) -> Result<(Vec<Vec<u8>>, u64), Failure> {
        let asked = in_time(CALL_LIMIT, async {
            let blob = self.blob(name)?.block_blob_client();
            blob.get_block_list(BlockListType::Uncommitted, None).await?.into_model()
        });
        let blocks = absent_is_none(asked.await)?.and_then(|list| list.uncommitted_blocks).unwrap_or_default();
        let bytes = blocks.iter().filter_map(|block| u64::try_from(block.size?).ok()).sum();
        Ok((blocks.into_iter().filter_map(|block| block.name).collect(), bytes))
    }

    /// Drops the blocks of a blob that was never whole: the service knows no call for it, so that it is made empty and removed. Not if
    /// somebody has made it whole meanwhile.
    pub(super) async fn drop_staged(&self, name: &str) -> Result<(), Failure> {
        let unless_there = BlockBlobClientCommitBlockListOptions {
            if_none_match: Some(Etag::from("*")),
            ..BlockBlobClientCommitBlockListOptions::default()
        };
        match self.commit_with(name, Vec::new(), unless_there).await {
            Ok(etag) => self.delete_if(name, etag).await.map(drop),
            Err(failure) if is_refused_by_condition(&failure) || failure.is_missing() => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Removes a blob; `true` if it was there.
    pub(super) async fn delete(&self, name: &str) -> Result<bool, Failure> {
        self.delete_if(name, None).await
    }

    /// Removes a blob if it is still the one that is meant.
    pub(super) async fn delete_if(&self, name: &str, etag: Option<Etag>) -> Result<bool, Failure> {
        let options = BlobClientDeleteOptions { if_match: etag, ..BlobClientDeleteOptions::default() };
        match in_time(CALL_LIMIT, async { self.blob(name)?.delete(Some(options)).await }).await {
            Err(failure) if failure.is_missing() || is_refused_by_condition(&failure) => Ok(false),
            removed => removed.map(|_| true),
        }
    }

    /// Has the service copy a blob as it is meant; `None` if it is not there, or another by now.
    pub(super) async fn start_copy(&self, from: &str, etag: Etag, to: &str) -> Result<Option<CopyStatus>, Failure> {
        let options = BlobClientStartCopyFromUrlOptions {
            source_if_match: Some(etag),
            ..BlobClientStartCopyFromUrlOptions::default()
        };
        let started = in_time(TRANSFER_LIMIT, async {
            let source = self.blob(from)?.url().to_string();
            self.blob(to)?.start_copy_from_url(source, Some(options)).await?.copy_status()
        });
        match started.await {
            Ok(status) => Ok(Some(status.unwrap_or(CopyStatus::Pending))),
            Err(failure) if is_refused_by_condition(&failure) || failure.is_missing() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The bytes of a blob from `start` on, up to `end` if that is given; if it is still the one that is meant. `None` if it is not there.
    pub(super) async fn download(
        &self,
        name: &str,
        start: u64,
        end: Option<u64>,
        etag: Option<Etag>,
    ) -> Result<Option<Download>, Failure> {
        let range = match end {
            Some(end) => HttpRange::new(start, end.saturating_sub(start)),
            None => HttpRange::from_offset(start),
        };
        let options = BlobClientDownloadOptions {
            range: Some(range).filter(|_| start > 0 || end.is_some()),
            if_match: etag,
            partition_size: Some(IN_ONE_REQUEST),
            parallel: Some(std::num::NonZero::<usize>::MIN),
            ..BlobClientDownloadOptions::default()
        };
        let asked = in_time(CALL_LIMIT, async { self.blob(name)?.download(Some(options)).await });
        let Some(answer) = absent_is_none(asked.await)? else { return Ok(None) };
        let bytes = answer.properties.content_length.unwrap_or_default();
        Ok(Some(Download { body: Box::pin(answer.body), bytes, etag: answer.properties.etag }))
    }

    /// Blobs whose names start so, page by page.
    pub(super) fn list(&self, prefix: &str, listing: Listing) -> Result<Pages, Failure> {
        let client = self.client()?;
        let options = list_options(prefix, listing);
        Ok(Pages(client.list_blobs(Some(options))?.into_pages()))
    }

    /// What stands before the first `/` of all names, those of unfinished blobs included.
    pub(super) async fn list_roots(&self) -> Result<Vec<String>, Failure> {
        // The client knows no delimiter, and keeps what stands in the URL.
        let mut door = self.access.door(&self.name, self.now())?;
        door.url.query_pairs_mut().append_pair("delimiter", "/");
        let options = list_options("", Listing::AndUnfinished);
        let mut pages = self.open(door)?.list_blobs(Some(options))?.into_pages();
        let mut roots = Vec::new();
        loop {
            let page = match in_time(TRANSFER_LIMIT, async { pages.next().await.transpose() }).await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(roots),
                Err(failure) if failure.is_missing() => return Ok(roots),
                Err(failure) => return Err(failure),
            };
            roots.extend(roots_in(page.deconstruct().2.as_ref())?);
        }
    }
}

/// Bytes that are coming.
pub(super) struct Download {
    pub(super) body: Pin<Box<AsyncResponseBody>>,
    pub(super) bytes: u64,
    pub(super) etag: Option<Etag>,
}

/// A list, page by page.
pub(super) struct Pages(PageIterator<Response<ListBlobsResponse, XmlFormat>>);

impl Pages {
    /// The next page; none if the container is not there.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Listed>>, Failure> {
        let page = match in_time(TRANSFER_LIMIT, async { self.0.next().await.transpose() }).await {
            Ok(Some(page)) => page.into_model()?,
            Ok(None) => return Ok(None),
            Err(failure) if failure.is_missing() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let listed = page.blob_items.into_iter().filter_map(|item| {
            let properties = item.properties.unwrap_or_default();
            let modified = properties.last_modified.map_or(0, |moment| moment.unix_timestamp() * 1000);
            Some(Listed {
                name: item.name?,
                bytes: properties.content_length.unwrap_or_default(),
                modified_at: Timestamp::from_millis(modified),
            })
        });
        Ok(Some(listed.collect()))
    }
}

fn list_options(prefix: &str, listing: Listing) -> BlobContainerClientListBlobsOptions<'static> {
    let include = match listing {
        Listing::Whole => None,
        Listing::AndUnfinished => Some(vec![ListBlobsIncludeItem::UncommittedBlobs]),
    };
    let prefix = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
    BlobContainerClientListBlobsOptions { include, prefix, ..BlobContainerClientListBlobsOptions::default() }
}

/// The prefixes in a page of a list by delimiter, without the delimiter.
fn roots_in(page: &[u8]) -> azure_core::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(rename = "Blobs", default)]
        blobs: Blobs,
    }
    #[derive(Deserialize, Default)]
    struct Blobs {
        #[serde(rename = "$value", default)]
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    enum Item {
        BlobPrefix {
            #[serde(rename = "Name")]
            name: String,
        },
        #[serde(other)]
        Other,
    }
    let page: Page = xml::from_xml(page)?;
    let prefix = |item| match item {
        Item::BlobPrefix { name } => Some(name.trim_end_matches('/').to_owned()),
        Item::Other => None,
    };
    Ok(page.blobs.items.into_iter().filter_map(prefix).collect())
}

fn absent_is_none<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether a blob is another, or there, against what the call asked for.
fn is_refused_by_condition(failure: &Failure) -> bool {
    failure.status() == Some(StatusCode::PreconditionFailed) || failure.code() == Some("BlobAlreadyExists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_found_between_blobs() {
        let page = br#"<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="c"><Delimiter>/</Delimiter>
            <Blobs><Blob><Name>a.txt</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>
            <BlobPrefix><Name>one/</Name></BlobPrefix><Blob><Name>p</Name></Blob><BlobPrefix><Name>two/</Name></BlobPrefix>
            </Blobs><NextMarker/></EnumerationResults>"#;
        assert_eq!(roots_in(page).unwrap(), ["one", "two"]);
        assert!(roots_in(b"<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>").unwrap().is_empty());
    }
}
