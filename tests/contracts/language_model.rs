//! What models promise, in each wire format and by each way of being let in. The server follows a script.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use ret::{
    adapters::openai::{ModelAccess, ModelAccount, OpenAiChat, OpenAiEmbeddings, OpenAiServer},
    ports::{
        AccessTokens, Clock as _, EmbeddingModel as _, LanguageModel as _, Random, StoreError,
        access_tokens::AccessToken,
        language_model::{
            Answer, EndReason, MOST_TEXTS, ModelError, ModelErrorKind, ModelEvent, ModelLimits, ModelMessage,
            ModelRequest, ModelUsage, ToolCall, ToolSpecification,
        },
    },
};
use serde_json::{Value, json};

use crate::harness::{MODEL_KEY, ManualClock, ModelServer, Turn, vector_of};

/// A token of the process's identity.
pub const TOKEN: &str = "eyJ-a-token-of-the-tests";

/// No pause is longer than the server asks for.
struct NoJitter;

impl Random for NoJitter {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

#[derive(Default)]
struct FakeTokens(Mutex<Vec<String>>);

#[async_trait]
impl AccessTokens for FakeTokens {
    async fn token(&self, scope: &str) -> Result<AccessToken, StoreError> {
        self.0.lock().unwrap().push(scope.to_owned());
        let expires_at = ManualClock::default().now().plus(Duration::from_secs(3600));
        Ok(AccessToken { secret: TOKEN.to_owned(), expires_at })
    }
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    OpenAi,
    AzureByKey,
    AzureByIdentity,
}

/// A model under test, and the server that plays it.
pub struct ModelBench {
    pub server: ModelServer,
    pub chat: OpenAiChat,
    pub embeddings: OpenAiEmbeddings,
    tokens: Arc<FakeTokens>,
}

impl ModelBench {
    pub async fn new(speech: Speech) -> Self {
        Self::within(speech, ModelLimits::default()).await
    }

    pub async fn within(speech: Speech, limits: ModelLimits) -> Self {
        let (server, tokens) = (ModelServer::start().await, Arc::<FakeTokens>::default());
        server.knows(TOKEN);
        let account = match speech {
            Speech::OpenAi => ModelAccount::compatible(&server.base_url(), ModelAccess::Key(MODEL_KEY.into())),
            Speech::AzureByKey => {
                ModelAccount::azure(&server.azure_endpoint(), ModelAccess::AzureKey(MODEL_KEY.into()))
            }
            Speech::AzureByIdentity => {
                let tokens = Arc::clone(&tokens) as Arc<dyn AccessTokens>;
                ModelAccount::azure(&server.azure_endpoint(), ModelAccess::Identity(tokens))
            }
        };
        let clock = Arc::new(ManualClock::default());
        let asked = Arc::new(OpenAiServer::new(account.unwrap(), limits, clock, Arc::new(NoJitter)));
        let chat = OpenAiChat::new(Arc::clone(&asked), "scripted".into());
        let embeddings = OpenAiEmbeddings::new(asked, "hashed".into(), None);
        Self { server, chat, embeddings, tokens }
    }

    pub async fn ask(&self, text: &str) -> Result<Answer, ModelError> {
        self.chat.answer(&question(text)).await
    }

    /// All events of the answer.
    pub async fn events(&self, text: &str) -> Result<Vec<ModelEvent>, ModelError> {
        self.ask(text).await?.try_collect().await
    }

    /// The error that a question ends in.
    pub async fn error(&self, text: &str) -> ModelError {
        self.events(text).await.unwrap_err()
    }
}

pub fn question(text: &str) -> ModelRequest {
    ModelRequest {
        system: "Answer from the tables.".into(),
        messages: vec![ModelMessage::User(text.into())],
        tools: vec![ToolSpecification {
            name: "run_sql".into(),
            description: "Runs a statement".into(),
            parameters: json!({ "type": "object", "properties": { "sql": { "type": "string" } } }),
        }],
        max_output_tokens: 500,
    }
}

/// Until something holds, for ten seconds.
pub async fn until(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(10), "it never holds");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

macro_rules! models {
    ($($behaviour:ident),+ $(,)?) => {
        mod openai {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(crate::contracts::language_model::Speech::OpenAi).await;
            })+
        }

