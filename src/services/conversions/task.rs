//! The blocking half of an attempt: reads documents and writes tables through the store.

use std::{
    fs::File,
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use tokio::runtime::Handle;

use super::{
    ConversionService, ConvertError, ConvertRequest, OnError,
    cluster::PlannedCluster,
    emit::{Opened, Sources, Stopped, Watch, emit},
    ending::{document_errors, ending, io_ending},
    fit::fit,
    outputs::{FinishedFile, Outputs},
};
use crate::{
    domain::{Document, DocumentProblem, FileKey, Progress, SessionId},
    ports::{session_files::FileWriter, tables::TablesWriter},
    services::{
        jobs::{CANCEL, CONTINUE, Ending, Pulse, failure},
        scan::document_problem,
    },
};

/// The blocking half of an attempt.
pub(super) struct Task {
    pub(super) service: ConversionService,
    pub(super) runtime: Handle,
    pub(super) session: SessionId,
    pub(super) folder: String,
    pub(super) pulse: Arc<Pulse>,
}

/// What came out of an attempt, not yet published.
pub(super) struct Converted {
    /// The clusters whose documents are in the files.
    pub(super) clusters: Vec<PlannedCluster>,
    /// Documents that the format cannot hold.
    pub(super) problems: Vec<DocumentProblem>,
    pub(super) files: Vec<FinishedFile<StoreWriter>>,
    pub(super) progress: Progress,
}

impl Task {
    /// Converts all documents that the format can hold; the files are complete but not published.
    pub(super) fn run(
        self,
        clusters: Vec<PlannedCluster>,
        request: &ConvertRequest,
        sql: Box<dyn TablesWriter>,
    ) -> Result<Converted, Ending> {
        let mut watch = Beat(&self.pulse);
        let fitting = fit(clusters, request, &self, &mut watch);
        let (clusters, problems) = fitting.map_err(|stopped| self.ending_of(stopped))?;
        if request.on_error == OnError::Fail && !problems.is_empty() {
            return Err(document_errors(problems));
        }
        if clusters.is_empty() {
            return Err(ending(ConvertError::NothingConvertible(problems)));
        }
        let (runtime, files) = (self.runtime.clone(), Arc::clone(&self.service.stores.session_files));
        let (session, folder) = (self.session, self.folder.clone());
        let mut open = move |path: &str| {
            let key = FileKey::new(session, format!("{folder}/{path}"));
            let writer = runtime.block_on(files.write(&key)).map_err(io::Error::other)?;
            Ok(StoreWriter { runtime: runtime.clone(), writer })
        };
        let mut outputs = Outputs::open(&clusters, request, Some(sql), &mut open).map_err(io_ending)?;
        let threads = self.service.policy.conversion_threads;
        let progress = emit(&clusters, &mut outputs, &self, &mut watch, threads);
        let progress = progress.map_err(|stopped| self.ending_of(stopped))?;
        let files = outputs.finish().map_err(io_ending)?;
        Ok(Converted { clusters, problems, files, progress })
    }

    fn ending_of(&self, stopped: Stopped) -> Ending {
        match stopped {
            Stopped::Io(error) => io_ending(error),
            Stopped::Cancelled if self.pulse.signal() == CANCEL => Ending::Cancelled,
            Stopped::Cancelled => Ending::Lost,
            Stopped::Document { path, error } => {
                let mut failed = failure(error.code.as_str(), &error.detail);
                failed.errors = vec![document_problem(&path, &error)];
                Ending::Failed(failed)
            }
        }
    }
}

impl Sources for Task {
    fn open(&self, document: &Document) -> io::Result<Opened> {
        let key = FileKey::new(self.session, &document.key);
        let copy = self.runtime.block_on(self.service.stores.session_files.local_copy(&key));
        let local = copy.map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
        // The copy's guard may go: the open file holds the bytes.
        File::open(&local.path).map(Opened::whole)
    }
}

/// Tells the heartbeat how far the work is.
struct Beat<'p>(&'p Pulse);

impl Watch for Beat<'_> {
    fn progress(&mut self, progress: Progress) -> bool {
        self.0.set_progress(progress);
        self.0.signal() == CONTINUE
    }
}

/// A file of the store, written from a thread that may block.
pub(super) struct StoreWriter {
    runtime: Handle,
    pub(super) writer: Box<dyn FileWriter>,
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
