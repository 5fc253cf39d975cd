//! A visit to every corner of the service by somebody whose every secret and every word can be told from all others.

use std::time::Duration;

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_PASSWORD, Answer, Client, MODEL_KEY, ModelServer, Transport, Turn, samples};

/// Words that must not be told, with what they are.
pub type Canaries = Vec<(String, String)>;

/// The words that are the same in every visit. Names of tables are not among them: clients name these by paths.
const WORDS: [(&str, &str); 27] = [
    ("an administrator's password", ADMIN_PASSWORD),
    ("a key of a model", MODEL_KEY),
    ("a username", "zqusername"),
    ("a password", "zqpassword1-of-somebody"),
    ("a new password", "zqpassword2-of-somebody"),
    ("a wrong password", "zqwrongpassword"),
    ("a forged token", "zqforgedtoken"),
    ("a cell", "zqcell"),
    ("an attribute", "zqattribute"),
    ("the name of a column", "zqcolumn"),
    ("a cell of a broken document", "zqbroken"),
    ("an entity", "zqentity"),
    ("a statement", "zqstatement"),
    ("a filter", "zqfilter"),
    ("a search", "zqsearch"),
    ("a question", "zqquestion"),
    ("an answer", "zqanswer"),
    ("a statement of a model", "zqmodelstatement"),
    ("words of a model's server", "zqserverwords"),
    ("a title", "zqtitle"),
    ("a message", "zqmessage"),
    ("a search for conversations", "zqsought"),
    ("a comment of feedback", "zqfeedback"),
    ("an agent's argument", "zqargument"),
    ("a body that is no JSON", "zqnojson"),
    ("a value of a query", "zqquery"),
    ("an unknown member", "zqmember"),
];

const GOOD: &str = "<orders><order zqattributename=\"zqattribute\"><zqcolumn>zqcell one</zqcolumn><n>4711</n></order>\
    <order zqattributename=\"b\"><zqcolumn>zqcell two</zqcolumn><n>2</n></order></orders>";
const BROKEN: &str = "<orders><order><zqbrokenname>zqbroken text</order></orders>";
const ENTITY: &str = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///zqentity\">]><a>&x;<zqentityname/></a>";

/// Goes everywhere; what came of it is nobody's matter but that the service does not break. All that must not be told is returned.
pub async fn visit(visitor: &Client, model: &ModelServer) -> Canaries {
    let mut canaries: Canaries = WORDS.map(|(what, word)| (what.to_owned(), word.to_owned())).into();
    let admin = visitor.clone().login("admin", ADMIN_PASSWORD).await;
    let client = sign_in(visitor, &admin, &mut canaries).await;
    files(&client).await;
    ticket(&client, &mut canaries).await;
    tables(&client).await;
    chat(&client, model).await;
    conversations(&client).await;
    agent(&client).await;
    administration(visitor, &admin).await;
    let again = client.clone();
    client.post("/api/logout", json!({})).await.expect(200);
    answered(again.get("/api/auth/me").await);
    canaries
}

/// Nothing may break: what is wrong with a request is answered as such.
#[track_caller]
fn answered(answer: Answer) -> Answer {
    assert!(!answer.status.is_server_error(), "{answer:?}");
    answer
}

fn keep(canaries: &mut Canaries, client: &Client) {
    let token = client.token.clone().unwrap();
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let (_, cookie) = client.cookie.as_deref().unwrap().split_once('=').unwrap();
    canaries.push(("an access token's signature".into(), signature));
    canaries.push(("a refresh token".into(), cookie.to_owned()));
}

async fn sign_in(visitor: &Client, admin: &Client, canaries: &mut Canaries) -> Client {
    keep(canaries, admin);
    let new = json!({ "username": "zqusername", "password": "zqpassword1-of-somebody" });
    admin.post("/api/admin/users", new).await.expect(201);
    let wrong = json!({ "username": "zqusername", "password": "zqwrongpassword", "zqmember": "zqmember" });
    answered(visitor.post("/api/auth/login", wrong).await);
    let no_json = Body::from("{\"username\": \"zqusername\", zqnojson");
    let kind = [("content-type", "application/json")];
    answered(visitor.send(Method::POST, "/api/auth/login", no_json, &kind).await);
    let mut forger = visitor.clone();
    forger.token = Some("zqforgedtoken.zqforgedtoken.zqforgedtoken".into());
    answered(forger.get("/api/auth/me?zqquery=zqquery").await);

    let mut client = visitor.clone().login("zqusername", "zqpassword1-of-somebody").await;
    keep(canaries, &client);
    let spent = client.clone();
    client.keep(&client.post("/api/auth/refresh", json!({})).await.expect(200));
    keep(canaries, &client);
    // A spent token ends its family.
    answered(spent.post("/api/auth/refresh", json!({})).await);
    let change = json!({ "current_password": "zqpassword1-of-somebody", "new_password": "zqpassword2-of-somebody" });
    let client = visitor.clone().login("zqusername", "zqpassword1-of-somebody").await;
    keep(canaries, &client);
    client.post("/api/auth/password", change).await.expect(204);
    let client = visitor.clone().login("zqusername", "zqpassword2-of-somebody").await;
    keep(canaries, &client);
    client
}

