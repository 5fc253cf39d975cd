//! A model that turns texts into vectors, by `embeddings`.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{
    OpenAiServer,
    events::{pieces, whole},
    failure::Failure,
};
use crate::ports::{
    EmbeddingModel,
    language_model::{Embeddings, MOST_TEXTS, ModelError, ModelErrorKind},
};

/// Bytes of an answer: the most vectors of the longest kind that is in use, with room.
const MOST_BYTES: usize = 64 << 20;

/// A model of a server; on Azure a deployment.
pub struct OpenAiEmbeddings {
    server: Arc<OpenAiServer>,
    model: String,
    asked_dimensions: Option<usize>,
    /// As the first answer showed.
    dimensions: OnceLock<usize>,
}

impl OpenAiEmbeddings {
    /// The model of that name. Some models can be asked for vectors of other dimensions than they give by themselves.
    #[must_use]
    pub fn new(server: Arc<OpenAiServer>, model: String, dimensions: Option<usize>) -> Self {
        Self { server, model, asked_dimensions: dimensions, dimensions: OnceLock::new() }
    }

    async fn ask_once(&self, body: Bytes, texts: usize) -> Result<Embeddings, Failure> {
        let (response, first) = self.server.post("embeddings", body).await?;
        let body = whole(pieces(response, first, self.server.limits.idle, MOST_BYTES)).await?;
        let dimensions = self.asked_dimensions.or_else(|| self.dimensions.get().copied());
        embeddings(&body, texts, dimensions).map_err(Failure::bad_reply)
    }
}

#[async_trait]
impl EmbeddingModel for OpenAiEmbeddings {
    fn name(&self) -> &str {
        &self.model
    }

    async fn dimensions(&self) -> Result<usize, ModelError> {
        if let Some(dimensions) = self.asked_dimensions.or_else(|| self.dimensions.get().copied()) {
            return Ok(dimensions);
        }
        let embeddings = self.embed(&["dimensions".to_owned()]).await?;
        Ok(embeddings.vectors.first().map_or(0, Vec::len))
    }

    async fn embed(&self, texts: &[String]) -> Result<Embeddings, ModelError> {
        if texts.is_empty() {
            return Ok(Embeddings { vectors: Vec::new(), input_tokens: 0 });
        }
        if texts.len() > MOST_TEXTS {
            let what = format!("was not asked: {} texts are more than {MOST_TEXTS}", texts.len());
            return Err(ModelError::new(ModelErrorKind::Rejected, what));
        }
        // Servers refuse a text without a character.
        let input: Vec<&str> = texts.iter().map(|text| if text.is_empty() { " " } else { text }).collect();
        let mut body = json!({ "model": self.model, "input": input, "encoding_format": "float" });
        if let Some(dimensions) = self.asked_dimensions {
            body["dimensions"] = dimensions.into();
        }
        let body = Bytes::from(body.to_string());
        let embeddings = self.server.ask(|_| self.ask_once(body.clone(), texts.len())).await?;
        if let Some(vector) = embeddings.vectors.first() {
            self.dimensions.get_or_init(|| vector.len());
        }
        Ok(embeddings)
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Item {
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
}

/// The vectors in the order of the texts, or what is wrong with them.
fn embeddings(body: &[u8], texts: usize, dimensions: Option<usize>) -> Result<Embeddings, String> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| "sent vectors that cannot be read".to_owned())?;
    if answer.data.len() != texts {
        return Err(format!("sent {} vectors for {texts} texts", answer.data.len()));
    }
    let dimensions = dimensions.or_else(|| answer.data.first().map(|item| item.embedding.len())).unwrap_or_default();
    let mut vectors = vec![Vec::new(); texts];
    for (place, Item { index, embedding }) in answer.data.into_iter().enumerate() {
        if embedding.len() != dimensions || embedding.is_empty() {
            return Err(format!("sent a vector of {} numbers where {dimensions} are expected", embedding.len()));
        }
        if !embedding.iter().all(|number| number.is_finite()) {
            return Err("sent a vector with a number that is none".to_owned());
        }
        match vectors.get_mut(index.unwrap_or(place)) {
            Some(vector) if vector.is_empty() => *vector = embedding,
            _ => return Err("sent vectors whose numbers do not fit the texts".to_owned()),
        }
    }
    Ok(Embeddings { vectors, input_tokens: answer.usage.map_or(0, |usage| usage.prompt_tokens) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_given_in_the_order_of_the_texts() {
        let body =
            br#"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2.5]}],"usage":{"prompt_tokens":5}}"#;
        let vectors = vec![vec![1.0, 2.5], vec![3.0, 4.0]];
        assert_eq!(embeddings(body, 2, None).unwrap(), Embeddings { vectors, input_tokens: 5 });
    }

    #[test]
    fn vectors_that_do_not_fit_are_refused() {
        for (body, dimensions) in [
            (r#"{"data":[{"index":0,"embedding":[1]}]}"#, None),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]}"#, None),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[2]}]}"#, None),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2,3]}]}"#, None),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}]}"#, Some(2)),
            (r#"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}"#, None),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e99]}]}"#, None),
            ("[]", None),
        ] {
            assert!(embeddings(body.as_bytes(), 2, dimensions).is_err(), "{body}");
        }
    }
}
