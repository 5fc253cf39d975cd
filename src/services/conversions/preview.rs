//! Previews: the tables as they would be, with their first rows, without writing anything.

use std::{io::Read, sync::Arc};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    ColumnReport, ConversionService, ConvertError, ConvertRequest, WarningReport,
    cluster::{PlannedCluster, Source},
    partial::{PartialTables, partial_tables},
    selection::Planned,
};
use crate::{
    conversion::{Candidate, Emitter, Error, ErrorCode, Layout, ParentLink, Row, RowSink, Table},
    domain::{Document, DocumentProblem, FileKey, SessionId, file::hexadecimal},
    ports::{StoreError, error::StoreErrorKind, session_files::LocalCopy},
    services::{
        blocking,
        session_end::{cache_for_session, cache_prefix},
        take_slot,
    },
};

/// How much of the documents a preview reads at most, over all clusters.
const BYTES_READ: usize = 8 << 20;
/// How much of each cluster it reads all the same, so that every table shows something.
const BYTES_OF_CLUSTER: usize = 64 << 10;
/// How much of each broken document it reads.
const BYTES_OF_BROKEN: u64 = 4 << 20;
/// Larger previews are not kept: they are as quickly made again.
const CACHED_BYTES: usize = 256 << 10;
/// So many broken documents are looked into.
const BROKEN_DOCUMENTS: usize = 8;
pub(super) const READ_BUFFER: usize = 64 << 10;

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Rows of each table.
    pub rows: usize,
    /// Broken documents too, as far as they can be read.
    pub partial: bool,
}

/// What a conversion would give.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The tables with their first rows.
    pub tables: Vec<PreviewTable>,
    /// One entry for each group and root element.
    pub groups: Vec<PreviewGroup>,
    /// Documents that would not be converted.
    pub errors: Vec<DocumentProblem>,
    /// What would be done otherwise than asked.
    pub warnings: Vec<WarningReport>,
}

/// One table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewTable {
    /// Its name.
    pub name: String,
    /// The group whose documents it would hold.
    pub group: String,
    /// Its columns.
    pub columns: Vec<ColumnReport>,
    /// Its first rows; a cell is text, or null where there is none. Cells of long texts are whole.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows there would be.
    pub rows_estimate: u64,
    /// The column that tells rows apart.
    pub primary_key: Option<String>,
    /// The table and column that `_parent` points to.
    #[schema(value_type = Option<Object>)]
    pub parent: Option<ParentLink>,
    /// The path of the element that makes a row.
    pub source_path: String,
    /// The broken document whose rows these are, as far as they are complete before its fault. It would not be converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// How documents of one group with one root element would be read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewGroup {
    /// The group.
    pub group: String,
    /// Its documents.
    pub documents: u64,
    /// The layout that would be used.
    #[schema(value_type = String)]
    pub layout: Layout,
    /// The record that was found.
    #[schema(value_type = Object)]
    pub record: Candidate,
    /// What else may be given as `record`, with the rows it would give.
    #[schema(value_type = Vec<Object>)]
    pub alternatives: Vec<Candidate>,
}

impl ConversionService {
    /// Makes a preview.
    pub async fn preview(
        &self,
        session: SessionId,
        request: &ConvertRequest,
        Wanted { rows, partial }: Wanted,
    ) -> Result<Preview, ConvertError> {
        request.options().check()?;
        let selection = self.select(session, request).await?;
        let name = cache_name(request, (rows, partial), selection.iter().map(|document| document.id.to_string()));
        let key = format!("{}{name}", cache_prefix(session));
        if let Some(kept) = self.stores.session_cache.get(&key).await?
            && let Ok(preview) = serde_json::from_slice(&kept)
        {
            return Ok(preview);
        }
        let _slot = take_slot(&self.previews).await?;
        let broken = selection.iter().filter(|document| partial && document.problem.is_some());
        let broken: Vec<Document> = broken.take(BROKEN_DOCUMENTS).cloned().collect();
        let planned = match self.plan(session, selection, request).await {
            Err(ConvertError::NothingConvertible(problems)) if !broken.is_empty() => {
                Planned { clusters: Vec::new(), problems }
            }
            planned => planned?,
        };
        let mut preview = Preview { errors: planned.problems, ..Preview::default() };
        let mut budget = BYTES_READ;
        for cluster in planned.clusters {
            let mut sources = Vec::new();
            for Source { document, .. } in &cluster.documents {
                let found = self.stores.session_files.local_copy(&FileKey::new(session, &document.key)).await?;
                sources.push(found.ok_or(ConvertError::SessionEnded)?);
                if sources.len() >= 16 {
                    break;
                }
            }
            let cluster = Arc::new(cluster);
            let reading = Arc::clone(&cluster);
            let share = budget.max(BYTES_OF_CLUSTER);
            let (collected, read) = blocking("preview", move || first_rows(&reading, &sources, rows, share)).await??;
            budget = budget.saturating_sub(read);
            preview.add(&cluster, collected);
        }
        for document in broken {
            preview.look_into(self, session, request, rows, document).await?;
        }
        let value = serde_json::to_vec(&preview)
            .map_err(|error| StoreError::new(StoreErrorKind::Internal, "preview", "keep", error))?;
        if value.len() <= CACHED_BYTES {
            cache_for_session(&self.stores, session, &name, value.into(), self.policy.cache_ttl).await?;
        }
        Ok(preview)
    }
}

