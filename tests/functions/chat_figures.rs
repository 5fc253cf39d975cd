//! What an answer's figures rest on, seen by a person: their last digits, their signs, and where they come from.

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, TestApp, Turn, borrowed};

const ITEMS: &str = "<items>\
    <item><gtin>4006381333931</gtin><loss>5000</loss><mileage>5</mileage><author>A01</author><author>A02</author></item>\
    <item><gtin>4006381333948</gtin><loss>-70</loss><mileage>6</mileage><author>A03</author><author>A04</author></item>\
    </items>";

async fn with_items() -> (TestApp, ModelServer, Client) {
    let model = ModelServer::start().await;
    let app = TestApp::start_with(&borrowed(&model.openai_settings())).await;
    let client = app.user("ada").await;
    client.upload("items.xml", ITEMS).await.expect(201);
    (app, model, client)
}

async fn ask(client: &Client, question: &str) -> Value {
    client.post("/api/chat", json!({ "message": question })).await.expect(200).json()["message"].clone()
}

fn supported(message: &Value) -> Vec<bool> {
    let citations = message["citations"].as_array().unwrap();
    citations.iter().map(|citation| citation["supported"].as_bool().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn last_digits_signs_and_words_like_million_are_compared() {
    let (_app, model, client) = with_items().await;
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT gtin, loss, mileage FROM item ORDER BY gtin" }))
            .and_calls("search_rows", json!({ "words": "4006381333931", "table": "item" })),
        Turn::computed(|asked| {
            let last = asked["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
            let found: Value = serde_json::from_str(&last).unwrap();
            let row = found["hits"][0]["row"].as_str().unwrap();
            Turn::says(format!(
                "4006381333931 [[q1:1:gtin]] not 4006381333935 [[q1:1:gtin]], GTIN 4006381333931 [[item#{row}]] not GTIN 4006381333935 \
                 [[item#{row}]], $5,000 [[q1:1:loss]] not -$5,000 [[q1:1:loss]], minus 5,000 [[q1:1:loss]], and -$70 [[q1:2:loss]] not $70 \
                 [[q1:2:loss]], 5 [[q1:1:mileage]] not 5 [[q1:1:mileage]] million. ½"
            ))
        }),
    ]);
    let message = ask(&client, "What is there?").await;
    let right = [true, false, true, false, true, false, false, true, false, true, false];
    assert_eq!(supported(&message), right, "{message}");
    assert_eq!(message["unsupported"], json!(["4006381333935", "5,000", "70", "½"]), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_tables_shows_nothing() {
    let (_app, model, client) = with_items().await;
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT 42 AS n -- EUR9,999 FROM item" }))
            .and_calls("run_sql", json!({ "sql": "SELECT count(*) AS n FROM item -- EUR9,999" })),
        Turn::says("There are 42 [[q1:1:n]], or 2 [[q2:1:n]]. And EUR9,999 more."),
    ]);
    let message = ask(&client, "How many are there?").await;
    assert_eq!(supported(&message), [false, true], "{message}");
    assert_eq!(message["unsupported"], json!(["42", "9,999"]), "{message}");
    let asked = model.asked_in_chat().last().unwrap().body["messages"].as_array().unwrap().clone();
    let notes: Vec<bool> = asked
        .iter()
        .filter(|told| told["role"] == "tool")
        .map(|told| told["content"].as_str().unwrap().contains("reads no table"))
        .collect();
    assert_eq!(notes, [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_the_flat_layout_are_cited_by_their_names() {
    let (_app, model, client) = with_items().await;
    assert_eq!(client.convert(json!({ "layout": "flat", "record": "item" })).await["state"], "succeeded");
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT * FROM item ORDER BY gtin" })),
        Turn::computed(|asked| {
            let last = asked["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
            let result: Value = serde_json::from_str(&last).unwrap();
            let columns = result["columns"].as_array().unwrap();
            let column = columns.iter().filter_map(Value::as_str).find(|name| name.ends_with("[2]")).unwrap();
            Turn::says(format!("It is A02 [[q1:1:{column}]]."))
        }),
    ]);
    let message = ask(&client, "Who is the second author?").await;
    assert_eq!((&message["content"], supported(&message)), (&json!("It is A02 [1]."), vec![true]), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_names_of_tables_are_no_figures() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let things: String =
        (0..18).map(|at| format!("<thing{at}><x>a</x></thing{at}><thing{at}><x>b</x></thing{at}>")).collect();
    client.upload("things.xml", format!("<things>{things}</things>")).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let message = ask(&client, "Why is the sky so blue?").await;
    assert!(message["content"].as_str().unwrap().contains("thing1"), "{message}");
    assert_eq!(message["unsupported"], json!([]), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_a_list_are_no_figures() {
    let (_app, model, client) = with_items().await;
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    model.script([
        Turn::calls("run_sql", json!({ "sql": "SELECT gtin FROM item ORDER BY gtin" })),
        Turn::says("1. 4006381333931 [[q1:1:gtin]]\n2. 4006381333948 [[q1:2:gtin]]\n3. nothing else"),
    ]);
    let message = ask(&client, "Which are there?").await;
    assert_eq!((&message["unsupported"], supported(&message)), (&json!([]), vec![true, true]), "{message}");
}
