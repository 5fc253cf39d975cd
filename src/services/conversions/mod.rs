//! Conversions: asked for, previewed, done by a worker, reported.

mod cluster;
mod emit;
mod ending;
mod fit;
pub mod local;
mod outputs;
mod parallel;
mod partial;
mod preview;
mod publish;
mod report;
mod request;
mod selection;
mod task;
mod work;

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;

use super::{Policy, Stores, jobs::add_and_ring};
pub use crate::conversion::Format;
use crate::{
    conversion,
    domain::{DocumentProblem, Job, JobId, JobKind, Progress, SessionId},
    ports::StoreError,
};
pub use preview::{Preview, PreviewGroup, PreviewTable, Wanted};
pub use report::{ColumnReport, ConversionReport, DocumentCounts, InputReport, TableReport, WarningReport};
pub use request::{ConvertRequest, OnError};

/// Why a conversion was not started, or a preview not made.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The session has no documents.
    #[error("the session has no documents; upload some first")]
    NoDocuments,
    /// Documents or groups were named that the session does not have.
    #[error("{0}")]
    UnknownSelection(String),
    /// A format that this build does not write.
    #[error("the format '{0}' is not in this build; build with the feature '{0}', or use csv, xlsx or jsonl")]
    FormatUnavailable(&'static str),
    /// Every selected document is at fault; each entry says why.
    #[error("none of the selected documents can be converted")]
    NothingConvertible(Vec<DocumentProblem>),
    /// The tables cannot be planned as asked.
    #[error(transparent)]
    Plan(#[from] conversion::Error),
    /// The session ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts, previews and does conversions.
#[derive(Clone)]
pub struct ConversionService {
    stores: Stores,
    policy: Arc<Policy>,
    previews: Arc<Semaphore>,
}

/// Previews that are made at once: each holds a thread and the rows it shows.
const PREVIEWED_AT_ONCE: usize = 4;

impl ConversionService {
    pub(super) fn new(stores: Stores, policy: Arc<Policy>) -> Self {
        Self { stores, policy, previews: Arc::new(Semaphore::new(PREVIEWED_AT_ONCE)) }
    }

    /// Adds a job and rings for it. What can be said to be wrong with the request is said here.
    pub async fn start(&self, session: SessionId, request: &ConvertRequest) -> Result<Job, ConvertError> {
        if !request.format.is_available() {
            return Err(ConvertError::FormatUnavailable(request.format.as_str()));
        }
        conversion::CsvEncoder::new(request.csv.clone())?;
        request.options().check()?;
        let selection = self.select(session, request).await?;
        let progress = Progress {
            bytes_total: selection.iter().map(|document| document.bytes).sum(),
            documents_total: selection.len() as u64,
            ..Progress::default()
        };
        let (id, now) = (JobId(self.stores.ids.next()), self.stores.clock.now());
        let job = Job::queued(id, session, JobKind::Convert, json!(request), progress, now);
        if !add_and_ring(&self.stores, &job).await? {
            return Err(ConvertError::SessionEnded);
        }
        Ok(job)
    }
}

/// The folder of an attempt's files below an area. A later attempt never meets the files of an earlier one.
pub(super) fn attempt_folder(area: &str, job: JobId, attempt: u32) -> String {
    format!("{area}/{job}.{attempt}")
}

/// Where the SQL store of a finished conversion is.
pub(super) fn index_key(job: JobId, attempt: u32) -> String {
    format!("{}/tables.sqlite", attempt_folder("ai_index", job, attempt))
}
