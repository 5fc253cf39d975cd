//! The vectors of a conversion's rows: asked for when its index is there, made by a worker with the model that the settings name, looked up by
//! searches.
//!
//! They lie beside the index, in the folder of the conversion's attempt, and their job shows that they are whole. What a worker has got from
//! the model is kept batch by batch, so that the next one goes on where it was stopped.

mod rows;
mod turn;
mod work;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use self::turn::Turn;
use super::{
    Policy, Stores,
    additions::Addition,
    conversions::{ConversionService, attempt_folder},
    jobs::add_and_ring,
    usage::UsageService,
};
use crate::{
    domain::{FileKey, Job, JobId, JobKind, JobState, Progress, SessionId},
    ports::{EmbeddingModel, StoreError},
};

/// Makes vectors of rows.
#[derive(Clone)]
pub struct EmbeddingService {
    stores: Stores,
    policy: Arc<Policy>,
    conversions: ConversionService,
    model: Option<Arc<dyn EmbeddingModel>>,
    usage: UsageService,
    turn: Arc<Turn>,
}

impl EmbeddingService {
    pub(super) fn new(
        stores: Stores,
        policy: Arc<Policy>,
        conversions: ConversionService,
        model: Option<Arc<dyn EmbeddingModel>>,
        usage: UsageService,
    ) -> Self {
        Self { stores, policy, conversions, model, usage, turn: Arc::default() }
    }
}

/// The result of a job of this kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmbedReport {
    /// The conversion whose tables can be searched.
    pub conversion: JobId,
    /// The model that made the vectors.
    pub model: String,
    /// Numbers of each vector.
    pub dimensions: usize,
    /// Rows that have a vector.
    pub rows: u64,
    /// Rows of all its tables.
    pub rows_in_all: u64,
    /// Rows left out because the model refuses their texts.
    pub refused: u64,
    /// Tokens that were spent, but for those of workers that were killed.
    pub tokens: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// What a job of this kind is asked for, and what became of it in attempts that were laid down.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct EmbedRequest {
    #[serde(flatten)]
    of: Addition,
    /// Attempts that were laid down.
    #[serde(default)]
    laid_down: u32,
    /// Rows that the model has refused in them.
    #[serde(default)]
    refused: u64,
    /// Tokens that were spent in them.
    #[serde(default)]
    tokens: u64,
}

/// What there is for a search by meaning.
pub(super) enum Vectors {
    /// They are in this file.
    Ready(FileKey, EmbedReport),
    /// They are being made.
    Building,
    /// There will be none for this conversion: their job has failed or was cancelled, or another model made them.
    Missing,
}

/// The job that makes the vectors of a conversion: there is one at most, and it is known without being looked for.
fn embed_job(conversion: JobId) -> JobId {
    // The last bits of a UUIDv7 are random; the last one tells the index from its conversion.
    JobId(Uuid::from_u128(conversion.0.as_u128() ^ 2))
}

/// Asks for the vectors of a conversion that has its index; once, however often it is asked for.
pub(super) async fn ask_for_vectors(
    stores: &Stores,
    session: SessionId,
    conversion: JobId,
    attempt: u32,
) -> Result<(), StoreError> {
    let of = Addition { conversion, attempt };
    let request = EmbedRequest { of, laid_down: 0, refused: 0, tokens: 0 };
    let (id, now) = (embed_job(conversion), stores.clock.now());
    let queued = Job::queued(id, session, JobKind::Embed, json!(request), Progress::default(), now);
    // Where the session has ended there is nothing to search.
    add_and_ring(stores, &queued).await.map(drop)
}

/// The vectors of a conversion that has its index; if nobody has asked for them yet, that is done here.
pub(super) async fn find_vectors(stores: &Stores, conversion: &Job, model: &str) -> Result<Vectors, StoreError> {
    let Some(job) = stores.jobs.get(conversion.session, embed_job(conversion.id)).await? else {
        ask_for_vectors(stores, conversion.session, conversion.id, conversion.attempt).await?;
        return Ok(Vectors::Building);
    };
    match job.state {
        JobState::Queued | JobState::Running => return Ok(Vectors::Building),
        JobState::Failed | JobState::Cancelled => return Ok(Vectors::Missing),
        JobState::Succeeded => {}
    }
    let report = job.result.clone().and_then(|result| serde_json::from_value::<EmbedReport>(result).ok());
    let Some(report) = report.filter(|report| report.model == model) else { return Ok(Vectors::Missing) };
    Ok(Vectors::Ready(vectors_file(&job, conversion.id, conversion.attempt), report))
}

/// Where an attempt at the vectors of a conversion's attempt writes.
fn vectors_file(job: &Job, conversion: JobId, attempt: u32) -> FileKey {
    let folder = attempt_folder("ai_index", conversion, attempt);
    FileKey::new(job.session, format!("{folder}/vectors.{}.sqlite", job.attempt))
}

/// Where all attempts keep what they have got from the model until it is whole. Two that meet here write the same.
fn parts_folder(request: Addition) -> String {
    format!("{}/vectors.parts", attempt_folder("ai_index", request.conversion, request.attempt))
}

/// Of a folder of a conversion's index, by its name: the job that makes its vectors, and where that keeps what it has got.
pub(super) fn parts_of(folder: &str) -> Option<(JobId, String)> {
    let (conversion, attempt) = folder.split_once('.')?;
    let of = Addition { conversion: conversion.parse().ok()?, attempt: attempt.parse().ok()? };
    Some((embed_job(of.conversion), parts_folder(of)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conversion_has_one_job_of_this_kind_that_is_no_other_job() {
        let ids: Vec<JobId> = (0..4_u128).map(|number| JobId(Uuid::from_u128((7 << 76) | (number << 8)))).collect();
        for id in &ids {
            let index = JobId(Uuid::from_u128(id.0.as_u128() ^ 1));
            assert_eq!(embed_job(embed_job(*id)), *id);
            assert!(!ids.contains(&embed_job(*id)) && embed_job(*id) != index);
            assert_eq!(embed_job(*id).0.get_version_num(), id.0.get_version_num());
        }
    }
}
