//! Lists of blobs.

use azure_core::{
    http::{Response, XmlFormat, pager::PageIterator},
    xml,
};
use azure_storage_blob::models::{BlobContainerClientListBlobsOptions, ListBlobsIncludeItem, ListBlobsResponse};
use futures::StreamExt as _;
use serde::Deserialize;

use super::container::{Container, TRANSFER_LIMIT};
use crate::{
    adapters::azure::{
        client::{CALL_LIMIT, in_time},
        failure::Failure,
    },
    domain::Timestamp,
};

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
    /// Whether the container is there. A signature for what is in it may not let it be asked itself.
    pub(super) async fn is_there(&self) -> Result<bool, Failure> {
        let options = BlobContainerClientListBlobsOptions { maxresults: Some(1), ..Default::default() };
        let mut pages = self.client()?.list_blobs(Some(options))?.into_pages();
        match in_time(CALL_LIMIT, async { pages.next().await.transpose() }).await {
            Err(failure) if failure.is_missing() => Ok(false),
            page => page.map(|_| true),
        }
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
        let mut door = self.access().door(self.name(), self.now())?;
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