async fn files(client: &Client) {
    client.upload("orders.xml", GOOD).await.expect(201);
    answered(client.upload_all(&[("broken.xml", BROKEN.as_bytes()), ("entity.xml", ENTITY.as_bytes())]).await);
    answered(client.send(Method::PUT, "/api/upload/again.xml", Body::from(BROKEN), &[]).await);
    let archive = samples::zip(&[("a/orders.xml", GOOD.as_bytes()), ("b/broken.xml", BROKEN.as_bytes())]);
    answered(client.upload("all.zip", &archive).await);
    answered(client.upload("cut.zip", &archive[..archive.len() / 2]).await);
    answered(client.get("/api/documents?group=zqquery").await);
    answered(client.post("/api/convert/preview", json!({ "rows": 5 })).await);
    answered(client.post("/api/convert/preview", json!({ "record": "/zqmember" })).await);
    answered(client.post("/api/convert", json!({ "zqmember": "zqmember" })).await);
    for request in [json!({ "on_error": "fail" }), json!({ "format": "jsonl" }), json!({ "layout": "relational" })] {
        let started = client.post("/api/convert", request).await.expect(202).json();
        client.job_end(started["job_id"].as_str().unwrap(), Duration::from_secs(120)).await;
    }
    client.jobs_end().await;
    let listed = client.get("/api/files").await.expect(200).json();
    for file in listed["items"].as_array().unwrap() {
        let (area, path) = (file["area"].as_str().unwrap(), file["path"].as_str().unwrap());
        let path = path.strip_prefix(&format!("{area}/")).unwrap_or(path);
        answered(client.get(&format!("/api/files/{area}/{path}?preview=3")).await);
    }
    answered(client.get("/api/download").await);
}

async fn ticket(client: &Client, canaries: &mut Canaries) {
    let asked = json!({ "name": "large.xml", "bytes": GOOD.len() });
    let ticket = client.post("/api/upload/tickets", asked).await.expect(201).json();
    let url = url::Url::parse(ticket["upload_url"].as_str().unwrap()).unwrap();
    let secrets: Vec<String> =
        url.query_pairs().filter(|(_, value)| value.len() > 20).map(|(_, value)| value.into()).collect();
    assert!(!secrets.is_empty(), "the address has a signature: {url}");
    let encoded =
        secrets.iter().map(|secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>());
    let encoded: Vec<String> = encoded.collect();
    canaries.extend(secrets.into_iter().chain(encoded).map(|secret| ("a signature of an address".to_owned(), secret)));
    let transport = match url.path().starts_with("/api/") {
        true => client.transport.clone(),
        false => Transport::tcp(format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap()),
    };
    let headers: Vec<(String, Value)> = ticket["headers"].as_object().unwrap().clone().into_iter().collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let path = url[url::Position::BeforePath..].to_owned();
    Client::new(transport).send(Method::PUT, &path, Body::from(GOOD), &headers).await.expect(201);
    let complete = format!("/api/upload/tickets/{}/complete", ticket["ticket"].as_str().unwrap());
    answered(client.send(Method::POST, &complete, Body::empty(), &[]).await);
}

async fn tables(client: &Client) {
    answered(client.get("/api/tables").await);
    let rows = client.get("/api/tables/order?filter=zqcolumn~zqfilter&sort=zqcolumn").await;
    answered(rows);
    answered(client.get("/api/tables/order?filter=zqnone%3Dzqfilter").await);
    answered(client.get("/api/tables/order?filter=zqfilter&cursor=zqquery").await);
    for statement in [
        "SELECT zqcolumn AS zqstatement FROM \"order\" WHERE zqcolumn = 'zqstatement'",
        "SELECT zqstatement FROM zqstatement",
        "SELEC zqstatement",
        "DELETE FROM \"order\" WHERE zqcolumn = 'zqstatement'",
        "ATTACH DATABASE '/tmp/zqstatement' AS zqstatement",
        "SELECT load_extension('zqstatement')",
        "SELECT 1; SELECT 'zqstatement'",
    ] {
        answered(client.post("/api/tables/query", json!({ "sql": statement })).await);
    }
    answered(client.get("/api/tables/search?q=zqsearch%20zqcell").await);
    answered(client.get("/api/tables/search?q=zqsearch&table=zqsearch").await);
}