impl Preview {
    /// Adds what can be read of a broken document.
    async fn look_into(
        &mut self,
        service: &ConversionService,
        session: SessionId,
        request: &ConvertRequest,
        rows: usize,
        document: Document,
    ) -> Result<(), ConvertError> {
        let found = service.stores.session_files.local_copy(&FileKey::new(session, &document.key)).await?;
        let copy = found.ok_or(ConvertError::SessionEnded)?;
        let (options, policy) = (request.options(), service.policy.clone());
        let read = move || partial_tables(&document, &copy.path, &options, &policy, rows, BYTES_OF_BROKEN);
        let failed = |error| StoreError::new(StoreErrorKind::Internal, "preview", "read document", error);
        if let Some(tables) = blocking("preview", read).await?.map_err(failed)? {
            self.add_partial(tables);
        }
        Ok(())
    }

    fn add_partial(&mut self, PartialTables { path, group, plan, rows }: PartialTables) {
        for (table, rows) in plan.tables().iter().zip(rows) {
            let rows_estimate = rows.len() as u64;
            let shown = preview_table(table, &group, rows);
            self.tables.push(PreviewTable { rows_estimate, partial: Some(path.clone()), ..shown });
        }
    }

    fn add(&mut self, cluster: &PlannedCluster, rows: TableRows) {
        for (table, rows) in cluster.plan.tables().iter().zip(rows) {
            self.tables.push(preview_table(table, &cluster.group, rows));
        }
        self.groups.push(PreviewGroup {
            group: cluster.group.clone(),
            documents: cluster.documents.len() as u64,
            layout: cluster.plan.layout(),
            record: cluster.detection.record.clone(),
            alternatives: cluster.detection.alternatives.clone(),
        });
        self.warnings.extend(super::publish::warnings_of(cluster));
    }
}

fn preview_table(table: &Table, group: &str, rows: Vec<Vec<Option<String>>>) -> PreviewTable {
    PreviewTable {
        name: table.name.clone(),
        group: group.to_owned(),
        columns: table.columns.iter().map(ColumnReport::from).collect(),
        rows,
        rows_estimate: table.rows_estimate,
        primary_key: table.primary_key.clone(),
        parent: table.parent.clone(),
        source_path: table.source_path.clone(),
        partial: None,
    }
}

/// The name under which a preview is kept: everything it depends on.
fn cache_name(
    request: &ConvertRequest,
    (rows, partial): (usize, bool),
    documents: impl Iterator<Item = String>,
) -> String {
    let mut digest = Sha256::new();
    digest.update(serde_json::to_vec(request).unwrap_or_default());
    digest.update(rows.to_le_bytes());
    digest.update([u8::from(partial)]);
    for document in documents {
        digest.update(document);
    }
    format!("preview:{}", hexadecimal(&digest.finalize()[..16]))
}

/// The first rows of each table.
pub(super) type TableRows = Vec<Vec<Vec<Option<String>>>>;

/// Reads as much of the documents as it takes to fill every table's first rows, within a budget.
fn first_rows(
    cluster: &PlannedCluster,
    sources: &[LocalCopy],
    rows: usize,
    mut budget: usize,
) -> Result<(TableRows, usize), ConvertError> {
    let mut total = 0;
    let mut sink = FirstRows::new(rows, cluster.plan.tables().len());
    let mut emitter = Emitter::new(&cluster.plan, &mut sink);
    let mut buffer = vec![0; READ_BUFFER];
    let machine = |error: std::io::Error| StoreError::new(StoreErrorKind::Internal, "preview", "read document", error);
    'documents: for (Source { document, .. }, source) in cluster.documents.iter().zip(sources) {
        let mut file = std::fs::File::open(&source.path).map_err(machine)?;
        let mut outcome = emitter.begin_document(&document.path);
        while outcome.is_ok() {
            let read = file.read(&mut buffer).map_err(machine)?;
            if read == 0 {
                break;
            }
            if budget == 0 {
                break 'documents;
            }
            budget = budget.saturating_sub(read);
            total += read;
            outcome = emitter.feed(&buffer[..read]);
        }
        match outcome.and_then(|()| emitter.end_document()) {
            Ok(()) => {}
            Err(error) if error.code == ErrorCode::Interrupted => break,
            Err(error) => return Err(error.into()),
        }
    }
    drop(emitter);
    Ok((sink.tables, total))
}

/// Keeps the first rows of each table, and stops when there are enough.
pub(super) struct FirstRows {
    wanted: usize,
    pub(super) tables: TableRows,
}

impl FirstRows {
    pub(super) fn new(wanted: usize, tables: usize) -> Self {
        Self { wanted, tables: vec![Vec::new(); tables] }
    }
}

impl RowSink for &mut FirstRows {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        let rows = &mut self.tables[table];
        if rows.len() < self.wanted {
            rows.push(row.cells().map(|cell| cell.map(str::to_owned)).collect());
            return Ok(());
        }
        if self.tables.iter().all(|rows| rows.len() >= self.wanted) {
            return Err(Error::new(ErrorCode::Interrupted, "there are enough rows"));
        }
        Ok(())
    }
}
