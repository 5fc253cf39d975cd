//! What a search needs to go by meaning, or why it does not.

use super::TableService;
use crate::{
    domain::{Job, SessionId},
    ports::{StoreError, language_model::ModelUsage, search::Meaning, session_files::LocalCopy},
    services::{
        embedding::{Vectors, find_vectors},
        indexing::find_index,
    },
};

/// Characters of the words that a model is shown.
const MOST_CHARACTERS: usize = 2_000;

/// Whether a search went by meaning, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByMeaning {
    /// It did.
    Used {
        /// Rows that have a vector.
        rows: u64,
        /// Rows of all tables.
        rows_in_all: u64,
    },
    /// No model that makes vectors is set.
    Off,
    /// The vectors of the rows are being made.
    Building,
    /// There are none: they could not be made, were cancelled, or another model made them. Converting again makes them.
    Missing,
    /// The model gave no vector for the words in time.
    Unanswered,
}

impl TableService {
    /// The vector of the words; the model is asked only if there is something to compare it with.
    pub(super) async fn vector_of(&self, session: SessionId, words: &str) -> Result<Vec<f32>, ByMeaning> {
        let model = self.embeddings.as_ref().ok_or(ByMeaning::Off)?;
        let vectors = async {
            let Some(job) = self.current_job(session).await? else { return Ok(Vectors::Building) };
            match find_index(&self.stores, &job).await? {
                Some(_) => find_vectors(&self.stores, &job, model.name()).await,
                None => Ok(Vectors::Building),
            }
        };
        match vectors.await.unwrap_or_else(|error| missing(&error)) {
            Vectors::Ready(..) => {}
            Vectors::Building => return Err(ByMeaning::Building),
            Vectors::Missing => return Err(ByMeaning::Missing),
        }
        let words = words.chars().take(MOST_CHARACTERS).collect();
        let asked = tokio::time::timeout(self.policy.embedding.question, model.embed(&[words])).await;
        if let Ok(Ok(answer)) = &asked {
            self.account(session, model.name(), answer.input_tokens).await;
        }
        match asked.map(|answer| answer.map(|answer| answer.vectors.into_iter().next())) {
            Ok(Ok(Some(vector))) => Ok(vector),
            Ok(Ok(None)) | Err(_) => Err(ByMeaning::Unanswered),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a search goes by words alone");
                Err(ByMeaning::Unanswered)
            }
        }
    }

    /// Puts down what a search took to whose session it is. It goes on if that cannot be told.
    async fn account(&self, session: SessionId, model: &str, tokens: u64) {
        match self.stores.sessions.get(session).await {
            Ok(Some(session)) => {
                self.usage
                    .begin_vectors(session.user_id, self.stores.ids.next(), model)
                    .add(ModelUsage { input_tokens: tokens, output_tokens: 0 });
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, tokens, "what a search took is not kept"),
        }
    }

    /// The vectors of a conversion's rows, with what this vector is compared with.
    pub(super) async fn vectors(&self, job: &Job, vector: Vec<f32>) -> (Option<(Meaning, LocalCopy)>, ByMeaning) {
        let model = self.embeddings.as_ref().map_or("", |model| model.name());
        let (file, report) = match find_vectors(&self.stores, job, model).await.unwrap_or_else(|error| missing(&error))
        {
            Vectors::Ready(file, report) if report.rows == 0 || report.dimensions == vector.len() => (file, report),
            Vectors::Ready(..) | Vectors::Missing => return (None, ByMeaning::Missing),
            Vectors::Building => return (None, ByMeaning::Building),
        };
        match self.stores.session_files.local_copy(&file).await {
            Ok(Some(local)) => {
                let used = ByMeaning::Used { rows: report.rows, rows_in_all: report.rows_in_all };
                (Some((Meaning { vectors: local.path.clone(), vector }, local)), used)
            }
            Ok(None) => (None, ByMeaning::Missing),
            Err(error) => {
                missing(&error);
                (None, ByMeaning::Missing)
            }
        }
    }
}

/// What a store's trouble means for the search: it goes by words.
fn missing(error: &StoreError) -> Vectors {
    tracing::warn!(%error, "the vectors of a conversion could not be looked up");
    Vectors::Missing
}
