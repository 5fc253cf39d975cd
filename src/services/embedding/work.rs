//! Doing a job of this kind.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::time::Instant;

use super::{EmbedReport, EmbedRequest, EmbeddingService, parts_folder, rows::embed, vectors_file};
use crate::{
    domain::{FileKey, Job, JobFailure, Progress, VectorBatch},
    ports::{
        EmbeddingModel, StoreError,
        language_model::{MOST_TEXTS, ModelUsage},
        search::{RowText, RowTexts, VectorsWriter},
        session_files::LocalCopy,
    },
    services::{
        additions::{Addition, stopped, succeed},
        blocking,
        indexing::find_index,
        jobs::{CONTINUE, Ending, Pulse, Trouble, Work, failure, request_of},
    },
};

/// What a model that makes vectors takes: it writes nothing.
fn of_texts(input_tokens: u64) -> ModelUsage {
    ModelUsage { input_tokens, output_tokens: 0 }
}

/// Batches that the model works on at once.
const BATCHES_AT_ONCE: usize = 4;

#[async_trait]
impl Work for EmbeddingService {
    async fn attempt(&self, job: &Job, pulse: &Arc<Pulse>) -> Result<(), Ending> {
        let asked: EmbedRequest = request_of(job)?;
        let request = asked.of;
        let Some(_turn) = self.turn.take(job.id, &self.stores) else {
            let asked = EmbedRequest { laid_down: asked.laid_down + 1, ..asked };
            return Err(Ending::Later { request: json!(asked), rings: false });
        };
        request.check_current(&self.stores, job.session).await?;
        let Some(model) = &self.model else {
            let detail = "no model that turns texts into vectors is set any more; searches go by words";
            return Err(Ending::Failed(failure("model_refused", detail)));
        };
        let tables = request.tables(&self.stores, job.session).await?;
        let Some(conversion) = self.stores.jobs.get(job.session, request.conversion).await? else {
            return Err(Ending::Lost);
        };
        let index = find_index(&self.stores, &conversion).await?.ok_or(Ending::Gone)?;
        let scratch = self.stores.session_files.scratch(job.session).await?;
        let path = scratch.path().join("vectors.sqlite");
        let Some(session) = self.stores.sessions.get(job.session).await? else { return Err(Ending::Lost) };
        let tally = self.usage.begin_vectors(session.user_id, self.stores.ids.next(), model.name());
        let tally = Mutex::new(tally);
        let spent = |tokens| tally.lock().unwrap_or_else(PoisonError::into_inner).add(of_texts(tokens));
        let making = self.make(job, asked, model.as_ref(), [&tables, &index], &path, (pulse, &spent));
        let made = request.while_current(&self.stores, job.session, pulse, making).await;
        // What was spent is kept also where nothing came of it.
        tally.into_inner().unwrap_or_else(PoisonError::into_inner).end().await;
        let mut report = match made?.ok_or_else(|| stopped(pulse))? {
            Made::Whole(report) => report,
            Made::Part(EmbedReport { refused, tokens, .. }) => {
                let asked = EmbedRequest { of: request, laid_down: asked.laid_down + 1, refused, tokens };
                return Err(Ending::Later { request: json!(asked), rings: true });
            }
        };
        let key = vectors_file(job, request.conversion, request.attempt);
        report.bytes = self.stores.session_files.publish_local(&key, &path).await?;
        succeed(&self.stores, job, pulse, &report).await?;
        tracing::info!(job_id = %job.id, rows = report.rows, tokens = report.tokens, bytes = report.bytes, "vectors made");
        Ok(())
    }

    fn laid_down(&self, job: &Job) -> u32 {
        request_of::<EmbedRequest>(job).map_or(0, |request| request.laid_down)
    }

    /// What the model gave stays for the next attempt, until the job has ended.
    async fn remove_attempt(&self, job: &Job) -> Result<(), StoreError> {
        let Ok(request) = request_of::<Addition>(job) else { return Ok(()) };
        let key = vectors_file(job, request.conversion, request.attempt);
        self.stores.session_files.remove(&key).await.map(drop)
    }

    /// Vectors that came too late lie in the folder of a conversion that is not shown any more.
    async fn tidy(&self, job: &Job) -> Result<(), StoreError> {
        let now = self.stores.jobs.get(job.session, job.id).await?;
        if let Ok(request) = request_of::<Addition>(job)
            && now.is_none_or(|job| job.state.is_final())
        {
            self.stores.session_files.remove_folder(job.session, &parts_folder(request)).await?;
        }
        self.conversions.remove_superseded(job.session).await
    }

