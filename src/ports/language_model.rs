//! Models that answer in words and call tools, and models that turn texts into vectors.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;

/// What is asked of a model: everything, for it remembers nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequest {
    /// What the model is to do, from us.
    pub system: String,
    /// The conversation, oldest first; the last one is what is answered.
    pub messages: Vec<ModelMessage>,
    /// What it may call; none if empty.
    pub tools: Vec<ToolSpecification>,
    /// Tokens that the answer may have, what the model thinks included.
    pub max_output_tokens: u32,
}

/// One message of a conversation with a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelMessage {
    /// From the person.
    User(String),
    /// From the model: what it said and which tools it called. One of the two may be empty.
    Assistant {
        /// Its words.
        text: String,
        /// Its calls; the results of all of them follow.
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool gave.
    ToolResult {
        /// The call's id.
        call_id: String,
        /// For the model to read.
        content: String,
    },
}

/// A tool that a model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpecification {
    /// Letters, digits, `_` and `-`; at most 64.
    pub name: String,
    /// What it does and when to call it, for the model.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub parameters: serde_json::Value,
}

/// A model's wish to call a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// Tells the calls of one answer apart; the result names it.
    pub id: String,
    /// Which tool. The model may name one that is not there.
    pub name: String,
    /// Complete, as the model wrote them: should be JSON by the tool's schema, and need not be. `{}` if it wrote none.
    pub arguments: String,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelEvent {
    /// More words; never empty.
    Text(String),
    /// A call, with all of its arguments. Calls come after all words, in the model's order.
    ToolCall(ToolCall),
    /// The answer is whole. Nothing comes after it.
    End {
        /// Why it ends.
        reason: EndReason,
        /// What it took; `None` if the server does not count.
        usage: Option<ModelUsage>,
    },
}

/// Why an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The model has said everything.
    Complete,
    /// It waits for the results of its calls.
    ToolCalls,
    /// It has used the tokens that it may have. Calls that it had begun are left out.
    Length,
    /// A filter over the answer stopped it. Calls that it had begun are left out.
    ContentFilter,
}

/// Tokens that an answer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelUsage {
    /// Of the request.
    pub input_tokens: u64,
    /// Of the answer, what the model thought included.
    pub output_tokens: u64,
}

/// An answer as it comes: text, calls and at last [`ModelEvent::End`], or an error instead of what is left. Dropping it cancels the call
/// at the server.
pub type Answer = BoxStream<'static, Result<ModelEvent, ModelError>>;

/// What a failure of a model means for the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelErrorKind {
    /// The model has too much to do, or the account has used up its share for now.
    Busy {
        /// When to come again, as the server says.
        retry_after: Option<Duration>,
    },
    /// The server does not let this process use the model.
    Unauthorised,
    /// A filter refuses the request; the same will be refused again.
    Filtered,
    /// The request is longer than the model can read.
    ContextTooLong,
    /// The server cannot be reached, is too slow, or breaks off; the same may succeed later.
    Unavailable,
    /// The server refuses the request for another reason, and will again: there is no such model, or it cannot do what is asked.
    Rejected,
    /// The server answered something that is no answer, or more than is taken.
    BadReply,
}

/// A failure of a model. Its text is for the log and for who runs the service: it holds no key, nothing of the conversation and nothing
/// that the server wrote in words of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// What it means.
    pub kind: ModelErrorKind,
    /// What happened.
    pub what: String,
}

impl ModelError {
    /// A failure with its meaning.
    pub fn new(kind: ModelErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }

    /// What would mend it.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match self.kind {
            ModelErrorKind::Busy { .. } => "ask again later; if it stays so, raise the quota of the model",
            ModelErrorKind::Unauthorised => {
                "give the key of that server, or the identity of this process the right to use the model"
            }
            ModelErrorKind::Filtered => "ask in other words",
            ModelErrorKind::ContextTooLong => "send less: fewer messages, or shorter results of tools",
            ModelErrorKind::Unavailable => {
                "ask again later; if it stays so, see that the server runs and can be reached from here"
            }
            ModelErrorKind::Rejected => "name a model that is there, and one that can call tools",
            ModelErrorKind::BadReply => "ask again; if it stays so, use another model or another server",
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model's server {}: {}", self.what, self.mend())
    }
}

/// A model that answers.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The model's name, as the settings give it.
    fn name(&self) -> &str;

    /// Whether it can sum up what it is shown, as one that answers by rules cannot.
    fn sums_up(&self) -> bool {
        true
    }

    /// Asks the model, and gives the answer once its first event is there. Until then the adapter may ask again by itself; afterwards it
    /// does not, for what was given cannot be taken back. Dropping the call or the answer cancels it. Every wait has a limit.
    async fn answer(&self, request: &ModelRequest) -> Result<Answer, ModelError>;
}

/// How long a model may take, and what an answer may hold. Beyond a limit an answer ends in an error; nothing is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelLimits {
    /// To reach the server.
    pub connect: Duration,
    /// From a question to the first byte of its answer.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For all of a call: waiting, asking again, the whole answer.
    pub whole: Duration,
    /// Bytes of all words of one answer.
    pub text_bytes: usize,
    /// Bytes of the arguments of all calls of one answer.
    pub argument_bytes: usize,
    /// Calls of one answer.
    pub tool_calls: usize,
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            whole: Duration::from_secs(300),
            text_bytes: 256 << 10,
            argument_bytes: 256 << 10,
            tool_calls: 16,
        }
    }
}

/// Texts that one call of [`EmbeddingModel::embed`] takes at most.
pub const MOST_TEXTS: usize = 256;

/// Vectors of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    /// One for each text, in their order, all of the same length. Not normalised.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens that the texts took; 0 if the server does not count.
    pub input_tokens: u64,
}

/// A model that turns texts into vectors, near each other for what means the same.
#[async_trait]
pub trait EmbeddingModel: Send + Sync {
    /// The model's name, as the settings give it. Vectors of different models cannot be compared.
    fn name(&self) -> &str;

    /// Numbers in each vector. Asks the model if nobody has before.
    async fn dimensions(&self) -> Result<usize, ModelError>;

    /// The vectors of up to [`MOST_TEXTS`] texts; `Rejected` for more.
    async fn embed(&self, texts: &[String]) -> Result<Embeddings, ModelError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_and_what_would_mend_it() {
        let error = ModelError::new(ModelErrorKind::ContextTooLong, "answered 400 context_length_exceeded");
        let told = "the model's server answered 400 context_length_exceeded: send less: fewer messages, or shorter results of tools";
        assert_eq!(error.to_string(), told);
    }
}
