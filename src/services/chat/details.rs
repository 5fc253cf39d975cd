//! What an answer has besides its text, as it is kept with the message.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// Who has begun to write it, until more of it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub writer: Option<Uuid>,
    /// Whether charts, and where these do not suffice sources and statements, are not kept because the answer would be too large with them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
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

    /// Without all that says where the answer comes from.
    pub(super) fn without_sources(self) -> Self {
        let Self { model, usage, ended, .. } = self;
        Self { model, usage, ended, left_out: true, ..Self::default() }
    }

    /// Of an answer whose end is not kept.
    pub(super) fn cut(mut self) -> Self {
        self.ended.get_or_insert_with(|| "cut".to_owned());
        self
    }
}

/// The answer with as little left out as makes it fit: first the charts, then all that says where it comes from, then the end of its text.
pub(super) fn smallest_loss<C>(
    text: &str,
    details: AnswerDetails,
    kept: impl Fn(&str, AnswerDetails) -> (C, bool),
) -> C {
    let (content, fits) = kept(text, details.clone());
    if fits {
        return content;
    }
    let mut details = AnswerDetails { charts: Vec::new(), left_out: true, ..details };
    let (content, fits) = kept(text, details.clone());
    if fits {
        return content;
    }
    details = details.without_sources();
    let (content, fits) = kept(text, details.clone());
    if fits {
        return content;
    }
    details = details.cut();
    let mut end = text.len();
    loop {
        end = text.floor_char_boundary(end / 2);
        let (content, fits) = kept(&text[..end], details.clone());
        if fits || end == 0 {
            return content;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(most: usize) -> (String, AnswerDetails) {
        let citation = Citation {
            number: 1,
            supported: true,
            query: None,
            table: None,
            row: "1".into(),
            column: None,
            excerpt: Some("e".repeat(1_000)),
        };
        let details = AnswerDetails {
            model: "m".into(),
            charts: vec![json!("c".repeat(10_000))],
            citations: vec![citation],
            ..AnswerDetails::default()
        };
        smallest_loss(&"ä".repeat(1_000), details, |text, details| {
            let size = text.len() + serde_json::to_string(&details).unwrap().len();
            ((text.to_owned(), details), size <= most)
        })
    }

    #[test]
    fn what_is_too_large_is_kept_without_what_it_has_besides() {
        let (text, details) = kept(20_000);
        assert_eq!((text.len(), details.charts.len(), details.left_out, details.ended), (2_000, 1, false, None));
        let (text, details) = kept(5_000);
        assert_eq!((text.len(), details.charts.len(), details.citations.len(), details.left_out), (2_000, 0, 1, true));
        let (text, details) = kept(2_500);
        assert_eq!((text.len(), details.citations.len(), details.left_out, details.ended), (2_000, 0, true, None));
        let (text, details) = kept(1_500);
        assert_eq!((text.len(), details.ended.as_deref(), details.model.as_str()), (1_000, Some("cut"), "m"));
        assert_eq!(kept(0).0, "");
    }
}
