//! Taking in what came by a ticket: the worker's half of an upload.
//!
//! Every attempt has folders of its own, `input/{upload}.{attempt}/` and `extracted/{upload}.{attempt}/`, so that two workers who both
//! believe in their lease never touch the same file, and what is sent once more for the ticket changes nothing.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    sync::Arc,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Source, UploadError, UploadReport, UploadService,
    open::{machine_failed, open_local},
    ticket::{sent_folder, sent_key},
    watch::Watch,
};
use crate::{
    domain::{AuditAction, FileKey, Job, JobFailure, JobState, Progress, UploadId, file::hexadecimal},
    ports::{StoreError, catalog::Published, error::StoreErrorKind, jobs::FinishedUpload},
    services::{
        blocking,
        files::remove_bytes,
        jobs::{CANCEL, CONTINUE, Ending, LOST, Pulse, Trouble, Work, failure, request_of},
    },
};

/// How much is digested between two looks at the pulse.
const DIGESTED_AT_ONCE: usize = 256 << 10;

/// What the row of the job keeps of its ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct UploadRequest {
    pub(super) name: String,
    pub(super) bytes: u64,
}

#[async_trait]
impl Work for UploadService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let request: UploadRequest = request_of(job)?;
        let taken = self.take_in(job, &request, pulse).await;
        taken.map_err(|ending| match pulse.signal() {
            CANCEL => Ending::Cancelled,
            LOST => Ending::Lost,
            _ => ending,
        })
    }

    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        self.remove_attempt_number(job, job.attempt).await
    }

    async fn tidy(&self, job: &Job) -> Result<(), StoreError> {
        let Some(row) = self.stores.jobs.get(job.session, job.id).await? else { return Ok(()) };
        if !row.state.is_final() {
            return Ok(());
        }
        let sent = format!("input/{}", sent_folder(UploadId(row.id.0)));
        self.stores.session_files.remove_folder(row.session, &sent).await?;
        for attempt in 1..=row.attempt {
            if row.state != JobState::Succeeded || attempt != row.attempt {
                self.remove_attempt_number(&row, attempt).await?;
            }
        }
        Ok(())
    }

    fn failure_of(&self, trouble: Trouble) -> JobFailure {
        match trouble {
            Trouble::TooManyAttempts => failure(
                "job_abandoned",
                "reading the file was started several times and never came to its end; send it in parts, with new tickets",
            ),
            Trouble::Gone => failure(
                "content_missing",
                "what was sent is not there any more; ask for a new ticket and send it again",
            ),
            Trouble::StoreAway => failure(
                "job_abandoned",
                "a store was away each time the file was read; ask for a new ticket later and send it again",
            ),
        }
    }
}

impl UploadService {
    async fn take_in(&self, job: &Job, request: &UploadRequest, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let files = &self.stores.session_files;
        let sent = sent_key(job.session, UploadId(job.id.0), &request.name);
        let source = source_of(job, request, &sent);
        let bytes = files.copy(&sent, &source.key).await?.ok_or(Ending::Gone)?;
        if bytes != request.bytes {
            // Only a store that takes bytes by itself lets others be sent after the ticket was completed.
            let detail =
                format!("{bytes} bytes were sent where the ticket is for {}; ask for a new one", request.bytes);
            return Err(Ending::Failed(failure("content_size_mismatch", &detail)));
        }
        let local = files.local_copy(&source.key).await?.ok_or(Ending::Gone)?;
        let (walked, digested) = (open_local(&local.path).await?, open_local(&local.path).await?);
        let watch = JobWatch {
            position: walked.try_clone().map_err(|error| machine_failed(error.into()))?,
            pulse: Arc::clone(pulse),
            progress: Progress { bytes_total: bytes, ..Progress::default() },
        };
        let digester = Arc::clone(pulse);
        let digest = async { blocking("digest upload", move || digest(digested, &digester)).await? };
        // Side by side: the file is read from the cache the second time, whoever is second.
        let (opened, sha256) = tokio::join!(self.open(&source, walked, watch), digest);
        let (opened, sha256) = (opened.map_err(ending)?, sha256?);
        let (kind, rejected) = (opened.kind, opened.rejected.clone());
        let upload = opened.describe(source, bytes, sha256, self.stores.clock.now());
        let mut report = UploadReport::default();
        report.add(&upload, kind, rejected);
        let owner = self.audit.actor_of(job.session).await;
        let documents = upload.documents.len() as u64;
        let progress = Progress {
            bytes_done: bytes,
            bytes_total: bytes,
            documents_done: documents,
            documents_total: documents,
            rows: 0,
        };
        pulse.set_progress(progress);
        let finished = FinishedUpload { job: job.id, attempt: job.attempt, result: json!(report), progress, upload };
        match self.stores.jobs.succeed_upload(&finished).await? {
            Published::Done { obsolete } => {
                tracing::info!(job_id = %job.id, bytes, documents, "upload by ticket done");
                self.audit.record(report.describe(self.audit.entry(&owner, AuditAction::UploadFinished))).await;
                remove_bytes(&self.stores, job.session, &obsolete).await;
                Ok(())
            }
            Published::SessionClosed => Err(Ending::Lost),
            Published::PathTaken => Err(ending(UploadError::PathTaken)),
        }
    }

