//! The calls to one container, each with its time limit.

use std::{pin::Pin, sync::Arc, time::Duration};

use azure_core::http::{Etag, StatusCode, response::AsyncResponseBody};
use azure_storage_blob::{
    BlobClient, BlobContainerClient, BlobContainerClientOptions,
    models::{
        BlobClientDeleteOptions, BlobClientDownloadOptions, BlobClientGetPropertiesResultHeaders,
        BlobClientStartCopyFromUrlOptions, BlobClientStartCopyFromUrlResultHeaders, CopyStatus, HttpRange,
    },
};

use super::{
    super::{
        Door, StorageAccess,
        client::{CALL_LIMIT, Connections, Kept, in_time, now},
        failure::Failure,
    },
    addresses::source_of_copy,
    blocks::DROPPED,
};
use crate::ports::Clock;

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
    /// It is what the drop of an unfinished file has left.
    pub(super) is_dropped: bool,
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

    pub(super) fn client(&self) -> azure_core::Result<Arc<BlobContainerClient>> {
        let now = self.now();
        self.client.get(now, || {
            let door = self.access.door(&self.name, now)?;
            let until = door.until;
            Ok((Arc::new(self.open(door)?), until))
        })
    }

    pub(super) fn open(&self, door: Door) -> azure_core::Result<BlobContainerClient> {
        let client_options = self.connections.client_options();
        let options = BlobContainerClientOptions { client_options, ..BlobContainerClientOptions::default() };
        BlobContainerClient::new(door.url, door.credential, Some(options))
    }

    pub(super) fn blob(&self, name: &str) -> azure_core::Result<BlobClient> {
        Ok(self.client()?.blob_client(name))
    }

    /// Makes a call, within a time limit. That there is no such container is told by its name: it does not mean that a session has gone.
    pub(super) async fn ask<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = azure_core::Result<T>>,
    ) -> Result<T, Failure> {
        match in_time(limit, call).await {
            Err(failure) if failure.code() == Some("ContainerNotFound") => Err(Failure::NoContainer(self.name.clone())),
            answer => answer,
        }
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
        Ok(self.find_any(name).await?.filter(|found| !found.is_dropped))
    }

    /// The same also of what the drop of an unfinished file has left.
    pub(super) async fn find_any(&self, name: &str) -> Result<Option<Found>, Failure> {
        let asked = self.ask(CALL_LIMIT, async {
            let answer = self.blob(name)?.get_properties(None).await?;
            Ok(Found {
                bytes: answer.content_length()?.unwrap_or_default(),
                etag: answer.etag()?.unwrap_or_else(|| Etag::from("")),
                copy: answer.copy_status()?,
                is_dropped: answer.metadata()?.contains_key(DROPPED),
            })
        });
        absent_is_none(asked.await)
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
        let started = self.ask(TRANSFER_LIMIT, async {
            let source = source_of_copy(self, from)?;
            self.blob(to)?.start_copy_from_url(source.into(), Some(options)).await?.copy_status()
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
        let asked = self.ask(CALL_LIMIT, async { self.blob(name)?.download(Some(options)).await });
        let Some(answer) = absent_is_none(asked.await)? else { return Ok(None) };
        if answer.properties.metadata.contains_key(DROPPED) {
            return Ok(None);
        }
        let bytes = answer.properties.content_length.unwrap_or_default();
        Ok(Some(Download { body: Box::pin(answer.body), bytes, etag: answer.properties.etag }))
    }
}

/// Bytes that are coming.
pub(super) struct Download {
    pub(super) body: Pin<Box<AsyncResponseBody>>,
    pub(super) bytes: u64,
    pub(super) etag: Option<Etag>,
}

pub(super) fn absent_is_none<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_missing() && !matches!(failure, Failure::NoContainer(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether a blob is another, or there, against what the call asked for.
pub(super) fn is_refused_by_condition(failure: &Failure) -> bool {
    failure.status() == Some(StatusCode::PreconditionFailed) || failure.code() == Some("BlobAlreadyExists")
}
