//! One large document in a single pass: its tables are planned by a look at a few stretches of it, and it is read once. Only where the look
//! was wrong a second pass follows, as for any other document.

mod look;
mod reading;
mod stretches;
mod table_lines;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    Converted, LocalError, OnEarlier, Stage, failed,
    inputs::{names, open},
    open_outputs,
    scans::document,
};
use crate::{
    conversion::{CHECKPOINT_SPACING, ErrorCode, Format, Plan, Sample, Scan, SinglePass},
    domain::{Document, Progress},
    services::{
        Policy,
        conversions::{
            ConvertRequest,
            cluster::{Clusters, PlannedCluster},
            emit::{READ_BUFFER, read_some},
            outputs::Outputs,
        },
    },
};
use look::look;

/// Smaller documents are read twice in no time.
const WORTH_A_LOOK: u64 = 4 << 20;

/// What became of the inputs.
pub(super) enum Single {
    /// They are converted.
    Converted(Box<Converted>),
    /// The look was wrong, but the document is scanned.
    Scanned(Box<(Document, Scan)>),
    /// They are to be converted in two passes: for several inputs, archives, small or bad documents, and formats that have to know the
    /// types of all values before the first row.
    Unsuited,
}

/// What there is to do.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) inputs: &'a [PathBuf],
    /// The folder in which the tables are written, and the one that they are for.
    pub(super) tables: &'a Path,
    pub(super) output: &'a Path,
    pub(super) on_earlier: OnEarlier,
    pub(super) request: &'a ConvertRequest,
    pub(super) policy: &'a Policy,
}

/// The one document, and what is guessed about it.
struct Guess<'a> {
    task: Task<'a>,
    input: &'a Path,
    document: Document,
    sample: Sample,
    /// When the file was changed last, if the system tells.
    modified: Option<SystemTime>,
    /// One cluster, of nothing but this document.
    clusters: Vec<PlannedCluster>,
}

/// What one pass found and wrote; the rows are of use if it went as planned.
struct Pass {
    scan: Scan,
    outputs: Outputs<BufWriter<File>>,
    is_as_planned: bool,
}

/// Converts what suits.
pub(super) fn convert(task: Task<'_>, watch: &mut dyn FnMut(Stage) -> bool) -> Result<Single, LocalError> {
    let Some(guess) = guess(task)? else { return Ok(Single::Unsuited) };
    let threads = task.policy.conversion_threads.get();
    let pass = match threads {
        1 => in_one_go(&guess, watch)?,
        _ if guess.sample.has_boundaries() => stretches::convert(&guess, threads, watch)?,
        _ => None,
    };
    let Some(Pass { scan, mut outputs, is_as_planned }) = pass else { return Ok(Single::Unsuited) };
    // What hinders the planning is said where all documents are planned.
    let planned = if is_as_planned { plan(task, guess.document.clone(), scan.clone()) } else { None };
    let good = planned.filter(|clusters| writes_the_same(guess.plan(), &clusters[0].plan, task.request.format));
    let Some(clusters) = good else { return Ok(Single::Scanned(Box::new((guess.document, scan)))) };
    outputs.describe_as(&clusters, task.request);
    let progress = guess.all_done(&outputs);
    Ok(Single::Converted(Box::new(Converted { clusters, outputs, progress })))
}