    async fn remove_attempt_number(&self, job: &Job, attempt: u32) -> Result<(), StoreError> {
        let folder = attempt_folder(job, attempt);
        for area in ["input", "extracted"] {
            self.stores.session_files.remove_folder(job.session, &format!("{area}/{folder}")).await?;
        }
        Ok(())
    }
}

/// The folder of an attempt's files below an area.
fn attempt_folder(job: &Job, attempt: u32) -> String {
    format!("{}.{attempt}", job.id)
}

/// The file as this attempt has it.
fn source_of(job: &Job, request: &UploadRequest, sent: &FileKey) -> Source {
    let folder = attempt_folder(job, job.attempt);
    let file_name = sent.path.rsplit('/').next().unwrap_or_default();
    let key = FileKey::new(job.session, format!("input/{folder}/{file_name}"));
    Source { upload: UploadId(job.id.0), name: request.name.clone(), key, folder }
}

/// What each error of an upload means for the job.
fn ending(error: UploadError) -> Ending {
    let text = error.to_string();
    let failed = |code| failure(code, &text);
    match error {
        UploadError::InvalidName(_) => Ending::Failed(failed("invalid_file_name")),
        UploadError::TooLarge { .. } => Ending::Failed(failed("upload_too_large")),
        UploadError::Empty { .. } => Ending::Failed(failed("empty_upload")),
        UploadError::PathTaken => Ending::Failed(failed("path_taken")),
        UploadError::NoDocuments { rejected } => {
            Ending::Failed(JobFailure { errors: rejected, ..failed("no_documents") })
        }
        UploadError::SessionEnded => Ending::Gone,
        UploadError::Store(error) => error.into(),
    }
}

/// SHA-256 of a file, unless the pulse says to stop.
fn digest(mut file: File, pulse: &Pulse) -> Result<String, Ending> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; DIGESTED_AT_ONCE];
    loop {
        go_on(pulse)?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hexadecimal(&digest.finalize())),
            Ok(count) => digest.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(machine_failed(error.into()).into()),
        }
    }
}

fn go_on(pulse: &Pulse) -> Result<(), StoreError> {
    if pulse.signal() == CONTINUE {
        return Ok(());
    }
    Err(StoreError::new(StoreErrorKind::Gone, "worker", "go on", "the job was cancelled or is another worker's"))
}

/// Tells the heartbeat how far the file was read.
struct JobWatch {
    /// Shares its place in the file with the reader.
    position: File,
    pulse: Arc<Pulse>,
    progress: Progress,
}

impl Watch for JobWatch {
    fn check(&self) -> Result<(), StoreError> {
        go_on(&self.pulse)
    }

    fn progress(&mut self, documents: usize) {
        // An archive is not read in the order of its bytes; what was reached once is not taken back.
        let reached = self.position.stream_position().unwrap_or_default().min(self.progress.bytes_total);
        self.progress.bytes_done = self.progress.bytes_done.max(reached);
        self.progress.documents_done = documents as u64;
        self.progress.documents_total = documents as u64;
        self.pulse.set_progress(self.progress);
    }
}
