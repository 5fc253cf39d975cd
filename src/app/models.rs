//! Which models answer, as the settings say, and whether they do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt as _;

use super::{App, AppError, stores::identity_tokens};
use crate::{
    adapters::{
        extractive::ExtractiveModel,
        openai::{ModelAccess, ModelAccount, OpenAiChat, OpenAiEmbeddings, OpenAiServer},
        system::{SystemClock, SystemRandom},
    },
    config::{ModelServer, Settings},
    ports::{
        Clock, EmbeddingModel, LanguageModel, Random,
        language_model::{ModelError, ModelMessage, ModelRequest},
    },
    services::Models,
};

/// Nobody waits longer for the doctor.
const CHECK_LIMIT: Duration = Duration::from_secs(20);

/// The models of the server that the settings name; without one for the chat, rules answer. Nothing is connected before the first question.
pub(super) fn models(settings: &Settings, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Models, AppError> {
    let by_rules = Arc::new(ExtractiveModel::default()) as Arc<dyn LanguageModel>;
    let Some(models) = &settings.models else { return Ok(Models { chat: by_rules, embeddings: None }) };
    let setting = models.server.setting();
    let account = match &models.server {
        ModelServer::Azure { endpoint, key } => {
            let access = match key {
                Some(key) => ModelAccess::AzureKey(key.expose().to_owned()),
                None => ModelAccess::Identity(identity_tokens(settings, setting)?),
            };
            ModelAccount::azure(endpoint, access)
        }
        ModelServer::Compatible { base, key } => {
            let access = key.as_ref().map_or(ModelAccess::Open, |key| ModelAccess::Key(key.expose().to_owned()));
            ModelAccount::compatible(base, access)
        }
    };
    let account = account.map_err(|source| AppError::Model { setting, source })?;
    let server = Arc::new(OpenAiServer::new(account, settings.policy.model, clock, random));
    let chat = |name: &String| Arc::new(OpenAiChat::new(Arc::clone(&server), name.clone())) as Arc<dyn LanguageModel>;
    let embeddings = |name: &String| {
        let model = OpenAiEmbeddings::new(Arc::clone(&server), name.clone(), models.dimensions);
        Arc::new(model) as Arc<dyn EmbeddingModel>
    };
    Ok(Models {
        chat: models.chat.as_ref().map_or(by_rules, chat),
        embeddings: models.embeddings.as_ref().map(embeddings),
    })
}

/// A model that answered.
#[derive(Clone, Debug)]
pub struct ModelReport {
    /// The model's name.
    pub name: String,
    /// How long its answer took, the connection included.
    pub latency: Duration,
    /// Numbers of a vector, if it turns texts into vectors.
    pub dimensions: Option<usize>,
}

impl App {
    /// Asks each model that the settings name a question of one word: only that tells whether the model is there and may be used. For the
    /// doctor.
    pub async fn check_models(settings: &Settings) -> Result<Vec<ModelReport>, AppError> {
        let Some(named) = &settings.models else { return Ok(Vec::new()) };
        let setting = named.server.setting();
        let mut settings = settings.clone();
        settings.policy.model.whole = settings.policy.model.whole.min(CHECK_LIMIT);
        let models = models(&settings, Arc::new(SystemClock), Arc::new(SystemRandom))?;
        let mut reports = Vec::new();
        if named.chat.is_some() {
            let (model, asked) = (&models.chat, Instant::now());
            say_a_word(model.as_ref()).await.map_err(|source| AppError::Model { setting, source })?;
            reports.push(ModelReport { name: model.name().to_owned(), latency: asked.elapsed(), dimensions: None });
        }
        if let Some(model) = &models.embeddings {
            let asked = Instant::now();
            let vector = model.embed(&["word".to_owned()]).await;
            let vector = vector.map_err(|source| AppError::Model { setting, source })?;
            let dimensions = vector.vectors.first().map(Vec::len);
            reports.push(ModelReport { name: model.name().to_owned(), latency: asked.elapsed(), dimensions });
        }
        Ok(reports)
    }
}

/// Whatever the model says is right, and nothing too: one that thinks first may have used up its tokens.
async fn say_a_word(model: &dyn LanguageModel) -> Result<(), ModelError> {
    let request = ModelRequest {
        system: String::new(),
        messages: vec![ModelMessage::User("Say yes.".into())],
        tools: Vec::new(),
        max_output_tokens: 16,
    };
    let mut answer = model.answer(&request).await?;
    while let Some(event) = answer.next().await {
        event?;
    }
    Ok(())
}
