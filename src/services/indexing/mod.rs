//! The search index of a conversion: asked for when the conversion is done, built by a worker, looked up by searches.
//!
//! It lies beside the SQL store, in the folder of the conversion's attempt, so that it goes with the conversion; and its job shows that it is
//! whole, so that nobody sees what another attempt has left.

mod work;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Stores,
    additions::Addition,
    conversions::{ConversionService, attempt_folder},
    jobs::add_and_ring,
};
use crate::{
    domain::{FileKey, Job, JobId, JobKind, JobState, Progress},
    ports::{StoreError, session_files::LocalCopy},
};

/// Builds indexes.
#[derive(Clone)]
pub struct IndexService {
    stores: Stores,
    conversions: ConversionService,
    next: AfterIndex,
}

/// What is asked for once an index is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterIndex {
    /// The vectors of the same rows.
    Vectors,
    /// Nothing: no model makes vectors.
    Nothing,
}

impl IndexService {
    pub(super) fn new(stores: Stores, conversions: ConversionService, next: AfterIndex) -> Self {
        Self { stores, conversions, next }
    }
}

/// The result of a job of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexReport {
    /// The conversion whose tables can be searched.
    pub conversion: JobId,
    /// Rows of all its tables.
    pub rows: u64,
    /// Size of the index.
    pub bytes: u64,
}

/// The job that builds the index of a conversion: there is one at most, and it is known without being looked for.
fn index_job(conversion: JobId) -> JobId {
    // The last bits of a UUIDv7 are random.
    JobId(Uuid::from_u128(conversion.0.as_u128() ^ 1))
}

/// Asks for the index of a conversion that is done; once, however often it is asked for.
pub(super) async fn ask_for_index(stores: &Stores, conversion: &Job) -> Result<(), StoreError> {
    let request = Addition { conversion: conversion.id, attempt: conversion.attempt };
    let (id, now) = (index_job(conversion.id), stores.clock.now());
    let queued = Job::queued(id, conversion.session, JobKind::Index, json!(request), Progress::default(), now);
    // Where the session has ended there is nothing to search.
    add_and_ring(stores, &queued).await.map(drop)
}

/// The index of a conversion that is done, if it has been built; if nobody has asked for it yet, that is done here.
pub(super) async fn find_index(stores: &Stores, conversion: &Job) -> Result<Option<LocalCopy>, StoreError> {
    let Some(job) = stores.jobs.get(conversion.session, index_job(conversion.id)).await? else {
        ask_for_index(stores, conversion).await?;
        return Ok(None);
    };
    if job.state != JobState::Succeeded {
        return Ok(None);
    }
    stores.session_files.local_copy(&index_file(&job, conversion.id, conversion.attempt)).await
}

/// Where an attempt at the index of a conversion's attempt writes.
fn index_file(job: &Job, conversion: JobId, attempt: u32) -> FileKey {
    let folder = attempt_folder("ai_index", conversion, attempt);
    FileKey::new(job.session, format!("{folder}/words.{}.sqlite", job.attempt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conversion_has_one_index_job_that_is_no_other_job() {
        let ids: Vec<JobId> = (0..4_u128).map(|number| JobId(Uuid::from_u128((7 << 76) | (number << 8)))).collect();
        for id in &ids {
            assert_eq!(index_job(index_job(*id)), *id);
            assert!(!ids.contains(&index_job(*id)));
            assert_eq!(index_job(*id).0.get_version_num(), id.0.get_version_num());
        }
    }
}
