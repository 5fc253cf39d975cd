//! Which documents share tables: those of one group with the same root element. One cluster, one plan.

use crate::{
    conversion::{Detection, Error, ErrorCode, Limits, Options, Outline, Plan, Scan, Shape, make_table_names_unique},
    domain::{Document, DocumentProblem},
    services::scan::document_problem,
};

/// Documents that share tables.
pub(super) struct Cluster {
    /// Their group.
    pub(super) group: String,
    /// Their shapes, merged.
    pub(super) shape: Shape,
    /// The documents in order.
    pub(super) documents: Vec<Source>,
    key: String,
}

/// A document to be converted.
pub(super) struct Source {
    pub(super) document: Document,
    /// What it is among the documents of its cluster.
    pub(super) outline: Outline,
}

/// Documents sorted into clusters, in order of first appearance.
#[derive(Default)]
pub(super) struct Clusters {
    clusters: Vec<Cluster>,
}

impl Clusters {
    /// Adds a document with its shape.
    pub(super) fn add(&mut self, document: Document, scan: Scan, limits: &Limits) -> Result<(), Error> {
        let key = scan.shape.cluster_key();
        let found = self.clusters.iter_mut().find(|cluster| cluster.group == document.group && cluster.key == key);
        match found {
            Some(cluster) => {
                let outline = cluster.shape.add(&scan, limits)?;
                cluster.documents.push(Source { document, outline });
            }
            None => {
                let group = document.group.clone();
                let (shape, outline) = scan.into_shape();
                self.clusters.push(Cluster { group, shape, documents: vec![Source { document, outline }], key });
            }
        }
        Ok(())
    }

    /// Plans every cluster's tables, with names that are unique over all of them. Clusters in which the record asked for does not occur
    /// are left out, with a problem for each document; only if it occurs in none is that an error.
    pub(super) fn plan(
        self,
        options: &Options,
        limits: &Limits,
    ) -> Result<(Vec<PlannedCluster>, Vec<DocumentProblem>), Error> {
        let mut plans = Vec::with_capacity(self.clusters.len());
        let mut planned_clusters = Vec::with_capacity(self.clusters.len());
        let mut problems = Vec::new();
        let mut first_error = None;
        for cluster in self.clusters {
            match Plan::new(&cluster.group, &cluster.shape, options, limits) {
                Ok(plan) => {
                    plans.push(plan);
                    planned_clusters.push(cluster);
                }
                Err(error) if error.code == ErrorCode::RecordNotFound => {
                    problems
                        .extend(cluster.documents.iter().map(|source| document_problem(&source.document.path, &error)));
                    first_error.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let (Some(error), true) = (first_error, plans.is_empty()) {
            return Err(error);
        }
        let tables: usize = plans.iter().map(|plan| plan.tables().len()).sum();
        if tables > limits.tables {
            let detail = format!(
                "there would be {tables} tables, more than {}; convert fewer groups at once, or raise the limit on tables",
                limits.tables
            );
            return Err(Error::new(ErrorCode::TooManyTables, detail));
        }
        make_table_names_unique(&mut plans);
        let planned = planned_clusters.into_iter().zip(plans).map(|(cluster, plan)| PlannedCluster {
            detection: cluster.shape.detect_record(),
            longest_value: cluster.shape.longest_value(),
            group: cluster.group,
            documents: cluster.documents,
            plan,
        });
        Ok((planned.collect(), problems))
    }
}

/// A cluster with the plan of its tables.
pub(super) struct PlannedCluster {
    /// The group of its documents.
    pub(super) group: String,
    /// The documents in order.
    pub(super) documents: Vec<Source>,
    /// Their tables.
    pub(super) plan: Plan,
    /// The record that was found, and what else it might be.
    pub(super) detection: Detection,
    /// Bytes of the longest value of all documents, where the scan tells.
    pub(super) longest_value: Option<u64>,
}
