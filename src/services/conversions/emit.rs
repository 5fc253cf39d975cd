//! Pass 2 over planned clusters: reads each document in pieces and sends its rows to the outputs.

use std::io::{self, Read, Write};

use super::{
    cluster::PlannedCluster,
    outputs::{Monitor, Outputs},
};
use crate::{
    conversion::{Emitter, ErrorCode},
    domain::{Document, Progress},
};

/// How much of a document is read at once.
pub(super) const READ_BUFFER: usize = 256 << 10;

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

/// What the conversion needs from its caller.
pub(super) trait Surroundings {
    /// Opens a document.
    fn open(&mut self, document: &Document) -> io::Result<Box<dyn Read>>;

    /// Takes note of the progress, often; `false` stops the conversion.
    fn progress(&mut self, progress: Progress) -> bool;
}

/// Converts every document of every cluster, in order.
pub(super) fn emit<W: Write + Send>(
    clusters: &[PlannedCluster],
    outputs: &mut Outputs<W>,
    surroundings: &mut dyn Surroundings,
) -> Result<Progress, Stopped> {
    let documents = || clusters.iter().flat_map(|cluster| &cluster.documents);
    let mut progress = Progress {
        bytes_total: documents().map(|document| document.bytes).sum(),
        documents_total: documents().count() as u64,
        ..Progress::default()
    };
    let mut buffer = vec![0; READ_BUFFER];
    let mut first_table = 0;
    for cluster in clusters {
        outputs.start_cluster(first_table);
        emit_cluster(cluster, outputs, surroundings, &mut progress, &mut buffer)?;
        first_table += cluster.plan.tables().len();
    }
    Ok(progress)
}

fn emit_cluster<W: Write + Send>(
    cluster: &PlannedCluster,
    outputs: &mut Outputs<W>,
    surroundings: &mut dyn Surroundings,
    progress: &mut Progress,
    buffer: &mut [u8],
) -> Result<(), Stopped> {
    let monitor = outputs.monitor();
    let mut emitter = Emitter::new(&cluster.plan, &mut *outputs);
    for document in &cluster.documents {
        let mut source = surroundings.open(document).map_err(Stopped::Io)?;
        let mut outcome = emitter.begin_document(&document.path);
        while outcome.is_ok() {
            let read = match source.read(buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stopped::Io(error)),
            };
            outcome = emitter.feed(&buffer[..read]);
            progress.bytes_done += read as u64;
            progress.rows = monitor.rows();
            if !surroundings.progress(*progress) {
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
    if surroundings.progress(*progress) { Ok(()) } else { Err(Stopped::Cancelled) }
}

/// The engine says `interrupted` when a sink failed; the sink knows why.
fn stopped(path: &str, error: crate::conversion::Error, monitor: &Monitor) -> Stopped {
    match monitor.take_failure() {
        Some(failure) if error.code == ErrorCode::Interrupted => Stopped::Io(failure),
        _ => Stopped::Document { path: path.to_owned(), error },
    }
}
