//! Getting vectors of rows from the model, however busy it is, and keeping them until all are there.

use std::{sync::Arc, time::Duration};

use futures::TryStreamExt as _;
use tokio::time::Instant;

use super::EmbeddingService;
use crate::{
    domain::{FileKey, VectorBatch},
    ports::{
        EmbeddingModel, StoreError,
        error::StoreErrorKind,
        language_model::{Embeddings, ModelError, ModelErrorKind},
        search::RowText,
    },
    services::jobs::{CONTINUE, Ending, Pulse, failure},
};

/// How often one looks whether to stop.
const LOOK_WHETHER_TO_STOP: Duration = Duration::from_millis(100);

/// The pause before a model is asked again that has failed after all attempts of its own.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What came of the texts that were sent together.
pub(super) struct Embedded {
    pub(super) batch: VectorBatch,
    /// Rows whose texts the model refuses.
    pub(super) refused: u64,
    pub(super) tokens: u64,
}

/// Turns texts into vectors; `None` if told to stop. Where the model refuses all of them for what stands in one, they are sent in halves.
/// `spent` is told the tokens of each answer.
pub(super) async fn embed(
    model: &dyn EmbeddingModel,
    (texts, last): (Vec<RowText>, i64),
    patience: Duration,
    pulse: &Arc<Pulse>,
    spent: &(dyn Fn(u64) + Sync),
) -> Result<Option<Embedded>, Ending> {
    let mut embedded = Embedded { batch: VectorBatch::new(model.name(), last), refused: 0, tokens: 0 };
    let mut todo: Vec<&[RowText]> = vec![&texts];
    while let Some(rows) = todo.pop() {
        let asked: Vec<String> = rows.iter().map(|row| row.text.clone()).collect();
        let Some(answer) = ask(model, &asked, patience, pulse).await? else { return Ok(None) };
        match answer {
            Some(answer) => {
                spent(answer.input_tokens);
                embedded.tokens += answer.input_tokens;
                for (row, vector) in rows.iter().zip(&answer.vectors) {
                    if !embedded.batch.push(row.row, vector) {
                        let what = "its vectors have now more and now fewer numbers; use another model";
                        return Err(Ending::Failed(failure(
                            "model_refused",
                            &format!("the model '{}': {what}", model.name()),
                        )));
                    }
                }
            }
            None if rows.len() > 1 => {
                let (first, second) = rows.split_at(rows.len() / 2);
                // What comes first is taken first.
                todo.extend([second, first]);
            }
            None => embedded.refused += 1,
        }
    }
    Ok(Some(embedded))
}

/// Asks until there is an answer. The inner `None` says that the model does not take these texts.
async fn ask(
    model: &dyn EmbeddingModel,
    texts: &[String],
    patience: Duration,
    pulse: &Arc<Pulse>,
) -> Result<Option<Option<Embeddings>>, Ending> {
    let (since, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        let answer = tokio::select! {
            answer = model.embed(texts) => answer,
            () = told_to_stop(pulse) => return Ok(None),
        };
        let error = match answer {
            Ok(answer) => return Ok(Some(Some(answer))),
            Err(error) => error,
        };
        let wanted = match error.kind {
            ModelErrorKind::Filtered | ModelErrorKind::ContextTooLong => return Ok(Some(None)),
            ModelErrorKind::Unauthorised | ModelErrorKind::Rejected => return Err(refused(model, &error)),
            ModelErrorKind::Busy { retry_after } => retry_after.unwrap_or_default(),
            ModelErrorKind::Unavailable | ModelErrorKind::BadReply => Duration::ZERO,
        };
        let wait = pause.max(wanted);
        if since.elapsed() + wait > patience {
            return Err(Ending::Retry(StoreError::new(StoreErrorKind::Unavailable, "model", "embed rows", error)));
        }
        tracing::warn!(%error, wait_ms = wait.as_millis(), "rows wait for their vectors");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = told_to_stop(pulse) => return Ok(None),
        }
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

fn refused(model: &dyn EmbeddingModel, error: &ModelError) -> Ending {
    // What the server said is for the log.
    tracing::warn!(%error, "a model refuses to make vectors");
    let detail = format!("the model '{}' makes no vectors: {}", model.name(), error.mend());
    Ending::Failed(failure("model_refused", &detail))
}

/// Returns once the work is to stop.
async fn told_to_stop(pulse: &Pulse) {
    while pulse.signal() == CONTINUE {
        tokio::time::sleep(LOOK_WHETHER_TO_STOP).await;
    }
}

impl EmbeddingService {
    /// Keeps a batch for whoever goes on after this attempt.
    pub(super) async fn keep(&self, part: &FileKey, batch: &VectorBatch) -> Result<(), StoreError> {
        let mut file = self.stores.session_files.write(part).await?;
        file.write(batch.to_bytes().into()).await?;
        file.publish().await.map(drop)
    }

    /// A batch that an earlier attempt has kept, if this model made it.
    pub(super) async fn kept(&self, part: &FileKey, model: &str) -> Result<Option<VectorBatch>, StoreError> {
        let Some(bytes) = self.stores.session_files.read(part, None).await? else { return Ok(None) };
        let pieces: Vec<bytes::Bytes> = bytes.try_collect().await?;
        Ok(VectorBatch::from_bytes(&pieces.concat()).filter(|batch| batch.model == model))
    }
}