    fn failure_of(&self, trouble: Trouble) -> JobFailure {
        let detail = match trouble {
            Trouble::TooManyAttempts => {
                "the vectors were started several times and never came to their end; searches go by words"
            }
            Trouble::Gone => "the tables were removed while they were read; convert again",
            Trouble::StoreAway => {
                "the model that makes vectors, or a store, was away each time; searches go by words until the next conversion"
            }
        };
        failure(if trouble == Trouble::Gone { "tables_gone" } else { "job_abandoned" }, detail)
    }
}

impl EmbeddingService {
    /// Makes the vectors in a new file, as far as its time goes; `None` if it was told to stop.
    async fn make(
        &self,
        job: &Job,
        asked: EmbedRequest,
        model: &dyn EmbeddingModel,
        [tables, index]: [&LocalCopy; 2],
        path: &Path,
        (pulse, spent): (&Arc<Pulse>, &(dyn Fn(u64) + Sync)),
    ) -> Result<Option<Made>, Ending> {
        let (request, began) = (asked.of, Instant::now());
        let mut files = self.open(tables, index, path).await?;
        let mut report = EmbedReport {
            conversion: request.conversion,
            model: model.name().to_owned(),
            dimensions: 0,
            rows: 0,
            rows_in_all: files.texts.rows(),
            refused: asked.refused,
            tokens: asked.tokens,
            bytes: 0,
        };
        let part = |number: u32| FileKey::new(job.session, format!("{}/{number:06}", parts_folder(request)));
        let mut parts = 0;
        // What was never begun cannot be gone on with.
        if job.attempt > 1 {
            while let Some(batch) = self.kept(&part(parts), model.name()).await? {
                parts += 1;
                files.texts.go_on_after(batch.last);
                files = files.add(batch, &mut report).await?;
            }
            pulse.set_progress(Progress { rows: report.rows, ..Progress::default() });
        }
        for round in 0_u64.. {
            let texts;
            (files, texts) = files.next().await?;
            if texts.is_empty() {
                break;
            }
            // Each attempt gets on, however short its time is.
            if round > 0 && began.elapsed() >= self.policy.embedding.attempt {
                return Ok(Some(Made::Part(report)));
            }
            let patience = self.policy.embedding.patience;
            let asked = texts.into_iter().map(|texts| embed(model, texts, patience, pulse, spent));
            let mut answers = stream::iter(asked).buffered(BATCHES_AT_ONCE);
            while let Some(embedded) = answers.next().await {
                let Some(embedded) = embedded?.filter(|_| pulse.signal() == CONTINUE) else { return Ok(None) };
                report.refused += embedded.refused;
                report.tokens += embedded.tokens;
                self.keep(&part(parts), &embedded.batch).await?;
                parts += 1;
                files = files.add(embedded.batch, &mut report).await?;
                pulse.set_progress(Progress { rows: report.rows, ..Progress::default() });
            }
        }
        files.finish().await?;
        Ok(Some(Made::Whole(report)))
    }

    async fn open(&self, tables: &LocalCopy, index: &LocalCopy, path: &Path) -> Result<Files, StoreError> {
        let store = Arc::clone(&self.stores.tables);
        let (tables, index, path) = (tables.path.clone(), index.path.clone(), path.to_owned());
        let most = self.policy.embedding.rows;
        blocking("open texts", move || {
            Ok(Files { texts: store.texts(&tables, &index, most)?, vectors: store.vectors(&path)? })
        })
        .await?
    }
}

/// How far an attempt came.
enum Made {
    /// To the end.
    Whole(EmbedReport),
    /// Its time is over.
    Part(EmbedReport),
}

/// What is read and what is written; each step takes them off the asynchronous threads.
struct Files {
    texts: Box<dyn RowTexts>,
    vectors: Box<dyn VectorsWriter>,
}

/// Texts that go to the model together, and the last row that was read for them.
type Texts = (Vec<RowText>, i64);

impl Files {
    /// The next batches; none at the end.
    async fn next(mut self) -> Result<(Self, Vec<Texts>), StoreError> {
        blocking("read texts", move || {
            let mut batches = Vec::new();
            while batches.len() < BATCHES_AT_ONCE
                && let Some(batch) = self.texts.next(MOST_TEXTS)?
            {
                batches.push(batch);
            }
            Ok((self, batches))
        })
        .await?
    }

    async fn add(mut self, batch: VectorBatch, report: &mut EmbedReport) -> Result<Self, StoreError> {
        report.dimensions = report.dimensions.max(batch.dimensions);
        report.rows += batch.rows.len() as u64;
        blocking("add vectors", move || {
            self.vectors.add(&batch)?;
            Ok(self)
        })
        .await?
    }

    async fn finish(self) -> Result<(), StoreError> {
        blocking("finish vectors", move || self.vectors.finish()).await?
    }
}
