//! Pass 2 over planned clusters: reads each document in pieces and sends its rows to the outputs.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    num::NonZero,
};

use super::{
    cluster::{PlannedCluster, Source},
    outputs::{Monitor, Outputs},
    parallel,
};
use crate::{
    conversion::{Emitter, ErrorCode},
    domain::{Document, Progress},
};

/// How much of a document is read at once.
pub(super) const READ_BUFFER: usize = 256 << 10;

/// So many bytes of documents are worth a thread of their own.
const BYTES_WORTH_A_THREAD: u64 = 1 << 20;

/// Why a conversion stopped.
#[derive(Debug)]
pub(super) enum Stopped {
    /// A document could not be converted although its scan succeeded.
    Document {
        /// Its path.
        path: String,
        /// What is wrong.
        error: crate::conversion::Error,
    },
    /// Reading a document or writing a table failed.
    Io(io::Error),
    /// The caller asked to stop.
    Cancelled,
}

/// Where documents are read from, by several threads at once.
pub(super) trait Sources: Sync {
    /// Opens a document.
    fn open(&self, document: &Document) -> io::Result<Opened>;
}

/// A document that can be read: a file, or a stretch of one.
pub(super) struct Opened {
    file: File,
    start: u64,
    bytes: u64,
}

impl Opened {
    /// A file that is the document.
    pub(super) fn whole(file: File) -> Self {
        Self { file, start: 0, bytes: u64::MAX }
    }

    /// A document of so many bytes that begins at `start` of a file.
    pub(super) fn stretch(file: File, start: u64, bytes: u64) -> Self {
        Self { file, start, bytes }
    }

    /// Reads from an offset of the document on, so many bytes at most.
    pub(super) fn read_from(mut self, offset: u64, bytes: u64) -> io::Result<io::Take<File>> {
        self.file.seek(SeekFrom::Start(self.start + offset))?;
        Ok(self.file.take(bytes.min(self.bytes.saturating_sub(offset))))
    }

    /// Reads all of the document.
    pub(super) fn read(self) -> io::Result<io::Take<File>> {
        self.read_from(0, u64::MAX)
    }
}

/// Reads what there is, and again if a signal came between; 0 bytes at the end.
pub(super) fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Who wants to know how far the conversion is.
pub(super) trait Watch {
    /// Takes note of the progress, often; `false` stops the conversion.
    fn progress(&mut self, progress: Progress) -> bool;
}

/// Converts every document of every cluster on so many threads; the outputs are the same for any number.
pub(super) fn emit<W: Write + Send>(
    clusters: &[PlannedCluster],
    outputs: &mut Outputs<W>,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
    threads: NonZero<usize>,
) -> Result<Progress, Stopped> {
    let worth = nothing_done(clusters).bytes_total / BYTES_WORTH_A_THREAD + 1;
    match threads.get().min(usize::try_from(worth).unwrap_or(usize::MAX)) {
        1 => one_after_the_other(clusters, outputs, sources, watch),
        threads => parallel::emit(clusters, outputs, sources, watch, threads),
    }
}

/// The progress before anything is done.
pub(super) fn nothing_done(clusters: &[PlannedCluster]) -> Progress {
    let documents = || clusters.iter().flat_map(|cluster| &cluster.documents);
    Progress {
        bytes_total: documents().map(|source| source.document.bytes).sum(),
        documents_total: documents().count() as u64,
        ..Progress::default()
    }
}

fn one_after_the_other<W: Write + Send>(
    clusters: &[PlannedCluster],
    outputs: &mut Outputs<W>,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
) -> Result<Progress, Stopped> {
    let mut progress = nothing_done(clusters);
    let mut buffer = vec![0; READ_BUFFER];
    let mut first_table = 0;
    for cluster in clusters {
        outputs.start_cluster(first_table);
        emit_cluster(cluster, outputs, sources, watch, &mut progress, &mut buffer)?;
        first_table += cluster.plan.tables().len();
    }
    Ok(progress)
}

fn emit_cluster<W: Write + Send>(
    cluster: &PlannedCluster,
    outputs: &mut Outputs<W>,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
    progress: &mut Progress,
    buffer: &mut [u8],
) -> Result<(), Stopped> {
    let monitor = outputs.monitor();
    let mut emitter = Emitter::new(&cluster.plan, &mut *outputs);
    for Source { document, .. } in &cluster.documents {
        let mut source = sources.open(document).and_then(Opened::read).map_err(Stopped::Io)?;
        let mut outcome = emitter.begin_document(&document.path);
        while outcome.is_ok() {
            let read = read_some(&mut source, buffer).map_err(Stopped::Io)?;
            if read == 0 {
                break;
            }
            outcome = emitter.feed(&buffer[..read]);
            progress.bytes_done += read as u64;
            progress.rows = monitor.rows();
            if !watch.progress(*progress) {
                return Err(Stopped::Cancelled);
            }
        }
        if let Err(error) = outcome.and_then(|()| emitter.end_document()) {
            return Err(stopped(&document.path, error, &monitor));
        }
        progress.documents_done += 1;
        progress.rows = monitor.rows();
    }
    emitter.finish().map_err(|error| stopped(&cluster.group, error, &monitor))?;
    if watch.progress(*progress) { Ok(()) } else { Err(Stopped::Cancelled) }
}

/// The engine says `interrupted` when a sink failed; the sink knows why.
pub(super) fn stopped(path: &str, error: crate::conversion::Error, monitor: &Monitor) -> Stopped {
    match monitor.take_failure() {
        Some(failure) if error.code == ErrorCode::Interrupted => Stopped::Io(failure),
        _ => Stopped::Document { path: path.to_owned(), error },
    }
}
