//! Answers that one process writes and another tells of, or has end.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, Process, Servers, Turn, USER_PASSWORD, borrowed, samples};

/// Long enough for a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two processes over the same servers, and a person who has converted some orders.
struct Pair {
    model: ModelServer,
    here: Process,
    there: Process,
    /// Through the first process.
    ada: Client,
    _servers: Servers,
}

impl Pair {
    async fn start() -> Option<Self> {
        let servers = Servers::fresh().await?;
        let model = ModelServer::start().await;
        let mut settings = servers.settings();
        settings.extend(model.openai_settings());
        settings.push(("JWT_SECRET_KEY".into(), "a key that both processes of this test know".into()));
        let here = Process::start(&borrowed(&settings)).await;
        let there = Process::start(&borrowed(&settings)).await;
        let new = json!({ "username": "ada", "password": USER_PASSWORD });
        here.admin().await.post("/api/admin/users", new).await.expect(201);
        let ada = here.client().login("ada", USER_PASSWORD).await;
        ada.upload("orders.xml", samples::ORDERS).await.expect(201);
        assert_eq!(ada.convert(json!({})).await["state"], "succeeded");
        Some(Self { model, here, there, ada, _servers: servers })
    }

    /// The same person through the other process.
    fn elsewhere(&self) -> Client {
        Client { transport: self.there.client().transport, ..self.ada.clone() }
    }

