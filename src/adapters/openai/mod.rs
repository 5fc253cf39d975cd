//! Models behind the wire format of OpenAI's Chat Completions and Embeddings, which Azure OpenAI and many other servers speak.
//!
//! Azure is asked by its API `v1`, which has no dated versions: the address is `{endpoint}/openai/v1/`, and the name of the deployment
//! is the model. Answers are always streamed; a server that does not stream is understood too.

mod account;
mod chat;
mod embeddings;
mod events;
mod failure;
mod question;
mod reply;
mod retry;
mod server;

pub use account::{ModelAccess, ModelAccount};
pub use chat::OpenAiChat;
pub use embeddings::OpenAiEmbeddings;
pub use server::OpenAiServer;
