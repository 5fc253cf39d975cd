//! The models that services may ask.

use std::{fmt, sync::Arc};

use crate::ports::{EmbeddingModel, LanguageModel};

/// The models that the settings name, put together by the composition root.
#[derive(Clone)]
pub struct Models {
    /// What answers in the chat.
    pub chat: Arc<dyn LanguageModel>,
    /// What turns texts into vectors; without it a search goes by words.
    pub embeddings: Option<Arc<dyn EmbeddingModel>>,
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let embeddings = self.embeddings.as_ref().map(|model| model.name());
        f.debug_struct("Models").field("chat", &self.chat.name()).field("embeddings", &embeddings).finish()
    }
}
