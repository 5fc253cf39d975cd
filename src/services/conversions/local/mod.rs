//! Converting files of this machine into a folder: the command line's way, without a session.

mod collect;
mod earlier;
mod inputs;
mod output;
mod scans;
mod single;
mod spool;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use super::{
    ConversionReport, ConvertRequest, DocumentCounts, OnError,
    cluster::{Clusters, PlannedCluster},
    emit::{Opened, Sources, Stopped, Watch, emit},
    fit::fit,
    outputs::Outputs,
    publish::all_warnings,
};
use crate::{
    conversion,
    domain::{Document, DocumentProblem, Progress},
    services::{Policy, scan::document_problem},
};
use collect::{Collected, collect};
pub(super) use earlier::Left;
pub use earlier::{EarlierTables, OnEarlier};
use output::{DESCRIPTION, make_folders, move_into_place, remove_empty};
use single::{Single, Task};
use spool::{SPOOL, spooled_at};

/// What is being done, for somebody who watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the documents' shapes; bytes so far.
    Scanning(u64),
    /// Writing tables.
    Converting(Progress),
}

/// Why nothing was converted.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}{}", remedy(source))]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A table would take the place of a document that it is made of; nothing was written.
    #[error("{0} is one of the inputs, and a table would take its place; choose another output folder")]
    OverInput(String),
    /// The watcher stopped it; nothing was written.
    #[error("stopped; nothing was written")]
    Stopped,
    /// No document can be converted, or one cannot and `on_error` is `fail`.
    #[error("nothing was converted")]
    Documents(Vec<DocumentProblem>),
    /// The tables cannot be planned as asked.
    #[error(transparent)]
    Plan(#[from] conversion::Error),
}

/// What would mend a failure of the machine, where it is clear.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a place that may be written, or change its permissions"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room, or choose another output folder",
        io::ErrorKind::IsADirectory => "; there is a folder where a table is to be, choose another output folder",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "; there is a file where a folder is needed, choose another output folder"
        }
        io::ErrorKind::NotFound => "; choose a place that is there",
        _ => "",
    }
}

/// Tables that were written.
#[derive(Debug)]
pub struct ConvertedFiles {
    /// What came out.
    pub report: ConversionReport,
    /// What archives hold that is no XML.
    pub left_out: Vec<DocumentProblem>,
    /// What an earlier conversion had left in the folder.
    pub earlier: EarlierTables,
}

/// Where tables go.
#[derive(Clone, Copy, Debug)]
pub struct OutputFolder<'a> {
    /// Made if it is not there.
    pub path: &'a Path,
    /// What becomes of tables of an earlier conversion there that are not written anew.
    pub on_earlier: OnEarlier,
}