        mod azure_by_key {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(crate::contracts::language_model::Speech::AzureByKey).await;
            })+
        }

        mod azure_by_identity {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(crate::contracts::language_model::Speech::AzureByIdentity).await;
            })+
        }
    };
}
pub(crate) use models;

models!(
    words_come_in_their_order_with_what_they_took,
    an_answer_is_given_as_it_comes,
    calls_come_whole_and_their_results_are_read,
    an_answer_in_one_piece_is_understood,
    an_answer_says_why_it_ends,
    a_server_that_does_not_count_is_no_error,
    the_server_is_shown_what_lets_in,
    connections_are_used_again,
    vectors_are_those_of_their_texts,
    the_dimensions_are_those_of_the_vectors,
);

/// The words of an answer together, and the rest.
fn parted(events: Vec<ModelEvent>) -> (String, Vec<ModelEvent>) {
    let (mut text, mut rest) = (String::new(), Vec::new());
    for event in events {
        match event {
            ModelEvent::Text(more) => {
                assert!(!more.is_empty() && rest.is_empty(), "words come first, and never none");
                text.push_str(&more);
            }
            other => rest.push(other),
        }
    }
    (text, rest)
}

fn end(reason: EndReason, input_tokens: u64, output_tokens: u64) -> ModelEvent {
    ModelEvent::End { reason, usage: Some(ModelUsage { input_tokens, output_tokens }) }
}

async fn words_come_in_their_order_with_what_they_took(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let text = "Größe: 12 € — 東京 👩‍👩‍👧 \"quoted\"\n\tand \\ more";
    for frame in [1, 7, 64, usize::MAX] {
        bench.server.script([Turn::says(text).took(11, 7).in_frames_of(frame)]);
        let (said, rest) = parted(bench.events("Tell me.").await.unwrap());
        assert_eq!((said.as_str(), rest), (text, vec![end(EndReason::Complete, 11, 7)]), "in frames of {frame}");
    }
    let asked = bench.server.asked().remove(0);
    let limit = if speech == Speech::OpenAi { "max_tokens" } else { "max_completion_tokens" };
    assert_eq!(asked.body[limit], 500);
    assert_eq!(asked.body["model"], "scripted");
    assert_eq!(asked.body["messages"][1], json!({ "role": "user", "content": "Tell me." }));
    assert_eq!(bench.server.cancelled(), 0);
}

async fn an_answer_is_given_as_it_comes(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    // Everything up to the first word, and then nothing.
    let first_word = 900;
    bench.server.script([Turn::says("word ".repeat(100)).stalls_after(first_word)]);
    let mut answer = bench.ask("Tell me.").await.unwrap();
    assert_eq!(answer.try_next().await.unwrap(), Some(ModelEvent::Text("word ".into())));
    drop(answer);
    until(|| bench.server.cancelled() == 1).await;
}

async fn calls_come_whole_and_their_results_are_read(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let arguments = json!({ "sql": "SELECT 'Ä', \"b\" FROM t" });
    bench.server.script([
        Turn::says("Let me look. ").and_calls("run_sql", arguments.clone()).and_calls_with("run_sql", ""),
        Turn::computed(|request: &Value| {
            let results = request["messages"].as_array().unwrap().iter().filter(|message| message["role"] == "tool");
            Turn::says(results.map(|result| result["content"].as_str().unwrap()).collect::<Vec<_>>().join("+"))
        }),
    ]);
    let mut request = question("How many?");
    let events: Vec<_> = bench.chat.answer(&request).await.unwrap().try_collect().await.unwrap();
    let (text, rest) = parted(events);
    let call = |number, arguments: &str| ToolCall {
        id: format!("call_2_{number}"),
        name: "run_sql".into(),
        arguments: arguments.into(),
    };
    let tool_calls = vec![call(0, &arguments.to_string()), call(1, "{}")];
    let (calls, last) = rest.split_at(2);
    assert_eq!(calls, tool_calls.iter().cloned().map(ModelEvent::ToolCall).collect::<Vec<_>>());
    assert!(matches!(last, [ModelEvent::End { reason: EndReason::ToolCalls, usage: Some(_) }]), "{last:?}");
    // The server refuses a call without its result, and a result without its call.
    request.messages.push(ModelMessage::Assistant { text, tool_calls });
    for (call_id, content) in [("call_2_0", "1"), ("call_2_1", "two")] {
        request.messages.push(ModelMessage::ToolResult { call_id: call_id.into(), content: content.into() });
    }
    let events: Vec<_> = bench.chat.answer(&request).await.unwrap().try_collect().await.unwrap();
    assert_eq!(parted(events).0, "1+two");
}

