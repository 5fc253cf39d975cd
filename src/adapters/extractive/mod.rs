//! Answers without a model: look-ups, counts, sums, averages, extremes, groups, rankings and searches over tables, by rules.
//!
//! It speaks as every model does: it gets the conversation, calls tools, and writes an answer with citations; it has no other way to the
//! data. It remembers nothing: each call reads from the messages how far the turn is. The same conversation gives the same answer.
//! What it does not understand it says, and a figure that rests on a guess says so before it is told.

mod answer;
mod doubt;
mod index;
mod lexicon;
mod lookup;
mod plan;
mod question;
mod refusal;
mod schema;
mod steps;
#[cfg(test)]
mod tests;
mod things;
mod turn;
mod wording;
mod words;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use self::steps::Step;
use crate::ports::language_model::{
    Answer, EndReason, LanguageModel, ModelError, ModelErrorKind, ModelEvent, ModelRequest, ModelUsage,
};

/// The name under which it answers.
pub const EXTRACTIVE: &str = "extractive";

/// Questions that are read at once. Reading one takes a processor and no waiting, so more would only take it from others.
const AT_ONCE: usize = 2;

/// A model without a model. It takes nothing but the tools `list_tables`, `describe_table`, `run_sql` and `search_rows`, at most eight
/// calls for one question. It reads in threads where nothing else waits, and ends between two words when its answer is dropped.
#[derive(Clone, Debug)]
pub struct ExtractiveModel {
    turns: Arc<Semaphore>,
}

impl Default for ExtractiveModel {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl ExtractiveModel {
    async fn next(&self, request: &ModelRequest) -> Result<Step, ModelError> {
        let failed = |what: &str| ModelError::new(ModelErrorKind::Unavailable, what);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| failed("takes no questions"))?;
        let (request, stop) = (request.clone(), CancellationToken::new());
        let _stops_when_dropped = stop.clone().drop_guard();
        let step = spawn_blocking(move || {
            let _turn = turn;
            steps::next(&request, &stop)
        });
        step.await.ok().flatten().ok_or_else(|| failed("broke off while it read the question"))
    }
}

#[async_trait]
impl LanguageModel for ExtractiveModel {
    fn name(&self) -> &str {
        EXTRACTIVE
    }

    fn sums_up(&self) -> bool {
        false
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Answer, ModelError> {
        let (mut events, reason) = match self.next(request).await? {
            Step::Call(calls) => {
                (calls.into_iter().map(ModelEvent::ToolCall).collect::<Vec<_>>(), EndReason::ToolCalls)
            }
            Step::Say(text) => {
                let lines = text.split_inclusive('\n').map(|line| ModelEvent::Text(line.to_owned()));
                (lines.collect(), EndReason::Complete)
            }
        };
        events.push(ModelEvent::End { reason, usage: Some(ModelUsage::default()) });
        Ok(stream::iter(events.into_iter().map(Ok)).boxed())
    }
}