/// Converts files (XML, or ZIPs of it) into a folder. Tables appear there whole or not at all, and replace files of the same names. `watch`
/// stops the work by answering `false`. After an error there are no new tables, unless moving them into their place went wrong half-way, nor
/// a folder that was made for them.
pub fn convert_files(
    inputs: &[PathBuf],
    output: OutputFolder<'_>,
    request: &ConvertRequest,
    policy: &Policy,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<ConvertedFiles, LocalError> {
    let made = make_folders(output.path).map_err(failed(output.path))?;
    let outcome = convert_into(inputs, output, request, policy, watch);
    if outcome.is_err() {
        remove_empty(made.iter());
    }
    outcome
}

fn convert_into(
    inputs: &[PathBuf],
    output: OutputFolder<'_>,
    request: &ConvertRequest,
    policy: &Policy,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<ConvertedFiles, LocalError> {
    let OutputFolder { path: output, on_earlier } = output;
    let limits = &policy.engine;
    let work = tempfile::Builder::new().prefix(".ret-").tempdir_in(output).map_err(failed(output))?;
    let tables = work.path().join("tables");
    let task = Task { inputs, tables: &tables, output, on_earlier, request, policy };
    let found = match single::convert(task, watch)? {
        Single::Converted(converted) => {
            return complete(*converted, Vec::new(), Vec::new(), task, work.path());
        }
        Single::Scanned(document) => Collected { documents: vec![*document], ..Collected::default() },
        Single::Unsuited => collect(inputs, work.path(), policy, watch)?,
    };
    // What a single pass wrote in vain would take room beside the tables.
    if tables.exists() {
        std::fs::remove_dir_all(&tables).map_err(failed(output))?;
    }
    let Collected { documents, mut problems, left_out } = found;
    if documents.is_empty() {
        problems.extend(left_out);
        return Err(LocalError::Documents(problems));
    }
    let mut clusters = Clusters::default();
    for (document, scan) in documents {
        clusters.add(document, scan, limits)?;
    }
    let (clusters, without_record) = clusters.plan(&request.options(), limits)?;
    problems.extend(without_record);
    if request.on_error == OnError::Fail && !problems.is_empty() {
        return Err(LocalError::Documents(problems));
    }
    let mut watch = Watcher(watch);
    let sources = LocalFiles { spool: work.path().join(SPOOL) };
    let fitting = fit(clusters, request, &sources, &mut watch);
    let (clusters, unfit) = fitting.map_err(|stopped| stopped_error(stopped, output))?;
    problems.extend(unfit);
    if clusters.is_empty() || request.on_error == OnError::Fail && !problems.is_empty() {
        return Err(LocalError::Documents(problems));
    }
    let mut outputs = open_outputs(&clusters, request, &tables).map_err(failed(output))?;
    let progress = emit(&clusters, &mut outputs, &sources, &mut watch, policy.conversion_threads);
    let progress = progress.map_err(|stopped| stopped_error(stopped, output))?;
    let converted = Converted { clusters, outputs, progress };
    complete(converted, problems, left_out, task, work.path())
}

/// Tables that are written, except for what their writers still hold.
struct Converted {
    clusters: Vec<PlannedCluster>,
    outputs: Outputs<BufWriter<File>>,
    progress: Progress,
}

fn open_outputs(
    clusters: &[PlannedCluster],
    request: &ConvertRequest,
    tables: &Path,
) -> io::Result<Outputs<BufWriter<File>>> {
    Outputs::open(clusters, request, None, &mut |path| create(&tables.join(path)))
}

/// Ends the tables and moves them to the output.
fn complete(
    converted: Converted,
    problems: Vec<DocumentProblem>,
    left_out: Vec<DocumentProblem>,
    task: Task<'_>,
    work: &Path,
) -> Result<ConvertedFiles, LocalError> {
    let Converted { clusters, outputs, progress } = converted;
    let finished = outputs.finish().map_err(failed(task.output))?;
    let warnings = all_warnings(&clusters, &finished);
    let (tables, earlier) = move_into_place(finished, &clusters, task, work)?;
    let report = ConversionReport {
        documents: DocumentCounts { converted: progress.documents_done, failed: problems.len() as u64 },
        rows: progress.rows,
        tables,
        errors: problems,
        warnings,
        schema_path: DESCRIPTION.into(),
        inputs: Vec::new(),
    };
    Ok(ConvertedFiles { report, left_out, earlier })
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // Rows come gathered already.
    Ok(BufWriter::with_capacity(0, File::create(path)?))
}

fn stopped_error(stopped: Stopped, output: &Path) -> LocalError {
    match stopped {
        Stopped::Io(source) => failed(output)(source),
        Stopped::Document { path, error } => LocalError::Documents(vec![document_problem(&path, &error)]),
        Stopped::Cancelled => LocalError::Stopped,
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> LocalError {
    move |source| LocalError::Io { path: path.display().to_string(), source }
}

/// Documents whose key is a path of this machine, or tells where in the spool they stand.
struct LocalFiles {
    spool: PathBuf,
}

impl Sources for LocalFiles {
    fn open(&self, document: &Document) -> io::Result<Opened> {
        match spooled_at(&document.key) {
            Some(start) => Ok(Opened::stretch(File::open(&self.spool)?, start, document.bytes)),
            None => File::open(&document.key).map(Opened::whole),
        }
    }
}

struct Watcher<'a>(&'a mut dyn FnMut(Stage) -> bool);

impl Watch for Watcher<'_> {
    fn progress(&mut self, progress: Progress) -> bool {
        (self.0)(Stage::Converting(progress))
    }
}
