//! What a model is told of the conversation before its question.

use futures::StreamExt;

use super::Turn;
use crate::{
    domain::conversation::Message,
    ports::language_model::{ModelError, ModelEvent, ModelMessage, ModelRequest},
    services::chat::{
        budget::{BYTES_OF_A_TOKEN, Budget},
        prompt::{self, History},
        summary::{self, Known, Source, Summary, Transcript},
    },
};

impl Turn {
    /// The conversation as far as its tokens go, and what was said before in short.
    pub(super) async fn messages(&mut self, branch: &[Message]) -> Vec<ModelMessage> {
        let history = prompt::history(branch, self.limits().context_tokens);
        let Some(last) = history.earlier.last() else {
            return history.messages(history.kept.as_ref().map(|summary| summary.text.as_str()));
        };
        match self.sum_up(&history).await {
            Some((text, sources)) => {
                let summary = Summary { until: last.id, text, sources };
                let messages = history.messages(Some(&summary.text));
                self.state.summary = Some(summary);
                messages
            }
            None => history.messages(Some(&history.beginnings().0)),
        }
    }

    /// Has the model sum up what does not fit; `None` if it cannot, or fails to. If it writes nothing, the beginnings are what is kept, for
    /// the next time it would be paid for that again.
    async fn sum_up(&mut self, history: &History<'_>) -> Option<(String, Vec<Source>)> {
        if !self.model.sums_up() {
            return None;
        }
        // As much as the conversation may have: it fitted until now.
        let bytes = self.limits().context_tokens * BYTES_OF_A_TOKEN;
        let transcript = Transcript::of(history.kept.as_ref(), &history.earlier, bytes);
        let request = ModelRequest {
            system: summary::TASK.into(),
            messages: vec![ModelMessage::User(transcript.text.clone())],
            tools: Vec::new(),
            max_output_tokens: summary::TOKENS,
        };
        let written = tokio::time::timeout(self.limits().summary, self.read(&request)).await;
        let text = match written {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                tracing::warn!(conversation_id = %self.conversation, %error, "a conversation was not summed up");
                self.spent += self.settle(None);
                return None;
            }
            Err(_) => {
                tracing::warn!(conversation_id = %self.conversation, "a conversation was not summed up in time");
                self.spent += self.settle(None);
                return None;
            }
        };
        let (text, sources) = Known::of(history.kept.as_ref(), &history.earlier).sourced(&text);
        Some(if text.is_empty() { history.beginnings() } else { (transcript.summed_up(text), sources) })
    }

    /// An answer that is not for the person.
    async fn read(&mut self, request: &ModelRequest) -> Result<String, ModelError> {
        let mut spending = Budget::new(self.limits(), request, 0);
        let mut answer = self.begin(request, spending.asked()).await?;
        let mut text = String::new();
        while let Some(event) = answer.next().await {
            match event? {
                ModelEvent::Text(words) => {
                    self.came(words.len());
                    text.push_str(&words);
                }
                ModelEvent::ToolCall(_) => {}
                ModelEvent::End { usage, .. } => {
                    spending.answered(text.len(), usage);
                    self.spent += spending.spent();
                    self.settle(usage);
                }
            }
        }
        Ok(text)
    }
}
