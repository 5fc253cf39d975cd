//! What a model is told has bounds, and an answer is kept whatever its size.

use ret::services::policy::ChatPolicy;
use serde_json::{Value, json};

use super::chat_answers::{events, text_of};
use crate::harness::{Answer, Client, ModelServer, TestApp, Turn, borrowed};

/// Bytes that are taken for a token where nobody has counted.
const BYTES_OF_A_TOKEN: usize = 3;

/// Somebody who has converted this document, where a scripted model answers.
async fn with(document: &str, settings: &[(&str, &str)]) -> (TestApp, ModelServer, Client) {
    let model = ModelServer::start().await;
    let of_model = model.openai_settings();
    let mut all = borrowed(&of_model);
    all.extend_from_slice(settings);
    let app = TestApp::start_with(&all).await;
    let client = app.user("ada").await;
    client.upload("data.xml", document).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    (app, model, client)
}

/// Rows of 340 columns with 500 characters each, and of two short ones.
fn wide(rows: usize) -> String {
    let row = |number: usize| {
        let cells: String =
            (0..340).map(|column| format!("<text{column}>{}</text{column}>", "so it goes ".repeat(45))).collect();
        format!("<row><name>n{number}</name><qty>{number}</qty>{cells}</row>")
    };
    format!("<rows>{}</rows>", (0..rows).map(row).collect::<String>())
}

async fn ask(client: &Client, question: &str) -> Answer {
    client.post("/api/chat", json!({ "message": question })).await
}

/// What the tools gave in the last request.
fn results(model: &ModelServer) -> Vec<Value> {
    let messages = model.asked_in_chat().last().unwrap().body["messages"].as_array().unwrap().clone();
    let results = messages.iter().filter(|message| message["role"] == "tool");
    results.map(|message| serde_json::from_str(message["content"].as_str().unwrap()).unwrap()).collect()
}

/// The bytes of a request that the model reads.
fn bytes_of(request: &Value) -> usize {
    let of_call = |call: &Value| call["function"]["arguments"].as_str().unwrap().len();
    let of_message = |message: &Value| {
        let calls: usize = message["tool_calls"].as_array().into_iter().flatten().map(of_call).sum();
        message["content"].as_str().map_or(0, str::len) + calls
    };
    let tools = request.get("tools").map_or(0, |tools| tools.to_string().len());
    tools + request["messages"].as_array().unwrap().iter().map(of_message).sum::<usize>()
}

