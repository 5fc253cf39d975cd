//! A server of language models that follows a script: it speaks the wire formats of OpenAI and of Azure OpenAI, on a free port of this
//! machine, as long as the test runs. It refuses what the real ones refuse, and remembers what it was asked.

mod rules;
mod turn;
mod vectors;
mod wire;

use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    response::{IntoResponse as _, Response},
    routing::post,
    serve::ListenerExt as _,
};
use futures::StreamExt as _;
use http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE};
use serde_json::{Value, json};

pub use turn::Turn;
use turn::{Kind, Stop};
pub use vectors::vector_of;

/// The key that the server knows. It may be taught others, and tokens.
pub const MODEL_KEY: &str = "sk-a-key-of-the-tests";

/// A running server.
pub struct ModelServer {
    address: SocketAddr,
    script: Arc<Script>,
}

/// A question that the server was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
    /// The client's end of the connection: two questions with the same came over one connection.
    pub client: SocketAddr,
}

/// Which wire format a path has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    OpenAi,
    Azure,
}

type Otherwise = Arc<dyn Fn(&Value) -> Turn + Send + Sync>;

#[derive(Default)]
struct Script {
    turns: Mutex<VecDeque<Turn>>,
    otherwise: Mutex<Option<Otherwise>>,
    embeddings: Mutex<VecDeque<Turn>>,
    refused_word: Mutex<Option<&'static str>>,
    secrets: Mutex<HashSet<String>>,
    asked: Mutex<Vec<Asked>>,
    cancelled: AtomicUsize,
}

impl ModelServer {
    pub async fn start() -> Self {
        let script = Arc::new(Script::default());
        script.secrets.lock().unwrap().insert(MODEL_KEY.to_owned());
        let (mut router, state) = (Router::new(), Arc::clone(&script));
        for base in ["/v1", "/openai/v1"] {
            router = router
                .route(&format!("{base}/chat/completions"), post(chat))
                .route(&format!("{base}/embeddings"), post(embeddings));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // A word is not held back until the one before it has arrived.
        let listener = listener.tap_io(|connection| connection.set_nodelay(true).unwrap());
        let service = router.with_state(state).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, script }
    }

    /// Where it speaks as OpenAI does: `OPENAI_BASE_URL`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it speaks as Azure does: `AZURE_OPENAI_ENDPOINT`.
    pub fn azure_endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings that have the application ask it in OpenAI's format, with both models.
    pub fn openai_settings(&self) -> Vec<(String, String)> {
        self.settings(&[
            ("OPENAI_BASE_URL", &self.base_url()),
            ("OPENAI_API_KEY", MODEL_KEY),
            ("OPENAI_CHAT_MODEL", "scripted"),
            ("OPENAI_EMBED_MODEL", "hashed"),
        ])
    }

    /// The same in Azure's format, by its key.
    pub fn azure_settings(&self) -> Vec<(String, String)> {
        self.settings(&[
            ("AZURE_OPENAI_ENDPOINT", &self.azure_endpoint()),
            ("AZURE_OPENAI_API_KEY", MODEL_KEY),
            ("AZURE_OPENAI_CHAT_MODEL", "scripted"),
            ("AZURE_OPENAI_EMBED_MODEL", "hashed"),
        ])
    }

    fn settings(&self, settings: &[(&str, &str)]) -> Vec<(String, String)> {
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// Answers the next questions by these, in this order, after those that wait already.
    pub fn script(&self, turns: impl IntoIterator<Item = Turn>) {
        self.script.turns.lock().unwrap().extend(turns);
    }

    /// Answers whatever the script does not.
    pub fn otherwise(&self, turn: impl Fn(&Value) -> Turn + Send + Sync + 'static) {
        *self.script.otherwise.lock().unwrap() = Some(Arc::new(turn));
    }

    /// Refuses the next questions for vectors, or hangs at them; without a script it gives vectors.
    pub fn script_embeddings(&self, turns: impl IntoIterator<Item = Turn>) {
        self.script.embeddings.lock().unwrap().extend(turns);
    }

    /// Answers that its filter refuses the texts, for every question for vectors in which one of them has this word.
    pub fn refuses_texts_with(&self, word: &'static str) {
        *self.script.refused_word.lock().unwrap() = Some(word);
    }

    /// Lets in who shows this key or token too.
    pub fn knows(&self, secret: &str) {
        self.script.secrets.lock().unwrap().insert(secret.to_owned());
    }

    /// Every question so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().unwrap().clone()
    }

    /// Every question so far that is for an answer in words.
    pub fn asked_in_chat(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path.ends_with("/chat/completions")).collect()
    }

    /// Every text so far that a vector was asked for.
    pub fn texts(&self) -> Vec<String> {
        let for_vectors = self.asked().into_iter().filter(|asked| asked.path.ends_with("/embeddings"));
        let of_one = |asked: Asked| asked.body["input"].as_array().cloned().unwrap_or_default();
        for_vectors.flat_map(of_one).map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Answers whose client went away before their end.
    pub fn cancelled(&self) -> usize {
        self.script.cancelled.load(Ordering::SeqCst)
    }

    /// Turns that nobody has asked for.
    pub fn left(&self) -> usize {
        self.script.turns.lock().unwrap().len()
    }
}

