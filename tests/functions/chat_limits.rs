//! Conversations at their limits, as a client sees them: what is refused, and that nothing else is lost by it.

use std::time::{Duration, Instant};

use http::header;
use ret::{ports::temporary_conversations::Room, services::Policy};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};

use crate::harness::{Answer, Client, ModelServer, Postgres, TestApp, Turn, Way, borrowed};

/// What is under way has come to its end by then, also on a busy machine.
const SOON: Duration = Duration::from_secs(60);

async fn begun(client: &Client, body: Value) -> String {
    let made = client.post("/api/conversations", body).await.expect(201);
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn say(client: &Client, id: &str, text: &str) -> Answer {
    client.post(&format!("/api/conversations/{id}/messages"), json!({ "role": "user", "content": text })).await
}

/// The texts of a conversation.
async fn texts(client: &Client, id: &str) -> Vec<String> {
    let read = client.get(&format!("/api/conversations/{id}")).await.expect(200).json();
    let text = |message: &Value| message["content"].as_str().unwrap().to_owned();
    read["messages"].as_array().unwrap().iter().map(text).collect()
}

/// A figure of `/api/metrics`.
async fn figure(admin: &Client, name: &str) -> Option<f64> {
    let metrics = admin.get("/api/metrics").await.expect(200);
    let line =
        str::from_utf8(&metrics.body).unwrap().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_conversations_have_a_room_that_is_told() {
    let room = |policy: &mut Policy| {
        policy.history.temporary = Room { conversations: 2, session_bytes: 4_000, all_bytes: 6_000 };
    };
    let app = TestApp::start_limited(room, &[]).await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let temporary = || json!({ "title": "hush", "temporary": true });
    let (first, second) = (begun(&ada, temporary()).await, begun(&ada, temporary()).await);
    let refused = ada.post("/api/conversations", temporary()).await.expect(409);
    assert_eq!(refused.code(), "temporary_full");
    assert!(refused.json()["detail"].as_str().unwrap().contains("has 2 temporary conversations"));
    say(&ada, &first, &"a".repeat(2_500)).await.expect(201);
    let refused = say(&ada, &first, &"b".repeat(2_500)).await.expect(409);
    assert_eq!(refused.code(), "temporary_full");
    assert!(refused.json()["detail"].as_str().unwrap().contains("4000 bytes"));
    let asked = json!({ "message": "b".repeat(2_500), "conversation_id": first });
    assert_eq!(ada.post("/api/chat", asked).await.expect(409).code(), "temporary_full");
    assert_eq!(texts(&ada, &first).await, ["a".repeat(2_500)], "what is there stays");
    say(&ada, &second, "c").await.expect(201);

    let theirs = begun(&eve, temporary()).await;
    let refused = say(&eve, &theirs, &"d".repeat(3_000)).await.expect(503);
    assert_eq!(refused.code(), "unavailable");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    assert!(refused.json()["detail"].as_str().unwrap().contains("temporary conversations of all sessions"));
    let kept = begun(&eve, json!({})).await;
    say(&eve, &kept, &"d".repeat(3_000)).await.expect(201);

    ada.delete(&format!("/api/conversations/{first}")).await.expect(204);
    begun(&ada, temporary()).await;
    say(&eve, &theirs, &"d".repeat(3_000)).await.expect(201);
    assert_eq!(texts(&ada, &second).await, ["c"]);
    ada.post("/api/logout", json!({})).await.expect(200);
    eve.post("/api/logout", json!({})).await.expect(200);
    let again = app.client().login("ada", crate::harness::USER_PASSWORD).await;
    let third = begun(&again, temporary()).await;
    say(&again, &third, &"e".repeat(3_500)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_room_is_kept_as_far_as_it_has_some() {
    let model = ModelServer::start().await;
    let room = |policy: &mut Policy| policy.history.temporary.session_bytes = 4_000;
    let app = TestApp::start_limited(room, &borrowed(&model.openai_settings())).await;
    let client = app.user("ada").await;
    let id = begun(&client, json!({ "temporary": true })).await;
    model.script([Turn::says("so it goes on ".repeat(1_000))]);
    let asked = json!({ "message": "How many?", "conversation_id": id });
    let answered = client.post("/api/chat", asked).await.expect(200).json();
    let told = answered["message"]["content"].as_str().unwrap();
    assert!(told.starts_with("so it goes on") && told.len() > 1_000, "{} bytes", told.len());
    assert_eq!((&answered["message"]["ended"], &answered["message"]["left_out"]), (&json!("cut"), &json!(true)));
    assert_eq!(texts(&client, &id).await, ["How many?", told]);
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_conversations_need_something_that_instances_share() {
    let Some(database) = Postgres::database().await else { return };
    let app = TestApp::start_embedded(Way::asked_for(), &[("DATABASE_URL", &database.url())]).await;
    let client = app.user("ada").await;
    let refused = client.post("/api/conversations", json!({ "temporary": true })).await.expect(400);
    assert_eq!(refused.code(), "invalid_parameter");
    assert!(refused.json()["detail"].as_str().unwrap().contains("Redis"));
    begun(&client, json!({})).await;
}

/// Keeps everybody from writing to conversations in the database until it is dropped. Everything can be read.
enum Held {
    Sqlite(#[expect(dead_code, reason = "what it holds ends with it")] rusqlite::Connection),
    Postgres(#[expect(dead_code, reason = "what it holds ends with it")] sqlx::PgConnection),
}

impl Held {
    async fn of(app: &TestApp) -> Self {
        let Some(servers) = &app.servers else {
            let connection = rusqlite::Connection::open(app.folder.path().join("ret.db")).unwrap();
            connection.busy_timeout(SOON).unwrap();
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            return Self::Sqlite(connection);
        };
        let mut connection = sqlx::PgConnection::connect(&servers.postgres.url()).await.unwrap();
        connection.execute("BEGIN").await.unwrap();
        connection.execute("LOCK TABLE conversation_registers IN EXCLUSIVE MODE").await.unwrap();
        Self::Postgres(connection)
    }
}

/// Waits until so many changes wait for the database.
async fn until_there_wait(client: &Client, changes: u64) {
    let began = Instant::now();
    loop {
        let ready = client.get("/api/ready").await.expect(200).json();
        if ready["history"]["pending_changes"] == changes {
            return;
        }
        assert!(began.elapsed() < SOON, "{ready}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_more_than_may_wait_is_refused_until_there_is_room() {
    let limits = |policy: &mut Policy| {
        policy.history.changes_waiting = 3;
        policy.history.wait = SOON;
    };
    let app = TestApp::start_limited(limits, &[]).await;
    let client = app.user("ada").await;
    let id = begun(&client, json!({})).await;
    let url = format!("/api/conversations/{id}/messages");
    let message = |number: usize| {
        let id = format!("0197b1d8-000{number}-7000-8000-000000000000");
        json!({ "id": id, "role": "user", "content": number.to_string(), "parent_id": null })
    };
    until_there_wait(&client, 0).await;
    let held = Held::of(&app).await;
    let writers: Vec<_> = (0..3)
        .map(|number| {
            let (client, url, message) = (client.clone(), url.clone(), message(number));
            tokio::spawn(async move { client.post(&url, message).await })
        })
        .collect();
    until_there_wait(&client, 3).await;
    for _ in 0..2 {
        let refused = client.post(&url, message(3)).await.expect(503);
        assert_eq!(refused.code(), "unavailable");
        assert!(refused.headers.contains_key(header::RETRY_AFTER));
    }
    drop(held);
    for writer in writers {
        writer.await.unwrap().expect(201);
    }
    until_there_wait(&client, 0).await;
    let first = client.post(&url, message(3)).await.expect(201);
    assert_eq!(first.headers["x-durability"], "durable");
    let again = client.post(&url, message(3)).await.expect(201);
    assert_eq!(first.json(), again.json());
    let mut kept = texts(&client, &id).await;
    kept.sort();
    assert_eq!(kept, ["0", "1", "2", "3"], "each once");
}

/// From now on, or from now on no more, the database refuses what has this word.
async fn refuse(app: &TestApp, word: &str, refuses: bool) {
    match &app.servers {
        Some(servers) if refuses => {
            let check = format!("CHECK (value NOT LIKE '%{word}%')");
            servers.postgres.execute(format!("ALTER TABLE conversation_registers ADD CONSTRAINT rule {check}")).await;
        }
        Some(servers) => {
            servers.postgres.execute("ALTER TABLE conversation_registers DROP CONSTRAINT rule".to_owned()).await;
        }
        None => {
            let connection = rusqlite::Connection::open(app.folder.path().join("ret.db")).unwrap();
            connection.busy_timeout(SOON).unwrap();
            let rule = format!(
                "CREATE TRIGGER rule BEFORE INSERT ON conversation_registers WHEN new.value LIKE '%{word}%'
                 BEGIN SELECT RAISE(ABORT, 'against the rule'); END"
            );
            connection.execute_batch(if refuses { &rule } else { "DROP TRIGGER rule" }).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_is_told_and_holds_up_nothing_else() {
    let app = TestApp::start().await;
    let (client, admin) = (app.user("ada").await, app.admin().await);
    let id = begun(&client, json!({})).await;
    let url = format!("/api/conversations/{id}/messages");
    refuse(&app, "poison", true).await;
    let poison = json!({ "id": "0197b1d8-0001-7000-8000-000000000000", "role": "user", "content": "poison" });
    for _ in 0..2 {
        assert_eq!(client.post(&url, poison.clone()).await.expect(500).code(), "internal_error");
        let after = say(&client, &id, "after").await.expect(201);
        assert_eq!(after.headers["x-durability"], "durable");
    }
    assert_eq!(texts(&client, &id).await, ["after", "after"], "as the database has it");
    assert_eq!(figure(&admin, "ret_history_refused_total").await, Some(2.0));
    until_there_wait(&client, 0).await;
    let letters = admin.get("/api/admin/dead-letters").await.expect(200).json();
    // Without a journal nobody was told that it is kept.
    if app.servers.is_some() {
        assert_eq!(letters["items"].as_array().unwrap().len(), 1, "{letters}");
        assert_eq!(letters["items"][0]["conversation_id"], json!(id));
        assert_eq!(figure(&admin, "ret_history_dead_letters").await, Some(1.0));
        assert_eq!(client.get("/api/ready").await.expect(200).json()["history"]["dead_letters"], 1);
    } else {
        assert_eq!(letters["items"], json!([]));
    }
    refuse(&app, "poison", false).await;
    client.post(&url, poison).await.expect(201);
    assert_eq!(texts(&client, &id).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_and_is_refused_then_is_set_aside() {
    let app = TestApp::start_with(&[("HISTORY_ACK", "fast")]).await;
    if app.servers.is_none() {
        return;
    }
    let (client, admin) = (app.user("ada").await, app.admin().await);
    let id = begun(&client, json!({})).await;
    refuse(&app, "poison", true).await;
    for text in ["before", "poison", "after"] {
        assert_eq!(say(&client, &id, text).await.expect(201).headers["x-durability"], "journaled");
    }
    let began = Instant::now();
    while figure(&admin, "ret_history_dead_letters").await != Some(1.0) {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    until_there_wait(&client, 0).await;
    let flushed = client.post("/api/conversations/flush", json!({})).await.expect(200).json();
    assert_eq!(flushed["remaining"], 0, "it is not tried for ever");
    assert_eq!(texts(&client, &id).await, ["before", "after"], "as the database has it");
    let letters = admin.get("/api/admin/dead-letters").await.expect(200).json();
    assert_eq!(letters["items"][0]["conversation_id"], json!(id));
    assert!(!letters.to_string().contains("poison"), "{letters}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hit_rate_is_that_of_the_reads() {
    let app = TestApp::start().await;
    let (client, admin) = (app.user("ada").await, app.admin().await);
    assert_eq!(figure(&admin, "ret_history_hit_percent").await, None, "nothing was read");
    let id = begun(&client, json!({})).await;
    say(&client, &id, "hello").await.expect(201);
    for _ in 0..10 {
        assert_eq!(texts(&client, &id).await, ["hello"]);
    }
    let tier = async |name: &str| figure(&admin, &format!("ret_history_reads_total{{tier=\"{name}\"}}")).await.unwrap();
    let (process, redis, database) = (tier("process").await, tier("redis").await, tier("database").await);
    assert!(process + redis + database >= 10.0);
    assert_eq!(process + redis > 0.0, app.servers.is_some(), "without Redis the database answers");
    let percent = 100.0 * (process + redis) / (process + redis + database);
    let told = figure(&admin, "ret_history_hit_percent").await.unwrap();
    assert!((told - percent).abs() <= 0.05, "{told} for {percent}");
}
