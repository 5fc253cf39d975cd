//! From settings to models: what the application asks, and what the doctor tells of it.

use std::{
    process::{Command, Output},
    time::Duration,
};

use futures::TryStreamExt as _;
use ret::ports::language_model::ModelEvent;

use super::language_model::{TOKEN, question};
use crate::harness::{Identity, MODEL_KEY, ModelServer, TestApp, Turn, Way, borrowed};

async fn app(settings: &[(String, String)]) -> TestApp {
    TestApp::start_embedded(Way::Alone, &borrowed(settings)).await
}

#[tokio::test]
async fn the_settings_lead_to_the_models() {
    let server = ModelServer::start().await;
    for (settings, path) in [(server.openai_settings(), "/v1/"), (server.azure_settings(), "/openai/v1/")] {
        let app = app(&settings).await;
        let models = app.app.models();
        assert_eq!(format!("{models:?}"), r#"Models { chat: "scripted", embeddings: Some("hashed") }"#);
        assert!(!server.asked().iter().any(|asked| asked.path.starts_with(path)), "nothing is asked before a question");
        server.script([Turn::says("Yes")]);
        let answer = models.chat.answer(&question("Is it?")).await.unwrap();
        let events: Vec<_> = answer.try_collect().await.unwrap();
        assert_eq!(events[0], ModelEvent::Text("Yes".into()));
        assert_eq!(models.embeddings.as_ref().unwrap().dimensions().await.unwrap(), 64);
        assert!(server.asked().iter().filter(|asked| asked.path.starts_with(path)).count() == 2);
    }
}

#[tokio::test]
async fn without_settings_rules_answer() {
    let app = app(&[]).await;
    assert!(app.app.models().chat.name() == "extractive" && app.app.models().embeddings.is_none());
}

#[tokio::test]
async fn dimensions_are_asked_for() {
    let server = ModelServer::start().await;
    let mut settings = server.openai_settings();
    settings.push(("EMBED_DIMENSIONS".into(), "16".into()));
    let app = app(&settings).await;
    let model = app.app.models().embeddings.clone().unwrap();
    assert_eq!(model.dimensions().await.unwrap(), 16);
    assert!(server.asked().is_empty(), "the settings say it");
    assert_eq!(model.embed(&["a text".into()]).await.unwrap().vectors[0].len(), 16);
    assert_eq!(server.asked()[0].body["dimensions"], 16);
}

/// Runs the doctor, who logs all there is.
async fn doctor(settings: Vec<(String, String)>) -> (Output, String) {
    let run = move || {
        let root = tempfile::tempdir().unwrap();
        Command::new(env!("CARGO_BIN_EXE_ret"))
            .arg("doctor")
            .env("RET_RUNTIME_ROOT", root.path())
            .env("RET_HTTP_PORT", "0")
            .env("LOG_LEVEL", "trace")
            .envs(settings)
            .output()
            .unwrap()
    };
    let ended = tokio::task::spawn_blocking(run).await.unwrap();
    let told = String::from_utf8(ended.stdout.clone()).unwrap();
    (ended, told)
}

#[tokio::test]
async fn the_doctor_asks_the_models_and_tells_no_secret() {
    let server = ModelServer::start().await;
    server.knows(TOKEN);
    let identity = Identity::start(TOKEN, Duration::from_secs(3600)).await;
    let mut by_identity = server.azure_settings();
    by_identity.retain(|(key, _)| key != "AZURE_OPENAI_API_KEY");
    by_identity.extend(identity.settings());
    for (settings, setting) in [
        (server.openai_settings(), "OPENAI_BASE_URL"),
        (server.azure_settings(), "AZURE_OPENAI_ENDPOINT"),
        (by_identity, "AZURE_OPENAI_ENDPOINT"),
    ] {
        server.script([Turn::refuses(500, "server_error"), Turn::says("words-of-the-model")]);
        let (ended, told) = doctor(settings).await;
        assert!(ended.status.success(), "{told}");
        assert!(told.contains(&format!("ok    {setting}: the model scripted answers in ")), "{told}");
        assert!(told.contains(" with vectors of 64 numbers"), "{told}");
        let logged = String::from_utf8(ended.stderr).unwrap();
        assert!(logged.contains("a model could not be asked; asking again"), "{logged}");
        for secret in [MODEL_KEY, TOKEN, "words-of-the-model", "Say yes", "own words"] {
            assert!(!logged.contains(secret) && !told.contains(secret), "{secret} is in {logged}{told}");
        }
    }
    assert_eq!(identity.asked(), ["https://cognitiveservices.azure.com"]);
}

#[tokio::test]
async fn the_doctor_tells_what_would_mend_a_model() {
    let server = ModelServer::start().await;
    server.script([Turn::refuses(404, "DeploymentNotFound")]);
    let (ended, told) = doctor(server.azure_settings()).await;
    let expected =
        "FAIL  AZURE_OPENAI_ENDPOINT: the model's server answered 404 DeploymentNotFound: name a model that is there";
    assert!(!ended.status.success() && told.contains(expected), "{told}");
    // An identity that has no role.
    let identity = Identity::start("another-token", Duration::from_secs(3600)).await;
    let mut settings = server.azure_settings();
    settings.retain(|(key, _)| key != "AZURE_OPENAI_API_KEY");
    settings.extend(identity.settings());
    let (ended, told) = doctor(settings).await;
    assert!(
        !ended.status.success() && told.contains("answered 401") && told.contains("the role Cognitive Services"),
        "{told}"
    );
}

#[tokio::test]
async fn the_doctor_says_that_the_chat_needs_no_model() {
    let (ended, told) = doctor(Vec::new()).await;
    assert!(ended.status.success() && told.contains("note  chat: no model is set"), "{told}");
}
