//! What an answer has besides its text, as it is kept with the message.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Citation, summary::Summary};
use crate::domain::conversation::Message;

/// What an answer has besides its text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AnswerDetails {
    /// Who answered.
    pub model: String,
    /// Where its statements come from, by their numbers in the text.
    pub citations: Vec<Citation>,
    /// Figures in it that no result shows.
    pub unsupported: Vec<String>,
    /// The statements that were run.
    pub queries: Vec<AnswerQuery>,
    /// Charts, as Vega-Lite specifications with their data.
    #[schema(value_type = Vec<Object>)]
    pub charts: Vec<Value>,
    /// What it took.
    pub usage: AnswerUsage,
    /// Why it ends where it does, if it is not finished: `stopped`, `failed`, or `cut` at a limit of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// What the model was told of the beginning of the conversation, if it was summed up for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

/// A statement that was run for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerQuery {
    /// `q1`, `q2`, … as citations name it.
    pub name: String,
    /// The statement.
    pub sql: String,
}

/// Tokens that an answer took, all requests together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerUsage {
    /// Of the requests.
    pub input_tokens: u64,
    /// Of the replies.
    pub output_tokens: u64,
}

impl AnswerDetails {
    /// The details of a message; empty if it is no answer of the chat.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        message.content.details.clone().and_then(|details| serde_json::from_value(details).ok()).unwrap_or_default()
    }
}
