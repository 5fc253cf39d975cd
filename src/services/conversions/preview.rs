//! Previews: the tables as they would be, with their first rows, without writing anything.

use std::{io::Read, sync::Arc};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    ColumnReport, ConversionService, ConvertError, ConvertRequest, WarningReport,
    cluster::{PlannedCluster, Source},
};
use crate::{
    conversion::{Candidate, Emitter, Error, ErrorCode, Layout, ParentLink, Row, RowSink},
    domain::{DocumentProblem, FileKey, SessionId, file::hexadecimal},
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
/// Larger previews are not kept: they are as quickly made again.
const CACHED_BYTES: usize = 256 << 10;
const READ_BUFFER: usize = 64 << 10;

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
    /// Makes a preview with at most `rows` rows of each table.
    pub async fn preview(
        &self,
        session: SessionId,
        request: &ConvertRequest,
        rows: usize,
    ) -> Result<Preview, ConvertError> {
        let selection = self.select(session, request).await?;
        let name = cache_name(request, rows, selection.iter().map(|document| document.id.to_string()));
        let key = format!("{}{name}", cache_prefix(session));
        if let Some(kept) = self.stores.session_cache.get(&key).await?
            && let Ok(preview) = serde_json::from_slice(&kept)
        {
            return Ok(preview);
        }
        let _slot = take_slot(&self.previews).await?;
        let planned = self.plan(session, selection, request).await?;
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
        let value = serde_json::to_vec(&preview)
            .map_err(|error| StoreError::new(StoreErrorKind::Internal, "preview", "keep", error))?;
        if value.len() <= CACHED_BYTES {
            cache_for_session(&self.stores, session, &name, value.into(), self.policy.cache_ttl).await?;
        }
        Ok(preview)
    }
}

impl Preview {
    fn add(&mut self, cluster: &PlannedCluster, rows: TableRows) {
        for (table, rows) in cluster.plan.tables().iter().zip(rows) {
            self.tables.push(PreviewTable {
                name: table.name.clone(),
                group: cluster.group.clone(),
                columns: table.columns.iter().map(ColumnReport::from).collect(),
                rows,
                rows_estimate: table.rows_estimate,
                primary_key: table.primary_key.clone(),
                parent: table.parent.clone(),
                source_path: table.source_path.clone(),
            });
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

/// The name under which a preview is kept: everything it depends on.
fn cache_name(request: &ConvertRequest, rows: usize, documents: impl Iterator<Item = String>) -> String {
    let mut digest = Sha256::new();
    digest.update(serde_json::to_vec(request).unwrap_or_default());
    digest.update(rows.to_le_bytes());
    for document in documents {
        digest.update(document);
    }
    format!("preview:{}", hexadecimal(&digest.finalize()[..16]))
}

/// The first rows of each table.
type TableRows = Vec<Vec<Vec<Option<String>>>>;

/// Reads as much of the documents as it takes to fill every table's first rows, within a budget.
fn first_rows(
    cluster: &PlannedCluster,
    sources: &[LocalCopy],
    rows: usize,
    mut budget: usize,
) -> Result<(TableRows, usize), ConvertError> {
    let mut total = 0;
    let mut sink = FirstRows { wanted: rows, tables: vec![Vec::new(); cluster.plan.tables().len()] };
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

struct FirstRows {
    wanted: usize,
    tables: TableRows,
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
