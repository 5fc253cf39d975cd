//! Questions that are sent again because their answer did not reach the client.

use std::time::Duration;

use serde_json::{Value, json};

use super::chat_answers::{Chat, chat, events, growing, text_of, through};
use crate::harness::{Client, Turn};

const ID: &str = "0197b1d8-5555-7000-8000-000000000000";

fn question(text: &str) -> Value {
    json!({ "message": text, "id": ID })
}

/// The messages of the only conversation.
async fn messages(client: &Client) -> Vec<Value> {
    let list = client.get("/api/conversations").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    in_conversation(client, list["items"][0]["id"].as_str().unwrap()).await
}

async fn in_conversation(client: &Client, id: &str) -> Vec<Value> {
    let whole = client.get(&format!("/api/conversations/{id}")).await.expect(200).json();
    assert!(whole["created_at"].is_string(), "{whole}");
    whole["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_that_is_there_is_given_again_wherever_one_asks() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::says("Three."));
    let first = chat.client.post("/api/chat", question("How many?")).await.expect(200).json();
    let asked = chat.model.asked_in_chat().len();
    let elsewhere = chat.app.second_instance().await;
    for client in [chat.client.clone(), through(&elsewhere, &chat.client)] {
        assert_eq!(client.post("/api/chat", question("How many?")).await.expect(200).json(), first);
        let named = json!({ "message": "How many?", "id": ID, "conversation_id": first["conversation_id"] });
        assert_eq!(client.post("/api/chat", named).await.expect(200).json(), first);
        let streamed = json!({ "message": "How many?", "id": ID, "stream": true });
        let told = events(&client.post("/api/chat", streamed).await.expect(200));
        assert_eq!((told[0].1.as_str(), &told[0].2["question_id"]), ("start", &json!(ID)));
        assert_eq!((text_of(&told), &told.last().unwrap().2), ("Three.".into(), &first["message"]));
        // A question that says something else, or stands elsewhere, is another.
        assert_eq!(client.post("/api/chat", question("How few?")).await.expect(409).code(), "message_exists");
        let moved = json!({ "message": "How many?", "id": ID, "parent_id": "0197b1d8-0000-7000-8000-000000000000" });
        assert_eq!(client.post("/api/chat", moved).await.expect(409).code(), "message_exists");
    }
    assert_eq!((messages(&chat.client).await.len(), chat.model.asked_in_chat().len()), (2, asked));

    // The same id is nothing to anybody else.
    let eve = chat.app.user("eve").await;
    let other = eve.post("/api/chat", question("How many?")).await.expect(200).json();
    assert_ne!(other["conversation_id"], first["conversation_id"]);
    assert_eq!((messages(&eve).await.len(), messages(&chat.client).await.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_being_written_is_followed() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::endless());
    let ask = |client: Client| {
        tokio::spawn(async move {
            let body = json!({ "message": "Go on for ever", "id": ID, "stream": true });
            events(&client.post("/api/chat", body).await.expect(200))
        })
    };
    let first = ask(chat.client.clone());
    let (conversation, answer) = growing(&chat.client).await;
    let elsewhere = chat.app.second_instance().await;
    // More than the answers that a person may have under way.
    let others = [1, 2, 3].map(|_| ask(chat.client.clone()));
    let others = others.into_iter().chain([ask(through(&elsewhere, &chat.client))]).collect::<Vec<_>>();
    assert_eq!(growing(&chat.client).await, (conversation.clone(), answer.clone()));
    let stop = format!("/api/conversations/{conversation}/messages/{answer}/stop");
    chat.client.post(&stop, json!({})).await.expect(202);
    let first = first.await.unwrap();
    for other in others {
        let other = tokio::time::timeout(Duration::from_secs(60), other).await.unwrap().unwrap();
        assert_eq!((other[0].2["message_id"].as_str(), text_of(&other)), (Some(&*answer), text_of(&first)));
        assert_eq!(other.last().unwrap().2, first.last().unwrap().2);
    }
    assert_eq!(messages(&chat.client).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_the_same_moment_are_one() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::says("Three."));
    let asked = (0..4).map(|_| chat.client.post("/api/chat", question("How many?")));
    let answers: Vec<Value> =
        futures::future::join_all(asked).await.into_iter().map(|answer| answer.expect(200).json()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(messages(&chat.client).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_conversation_and_in_a_temporary_one_too() {
    let Chat { app: _app, model, client } = chat(&[]).await;
    model.otherwise(|_| Turn::says("Three."));
    for temporary in [false, true] {
        let made = client.post("/api/conversations", json!({ "temporary": temporary })).await.expect(201).json();
        let id = made["id"].as_str().unwrap();
        let ask = |text: &str| json!({ "message": text, "id": ID, "conversation_id": id });
        let first = client.post("/api/chat", ask("How many?")).await.expect(200).json();
        let next = json!({ "message": "And then?", "conversation_id": id });
        client.post("/api/chat", next).await.expect(200);
        assert_eq!(client.post("/api/chat", ask("How many?")).await.expect(200).json(), first);
        assert_eq!(client.post("/api/chat", ask("How few?")).await.expect(409).code(), "message_exists");
        assert_eq!(in_conversation(&client, id).await.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_answered_when_it_is_asked_again() {
    let Chat { app: _app, model, client } = chat(&[]).await;
    model.script([Turn::refuses(401, "invalid_api_key"), Turn::says("Three.")]);
    assert_eq!(client.post("/api/chat", question("How many?")).await.expect(503).code(), "model_unavailable");
    let answered = client.post("/api/chat", question("How many?")).await.expect(200).json();
    assert_eq!(answered["message"]["content"], "Three.");
    let kept = messages(&client).await;
    let asked: Vec<&Value> = kept.iter().filter(|message| message["role"] == "user").collect();
    assert_eq!((asked.len(), kept.len()), (1, 3), "{kept:?}");
    assert_eq!(client.post("/api/chat", question("How many?")).await.expect(200).json(), answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_answer_is_given_beside_the_first_and_once() {
    let chat = chat(&[]).await;
    chat.model.script([Turn::says("Three."), Turn::says("Three, I said."), Turn::says("Three!")]);
    let first = chat.client.post("/api/chat", question("How many?")).await.expect(200).json();
    let other = |answer: &Value| {
        let mut asked = question("How many?");
        asked["instead_of"] = answer["message"]["id"].clone();
        chat.client.post("/api/chat", asked)
    };
    let second = other(&first).await.expect(200).json();
    assert_eq!(second["message"]["content"], "Three, I said.");
    assert_eq!(other(&first).await.expect(200).json(), second, "sent again");
    assert_eq!(other(&second).await.expect(200).json()["message"]["content"], "Three!");
    assert_eq!(messages(&chat.client).await.len(), 4);
    let odd = json!({ "message": "How many?", "instead_of": first["message"]["id"] });
    assert_eq!(chat.client.post("/api/chat", odd).await.expect(400).code(), "invalid_body");
}