async fn ask(client: &Client, turns: Vec<Turn>, model: &ModelServer, more: Value) -> Answer {
    model.script(turns);
    let mut body = json!({ "message": "What of zqquestion?" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post("/api/chat", body).await
}

async fn chat(client: &Client, model: &ModelServer) {
    model.otherwise(|_| Turn::says("zqanswer, as ever"));
    let good = vec![
        Turn::calls("describe_table", json!({ "table": "order" })),
        Turn::calls(
            "run_sql",
            json!({ "sql": "SELECT 'zqmodelstatement' AS zqmodelstatement, zqcolumn FROM \"order\"" }),
        ),
        Turn::calls("search_rows", json!({ "query": "zqmodelstatement" })),
        Turn::calls("run_sql", json!({ "sql": "SELECT zqmodelstatement FROM nowhere" })),
        Turn::calls(
            "make_chart",
            json!({ "query": "q1", "mark": "zqmodelstatement", "x": "zqmodelstatement", "y": "n" }),
        ),
        Turn::calls("zqmodelstatement", json!({ "zqmodelstatement": 1 })),
        Turn::says("zqanswer: [[q1:1:zqcolumn]] and 99 of zqanswer"),
    ];
    answered(ask(client, good, model, json!({})).await);
    answered(ask(client, vec![Turn::says("zqanswer in a stream")], model, json!({ "stream": true })).await);
    // A code that is one word is told: it is the name of an error.
    let text = "zqserverwords, and more";
    let words = json!({ "message": text, "code": text, "type": text, "innererror": { "code": text } });
    // What a server of models does wrong is answered as an error of the service, and is one.
    ask(client, vec![Turn::refuses_with(400, words.clone())], model, json!({})).await;
    ask(client, vec![Turn::refuses_with(401, words.clone())], model, json!({})).await;
    ask(client, vec![Turn::refuses_with(503, words).retry_after("0")], model, json!({})).await;
    ask(client, vec![Turn::raw("data: {zqserverwords\n\n")], model, json!({})).await;
    ask(client, vec![Turn::says("zqanswer that is cut").breaks_off_after(40)], model, json!({ "stream": true })).await;
    ask(client, vec![Turn::filtered()], model, json!({})).await;
    model.script_embeddings([Turn::refuses_with(400, json!({ "message": "zqserverwords" }))]);
    answered(client.get("/api/tables/search?q=zqsearch%20again").await);
    answered(client.post("/api/chat", json!({ "message": "zqquestion", "tables": ["zqmember"] })).await);
}

async fn conversations(client: &Client) {
    let made = client.post("/api/conversations", json!({ "title": "zqtitle" })).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/conversations/{id}");
    let message = json!({ "role": "user", "content": "zqmessage" });
    let kept = client.post(&format!("{path}/messages"), message).await.expect(201).json();
    answered(client.post(&format!("{path}/messages"), json!({ "role": "zqmember", "content": "zqmessage" })).await);
    answered(client.patch(&path, json!({ "title": "zqtitle of another kind" })).await);
    let feedback = format!("{path}/messages/{}/feedback", kept["id"].as_str().unwrap_or_default());
    let body = json!({ "rating": "up", "comment": "zqfeedback" });
    let kind = [("content-type", "application/json")];
    answered(client.send(Method::PUT, &feedback, Body::from(body.to_string()), &kind).await);
    answered(client.get("/api/conversations?q=zqsought").await);
    for format in ["md", "json", "zqquery"] {
        answered(client.get(&format!("{path}/export?format={format}")).await);
    }
    answered(client.post("/api/conversations/flush", json!({})).await);
    answered(client.delete(&path).await);
}

async fn agent(client: &Client) {
    let kinds = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    for (tool, arguments) in [
        ("run_sql", json!({ "sql": "SELECT 'zqargument' FROM \"order\"" })),
        ("run_sql", json!({ "sql": "SELECT zqargument" })),
        ("search_rows", json!({ "query": "zqargument" })),
        ("describe_table", json!({ "table": "zqargument" })),
        ("zqargument", json!({ "zqargument": true })),
    ] {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
        answered(client.send(Method::POST, "/api/mcp", Body::from(call.to_string()), &kinds).await);
    }
    answered(client.send(Method::POST, "/api/mcp", Body::from("{zqnojson"), &kinds).await);
    let unknown = json!({ "jsonrpc": "2.0", "id": 1, "method": "zqargument", "params": { "zqargument": 1 } });
    answered(client.send(Method::POST, "/api/mcp", Body::from(unknown.to_string()), &kinds).await);
}

async fn administration(visitor: &Client, admin: &Client) {
    for path in ["audit", "stats", "usage", "users", "dead-letters"] {
        answered(admin.get(&format!("/api/admin/{path}")).await);
    }
    for path in ["flush", "cleanup"] {
        answered(admin.post(&format!("/api/admin/{path}"), json!({})).await);
    }
    for key in [super::canary::METRICS_KEY, "zqforgedtoken"] {
        let mut reader = visitor.clone();
        reader.token = Some(key.to_owned());
        answered(reader.get("/api/metrics").await);
    }
    answered(visitor.get("/api/ready").await);
    answered(visitor.get("/api/nowhere?zqquery=zqquery").await);
}