fn guess(task: Task<'_>) -> Result<Option<Guess<'_>>, LocalError> {
    let ([input], Format::Csv | Format::Jsonl) = (task.inputs, task.request.format) else { return Ok(None) };
    // Who names a file that cannot be read hears of it where all inputs are read.
    let Ok(file) = open(input) else { return Ok(None) };
    let Ok(about) = file.metadata() else { return Ok(None) };
    if about.len() < WORTH_A_LOOK {
        return Ok(None);
    }
    let name = names(task.inputs).concat();
    let Some((entry, sample)) = look(&file, &name, about.len(), task.policy).map_err(failed(input))? else {
        return Ok(None);
    };
    let document = document(entry, input.to_string_lossy().into_owned(), about.len());
    let seen = Scan { shape: sample.shape().clone(), checkpoints: Vec::new() };
    Ok(plan(task, document.clone(), seen).map(|clusters| Guess {
        task,
        input,
        document,
        sample,
        modified: about.modified().ok(),
        clusters,
    }))
}

/// The plan of a document on its own.
fn plan(task: Task<'_>, document: Document, scan: Scan) -> Option<Vec<PlannedCluster>> {
    let mut clusters = Clusters::default();
    clusters.add(document, scan, &task.policy.engine).ok()?;
    let (clusters, _) = clusters.plan(&task.request.options(), &task.policy.engine).ok()?;
    (clusters.len() == 1).then_some(clusters)
}

/// Whether files of rows under one plan are those under the other.
fn writes_the_same(guessed: &Plan, plan: &Plan, format: Format) -> bool {
    let types = |plan: &Plan| {
        let columns = plan.tables().iter().flat_map(|table| &table.columns);
        columns.map(|column| column.column_type).collect::<Vec<_>>()
    };
    guessed.makes_same_rows(plan) && (format == Format::Csv || types(guessed) == types(plan))
}

impl Guess<'_> {
    fn plan(&self) -> &Plan {
        &self.clusters[0].plan
    }

    /// Opens the document; `None` if it is another than the one that was looked at.
    fn open(&self) -> io::Result<Option<File>> {
        let file = File::open(self.input)?;
        let about = file.metadata()?;
        let is_same = about.len() == self.document.bytes && about.modified().ok() == self.modified;
        Ok(is_same.then_some(file))
    }

    fn open_outputs(&self) -> Result<Outputs<BufWriter<File>>, LocalError> {
        open_outputs(&self.clusters, self.task.request, self.task.tables).map_err(failed(self.task.output))
    }

    fn nothing_done(&self) -> Progress {
        Progress { bytes_total: self.document.bytes, documents_total: 1, ..Progress::default() }
    }

    fn all_done(&self, outputs: &Outputs<BufWriter<File>>) -> Progress {
        let Progress { bytes_total, documents_total, .. } = self.nothing_done();
        let rows = outputs.monitor().rows();
        Progress { bytes_done: bytes_total, documents_done: documents_total, rows, ..self.nothing_done() }
    }
}

/// Reads the document on this thread; `None` if it is at fault.
fn in_one_go(guess: &Guess<'_>, watch: &mut dyn FnMut(Stage) -> bool) -> Result<Option<Pass>, LocalError> {
    let mut outputs = guess.open_outputs()?;
    let monitor = outputs.monitor();
    let pass = SinglePass::new(guess.plan(), &guess.document.path, &mut outputs);
    let mut pass = pass.with_checkpoints(CHECKPOINT_SPACING);
    let Some(mut file) = guess.open().map_err(failed(guess.input))? else { return Ok(None) };
    let mut buffer = vec![0; READ_BUFFER];
    let mut progress = guess.nothing_done();
    let outcome = loop {
        let read = read_some(&mut file, &mut buffer).map_err(failed(guess.input))?;
        if read == 0 {
            break pass.finish();
        }
        if let Err(error) = pass.feed(&buffer[..read]) {
            break Err(error);
        }
        progress.bytes_done += read as u64;
        progress.rows = monitor.rows();
        if !watch(Stage::Converting(progress)) {
            return Err(LocalError::Stopped);
        }
    };
    match outcome {
        Ok((scan, filled)) => {
            let is_as_planned = filled.is_some();
            Ok(Some(Pass { scan, outputs, is_as_planned }))
        }
        Err(error) if error.code == ErrorCode::Interrupted => {
            let failure = monitor.take_failure().unwrap_or_else(|| io::Error::other(error));
            Err(failed(guess.task.output)(failure))
        }
        Err(_) => Ok(None),
    }
}
