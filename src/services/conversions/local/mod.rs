//! Converting files of this machine into a folder: the command line's way, without a session.

mod collect;
mod inputs;
mod scans;
mod single;
mod spool;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    ConversionReport, ConvertRequest, DocumentCounts, OnError,
    cluster::{Clusters, PlannedCluster},
    emit::{Opened, Sources, Stopped, Watch, emit},
    fit::fit,
    outputs::{FinishedFile, Outputs},
    publish::{DescribedFile, all_warnings, describe},
};
use crate::{
    conversion,
    domain::{Document, DocumentProblem, Progress},
    services::{Policy, scan::document_problem},
};
use collect::{Collected, collect};
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
    /// A file could not be read or written.
    #[error("{path}: {source}")]
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

/// Converts files (XML, or ZIPs of it) into `output`, which is made if it is not there. Tables appear there whole or not at all; files of
/// the same names are replaced. `watch` stops the work by answering `false`. Beside the report comes what archives hold that is no XML.
pub fn convert_files(
    inputs: &[PathBuf],
    output: &Path,
    request: &ConvertRequest,
    policy: &Policy,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<(ConversionReport, Vec<DocumentProblem>), LocalError> {
    let limits = &policy.engine;
    std::fs::create_dir_all(output).map_err(failed(output))?;
    let work = tempfile::Builder::new().prefix(".ret-").tempdir_in(output).map_err(failed(output))?;
    let tables = work.path().join("tables");
    let task = Task { inputs, tables: &tables, output, request, policy };
    let found = match single::convert(task, watch)? {
        Single::Converted(converted) => {
            let report = complete(*converted, Vec::new(), request, inputs, work.path(), output)?;
            return Ok((report, Vec::new()));
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
    let report = complete(converted, problems, request, inputs, work.path(), output)?;
    Ok((report, left_out))
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
    request: &ConvertRequest,
    inputs: &[PathBuf],
    work: &Path,
    output: &Path,
) -> Result<ConversionReport, LocalError> {
    let Converted { clusters, outputs, progress } = converted;
    let finished = outputs.finish().map_err(failed(output))?;
    let names = finished.iter().map(|file| file.path.as_str()).chain(["datapackage.json"]);
    spare_inputs(inputs, names.map(|name| output.join(name)))?;
    let warnings = all_warnings(&clusters, &finished);
    let tables = move_into_place(finished, &clusters, request, work, output)?;
    Ok(ConversionReport {
        documents: DocumentCounts { converted: progress.documents_done, failed: problems.len() as u64 },
        rows: progress.rows,
        tables,
        errors: problems,
        warnings,
        schema_path: "datapackage.json".into(),
    })
}

/// Refuses to replace a document that was read.
fn spare_inputs(inputs: &[PathBuf], targets: impl Iterator<Item = PathBuf>) -> Result<(), LocalError> {
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
    for target in targets {
        if target.canonicalize().is_ok_and(|target| inputs.contains(&target)) {
            return Err(LocalError::OverInput(target.display().to_string()));
        }
    }
    Ok(())
}

/// Renames finished tables from the work folder to the output, and writes their description last.
fn move_into_place(
    finished: Vec<FinishedFile<BufWriter<File>>>,
    clusters: &[PlannedCluster],
    request: &ConvertRequest,
    work: &Path,
    output: &Path,
) -> Result<Vec<super::TableReport>, LocalError> {
    let described: Vec<_> = finished.iter().map(DescribedFile::from).collect();
    let mut reports = Vec::new();
    for mut file in finished {
        let target = output.join(&file.path);
        file.writer.flush().map_err(failed(&target))?;
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        std::fs::rename(work.join("tables").join(&file.path), &target).map_err(failed(&target))?;
        file.report.path = file.path;
        reports.push(file.report);
    }
    let description = work.join("datapackage.json");
    std::fs::write(&description, describe(clusters, &described, request)).map_err(failed(output))?;
    std::fs::rename(&description, output.join("datapackage.json")).map_err(failed(output))?;
    Ok(reports)
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
