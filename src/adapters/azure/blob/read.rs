//! Reading blobs as they come, over a lost connection too.

use std::{ops::Range, time::Duration};

use azure_core::http::Etag;
use bytes::Bytes;
use futures::{StreamExt as _, stream};

use super::{
    STORE, Store,
    container::{Download, TRANSFER_LIMIT},
};
use crate::{
    adapters::azure::failure::Failure,
    ports::{StoreError, error::StoreErrorKind, session_files::ByteStream},
};

/// How often in a row the reading may break off before it is given up.
const BREAKS: u32 = 3;
/// How long it waits after the first break; then longer.
const PAUSE: Duration = Duration::from_millis(200);

/// A blob, or a part of it, while it is read.
struct Reading {
    store: Store,
    name: String,
    etag: Option<Etag>,
    position: u64,
    end: u64,
    download: Option<Download>,
    breaks: u32,
}

/// The bytes of a blob as it is now; `None` if it is not there.
pub(super) async fn read(
    store: &Store,
    name: &str,
    range: Option<Range<u64>>,
) -> Result<Option<(ByteStream, Option<Etag>)>, StoreError> {
    let (start, end) = range.map_or((0, None), |range| (range.start, Some(range.end)));
    if end.is_some_and(|end| end <= start) {
        let found = store.container.find(name).await.map_err(failed)?;
        return Ok(found.map(|found| (stream::empty().boxed() as ByteStream, Some(found.etag))));
    }
    let Some(download) = store.container.download(name, start, end, None).await.map_err(failed)? else {
        return Ok(None);
    };
    let etag = download.etag.clone();
    let end = start + download.bytes;
    let reading = Reading {
        store: store.clone(),
        name: name.to_owned(),
        etag: etag.clone(),
        position: start,
        end,
        download: Some(download),
        breaks: 0,
    };
    let bytes = stream::try_unfold(reading, |mut reading| async move {
        let chunk = reading.next().await?;
        Ok(chunk.map(|chunk| (chunk, reading)))
    });
    Ok(Some((Box::pin(bytes), etag)))
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while self.position < self.end {
            match self.try_next().await {
                Ok(Some(chunk)) => {
                    self.position += chunk.len() as u64;
                    self.breaks = 0;
                    return Ok(Some(chunk));
                }
                Ok(None) => {
                    let reason = "the file was replaced or removed while it was read";
                    return Err(StoreError::new(StoreErrorKind::Unavailable, STORE, "read", reason));
                }
                Err(failure) if self.breaks >= BREAKS => return Err(failed(failure)),
                Err(_) => {
                    self.download = None;
                    self.breaks += 1;
                    tokio::time::sleep(PAUSE * self.breaks).await;
                }
            }
        }
        Ok(None)
    }

    /// The next bytes; `None` if the blob is another by now.
    async fn try_next(&mut self) -> Result<Option<Bytes>, Failure> {
        let download = match &mut self.download {
            Some(download) => download,
            none => {
                let (etag, end) = (self.etag.clone(), Some(self.end));
                match self.store.container.download(&self.name, self.position, end, etag).await? {
                    Some(download) => none.insert(download),
                    None => return Ok(None),
                }
            }
        };
        match tokio::time::timeout(TRANSFER_LIMIT, download.body.next()).await {
            Ok(Some(chunk)) => Ok(Some(chunk?)),
            // It ended too early.
            Ok(None) => {
                let early = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                Err(Failure::Refused(azure_core::Error::new(azure_core::error::ErrorKind::Io, early)))
            }
            Err(_) => Err(Failure::Slow(TRANSFER_LIMIT)),
        }
    }
}

fn failed(failure: Failure) -> StoreError {
    failure.into_error(STORE, "read")
}
