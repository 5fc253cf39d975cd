//! Publishing a finished attempt in one step, and removing what is not needed any more.

use std::path::Path;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::{
    ConversionReport, ConversionService, ConvertRequest, DocumentCounts, InputReport, WarningReport, attempt_folder,
    cluster::PlannedCluster, index_key, local::Left, outputs::FinishedFile, task::StoreWriter,
};
use crate::{
    conversion::{DataPackage, Warning, Written, data_package},
    domain::{Area, DocumentProblem, FileKey, Job, JobId, Progress, SessionId, StoredFile},
    ports::{StoreError, catalog::Published, jobs::FinishedConversion},
    services::jobs::Ending,
};

impl ConversionService {
    /// Publishes files, SQL store and description, and last the row that makes them visible.
    #[expect(clippy::too_many_arguments, reason = "the parts of one finished attempt, used once")]
    pub(super) async fn publish(
        &self,
        job: &Job,
        request: &ConvertRequest,
        clusters: &[PlannedCluster],
        files: Vec<FinishedFile<StoreWriter>>,
        problems: Vec<DocumentProblem>,
        progress: Progress,
        index: &Path,
        inputs: Vec<InputReport>,
    ) -> Result<ConversionReport, Ending> {
        let at = self.stores.clock.now();
        let folder = attempt_folder("output", job.id, job.attempt);
        let mut outputs = Vec::with_capacity(files.len() + 1);
        let mut tables = Vec::with_capacity(files.len());
        let warnings = all_warnings(clusters, &files);
        let described: Vec<_> = files.iter().map(DescribedFile::from).collect();
        for file in files {
            file.writer.writer.publish().await?;
            outputs.push(StoredFile {
                area: Area::Output,
                key: format!("{folder}/{}", file.path),
                path: file.path,
                bytes: file.report.bytes,
                sha256: Some(file.sha256),
                content_type: request.format.content_type().into(),
                modified_at: at,
            });
            tables.push(file.report);
        }
        let description = describe(Generator::Service, clusters, &described, request, &[]);
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
            warnings,
            schema_path: "output/datapackage.json".into(),
            inputs,
        };
        let finished =
            FinishedConversion { job: job.id, attempt: job.attempt, result: json!(report), progress, outputs, at };
        match self.stores.jobs.succeed(&finished).await? {
            Published::Done { .. } => Ok(report),
            Published::SessionClosed | Published::PathTaken => Err(Ending::Lost),
        }
    }

    /// Removes the files of earlier conversions and of attempts that came to nothing. Another job of the session may be publishing at
    /// the same time: a folder goes only if its job has ended and the session, looked at after that, shows another conversion; an ended
    /// job never becomes the session's conversion again.
    pub(in crate::services) async fn remove_superseded(&self, session: SessionId) -> Result<(), StoreError> {
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

/// What the description says of a file.
pub(super) struct DescribedFile {
    path: String,
    bytes: u64,
    sheets: usize,
}

impl<W> From<&FinishedFile<W>> for DescribedFile {
    fn from(file: &FinishedFile<W>) -> Self {
        Self { path: file.path.clone(), bytes: file.report.bytes, sheets: file.sheets }
    }
}

/// What was done otherwise than asked or expected: plans, and tables that go over several sheets.
pub(super) fn all_warnings<W>(clusters: &[PlannedCluster], files: &[FinishedFile<W>]) -> Vec<WarningReport> {
    let continued = files.iter().filter(|file| file.sheets > 1).map(|file| WarningReport {
        file: file.report.group.clone(),
        code: "further_sheets".to_owned(),
        detail: format!(
            "the table {} has {} rows and goes on in further sheets of its workbook, {} in all",
            file.report.name, file.report.rows, file.sheets
        ),
        count: 1,
    });
    clusters.iter().flat_map(warnings_of).chain(continued).collect()
}

/// What a cluster's plan does otherwise than asked.
pub(super) fn warnings_of(cluster: &PlannedCluster) -> Vec<WarningReport> {
    let warnings = cluster.plan.warnings().iter();
    let report = |warning: &Warning| WarningReport {
        file: cluster.group.clone(),
        code: warning.code.as_str().to_owned(),
        detail: warning.detail.clone(),
        count: warning.count,
    };
    warnings.map(report).collect()
}

/// What a description names as its maker.
#[derive(Clone, Copy, Serialize)]
pub(super) enum Generator {
    /// The service, for a session.
    #[serde(rename = "RET")]
    Service,
    /// `ret convert`, for its output folder.
    #[serde(rename = "ret convert")]
    CommandLine,
}

#[derive(Serialize)]
struct Described<'a> {
    generator: Generator,
    #[serde(flatten)]
    package: DataPackage,
    /// Tables of earlier conversions that are still in the folder.
    #[serde(skip_serializing_if = "<[Left]>::is_empty")]
    earlier: &'a [Left],
}

/// The description of all tables: `datapackage.json`.
pub(super) fn describe(
    generator: Generator,
    clusters: &[PlannedCluster],
    outputs: &[DescribedFile],
    request: &ConvertRequest,
    earlier: &[Left],
) -> Bytes {
    let tables = clusters.iter().flat_map(|cluster| cluster.plan.tables());
    let written = tables.zip(outputs).map(|(table, file)| Written {
        table,
        path: &file.path,
        bytes: file.bytes,
        sheets: file.sheets,
    });
    let written: Vec<_> = written.collect();
    let package = data_package("tables", &written, &request.file_options());
    serde_json::to_vec_pretty(&Described { generator, package, earlier }).unwrap_or_default().into()
}
