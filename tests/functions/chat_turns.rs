//! What becomes of an answer when something comes between: another process, another conversion, a model that says nothing.

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use serde_json::{Value, json};

use super::chat_answers::{Chat, chat, events, growing, text_of, through};
use crate::harness::{Client, Turn};

fn counted() -> Turn {
    Turn::calls("run_sql", json!({ "sql": "SELECT count(*) AS n FROM line" }))
}

async fn kept(client: &Client, conversation: &Value) -> Vec<Value> {
    let path = format!("/api/conversations/{}", conversation.as_str().unwrap());
    client.get(&path).await.expect(200).json()["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_get_a_question_at_once_one_answers_it() {
    let chat = chat(&[]).await;
    let elsewhere = chat.app.second_instance().await;
    let clients = [chat.client.clone(), through(&elsewhere, &chat.client)];
    for round in 0..12 {
        let before = chat.model.asked_in_chat().len();
        chat.model.otherwise(|_| Turn::says("Three."));
        let id = format!("0197b1d8-6666-7000-8000-{round:012}");
        // Two at each: whoever waits for the one that does not write it gets the answer of the other.
        let asked =
            [0, 1, 0, 1].map(|at: usize| clients[at].post("/api/chat", json!({ "message": "How many?", "id": id })));
        let answers: Vec<Value> =
            futures::future::join_all(asked).await.into_iter().map(|answer| answer.expect(200).json()).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(chat.model.asked_in_chat().len() - before, 1, "round {round}");
        assert_eq!(kept(&chat.client, &answers[0]["conversation_id"]).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_rests_on_one_conversion() {
    let chat = chat(&[]).await;
    let (go_on, waiting) = mpsc::channel();
    let (reached, reaches) = mpsc::channel();
    let between = Mutex::new((waiting, reached));
    chat.model.script([
        counted(),
        Turn::computed(move |_| {
            let (waiting, reached) = &*between.lock().unwrap();
            reached.send(()).unwrap();
            waiting.recv_timeout(Duration::from_secs(60)).unwrap();
            Turn::calls("run_sql", json!({ "sql": "SELECT count(*) AS n FROM line WHERE qty > 0" }))
        }),
        Turn::says("3 [[q1:1:n]], then 1 [[q2:1:n]]."),
    ]);
    let client = chat.client.clone();
    let asked = tokio::spawn(async move {
        client.post("/api/chat", json!({ "message": "How many lines?" })).await.expect(200).json()
    });
    tokio::task::spawn_blocking(move || reaches.recv_timeout(Duration::from_secs(60))).await.unwrap().unwrap();
    let other = "<orders><order><line><qty>1</qty></line><line><qty>2</qty></line></order></orders>";
    chat.client.upload("orders.xml", other).await.expect(201);
    assert_eq!(chat.client.convert(json!({})).await["state"], "succeeded");
    go_on.send(()).unwrap();
    let answer = asked.await.unwrap()["message"].clone();
    assert_eq!(answer["content"], "3 [1?], then 1 [2?].", "{answer}");
    let told = chat.model.asked_in_chat().last().unwrap().body["messages"].to_string();
    assert!(told.contains("converted anew"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_says_nothing_is_asked_once_more_and_then_given_up() {
    let chat = chat(&[]).await;
    chat.model.script([counted(), Turn::says(""), Turn::says("There are 3 [[q1:1:n]].")]);
    let ask = || chat.client.post("/api/chat", json!({ "message": "How many lines?" }));
    assert_eq!(ask().await.expect(200).json()["message"]["content"], "There are 3 [1].");
    let last = chat.model.asked_in_chat().pop().unwrap();
    assert!(last.body.get("tools").is_none(), "it can do nothing but answer");
    chat.model.script([Turn::says(" "), Turn::says("")]);
    let refused = ask().await.expect(503);
    assert!(refused.json()["detail"].as_str().unwrap().contains("no answer"), "{:?}", refused.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_an_answer_that_failed_is_told_so() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::says("Half an answer. ".repeat(20)).breaks_off_after(600));
    let asked = json!({ "message": "How many?", "stream": true });
    let told = events(&chat.client.post("/api/chat", asked).await.expect(200));
    assert_eq!(told.last().unwrap().1, "error");
    let (conversation, message) = (told[0].2["conversation_id"].as_str(), told[0].2["message_id"].as_str());
    let path = format!("/api/conversations/{}/messages/{}/events", conversation.unwrap(), message.unwrap());
    let elsewhere = chat.app.second_instance().await;
    let followed = events(&through(&elsewhere, &chat.client).get(&path).await.expect(200));
    assert_eq!((followed.last().unwrap().1.as_str(), text_of(&followed)), ("error", text_of(&told)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_says_an_answer_that_is_being_written() {
    let Chat { app: _app, model, client } = chat(&[]).await;
    model.otherwise(|_| Turn::endless());
    let asking = client.clone();
    let asked = tokio::spawn(async move {
        let body = json!({ "message": "Go on for ever", "stream": true });
        events(&asking.post("/api/chat", body).await.expect(200))
    });
    let (conversation, message) = growing(&client).await;
    let said = json!({ "role": "assistant", "content": "forged", "id": message });
    let path = format!("/api/conversations/{conversation}/messages");
    assert_eq!(client.post(&path, said).await.expect(409).code(), "message_exists");
    client.post(&format!("{path}/{message}/stop"), json!({})).await.expect(202);
    assert_eq!(asked.await.unwrap().last().unwrap().1, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_without_a_name_is_named_after_its_first_question() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::says("Three."));
    for (given, wanted) in [(json!({}), "How many are there"), (json!({ "title": "Mine" }), "Mine")] {
        let made = chat.client.post("/api/conversations", given).await.expect(201).json();
        let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
        for question in ["How many are there?", "And then?"] {
            let asked = json!({ "message": question, "conversation_id": made["id"] });
            chat.client.post("/api/chat", asked).await.expect(200);
        }
        assert_eq!(chat.client.get(&path).await.expect(200).json()["title"], wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instead_of_names_an_answer_to_the_question() {
    let chat = chat(&[]).await;
    chat.model.otherwise(|_| Turn::says("Three."));
    let id = "0197b1d8-7777-7000-8000-000000000000";
    let asked = json!({ "message": "How many?", "id": id });
    let first = chat.client.post("/api/chat", asked).await.expect(200).json();
    for other in [json!(id), json!("0197b1d8-7777-7000-8000-00000000000f"), first["conversation_id"].clone()] {
        let odd = json!({ "message": "How many?", "id": id, "instead_of": other });
        assert_eq!(chat.client.post("/api/chat", odd).await.expect(400).code(), "invalid_body", "{other}");
    }
    assert_eq!(kept(&chat.client, &first["conversation_id"]).await.len(), 2);
}
