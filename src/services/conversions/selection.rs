//! Which documents a request is about.

use std::{collections::HashSet, iter};

use super::{
    ConversionService, ConvertError, InputReport,
    cluster::{Clusters, PlannedCluster, Source},
    request::ConvertRequest,
};
use crate::{
    conversion::Scan,
    domain::{Area, Document, DocumentProblem, SessionId},
    ports::{StoreError, error::StoreErrorKind},
    services::blocking,
};

/// A request's documents, planned, with those that cannot take part.
pub(super) struct Planned {
    pub(super) clusters: Vec<PlannedCluster>,
    pub(super) problems: Vec<DocumentProblem>,
}

impl ConversionService {
    /// The documents that the request names, or all; never none.
    pub(super) async fn select(
        &self,
        session: SessionId,
        request: &ConvertRequest,
    ) -> Result<Vec<Document>, ConvertError> {
        let documents = self.stores.all_documents(session).await?;
        if documents.is_empty() {
            return Err(ConvertError::NoDocuments);
        }
        let ids: HashSet<_> = documents.iter().map(|document| document.id).collect();
        if let Some(unknown) = request.documents.iter().find(|id| !ids.contains(id)) {
            return Err(ConvertError::UnknownSelection(format!("the session has no document {unknown}")));
        }
        let groups: HashSet<_> = documents.iter().map(|document| document.group.as_str()).collect();
        if let Some(unknown) = request.groups.iter().find(|group| !groups.contains(group.as_str())) {
            let mut known: Vec<_> = groups.into_iter().collect();
            known.sort_unstable();
            let known = known.join(", ");
            return Err(ConvertError::UnknownSelection(format!("there is no group '{unknown}'; there are {known}")));
        }
        let wanted_ids: HashSet<_> = request.documents.iter().collect();
        let wanted_groups: HashSet<_> = request.groups.iter().map(String::as_str).collect();
        let everything = wanted_ids.is_empty() && wanted_groups.is_empty();
        let wanted = |document: &Document| {
            everything || wanted_ids.contains(&document.id) || wanted_groups.contains(document.group.as_str())
        };
        Ok(documents.into_iter().filter(wanted).collect())
    }

    /// The uploads that the clusters' documents came with.
    pub(super) async fn inputs_of(
        &self,
        session: SessionId,
        clusters: &[PlannedCluster],
    ) -> Result<Vec<InputReport>, StoreError> {
        let files = self.stores.catalog.list_files(session, Some(Area::Input), None, u32::MAX).await?;
        let uploads: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        // The path of a document is, or begins with, the name of its upload.
        let upload_of = |source: &Source| {
            let path = source.document.path.as_str();
            let mut ends = iter::once(path.len()).chain(path.rmatch_indices('/').map(|(at, _)| at));
            ends.find_map(|end| uploads.get(&path[..end]).copied())
        };
        let used: HashSet<&str> =
            clusters.iter().flat_map(|cluster| &cluster.documents).filter_map(upload_of).collect();
        let inputs = files.iter().filter(|file| used.contains(file.path.as_str()));
        Ok(inputs.map(|file| InputReport { name: file.path.clone(), sha256: file.sha256.clone() }).collect())
    }

    /// Sorts the documents into clusters and plans their tables.
    pub(super) async fn plan(
        &self,
        session: SessionId,
        selection: Vec<Document>,
        request: &ConvertRequest,
    ) -> Result<Planned, ConvertError> {
        let mut problems = Vec::new();
        let mut clusters = Clusters::default();
        let limits = self.policy.engine;
        for document in selection {
            if let Some(problem) = document.problem.clone() {
                problems.push(problem);
                continue;
            }
            let stored = self.stores.catalog.get_shape(session, document.id).await?.unwrap_or_default();
            let scan: Scan = serde_json::from_str(&stored)
                .map_err(|error| StoreError::new(StoreErrorKind::Internal, "catalog", "read shape", error))?;
            clusters.add(document, scan, &limits)?;
        }
        let options = request.options();
        let (clusters, left_out) = blocking("plan tables", move || clusters.plan(&options, &limits)).await??;
        problems.extend(left_out);
        if clusters.is_empty() {
            return Err(ConvertError::NothingConvertible(problems));
        }
        Ok(Planned { clusters, problems })
    }
}
