//! A model that answers, by `chat/completions`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::{OpenAiServer, events::Events, failure::Failure, question::question};
use crate::ports::{
    LanguageModel,
    language_model::{Answer, ModelError, ModelRequest},
};

/// A model of a server; on Azure a deployment.
pub struct OpenAiChat {
    server: Arc<OpenAiServer>,
    model: String,
}

impl OpenAiChat {
    /// The model of that name.
    #[must_use]
    pub fn new(server: Arc<OpenAiServer>, model: String) -> Self {
        Self { server, model }
    }

    /// Puts the question once, until the first event is there.
    async fn begin(&self, body: Bytes, until: Instant) -> Result<Answer, Failure> {
        let (response, first) = self.server.post("chat/completions", body).await?;
        let mut events = Events::new(response, self.server.limits, first, until);
        match events.next().await? {
            Some(event) => Ok(events.into_answer(event)),
            None => Err(Failure::bad_reply("sent an answer without an end")),
        }
    }
}

#[async_trait]
impl LanguageModel for OpenAiChat {
    fn name(&self) -> &str {
        &self.model
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Answer, ModelError> {
        let limit_member = self.server.account.limit_member();
        let body = Bytes::from(question(&self.model, request, limit_member).to_string());
        self.server.ask(|until| self.begin(body.clone(), until)).await
    }
}
