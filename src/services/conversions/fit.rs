//! Documents that the format cannot hold, found before anything is written: then the others are converted without them.

use super::{
    ConvertRequest,
    cluster::PlannedCluster,
    emit::{Opened, READ_BUFFER, Sources, Stopped, Watch, nothing_done, read_some},
};
use crate::{
    conversion::{CELL_UNITS, Column, ColumnRole, Emitter, Error, ErrorCode, FitsXlsx, Format, Key, Table},
    domain::{Document, DocumentProblem, Progress},
    services::scan::document_problem,
};

/// Takes out of the clusters what the format cannot hold; answers what is left, and why each of the others is not.
pub(super) fn fit(
    clusters: Vec<PlannedCluster>,
    request: &ConvertRequest,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
) -> Result<(Vec<PlannedCluster>, Vec<DocumentProblem>), Stopped> {
    if request.format != Format::Xlsx {
        return Ok((clusters, Vec::new()));
    }
    let progress = nothing_done(&clusters);
    let mut problems = Vec::new();
    let mut fitting = Vec::with_capacity(clusters.len());
    for mut cluster in clusters {
        if let Err(error) = FitsXlsx::new(&cluster.plan) {
            problems.extend(cluster.documents.iter().map(|source| document_problem(&source.document.path, &error)));
            continue;
        }
        if may_have_long_cells(&cluster) {
            for source in std::mem::take(&mut cluster.documents) {
                match check(&cluster, &source.document, &progress, sources, watch)? {
                    None => cluster.documents.push(source),
                    Some(error) => problems.push(document_problem(&source.document.path, &error)),
                }
            }
        }
        if !cluster.documents.is_empty() {
            fitting.push(cluster);
        }
    }
    Ok((fitting, problems))
}

/// Whether the scan leaves it open that a cell is too long. Reading documents once more takes time, and hardly any has such a cell.
fn may_have_long_cells(cluster: &PlannedCluster) -> bool {
    let is_unmeasured = |column: &Column| column.joined || column.role == ColumnRole::Key(Key::Content);
    let unmeasured = cluster.plan.tables().iter().any(|table| table.columns.iter().any(is_unmeasured));
    let long_path = |table: &Table| table.recursion_paths.iter().any(|path| path.len() > CELL_UNITS);
    let named = cluster.plan.tables().iter().any(|table| table.source_path.len() > CELL_UNITS || long_path(table));
    unmeasured || named || cluster.longest_value.is_none_or(|bytes| bytes > CELL_UNITS as u64)
}

/// What makes a document impossible to write, with its place.
fn check(
    cluster: &PlannedCluster,
    document: &Document,
    progress: &Progress,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
) -> Result<Option<Error>, Stopped> {
    let failed = |error| Stopped::Document { path: document.path.clone(), error };
    let sink = FitsXlsx::new(&cluster.plan).map_err(failed)?;
    let mut emitter = Emitter::new(&cluster.plan, sink);
    let mut source = sources.open(document).and_then(Opened::read).map_err(Stopped::Io)?;
    let mut buffer = vec![0; READ_BUFFER];
    let mut outcome = emitter.begin_document(&document.path);
    while outcome.is_ok() {
        let read = read_some(&mut source, &mut buffer).map_err(Stopped::Io)?;
        if read == 0 {
            break;
        }
        outcome = emitter.feed(&buffer[..read]);
        if !watch.progress(*progress) {
            return Err(Stopped::Cancelled);
        }
    }
    match outcome.and_then(|()| emitter.end_document()) {
        Ok(()) => Ok(None),
        Err(error) if error.code == ErrorCode::CellTooLong => Ok(Some(error)),
        Err(error) => Err(failed(error)),
    }
}
