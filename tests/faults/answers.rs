//! Handlers that are killed while they write an answer.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, Postgres, Process, Redis, Turn, borrowed, samples};

/// The only conversation, as it is kept.
async fn kept(client: &Client) -> Value {
    let list = client.get("/api/conversations").await.expect(200).json();
    let Some(id) = list["items"][0]["id"].as_str() else { return Value::Null };
    client.get(&format!("/api/conversations/{id}")).await.expect(200).json()
}

/// What was checkpointed of the answer; `None` before the first time.
fn answer(conversation: &Value) -> Option<&Value> {
    conversation["messages"].as_array()?.iter().find(|message| message["role"] == "assistant")
}

async fn is_kept_when_its_handler_is_killed(stores: &[(&str, &str)]) {
    let model = ModelServer::start().await;
    model.otherwise(|_| Turn::endless());
    let of_model = model.openai_settings();
    let mut settings = borrowed(&of_model);
    settings.extend_from_slice(stores);
    let process = Process::start(&settings).await;
    let client = process.admin().await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let asking = tokio::spawn({
        let client = client.clone();
        let body = json!({ "message": "Go on for ever", "stream": true });
        let request = client.build(
            http::Method::POST,
            "/api/chat",
            body.to_string().into(),
            &[("content-type", "application/json")],
        );
        async move { client.try_send(request).await.is_ok() }
    });
    let began = Instant::now();
    let before = loop {
        assert!(began.elapsed() < Duration::from_secs(20), "nothing was kept");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let conversation = kept(&client).await;
        if answer(&conversation).is_some_and(|answer| answer["content"] != "") {
            break conversation;
        }
    };
    let process = process.restart().await;
    asking.abort();
    let client = process.admin().await;
    let after = kept(&client).await;
    let (before, after) = (answer(&before).unwrap(), answer(&after).expect("what was checkpointed is there"));
    assert_eq!(after["complete"], false, "{after}");
    let text = |answer: &Value| answer["content"].as_str().unwrap().to_owned();
    assert!(text(after).starts_with(&text(before)), "{after} after {before}");
    model.otherwise(|_| Turn::says("Here I am again."));
    let conversation = kept(&client).await["id"].clone();
    let body = json!({ "message": "Are you there?", "conversation_id": conversation });
    let next = client.post("/api/chat", body).await.expect(200).json();
    assert_eq!(next["message"]["content"], "Here I am again.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_kept_alone() {
    is_kept_when_its_handler_is_killed(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_kept_on_postgres_and_redis() {
    let (Some(postgres), Some(redis)) = (Postgres::database().await, Redis::start().await) else { return };
    let (postgres, redis_url) = (postgres.url(), redis.url());
    is_kept_when_its_handler_is_killed(&[
        ("DATABASE_URL", &postgres),
        ("REDIS_ENABLED", "true"),
        ("REDIS_CONNECTION_STRING", &redis_url),
    ])
    .await;
}
