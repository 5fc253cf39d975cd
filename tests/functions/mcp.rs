//! Agents at the session's tables, by the Model Context Protocol.

use std::time::Duration;

use http::{Method, header};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, samples};

const HEADERS: [(&str, &str); 2] =
    [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];

async fn converted(app: &TestApp, name: &str, document: &'static str) -> Client {
    let client = app.user(name).await;
    client.upload("data.xml", document).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    client
}

async fn send(client: &Client, body: impl Into<axum::body::Body>, extra: &[(&str, &str)]) -> Answer {
    client.send(Method::POST, "/api/mcp", body.into(), &[&HEADERS, extra].concat()).await
}

/// The whole answer to a request of the protocol.
async fn asked(client: &Client, method: &str, parameters: Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": parameters });
    let answer = send(client, message.to_string(), &[]).await.expect(200);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    let answer = answer.json();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{answer}");
    answer
}

async fn result(client: &Client, method: &str, parameters: Value) -> Value {
    let answer = asked(client, method, parameters).await;
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}

async fn called(client: &Client, tool: &str, arguments: Value) -> Value {
    result(client, "tools/call", json!({ "name": tool, "arguments": arguments })).await
}

/// What a call gave.
async fn gave(client: &Client, tool: &str, arguments: Value) -> Value {
    let called = called(client, tool, arguments).await;
    assert_eq!(called["isError"], false, "{called}");
    let text: Value = serde_json::from_str(called["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, called["structuredContent"]);
    text
}

/// What a call was told is wrong with it.
async fn refused(client: &Client, tool: &str, arguments: Value) -> String {
    let called = called(client, tool, arguments).await;
    assert_eq!(called["isError"], true, "{called}");
    called["content"][0]["text"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_what_there_is() {
    let app = TestApp::start().await;
    let client = converted(&app, "ada", samples::ORDERS).await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let hello =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let told = result(&client, "initialize", hello).await;
        assert_eq!((&told["protocolVersion"], &told["serverInfo"]["name"]), (&json!(version), &json!("ret")));
        assert_eq!(told["capabilities"], json!({ "tools": {}, "resources": {} }));
        assert!(told["instructions"].as_str().unwrap().contains("never an order"), "{told}");
    }
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert!(send(&client, ready.to_string(), &[]).await.expect(202).body.is_empty());

    let tools = result(&client, "tools/list", json!({})).await["tools"].as_array().unwrap().clone();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["list_tables", "describe_table", "search_rows", "run_sql", "make_chart"]);
    for tool in &tools {
        let hints =
            json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false });
        assert_eq!(tool["annotations"], hints);
        assert_eq!(
            (&tool["inputSchema"]["type"], &tool["inputSchema"]["additionalProperties"]),
            (&json!("object"), &json!(false))
        );
        assert!(!tool["description"].as_str().unwrap().contains("[["), "an agent has nothing to cite by: {tool}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_are_those_of_the_chat() {
    let app = TestApp::start().await;
    let client = converted(&app, "ada", samples::ORDERS).await;
    let tables = gave(&client, "list_tables", json!({})).await;
    assert!(tables["tables"].as_array().unwrap().iter().any(|table| table["name"] == "line" && table["rows"] == 3));
    let described = gave(&client, "describe_table", json!({ "table": "line" })).await;
    assert!(described["columns"].as_array().unwrap().iter().any(|column| column["name"] == "qty"), "{described}");
    let found = gave(&client, "search_rows", json!({ "words": "grace" })).await;
    assert_eq!((&found["hits"][0]["table"], found["hits"].as_array().unwrap().len()), (&json!("order"), 1));
    let sql = "SELECT count(*) AS n, sum(qty) AS pieces FROM line";
    let counted = gave(&client, "run_sql", json!({ "sql": sql })).await;
    assert_eq!(counted, json!({ "columns": ["n", "pieces"], "rows": [[3, 13]], "truncated": false }));
    let bars = json!({ "sql": "SELECT sku, qty FROM line", "mark": "bar", "x": "sku", "y": "qty" });
    let chart = gave(&client, "make_chart", bars).await;
    assert_eq!((&chart["specification"]["mark"], &chart["truncated"]), (&json!("bar"), &json!(false)));
    assert_eq!(chart["specification"]["data"]["values"][1], json!({ "c0": "B-7", "c1": 10 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_says_what_would_mend_it() {
    let app = TestApp::start().await;
    let nobody = app.user("grace").await;
    assert_eq!(gave(&nobody, "list_tables", json!({})).await["tables"], json!([]));
    assert!(refused(&nobody, "run_sql", json!({ "sql": "SELECT 1" })).await.contains("nothing has been converted yet"));
    let client = converted(&app, "ada", samples::ORDERS).await;
    for sql in [
        "DROP TABLE line",
        "SELECT 1; DROP TABLE line",
        "PRAGMA table_info(line)",
        "ATTACH 'x' AS y",
        "VACUUM INTO 'x'",
        "",
    ] {
        let what = refused(&client, "run_sql", json!({ "sql": sql })).await;
        assert!(what.contains("write one read-only SELECT over the tables"), "{sql}: {what}");
    }
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    assert!(refused(&client, "run_sql", json!({ "sql": endless })).await.contains("took longer than the"));
    assert!(refused(&client, "describe_table", json!({ "table": "lines" })).await.contains("there are order, line"));
    assert!(refused(&client, "run_sql", json!({ "query": "SELECT 1" })).await.contains("unknown field `query`"));
    let bars = |more: Value| {
        let mut chart = json!({ "sql": "SELECT sku, qty FROM line", "mark": "bar", "x": "sku", "y": "qty" });
        chart.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        chart
    };
    for (more, what) in [
        (json!({ "y": "price" }), "no column 'price'"),
        (json!({ "mark": "pie" }), "'pie' is no mark"),
        (json!({ "query": "q1" }), "unknown field `query`"),
        (json!({ "sql": "SELECT price FROM line" }), "no such column"),
        (json!({ "data": { "url": "https://example.org" } }), "unknown field `data`"),
    ] {
        let told = refused(&client, "make_chart", bars(more)).await;
        assert!(told.contains(what), "{told}");
    }
    let unknown = asked(&client, "tools/call", json!({ "name": "drop_table", "arguments": {} })).await["error"].clone();
    assert_eq!(unknown["code"], -32602);
    assert!(unknown["message"].as_str().unwrap().contains("call one of list_tables"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_resources_in_pages() {
    let app = TestApp::start().await;
    let client = converted(&app, "ada", samples::ORDERS).await;
    let resources = result(&client, "resources/list", json!({})).await["resources"].clone();
    let line = resources.as_array().unwrap().iter().find(|resource| resource["name"] == "line").unwrap().clone();
    assert_eq!((&line["uri"], &line["mimeType"]), (&json!("ret://tables/line"), &json!("application/json")));
    assert!(line["description"].as_str().unwrap().contains("the first 100 of 3 rows"), "{line}");
    let templates = result(&client, "resources/templates/list", json!({})).await["resourceTemplates"].clone();
    assert_eq!(templates[0]["uriTemplate"], "ret://tables/{table}{?offset,limit}");
    let read = async |uri: &str| -> Value {
        let contents = result(&client, "resources/read", json!({ "uri": uri })).await["contents"].clone();
        assert_eq!((contents.as_array().unwrap().len(), &contents[0]["uri"]), (1, &json!(uri)));
        serde_json::from_str(contents[0]["text"].as_str().unwrap()).unwrap()
    };
    let whole = read("ret://tables/line").await;
    assert_eq!((&whole["table"], &whole["next"]), (&json!("line"), &Value::Null));
    assert_eq!(whole["shown"], "rows 1 to 3 of 3; cells are cut after 2,000 characters");
    let first = read("ret://tables/line?limit=2").await;
    assert_eq!(first["shown"], "rows 1 to 2 of 3; the next ones are at `next`; cells are cut after 2,000 characters");
    let rest = read(first["next"].as_str().unwrap()).await;
    let rows = |read: &Value| read["rows"].as_array().unwrap().clone();
    assert_eq!([rows(&first), rows(&rest)].concat(), rows(&whole));
    let columns: Vec<&str> = whole["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert!(columns.contains(&"sku") && rows(&whole).iter().all(|row| row.as_array().unwrap().len() == columns.len()));
    let beyond =
        asked(&client, "resources/read", json!({ "uri": "ret://tables/line?limit=1001" })).await["error"].clone();
    assert_eq!(
        (&beyond["code"], &beyond["message"]),
        (&json!(-32602), &json!("limit: takes a whole number from 1 to 1000"))
    );
    for uri in ["ret://tables/lines", "file:///etc/passwd", "line"] {
        let unknown = asked(&client, "resources/read", json!({ "uri": uri })).await["error"].clone();
        assert_eq!((&unknown["code"], &unknown["data"]["uri"]), (&json!(-32002), &json!(uri)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_that_there_is_nothing_yet_and_what_is_outdated() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let told = gave(&client, "list_tables", json!({})).await;
    assert_eq!(told["tables"], json!([]));
    assert!(told["note"].as_str().unwrap().contains("upload XML documents and convert them first"), "{told}");
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    client.convert(json!({})).await;
    assert_eq!(gave(&client, "list_tables", json!({})).await["outdated"], json!(null));
    client.delete("/api/files/input/books.xml").await.expect(204);
    let told = gave(&client, "list_tables", json!({})).await;
    assert!(told["outdated"].as_str().unwrap().starts_with("books.xml: removed or replaced"), "{told}");
    assert_eq!(told["tables"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_is_all_that_an_agent_reaches() {
    let app = TestApp::start().await;
    let ada = converted(&app, "ada", samples::ORDERS).await;
    let grace = converted(&app, "grace", samples::BOOKS).await;
    let told = gave(&grace, "list_tables", json!({})).await.to_string();
    assert!(told.contains("book") && !told.contains("line"), "{told}");
    assert!(refused(&grace, "run_sql", json!({ "sql": "SELECT * FROM line" })).await.contains("no such table"));
    assert!(
        refused(&grace, "search_rows", json!({ "words": "sku", "table": "line" })).await.contains("no table 'line'")
    );
    let read = asked(&grace, "resources/read", json!({ "uri": "ret://tables/line" })).await;
    assert_eq!(read["error"]["code"], -32002);
    let session = ada.session.clone().unwrap();
    let other = json!({ "sql": "SELECT 1", "session": session, "session_id": session });
    assert!(refused(&grace, "run_sql", other).await.contains("unknown field"));

    let list = || json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    assert_eq!(send(&app.client(), list(), &[]).await.expect(401).code(), "not_signed_in");
    let forged = Client { token: Some("x.y.z".into()), ..app.client() };
    assert_eq!(send(&forged, list(), &[]).await.expect(401).code(), "not_signed_in");
    grace.post("/api/logout", json!({})).await.expect(200);
    assert_eq!(send(&grace, list(), &[]).await.expect(401).code(), "not_signed_in");
    gave(&ada, "list_tables", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hides_in_cells_is_not_shown() {
    let app = TestApp::start().await;
    let document =
        "<notes><note><id>1</id><text>a\u{202e}b\u{200b}c</text></note><note><id>2</id><text>x</text></note></notes>";
    let client = converted(&app, "ada", document).await;
    let found = gave(&client, "run_sql", json!({ "sql": "SELECT text FROM note ORDER BY id" })).await;
    assert_eq!(found["rows"], json!([["abc"], ["x"]]));
    let read = result(&client, "resources/read", json!({ "uri": "ret://tables/note" })).await;
    let text = read["contents"][0]["text"].as_str().unwrap();
    assert!(text.contains("\"abc\"") && !text.contains('\u{202e}'), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_protocol_is_refused_in_its_words() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ping = || json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    send(&client, ping(), &[]).await.expect(200);
    let code = |answer: Answer, status: u16| {
        let answer = answer.expect(status).json();
        assert!(answer["id"].is_null() && answer["error"]["message"].is_string(), "{answer}");
        answer["error"]["code"].as_i64().unwrap()
    };
    assert_eq!(code(send(&client, "{\"jsonrpc\"", &[]).await, 400), -32700);
    for no_message in ["[]", "1", "{}", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}"] {
        assert_eq!(code(send(&client, no_message, &[]).await, 400), -32600, "{no_message}");
    }
    let version = [("mcp-protocol-version", "1999-01-01")];
    assert_eq!(code(send(&client, ping(), &version).await, 400), -32600);
    let only_json = [("content-type", "application/json"), ("accept", "application/json")];
    assert_eq!(code(client.send(Method::POST, "/api/mcp", ping().into(), &only_json).await, 406), -32600);
    let text = [("content-type", "text/plain"), HEADERS[1]];
    let answer = client.send(Method::POST, "/api/mcp", ping().into(), &text).await;
    assert_eq!(answer.expect(415).code(), "unsupported_media_type");
    let unknown = asked(&client, "tables/drop", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32601);
    let told = unknown["error"]["message"].as_str().unwrap();
    assert!(told.contains("no method 'tables/drop'") && told.contains("tools/call"), "{told}");
    for method in [Method::GET, Method::DELETE] {
        let answer = client.send(method, "/api/mcp", Vec::new().into(), &[("accept", "text/event-stream")]).await;
        assert_eq!(answer.headers[header::ALLOW], "POST");
        assert_eq!(answer.expect(405).code(), "method_not_allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let client = converted(&app, "ada", samples::ORDERS).await;
    let large = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(send(&client, large, &[]).await.expect(413).code(), "body_too_large");
    let sql = format!("SELECT '{}'", "x".repeat(40_000));
    assert!(refused(&client, "run_sql", json!({ "sql": sql })).await.contains("the statement is longer than"));
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) SELECT i FROM n";
    let found = gave(&client, "run_sql", json!({ "sql": many })).await;
    assert_eq!((found["rows"].as_array().unwrap().len(), &found["truncated"]), (50, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_agents_are_counted() {
    let app = TestApp::start_with(&[("RATE_LIMIT_PER_MINUTE", "10")]).await;
    let mut client = app.user("ada").await;
    client.address.set_ip([10, 1, 2, 3].into());
    let ping = || json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    for _ in 0..10 {
        send(&client, ping(), &[]).await.expect(200);
    }
    assert_eq!(send(&client, ping(), &[]).await.expect(429).code(), "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_that_the_settings_name_may_ask() {
    let app = TestApp::start_with(&[("CORS_ORIGINS", "https://agents.example.org")]).await;
    let client = app.user("ada").await;
    let ping = || json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    send(&client, ping(), &[("origin", "https://agents.example.org")]).await.expect(200);
    // The second is what a page sends that reaches the service by a name of its own: the host says the same.
    for origin in ["https://evil.example", "http://127.0.0.1", "https://agents.example.org:8443", "null"] {
        let answer = send(&client, ping(), &[("origin", origin)]).await;
        assert_eq!(answer.expect(403).code(), "origin_not_allowed", "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_when_who_asked_has_gone() {
    // Two statements of a person run at once, and others wait for one of them to end, here for a minute.
    let app = TestApp::start_with(&[("RET_SQL_SECONDS", "60")]).await;
    let client = converted(&app, "ada", samples::ORDERS).await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { called(&client, "run_sql", json!({ "sql": endless })).await })
        })
        .collect();
    let one = || client.post("/api/tables/query", json!({ "sql": "SELECT 1" }));
    while tokio::time::timeout(Duration::from_millis(500), one()).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for call in &calls {
        call.abort();
    }
    tokio::time::timeout(Duration::from_secs(30), one()).await.expect("their turns are free again").expect(200);
}