async fn an_answer_in_one_piece_is_understood(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::says("All at once.").and_calls("run_sql", json!({})).took(3, 4).in_one_piece()]);
    let (text, rest) = parted(bench.events("Tell me.").await.unwrap());
    let call = ToolCall { id: "call_2_0".into(), name: "run_sql".into(), arguments: "{}".into() };
    assert_eq!(text, "All at once.");
    assert_eq!(rest, [ModelEvent::ToolCall(call), end(EndReason::ToolCalls, 3, 4)]);
}

async fn an_answer_says_why_it_ends(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    for (reason, meaning) in [("length", EndReason::Length), ("content_filter", EndReason::ContentFilter)] {
        bench.server.script([Turn::says("Half a").and_calls_with("run_sql", "{\"s").finishes(reason).took(1, 2)]);
        let (text, rest) = parted(bench.events("Tell me.").await.unwrap());
        assert_eq!((text.as_str(), rest), ("Half a", vec![end(meaning, 1, 2)]));
    }
}

async fn a_server_that_does_not_count_is_no_error(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::says("Yes").uncounted()]);
    let (_, rest) = parted(bench.events("Is it?").await.unwrap());
    assert_eq!(rest, [ModelEvent::End { reason: EndReason::Complete, usage: None }]);
}

async fn the_server_is_shown_what_lets_in(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::says("Yes")]);
    bench.events("Is it?").await.unwrap();
    bench.embeddings.embed(&["a text".into()]).await.unwrap();
    for asked in bench.server.asked() {
        let header = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let shown = (header("authorization"), header("api-key"));
        let (base, expected) = match speech {
            Speech::OpenAi => ("/v1/", (Some(format!("Bearer {MODEL_KEY}")), None)),
            Speech::AzureByKey => ("/openai/v1/", (None, Some(MODEL_KEY.to_owned()))),
            Speech::AzureByIdentity => ("/openai/v1/", (Some(format!("Bearer {TOKEN}")), None)),
        };
        assert_eq!(shown, expected);
        assert!(asked.path.starts_with(base), "{}", asked.path);
    }
    let scopes = bench.tokens.0.lock().unwrap().clone();
    let expected = if speech == Speech::AzureByIdentity { 2 } else { 0 };
    assert_eq!(scopes, vec!["https://cognitiveservices.azure.com/.default"; expected]);
}

async fn connections_are_used_again(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    for _ in 0..3 {
        bench.server.script([Turn::says("Yes")]);
        bench.events("Is it?").await.unwrap();
    }
    let clients: Vec<_> = bench.server.asked().iter().map(|asked| asked.client).collect();
    assert_eq!(clients, [clients[0]; 3]);
}

async fn vectors_are_those_of_their_texts(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let texts: Vec<String> = ["red apples", "Äpfel, rot", "steel"].map(String::from).into();
    let embeddings = bench.embeddings.embed(&texts).await.unwrap();
    let expected: Vec<_> = texts.iter().map(|text| vector_of(text, 64)).collect();
    assert_eq!((embeddings.vectors, embeddings.input_tokens), (expected, 5));
    let most = vec![String::new(); MOST_TEXTS];
    assert_eq!(bench.embeddings.embed(&most).await.unwrap().vectors.len(), MOST_TEXTS, "a text may be empty");
    let error = bench.embeddings.embed(&[&most[..], &texts[..]].concat()).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Rejected);
    assert!(bench.embeddings.embed(&[]).await.unwrap().vectors.is_empty());
    assert_eq!(bench.server.asked().len(), 2, "what cannot be asked is not asked");
}

async fn the_dimensions_are_those_of_the_vectors(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    assert_eq!(bench.embeddings.dimensions().await.unwrap(), 64);
    assert_eq!(bench.embeddings.dimensions().await.unwrap(), 64);
    assert_eq!(bench.server.asked().len(), 1, "once is enough");
}
