//! What answers took, by person.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, TestApp, Turn, borrowed, samples};

/// Where a model answers, and none makes vectors, whose use would be in the account too.
async fn app(model: &ModelServer) -> TestApp {
    let mut settings = model.openai_settings();
    settings.retain(|(key, _)| key != "OPENAI_EMBED_MODEL");
    TestApp::start_with(&borrowed(&settings)).await
}

async fn ask(client: &Client, question: &str) -> Value {
    client.post("/api/chat", json!({ "message": question })).await.expect(200).json()
}

async fn own(client: &Client) -> Vec<Value> {
    client.get("/api/auth/usage").await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// Day, model, turns and tokens.
fn brief(item: &Value) -> (&str, &str, u64, u64, u64) {
    let (text, number) = (|name: &str| item[name].as_str().unwrap(), |name: &str| item[name].as_u64().unwrap());
    (text("day"), text("model"), number("turns"), number("input_tokens"), number("output_tokens"))
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_counted_for_who_asked() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    let (ada, grace) = (app.user("ada").await, app.user("grace").await);
    ada.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(ada.convert(json!({})).await["state"], "succeeded");
    assert!(own(&ada).await.is_empty());
    model.script([
        Turn::calls("list_tables", json!({})).took(100, 20),
        Turn::says("There are two tables.").took(200, 30),
        Turn::says("Good day.").took(50, 5),
        Turn::says("Hello.").took(7, 3),
    ]);
    let answered = ask(&ada, "Which tables are there?").await;
    ask(&ada, "Hello?").await;
    ask(&grace, "Hello?").await;
    assert_eq!(answered["message"]["usage"], json!({ "input_tokens": 300, "output_tokens": 50 }));
    let (of_ada, of_grace) = (own(&ada).await, own(&grace).await);
    let today = of_ada[0]["day"].as_str().unwrap().to_owned();
    assert_eq!(of_ada.iter().map(brief).collect::<Vec<_>>(), [(today.as_str(), "scripted", 2, 350, 55)]);
    assert_eq!(of_grace.iter().map(brief).collect::<Vec<_>>(), [(today.as_str(), "scripted", 1, 7, 3)]);

    let admin = app.admin().await;
    assert_eq!(ada.get("/api/admin/usage").await.expect(403).code(), "admin_only");
    let everybody = admin.get("/api/admin/usage").await.expect(200).json();
    assert_eq!((everybody["items"].as_array().unwrap().len(), &everybody["next_cursor"]), (2, &Value::Null));
    let path = format!("/api/admin/usage?user={}", of_grace[0]["user_id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.expect(200).json()["items"], json!(of_grace));
    assert_eq!(of_grace[0]["username"], "grace");
    let first = admin.get("/api/admin/usage?limit=1").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("/api/admin/usage?limit=1&cursor={cursor}")).await.expect(200).json();
    assert_eq!(json!([first["items"][0], second["items"][0]]), everybody["items"]);
    assert_eq!(admin.get("/api/admin/usage?cursor=x").await.expect(400).code(), "invalid_parameter");

    let metrics = String::from_utf8(admin.get("/api/metrics").await.expect(200).body.to_vec()).unwrap();
    for line in [
        "ret_chat_answers_total{model=\"scripted\"} 3\n",
        "ret_chat_tokens_total{model=\"scripted\",direction=\"input\"} 357\n",
        "ret_chat_tokens_total{model=\"scripted\",direction=\"output\"} 58\n",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_stays_when_all_else_goes_and_goes_in_its_time() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    let ada = app.user("ada").await;
    model.script([Turn::says("Hello.").took(7, 3), Turn::says("Hello again.").took(10, 4)]);
    let conversation = ask(&ada, "Hello?").await["conversation_id"].as_str().unwrap().to_owned();
    ada.delete(&format!("/api/conversations/{conversation}")).await.expect(204);
    ada.post("/api/logout", json!({})).await.expect(200);
    let app = app.restart().await;
    app.clock.advance(Duration::from_secs(24 * 3600));
    let ada = app.client().login("ada", crate::harness::USER_PASSWORD).await;
    ask(&ada, "Hello?").await;
    let tokens = |days: &[Value]| -> Vec<u64> { days.iter().map(|day| brief(day).3).collect() };
    assert_eq!(tokens(&own(&ada).await), [10, 7], "the latest day first");

    app.clock.advance(Duration::from_secs(400 * 24 * 3600));
    app.run_timer("cleanup").await;
    let ada = app.client().login("ada", crate::harness::USER_PASSWORD).await;
    assert_eq!(tokens(&own(&ada).await), [10], "400 days are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_counts_as_far_as_it_went() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    let ada = app.user("ada").await;
    model.script([Turn::calls("list_tables", json!({})).took(100, 20), Turn::refuses(400, "bad_request")]);
    ada.post("/api/chat", json!({ "message": "Which tables are there?" })).await.expect(503);
    model.script([Turn::refuses(400, "bad_request")]);
    ada.post("/api/chat", json!({ "message": "And now?" })).await.expect(503);
    let days = own(&ada).await;
    let (_, _, turns, input, output) = brief(&days[0]);
    assert_eq!((days.len(), turns, input, output), (1, 2, 100, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_server_counts_is_estimated() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    let ada = app.user("ada").await;
    model.script([Turn::says("Hello there.").uncounted()]);
    let answered = ask(&ada, "Hello?").await;
    let days = own(&ada).await;
    let (_, _, turns, input, output) = brief(&days[0]);
    assert!(turns == 1 && input > 100 && (1..50).contains(&output), "{input} {output}");
    assert_eq!(answered["message"]["usage"], json!({ "input_tokens": input, "output_tokens": output }));
    model.script([Turn::says("word ".repeat(200)).breaks_off_after(4_000)]);
    ada.post("/api/chat", json!({ "message": "And now?" })).await.expect(503);
    let days = own(&ada).await;
    let (_, _, turns, more_input, more_output) = brief(&days[0]);
    assert!(turns == 2 && more_input > input + 100 && more_output > output, "{more_input} {more_output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_take_turns_and_no_tokens() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ask(&ada, "How many orders are there?").await;
    let days = own(&ada).await;
    let (_, model, turns, input, output) = brief(&days[0]);
    assert_eq!((days.len(), model, turns, input, output), (1, "extractive", 1, 0, 0));
}
