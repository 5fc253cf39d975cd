//! Answers without a model: look-ups, counts, sums, averages, extremes, groups, rankings and searches over tables, by rules.
//!
//! It speaks as every model does: it gets the conversation, calls tools, and writes an answer with citations; it has no other way to the
//! data. It remembers nothing: each call reads from the messages how far the turn is. The same conversation gives the same answer.
//! What it does not understand it says, and a figure that rests on a guess says so before it is told.

mod answer;
mod doubt;
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

use async_trait::async_trait;
use futures::{StreamExt, stream};

use self::steps::Step;
use crate::ports::language_model::{
    Answer, EndReason, LanguageModel, ModelError, ModelEvent, ModelRequest, ModelUsage,
};

/// The name under which it answers.
pub const EXTRACTIVE: &str = "extractive";

/// A model without a model. It takes nothing but the tools `list_tables`, `describe_table`, `run_sql` and `search_rows`, at most eight
/// calls for one question.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExtractiveModel;

#[async_trait]
impl LanguageModel for ExtractiveModel {
    fn name(&self) -> &str {
        EXTRACTIVE
    }

    fn sums_up(&self) -> bool {
        false
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Answer, ModelError> {
        let (mut events, reason) = match steps::next(request) {
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