    async fn until_the_model_is_left(&self) {
        let began = Instant::now();
        while self.model.cancelled() == 0 {
            assert!(began.elapsed() < PATIENCE, "the model still talks");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A stream of events that is read event by event, and broken off by dropping it.
struct Stream {
    response: reqwest::Response,
    rest: String,
}

/// An event: its id, its name, its data.
type Event = (String, String, Value);

impl Stream {
    async fn open(process: &Process, client: &Client, method: Method, path: &str, last: Option<&str>) -> Self {
        let body = json!({ "message": "Go on for ever", "stream": true }).to_string();
        let mut request = reqwest::Client::new()
            .request(method.clone(), format!("http://{}{path}", process.address))
            .bearer_auth(client.token.as_ref().unwrap());
        if method == Method::POST {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path} after {last:?}");
        Self { response, rest: String::new() }
    }

    async fn ask(process: &Process, client: &Client) -> Self {
        Self::open(process, client, Method::POST, "/api/chat", None).await
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
                };
                let event = (field("id:"), field("event:"), field("data:"));
                self.rest = rest.to_owned();
                if !event.1.is_empty() {
                    return Some((event.0, event.1, serde_json::from_str(&event.2).unwrap()));
                }
                continue;
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("an event");
            self.rest.push_str(str::from_utf8(&more.unwrap()?).unwrap());
        }
    }
}

fn path_of(start: &Value) -> String {
    let id = |name: &str| start[name].as_str().unwrap().to_owned();
    format!("/api/conversations/{}/messages/{}", id("conversation_id"), id("message_id"))
}

async fn message(client: &Client, start: &Value) -> Value {
    let whole = client.get(&format!("/api/conversations/{}", start["conversation_id"].as_str().unwrap())).await;
    let messages = whole.expect(200).json()["messages"].clone();
    messages.as_array().unwrap().iter().find(|message| message["id"] == start["message_id"]).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_at_each_event_goes_on_in_the_other_process() {
    let Some(pair) = Pair::start().await else { return };
    pair.model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT customer, count(*) AS n FROM \"order\" GROUP BY 1" })),
        Turn::calls("make_chart", json!({ "query": "q1", "mark": "bar", "x": "customer", "y": "n" })),
    ]);
    pair.model.otherwise(|_| Turn::endless());
    let mut stream = Stream::ask(&pair.here, &pair.ada).await;
    let mut told: Vec<Event> = vec![stream.next().await.unwrap()];
    let path = path_of(&told[0].2);
    let events = format!("{path}/events");
    // To and fro; at every third the other process tells of it twice, so that its own places are gone on from too.
    for hop in 0..24 {
        let process = if hop % 3 == 1 { &pair.here } else { &pair.there };
        let last = told.last().unwrap().0.clone();
        stream = Stream::open(process, &pair.ada, Method::GET, &events, Some(&last)).await;
        told.push(stream.next().await.unwrap());
    }
    pair.elsewhere().post(&format!("{path}/stop"), json!({})).await.expect(202);
    let last = told.last().unwrap().0.clone();
    stream = Stream::open(&pair.there, &pair.ada, Method::GET, &events, Some(&last)).await;
    while let Some(event) = stream.next().await {
        told.push(event);
    }
    let (id, name, done) = told.last().unwrap().clone();
    assert_eq!((name.as_str(), &done["ended"]), ("done", &json!("stopped")), "{done}");
    let text: String =
        told.iter().filter(|(_, name, _)| name == "delta").map(|(_, _, data)| data["text"].as_str().unwrap()).collect();
    assert_eq!(text, done["content"].as_str().unwrap());
    let words: Vec<String> = (0..text.split_whitespace().count()).map(|number| format!("word{number}")).collect();
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), words, "each word once and in order");
    let times = |wanted: &str| told.iter().filter(|(_, name, _)| name == wanted).count();
    assert_eq!((times("start"), times("chart"), times("done")), (1, 1, 1));
    assert!(times("tool") <= 2 && times("delta") > 2);
    // Who has it all has it all everywhere.
    for process in [&pair.here, &pair.there] {
        assert!(Stream::open(process, &pair.ada, Method::GET, &events, Some(&id)).await.next().await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_there_for_all_before_its_first_word_and_shows_that_it_lives() {
    let Some(pair) = Pair::start().await else { return };
    pair.model.otherwise(|_| Turn::hangs());
    let mut stream = Stream::ask(&pair.here, &pair.ada).await;
    let (_, _, start) = stream.next().await.unwrap();
    let events = format!("{}/events", path_of(&start));
    let mut other = Stream::open(&pair.there, &pair.ada, Method::GET, &events, None).await;
    let (_, name, data) = other.next().await.unwrap();
    assert_eq!((name.as_str(), &data), ("start", &start));
    // The model says nothing, and yet the answer is kept again and again.
    let client = pair.elsewhere();
    let mut signs = std::collections::BTreeSet::new();
    let began = Instant::now();
    while signs.len() < 3 {
        assert!(began.elapsed() < PATIENCE, "it shows no life: {signs:?}");
        let message = message(&client, &start).await;
        assert_eq!((&message["complete"], &message["content"]), (&json!(false), &json!("")));
        signs.insert(message["created_at"].as_str().unwrap().to_owned());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Has an answer end by what is done through the other process; its first event and its last.
async fn ends(pair: &Pair, by: impl AsyncFnOnce(&Client, &Value)) -> [Event; 2] {
    pair.model.otherwise(|_| Turn::endless());
    let mut stream = Stream::ask(&pair.here, &pair.ada).await;
    let start = stream.next().await.unwrap();
    while stream.next().await.unwrap().1 != "delta" {}
    let began = Instant::now();
    by(&pair.elsewhere(), &start.2).await;
    pair.until_the_model_is_left().await;
    println!("ended {:?} later", began.elapsed());
    let (mut last, mut text) = (None, 0);
    while let Some(event) = stream.next().await {
        text += usize::from(event.1 == "delta");
        last = Some(event);
    }
    assert!(text > 0);
    [start, last.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_through_another_process_ends_its_answers() {
    let Some(pair) = Pair::start().await else { return };
    let logout = async |client: &Client, _: &Value| drop(client.post("/api/logout", json!({})).await.expect(200));
    let [(_, _, start), (_, last, _)] = ends(&pair, logout).await;
    // In another session: what was said until then, and no more than that. Whole only if the process that wrote cleaned up behind the session
    // before it saw that it was closed.
    let again = pair.there.client().login("ada", USER_PASSWORD).await;
    let kept = message(&again, &start).await;
    assert_eq!((last == "done", last == "error"), (kept["complete"] == true, kept["complete"] == false), "{last}");
    let is_last = |message: Value| assert_eq!(message, kept, "something was written after the end");
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        is_last(message(&again, &start).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_through_another_process_ends_answers_in_the_conversation() {
    let Some(pair) = Pair::start().await else { return };
    let [(_, _, start), (_, last, _)] = ends(&pair, async |client, start| {
        let path = format!("/api/conversations/{}", start["conversation_id"].as_str().unwrap());
        client.delete(&path).await.expect(204);
    })
    .await;
    assert_eq!(last, "error", "nothing was kept at its end");
    let path = format!("/api/conversations/{}", start["conversation_id"].as_str().unwrap());
    pair.ada.get(&path).await.expect(404);
    pair.elsewhere().get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_session_of_the_person_stops_an_answer_through_another_process() {
    let Some(pair) = Pair::start().await else { return };
    pair.model.otherwise(|_| Turn::endless());
    let mut stream = Stream::ask(&pair.here, &pair.ada).await;
    let (_, _, start) = stream.next().await.unwrap();
    let stop = format!("{}/stop", path_of(&start));
    // Somebody else cannot, not even in a conversation of their own.
    let admin = pair.there.admin().await;
    admin.post(&stop, json!({})).await.expect(404);
    let own = admin.post("/api/conversations", json!({})).await.expect(201).json()["id"].clone();
    let foreign =
        format!("/api/conversations/{}/messages/{}/stop", own.as_str().unwrap(), start["message_id"].as_str().unwrap());
    admin.post(&foreign, json!({})).await.expect(404);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        assert_ne!(stream.next().await.unwrap().1, "done", "a stranger has stopped it");
    }
    let again = pair.there.client().login("ada", USER_PASSWORD).await;
    again.post(&stop, json!({})).await.expect(202);
    let mut last = None;
    while let Some(event) = stream.next().await {
        last = Some(event);
    }
    let (_, name, done) = last.unwrap();
    assert_eq!((name.as_str(), &done["ended"], &done["complete"]), ("done", &json!("stopped"), &json!(true)));
}
