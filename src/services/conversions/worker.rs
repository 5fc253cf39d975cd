//! Doing a conversion: claimed under a lease, written out of sight, published in one step, or cleaned up.

use std::{
    io::{self, Read, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use bytes::Bytes;
use serde_json::json;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::{
    ConversionReport, ConversionService, ConvertError, ConvertRequest, DocumentCounts, OnError, WarningReport,
    attempt_folder,
    cluster::PlannedCluster,
    emit::{Stopped, Surroundings, emit},
    index_key,
    outputs::{FinishedFile, Outputs},
};
use crate::{
    conversion::{Written, data_package},
    domain::{Area, Document, DocumentProblem, FileKey, Job, JobFailure, JobId, Progress, SessionId, StoredFile},
    ports::{
        StoreError,
        catalog::Published,
        error::StoreErrorKind,
        jobs::{FinishedConversion, Heartbeat},
        session_files::FileWriter,
    },
    services::{blocking, scan::document_problem},
};

/// How a worker's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkOutcome {
    /// The job ended: succeeded, failed or cancelled.
    Ended,
    /// There was nothing to do: another worker has it, or it had ended.
    NothingToDo,
}

const CONTINUE: u8 = 0;
const CANCEL: u8 = 1;
const LOST: u8 = 2;

/// What the worker and its heartbeat tell each other.
#[derive(Default)]
struct Pulse {
    progress: Mutex<Progress>,
    stop: AtomicU8,
}

impl Pulse {
    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an attempt did not get to its end.
enum Ending {
    Failed(JobFailure),
    Cancelled,
    Lost,
    /// The store is away: the lease runs out and the job is taken up again.
    Retry(StoreError),
}

impl From<StoreError> for Ending {
    fn from(error: StoreError) -> Self {
        match error.kind {
            StoreErrorKind::Gone => Self::Lost,
            StoreErrorKind::Full => Self::Failed(failure("storage_full", "there is no room left for the tables")),
            StoreErrorKind::Unavailable | StoreErrorKind::Internal => Self::Retry(error),
        }
    }
}

impl ConversionService {
    /// Takes up a job, if it is there to be taken, and does it. An error means that it should be tried again.
    pub async fn work(&self, id: JobId) -> Result<WorkOutcome, StoreError> {
        let claimed = self.stores.jobs.claim(id, self.stores.clock.now(), self.policy.job_lease).await?;
        let Some(job) = claimed else { return Ok(WorkOutcome::NothingToDo) };
        let pulse = Arc::new(Pulse { progress: Mutex::new(job.progress), stop: AtomicU8::new(CONTINUE) });
        let beating = tokio::spawn(self.clone().beat(job.id, job.attempt, Arc::clone(&pulse)));
        // Should this future be dropped or panic, the lease must run out and the blocking half must stop.
        let guard = AttemptGuard { _heartbeat: AbortOnDropHandle::new(beating), pulse: Arc::clone(&pulse) };
        let outcome = if job.attempt > self.policy.job_attempts {
            let text = "the conversion was started several times and never came to its end; convert fewer documents";
            Err(Ending::Failed(failure("job_abandoned", text)))
        } else {
            self.convert(&job, &pulse).await
        };
        let outcome = match outcome {
            Err(Ending::Lost) if pulse.stop.load(Ordering::Relaxed) != LOST && self.is_open(job.session).await? => {
                // Nobody took the job away: what it reads from was removed meanwhile.
                let text = "documents of the request were removed or replaced while it ran; start it again";
                Err(Ending::Failed(failure("documents_gone", text)))
            }
            other => other,
        };
        drop(guard);
        self.conclude(&job, outcome, &pulse).await
    }

    /// Renews the lease until it is told to stop, or the job is somebody else's.
    async fn beat(self, id: JobId, attempt: u32, pulse: Arc<Pulse>) {
        loop {
            tokio::time::sleep(self.policy.job_heartbeat).await;
            let now = self.stores.clock.now();
            match self.stores.jobs.heartbeat(id, attempt, pulse.progress(), now, self.policy.job_lease).await {
                Ok(Heartbeat::Continue) => {}
                Ok(Heartbeat::Cancel) => pulse.stop.store(CANCEL, Ordering::Relaxed),
                Ok(Heartbeat::Lost) => pulse.stop.store(LOST, Ordering::Relaxed),
                Err(error) => tracing::warn!(job_id = %id, %error, "could not renew a job's lease"),
            }
        }
    }

    async fn convert(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<ConversionReport, Ending> {
        let request: ConvertRequest = serde_json::from_value(job.request.clone())
            .map_err(|error| Ending::Failed(failure("invalid_request", &error.to_string())))?;
        let selection = self.select(job.session, &request).await.map_err(ending)?;
        let planned = self.plan(job.session, selection, &request).await.map_err(ending)?;
        if request.on_error == OnError::Fail && !planned.problems.is_empty() {
            let mut failed = failure("document_errors", "some documents cannot be converted and on_error is 'fail'");
            failed.errors = planned.problems;
            return Err(Ending::Failed(failed));
        }
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let index = scratch.path().join("tables.sqlite");
        let sql = self.stores.tables.create(&index)?;
        let task = Task {
            service: self.clone(),
            runtime: Handle::current(),
            session: job.session,
            folder: attempt_folder("output", job.id, job.attempt),
            pulse: Arc::clone(pulse),
        };
        let clusters = Arc::new(planned.clusters);
        let (converting, asked) = (Arc::clone(&clusters), request.clone());
        let (files, progress) =
            blocking("convert", move || task.run(&converting, &asked, sql)).await.map_err(Ending::from)??;
        let problems = planned.problems;
        self.publish(job, &request, &clusters, files, problems, progress, &index).await
    }

    /// Publishes files, SQL store and description, and last the row that makes them visible.
    #[expect(clippy::too_many_arguments, reason = "the parts of one finished attempt, used once")]
    async fn publish(
        &self,
        job: &Job,
        request: &ConvertRequest,
        clusters: &[PlannedCluster],
        files: Vec<FinishedFile<StoreWriter>>,
        problems: Vec<DocumentProblem>,
        progress: Progress,
        index: &std::path::Path,
    ) -> Result<ConversionReport, Ending> {
        let at = self.stores.clock.now();
        let folder = attempt_folder("output", job.id, job.attempt);
        let mut outputs = Vec::with_capacity(files.len() + 1);
        let mut tables = Vec::with_capacity(files.len());
        for file in files {
            file.writer.writer.publish().await?;
            outputs.push(StoredFile {
                area: Area::Output,
                key: format!("{folder}/{}", file.path),
                path: file.path,
                bytes: file.report.bytes,
                sha256: Some(file.sha256),
                content_type: "text/csv; charset=utf-8".into(),
                modified_at: at,
            });
            tables.push(file.report);
        }
        let description = describe(clusters, &outputs, request);
        let key = FileKey::new(job.session, format!("{folder}/datapackage.json"));
        let mut writer = self.stores.session_files.write(&key).await?;
        writer.write(description.clone()).await?;
        writer.publish().await?;
        outputs.push(StoredFile {
            area: Area::Output,
            path: "datapackage.json".into(),
            key: key.path,
            bytes: description.len() as u64,
            sha256: None,
            content_type: "application/json".into(),
            modified_at: at,
        });
        let index_key = FileKey::new(job.session, index_key(job.id, job.attempt));
        self.stores.session_files.publish_local(&index_key, index).await?;
        let report = ConversionReport {
            documents: DocumentCounts { converted: progress.documents_done, failed: problems.len() as u64 },
            rows: tables.iter().map(|table| table.rows).sum(),
            tables,
            errors: problems,
            warnings: clusters.iter().flat_map(warnings_of).collect(),
            schema_path: "output/datapackage.json".into(),
        };
        let finished =
            FinishedConversion { job: job.id, attempt: job.attempt, result: json!(report), progress, outputs, at };
        match self.stores.jobs.succeed(&finished).await? {
            Published::Done { .. } => Ok(report),
            Published::SessionClosed | Published::PathTaken => Err(Ending::Lost),
        }
    }

    /// Brings the attempt to its end in the rows, and removes what is not needed.
    async fn conclude(
        &self,
        job: &Job,
        outcome: Result<ConversionReport, Ending>,
        pulse: &Pulse,
    ) -> Result<WorkOutcome, StoreError> {
        let failed = match outcome {
            Ok(report) => {
                tracing::info!(job_id = %job.id, tables = report.tables.len(), rows = report.rows, "conversion done");
                self.remove_superseded(job.session).await?;
                return Ok(WorkOutcome::Ended);
            }
            Err(Ending::Retry(error)) => {
                self.remove_attempt(job).await?;
                return Err(error);
            }
            Err(Ending::Failed(failure)) => {
                tracing::info!(job_id = %job.id, code = failure.code, "conversion failed");
                Some(failure)
            }
            Err(Ending::Cancelled | Ending::Lost) => None,
        };
        self.remove_attempt(job).await?;
        let at = self.stores.clock.now();
        self.stores.jobs.end(job.id, job.attempt, failed.as_ref(), pulse.progress(), at).await?;
        if !self.is_open(job.session).await? {
            // The session was ended while the worker held it up: now the rest can go.
            self.session_end.purge(job.session).await?;
        }
        Ok(WorkOutcome::Ended)
    }

    async fn is_open(&self, session: SessionId) -> Result<bool, StoreError> {
        let row = self.stores.sessions.get(session).await?;
        Ok(row.is_some_and(|row| row.closed_at.is_none()))
    }

    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        for area in ["output", "ai_index"] {
            let folder = attempt_folder(area, job.id, job.attempt);
            self.stores.session_files.remove_folder(job.session, &folder).await?;
        }
        Ok(())
    }

    /// Removes the files of earlier conversions and of attempts that came to nothing. Another job of the session may be publishing at
    /// the same time: a folder goes only if its job has ended and the session, looked at after that, shows another conversion; an ended
    /// job never becomes the session's conversion again.
    async fn remove_superseded(&self, session: SessionId) -> Result<(), StoreError> {
        for area in ["output", "ai_index"] {
            for folder in self.stores.session_files.list_folders(session, area).await? {
                if self.is_superseded(session, &folder.name).await? {
                    self.stores.session_files.remove_folder(session, &format!("{area}/{}", folder.name)).await?;
                }
            }
        }
        Ok(())
    }

    async fn is_superseded(&self, session: SessionId, folder: &str) -> Result<bool, StoreError> {
        let Some((id, attempt)) = folder.split_once('.') else { return Ok(false) };
        let Ok(id) = id.parse::<JobId>() else { return Ok(false) };
        let Some(job) = self.stores.jobs.get(session, id).await? else { return Ok(false) };
        if attempt != job.attempt.to_string() {
            return Ok(true);
        }
        if !job.state.is_final() {
            return Ok(false);
        }
        let row = self.stores.sessions.get(session).await?;
        Ok(row.is_some_and(|row| row.conversion != Some(id)))
    }
}

/// Ends the heartbeat, and tells the blocking half to stop, however the attempt ends.
struct AttemptGuard {
    _heartbeat: AbortOnDropHandle<()>,
    pulse: Arc<Pulse>,
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        let _ = self.pulse.stop.compare_exchange(CONTINUE, LOST, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The blocking half of an attempt.
struct Task {
    service: ConversionService,
    runtime: Handle,
    session: SessionId,
    folder: String,
    pulse: Arc<Pulse>,
}

impl Task {
    fn run(
        mut self,
        clusters: &[PlannedCluster],
        request: &ConvertRequest,
        sql: Box<dyn crate::ports::tables::TablesWriter>,
    ) -> Result<(Vec<FinishedFile<StoreWriter>>, Progress), Ending> {
        let (runtime, files) = (self.runtime.clone(), Arc::clone(&self.service.stores.session_files));
        let (session, folder) = (self.session, self.folder.clone());
        let mut open = move |path: &str| {
            let key = FileKey::new(session, format!("{folder}/{path}"));
            let writer = runtime.block_on(files.write(&key)).map_err(io::Error::other)?;
            Ok(StoreWriter { runtime: runtime.clone(), writer })
        };
        let mut outputs = Outputs::open(clusters, request, Some(sql), &mut open).map_err(io_ending)?;
        let progress = emit(clusters, &mut outputs, &mut self).map_err(|stopped| self.ending_of(stopped))?;
        let finished = outputs.finish().map_err(io_ending)?;
        Ok((finished, progress))
    }

    fn ending_of(&self, stopped: Stopped) -> Ending {
        match stopped {
            Stopped::Io(error) => io_ending(error),
            Stopped::Cancelled if self.pulse.stop.load(Ordering::Relaxed) == CANCEL => Ending::Cancelled,
            Stopped::Cancelled => Ending::Lost,
            Stopped::Document { path, error } => {
                let mut failed = failure(error.code.as_str(), &error.detail);
                failed.errors = vec![document_problem(&path, &error)];
                Ending::Failed(failed)
            }
        }
    }
}

impl Surroundings for Task {
    fn open(&mut self, document: &Document) -> io::Result<Box<dyn Read>> {
        let key = FileKey::new(self.session, &document.key);
        let copy = self.runtime.block_on(self.service.stores.session_files.local_copy(&key));
        let local = copy.map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
        // The copy's guard may go: the open file holds the bytes.
        Ok(Box::new(std::fs::File::open(&local.path)?))
    }

    fn progress(&mut self, progress: Progress) -> bool {
        *self.pulse.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
        self.pulse.stop.load(Ordering::Relaxed) == CONTINUE
    }
}

/// A file of the store, written from a thread that may block.
pub(super) struct StoreWriter {
    runtime: Handle,
    writer: Box<dyn FileWriter>,
}

impl Write for StoreWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.writer.write(Bytes::copy_from_slice(bytes))).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a cluster's plan does otherwise than asked.
pub(super) fn warnings_of(cluster: &PlannedCluster) -> Vec<WarningReport> {
    let warnings = cluster.plan.warnings().iter();
    let report = |warning: &crate::conversion::Warning| WarningReport {
        file: cluster.group.clone(),
        code: warning.code.as_str().to_owned(),
        detail: warning.detail.clone(),
        count: 1,
    };
    warnings.map(report).collect()
}

/// The description of all tables: `datapackage.json`.
pub(super) fn describe(clusters: &[PlannedCluster], outputs: &[StoredFile], request: &ConvertRequest) -> Bytes {
    let tables = clusters.iter().flat_map(|cluster| cluster.plan.tables());
    let written: Vec<_> =
        tables.zip(outputs).map(|(table, file)| Written { table, path: &file.path, bytes: file.bytes }).collect();
    serde_json::to_vec_pretty(&data_package("tables", &written, &request.csv)).unwrap_or_default().into()
}

fn ending(error: ConvertError) -> Ending {
    match error {
        ConvertError::Store(error) => error.into(),
        ConvertError::SessionEnded => Ending::Lost,
        ConvertError::Plan(error) => Ending::Failed(failure(error.code.as_str(), &error.detail)),
        ConvertError::NothingConvertible(errors) => {
            let mut failed = failure("no_convertible_documents", "none of the selected documents can be converted");
            failed.errors = errors;
            Ending::Failed(failed)
        }
        ConvertError::NoDocuments | ConvertError::UnknownSelection(_) | ConvertError::FormatUnavailable(_) => {
            Ending::Failed(failure("documents_gone", "documents of the request are not there any more"))
        }
    }
}

fn io_ending(error: io::Error) -> Ending {
    let kind = error.kind();
    match error.downcast::<StoreError>() {
        Ok(error) => error.into(),
        Err(_) if kind == io::ErrorKind::NotFound => Ending::Lost,
        Err(error) => StoreError::new(StoreErrorKind::Internal, "worker", "convert", error).into(),
    }
}

fn failure(code: &str, detail: &str) -> JobFailure {
    JobFailure { code: code.to_owned(), detail: detail.to_owned(), errors: Vec::new() }
}