/// A model that calls whatever it may, at a server that counts nothing.
#[tokio::test(flavor = "multi_thread")]
async fn neither_a_request_nor_a_turn_has_more_than_its_tokens() {
    let (_app, model, client) = with(&wide(20), &[]).await;
    let policy = ChatPolicy::default();
    model.otherwise(|asked| match asked.get("tools") {
        Some(_) => Turn::calls("list_tables", json!({}))
            .and_calls("describe_table", json!({ "table": "row" }))
            .and_calls("run_sql", json!({ "sql": "SELECT text1, text2, name FROM row" }))
            .uncounted(),
        None => Turn::says("It goes on and on.").uncounted(),
    });
    let question = format!("How many? {}", "so it goes ".repeat(2_500));
    let answered = ask(&client, &question).await.expect(200).json();
    assert_eq!(answered["message"]["content"], "It goes on and on.");
    let asked = model.asked_in_chat();
    assert!(asked.len() >= 2);
    let bytes: Vec<usize> = asked.iter().map(|asked| bytes_of(&asked.body)).collect();
    let most = usize::try_from(policy.prompt_tokens).unwrap() * BYTES_OF_A_TOKEN;
    assert!(bytes.iter().all(|bytes| *bytes <= most), "{bytes:?}");
    let all = usize::try_from(policy.turn_tokens).unwrap() * BYTES_OF_A_TOKEN;
    assert!(bytes.iter().sum::<usize>() <= all, "{bytes:?}");
    let results = results(&model);
    assert!(
        results[1]["note"].as_str().unwrap().contains("call describe_table with `containing`"),
        "{}",
        results[1]["note"]
    );
    assert!(results[2]["note"].as_str().unwrap().contains("ask for fewer columns"), "{}", results[2]["note"]);
    assert_eq!(results[2]["truncated"], results[2]["rows"].as_array().unwrap().len() < 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_can_be_asked_for() {
    let (_app, model, client) = with(&wide(2), &[]).await;
    let columns: Vec<String> = (0..250).map(|number| format!("text{number} AS c{number}_{}", "x".repeat(60))).collect();
    model.script([
        Turn::calls("describe_table", json!({ "table": "row", "containing": "TEXT29" })),
        Turn::calls("list_tables", json!({ "containing": "nothing" })),
        Turn::calls("run_sql", json!({ "sql": format!("SELECT {} FROM row", columns.join(", ")) })),
        Turn::calls("run_sql", json!({ "sql": "SELECT substr(text7, 1, 5) AS beginning FROM row" })),
        Turn::says("It begins with so it [[q1:1:beginning]]."),
    ]);
    let answered = ask(&client, "How does it begin?").await.expect(200).json();
    assert_eq!(answered["message"]["content"], "It begins with so it [1].");
    let results = results(&model);
    assert_eq!(results[0]["columns"].as_array().unwrap().len(), 11, "29, and 290 to 299");
    assert_eq!(results[1], json!({ "tables": [] }));
    assert!(results[2]["error"].as_str().unwrap().contains("name the few columns"), "{}", results[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_too_long_is_refused_before_it_is_kept() {
    let (_app, model, client) = with("<a><b>1</b><b>2</b></a>", &[]).await;
    let most = ChatPolicy::default().context_tokens * BYTES_OF_A_TOKEN;
    assert_eq!(ask(&client, &"?".repeat(most + 1)).await.expect(413).code(), "message_too_large");
    assert_eq!(client.get("/api/conversations").await.expect(200).json()["items"], json!([]));
    model.script([Turn::says("Yes.")]);
    ask(&client, &"?".repeat(most)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_of_a_large_result_has_what_it_shows_and_the_answer_is_kept() {
    let (_app, model, client) = with(&wide(60), &[]).await;
    let chart = |x: &str| Turn::calls("make_chart", json!({ "query": "q1", "mark": "bar", "x": x, "y": "qty" }));
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT name, qty, text1, text2 FROM row ORDER BY qty" })),
        chart("name"),
        Turn::says("There it is."),
    ]);
    let answered = ask(&client, "Show it").await.expect(200).json();
    let values = answered["message"]["chart"]["data"]["values"].as_array().unwrap();
    assert_eq!((&values[0], &answered["message"]["left_out"]), (&json!({ "c0": "n0", "c1": 0 }), &Value::Null));
    assert_eq!(values.len(), results(&model)[0]["rows"].as_array().unwrap().len());
    let conversation = answered["conversation_id"].as_str().unwrap();
    let kept = client.get(&format!("/api/conversations/{conversation}")).await.expect(200).json();
    assert_eq!(kept["messages"][1]["details"]["charts"][0]["data"]["values"], json!(values));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_of_more_than_can_be_shown_is_refused_and_can_be_mended() {
    let (_app, _model, client) = with(&wide(60), &[]).await;
    let made = async |sql: &str| {
        let arguments = json!({ "sql": sql, "mark": "bar", "x": "text", "y": "qty" });
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "make_chart", "arguments": arguments } });
        let accept = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
        let answer = client.send(http::Method::POST, "/api/mcp", call.to_string().into(), &accept).await.expect(200);
        String::from_utf8_lossy(&answer.body).into_owned()
    };
    let refused = made("SELECT qty, text1 || text2 || text3 AS text FROM row").await;
    assert!(refused.contains("substr(x, 1, 40)") && !refused.contains("so it goes"), "{refused}");
    let mended = made("SELECT qty, substr(text1, 1, 40) AS text FROM row").await;
    assert!(mended.contains("so it goes") && mended.contains("quantitative"), "{mended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_kept_without_what_it_has_besides() {
    let (_app, model, client) = with("<a><b>1</b><b>2</b></a>", &[("HISTORY_MAX_MESSAGE_BYTES", "3000")]).await;
    let cited = "1 [[q1:1:n]], ".repeat(40);
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT 1 AS n" })),
        Turn::says(cited),
        Turn::says("so it goes on ".repeat(400)),
    ]);
    let first = client.post("/api/chat", json!({ "message": "How many?", "stream": true })).await.expect(200);
    let told = events(&first);
    let (_, name, done) = told.last().unwrap();
    assert_eq!((name.as_str(), &done["left_out"], &done["citations"]), ("done", &json!(true), &json!([])));
    assert_eq!(done["content"].as_str().unwrap(), text_of(&told));
    let second = ask(&client, "And now?").await.expect(200).json();
    let text = second["message"]["content"].as_str().unwrap();
    assert!(text.starts_with("so it goes on") && text.len() > 1_000 && text.len() < 3_000, "{}", text.len());
    assert_eq!(second["message"]["ended"], "cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_told_without_what_nobody_sees_and_can_be_asked_by() {
    let hidden = "\u{200d}\u{e0041}\u{e0042}\u{3164}";
    let row = |value: &str| format!("<thing{hidden}><na{hidden}me>{value}</na{hidden}me><qty>1</qty></thing{hidden}>");
    let document = format!("<things>{}{}</things>", row("lamp"), row("stool"));
    let (_app, model, client) = with(&document, &[]).await;
    model.script([
        Turn::calls("list_tables", json!({})),
        Turn::computed(move |asked| {
            let listed = asked["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
            let listed: Value = serde_json::from_str(&listed).unwrap();
            let table = listed["tables"][0]["name"].as_str().unwrap();
            let column = listed["tables"][0]["columns"].as_array().unwrap();
            let column = column.iter().map(|name| name.as_str().unwrap()).find(|name| name.starts_with("na")).unwrap();
            Turn::calls("run_sql", json!({ "sql": format!("SELECT \"{column}\" FROM \"{table}\"") }))
                .and_calls("describe_table", json!({ "table": table }))
                .and_calls("search_rows", json!({ "words": "lamp", "table": table }))
                .and_calls("run_sql", json!({ "sql": format!("SELECT 1 AS \"a{hidden}b\"") }))
        }),
        Turn::says("A lamp [[q1:1:na____me]]."),
    ]);
    let answered = ask(&client, "What is there?").await.expect(200).json();
    assert_eq!(answered["message"]["content"], "A lamp [1].");
    let results = results(&model);
    assert_eq!(results[1]["rows"], json!([["lamp"], ["stool"]]), "{}", results[1]);
    assert_eq!(results[3]["hits"].as_array().unwrap().len(), 1, "{}", results[3]);
    assert_eq!(results[4]["columns"], json!(["ab"]));
    for asked in model.asked_in_chat() {
        let told = asked.body["messages"].as_array().unwrap().iter().filter(|message| message["role"] == "tool");
        for message in told {
            assert!(!message.to_string().contains(|c| hidden.contains(c)), "{message}");
        }
    }
    // The paths in the document are as they are.
    let tables = client.get("/api/tables").await.expect(200).json();
    assert!(tables.to_string().contains(&format!("na{hidden}me")), "{tables}");
}