/// Counts an answer as cancelled unless it comes to its end.
struct Watched(Option<Arc<Script>>);

impl Watched {
    fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(script) = &self.0 {
            script.cancelled.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// What both kinds of question have in common: they are remembered, and asked with a key.
fn admitted(
    script: &Script,
    client: SocketAddr,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Dialect, Value), Box<Response>> {
    let dialect = if uri.path().starts_with("/openai/") { Dialect::Azure } else { Dialect::OpenAi };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let asked = Asked { path: uri.path().to_owned(), headers: headers.clone(), body: body.clone(), client };
    script.asked.lock().unwrap().push(asked);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let shown = if dialect == Dialect::Azure { text("api-key").or(bearer) } else { bearer };
    if shown.is_some_and(|shown| script.secrets.lock().unwrap().contains(shown)) {
        return Ok((dialect, body));
    }
    // As the real one: it quotes what it was shown.
    let message = format!("Incorrect API key provided: {}", shown.unwrap_or_default());
    let error = json!({ "error": { "code": "invalid_api_key", "type": "invalid_request_error", "message": message } });
    Err(Box::new((StatusCode::UNAUTHORIZED, Json(error)).into_response()))
}

async fn chat(
    State(script): State<Arc<Script>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (dialect, request) = match admitted(&script, client, &uri, &headers, &body) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    if let Some(error) = rules::broken_by(&request, dialect) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    }
    let next = script.turns.lock().unwrap().pop_front();
    let otherwise = script.otherwise.lock().unwrap().clone();
    let turn = next.or_else(|| otherwise.map(|turn| turn(&request)));
    let turn = turn.unwrap_or_else(|| Turn::refuses(500, "the_script_has_ended"));
    answer(&script, turn, &request, dialect).await
}

async fn answer(script: &Arc<Script>, turn: Turn, request: &Value, dialect: Dialect) -> Response {
    let mut watched = Watched(Some(Arc::clone(script)));
    let turn = turn.computed_for(request);
    match turn.kind {
        Kind::Hang => {
            std::future::pending::<()>().await;
            unreachable!("nothing ends this")
        }
        Kind::Refusal { status, ref error } => {
            watched.has_ended();
            let mut response = (StatusCode::from_u16(status).unwrap(), Json(json!({ "error": error }))).into_response();
            for (name, value) in turn.headers {
                response.headers_mut().insert(http::HeaderName::from_static(name), value.parse().unwrap());
            }
            response
        }
        Kind::Endless => streamed(endless(watched, dialect)),
        Kind::Raw(ref text) => streamed(frames(watched, text.clone().into_bytes(), turn.frame, turn.stop)),
        Kind::Reply(ref reply) => {
            let wants_stream = request["stream"] == true && !turn.whole;
            if !wants_stream {
                watched.has_ended();
                return Json(wire::whole(reply, request, dialect)).into_response();
            }
            streamed(frames(watched, wire::stream(reply, request, dialect).into_bytes(), turn.frame, turn.stop))
        }
        Kind::Computed(_) => unreachable!("it has been computed"),
        Kind::AsUsual => panic!("only what gives vectors has a usual answer"),
    }
}

fn streamed(body: Body) -> Response {
    ([(CONTENT_TYPE, "text/event-stream; charset=utf-8")], body).into_response()
}

/// The bytes in frames of this length, up to where they are to stop.
fn frames(mut watched: Watched, bytes: Vec<u8>, frame: usize, stop: Stop) -> Body {
    let length = match stop {
        Stop::AtTheEnd => bytes.len(),
        Stop::BreakOff(at) | Stop::Stall(at) => at.min(bytes.len()),
    };
    let frames: Vec<Bytes> = bytes[..length].chunks(frame).map(Bytes::copy_from_slice).collect();
    let frames = futures::stream::iter(frames).then(|frame| async move {
        // What is sent so far leaves by itself.
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(frame)
    });
    let end = futures::stream::once(async move {
        match stop {
            Stop::AtTheEnd => watched.has_ended(),
            Stop::BreakOff(_) => {
                watched.has_ended();
                return Err(std::io::Error::other("broken off"));
            }
            Stop::Stall(_) => std::future::pending().await,
        }
        Ok(Bytes::new())
    });
    Body::from_stream(frames.chain(end))
}

/// Words for ever, a thousand a second.
fn endless(watched: Watched, dialect: Dialect) -> Body {
    let words = futures::stream::unfold((watched, 0_u64), move |(watched, count)| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let word = wire::word(&format!("word{count} "), dialect);
        Some((Ok::<_, Infallible>(Bytes::from(word)), (watched, count + 1)))
    });
    Body::from_stream(words)
}

async fn embeddings(
    State(script): State<Arc<Script>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (dialect, request) = match admitted(&script, client, &uri, &headers, &body) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    let next = script.embeddings.lock().unwrap().pop_front();
    let word = *script.refused_word.lock().unwrap();
    let is_refused = word.is_some_and(|word| request["input"].to_string().contains(word));
    let turn = next.or_else(|| is_refused.then(Turn::filtered));
    match turn.filter(|turn| !matches!(turn.kind, Kind::AsUsual)) {
        Some(turn) => answer(&script, turn, &request, dialect).await,
        None => match vectors::answer(&request) {
            Ok(answer) => Json(answer).into_response(),
            Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response(),
        },
    }
}
