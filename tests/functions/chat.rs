//! Conversations, as a client sees them.

use http::{Method, header};
use ret::{
    domain::conversation::{Change, Field, Register},
    ports::hot_conversations::DeadLetter,
};
use serde_json::{Value, json};

use crate::harness::{Client, TestApp, USER_PASSWORD};

async fn begun(client: &Client, title: &str) -> String {
    let made = client.post("/api/conversations", json!({ "title": title })).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.headers[header::LOCATION], format!("/api/conversations/{id}").as_str());
    assert_eq!(made.headers["x-durability"], "durable");
    id
}

async fn said(client: &Client, id: &str, text: &str) -> Value {
    let body = json!({ "role": "user", "content": text });
    client.post(&format!("/api/conversations/{id}/messages"), body).await.expect(201).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_begun_continued_named_and_read() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let id = begun(&client, " How many? ").await;
    let first = said(&client, &id, "How many orders are there?").await;
    let second = said(&client, &id, "And lines?").await;
    assert_eq!(second["parent_id"], first["id"], "it follows the last one");
    let url = format!("/api/conversations/{id}");
    client.patch(&url, json!({ "title": "Orders" })).await.expect(204);
    let read = client.get(&url).await.expect(200).json();
    assert_eq!(
        (&read["title"], &read["messages"][0]["content"]),
        (&json!("Orders"), &json!("How many orders are there?"))
    );
    assert_eq!((read["messages"].as_array().unwrap().len(), &read["messages"][1]["complete"]), (2, &json!(true)));
    let edited = json!({ "role": "user", "content": "How many customers?", "parent_id": null });
    let edited = client.post(&format!("{url}/messages"), edited).await.expect(201).json();
    assert_eq!(edited["parent_id"], json!(null), "a branch");
    let nowhere = json!({ "role": "user", "content": "?", "parent_id": "0197b1d8-0000-7000-8000-000000000000" });
    assert_eq!(client.post(&format!("{url}/messages"), nowhere).await.expect(422).code(), "unknown_parent");
    let role = client.post(&format!("{url}/messages"), json!({ "role": "robot", "content": "?" })).await.expect(400);
    assert_eq!(role.code(), "invalid_body");
    let empty =
        async |role: &str| client.post(&format!("{url}/messages"), json!({ "role": role, "content": " \n" })).await;
    let refused = empty("user").await.expect(400);
    assert_eq!(
        (refused.code(), refused.json()["detail"].clone()),
        ("invalid_body".into(), json!("content: write a message"))
    );
    empty("tool").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_may_be_sent_again_under_its_id() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let id = begun(&client, "chat").await;
    let url = format!("/api/conversations/{id}/messages");
    let message = |text: &str| json!({ "id": "0197b1d8-1111-7000-8000-000000000000", "role": "user", "content": text });
    said(&client, &id, "before").await;
    let first = client.post(&url, message("once")).await.expect(201).json();
    said(&client, &id, "after").await;
    let again = client.post(&url, message("once")).await.expect(201).json();
    assert_eq!(first, again);
    assert_eq!(client.post(&url, message("twice")).await.expect(409).code(), "message_exists");
    let read = client.get(&format!("/api/conversations/{id}")).await.expect(200).json();
    assert_eq!(read["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_and_searched() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let mut ids = Vec::new();
    for title in ["Orders", "Customers", "Lines"] {
        app.clock.advance(std::time::Duration::from_secs(1));
        ids.push(begun(&client, title).await);
    }
    app.clock.advance(std::time::Duration::from_secs(1));
    said(&client, &ids[0], "Which customers ordered twice?").await;
    let titles =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect::<Vec<_>>();
    let first = client.get("/api/conversations?limit=2").await.expect(200).json();
    assert_eq!(titles(&first), [json!("Orders"), json!("Lines")]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = client.get(&format!("/api/conversations?limit=2&cursor={cursor}")).await.expect(200).json();
    assert_eq!((titles(&rest), &rest["next_cursor"]), (vec![json!("Customers")], &json!(null)));
    let found = client.get("/api/conversations?q=customer").await.expect(200).json();
    assert_eq!(titles(&found), [json!("Orders"), json!("Customers")]);
    assert_eq!(client.get("/api/conversations?cursor=x").await.expect(400).code(), "invalid_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn capitals_and_accents_do_not_count_in_a_search_and_signs_alone_find_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let id = begun(&client, "Herr Müller").await;
    said(&client, &id, "Rechnung der Straße nach Łódź").await;
    begun(&client, "Something else").await;
    let found = async |q: &str| {
        let list = client.get(&format!("/api/conversations?q={q}")).await.expect(200).json();
        list["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect::<Vec<_>>()
    };
    for q in ["muller", "M%C3%9CLLER", "Mu%CC%88ller", "strasse%20lodz", "LODZ%2B"] {
        assert_eq!(found(q).await, ["Herr Müller"], "{q}");
    }
    for q in ["%2B", "%22%20-%20%22", "mueller"] {
        assert_eq!(found(q).await, Vec::<Value>::new(), "{q}");
    }
    assert_eq!((found("").await.len(), found("%20").await.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_conversation_is_there() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let id = begun(&ada, "secret").await;
    let url = format!("/api/conversations/{id}");
    assert_eq!(eve.get(&url).await.expect(404).code(), "not_found");
    assert_eq!(eve.patch(&url, json!({ "title": "mine" })).await.expect(404).code(), "not_found");
    assert_eq!(eve.delete(&url).await.expect(404).code(), "not_found");
    let message = json!({ "role": "user", "content": "hello" });
    assert_eq!(eve.post(&format!("{url}/messages"), message).await.expect(404).code(), "not_found");
    assert_eq!(eve.get(&format!("{url}/export")).await.expect(404).code(), "not_found");
    assert_eq!(eve.get("/api/conversations?q=secret").await.expect(200).json()["items"], json!([]));
    ada.get(&url).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_stays_deleted_and_what_is_not_stays_after_a_logout() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (kept, deleted) = (begun(&client, "kept").await, begun(&client, "deleted").await);
    client.delete(&format!("/api/conversations/{deleted}")).await.expect(204);
    assert_eq!(client.delete(&format!("/api/conversations/{deleted}")).await.expect(404).code(), "not_found");
    assert_eq!(client.get(&format!("/api/conversations/{deleted}")).await.expect(404).code(), "not_found");
    client.post("/api/logout", json!({})).await.expect(200);
    let again = app.client().login("ada", USER_PASSWORD).await;
    let listed = again.get("/api/conversations").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["id"], json!(kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_downloaded() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let id = begun(&client, "Umsatz / 2024").await;
    let message = said(&client, &id, "How many?").await;
    let feedback = format!("/api/conversations/{id}/messages/{}/feedback", message["id"].as_str().unwrap());
    let put = |body: Value| {
        client.send(Method::PUT, &feedback, body.to_string().into(), &[("content-type", "application/json")])
    };
    put(json!({ "rating": 1 })).await.expect(204);
    let text = client.get(&format!("/api/conversations/{id}/export?format=md")).await.expect(200);
    let markdown = str::from_utf8(&text.body).unwrap();
    assert!(markdown.starts_with("# Umsatz / 2024\n") && markdown.contains("How many?"), "{markdown}");
    assert!(!markdown.contains("branch"), "{markdown}");
    let disposition = text.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment") && !disposition.contains('/'), "{disposition}");
    let json = client.get(&format!("/api/conversations/{id}/export?format=json")).await.expect(200).json();
    assert_eq!(json["messages"][0]["feedback"], json!({ "rating": 1 }));
    assert_eq!(
        client.get(&format!("/api/conversations/{id}/export?format=pdf")).await.expect(400).code(),
        "invalid_parameter"
    );
    let edited = json!({ "role": "user", "content": "How many in 2024?", "parent_id": null });
    client.post(&format!("/api/conversations/{id}/messages"), edited).await.expect(201);
    let text = client.get(&format!("/api/conversations/{id}/export?format=md")).await.expect(200);
    let markdown = str::from_utf8(&text.body).unwrap();
    assert!(markdown.contains("in 2024?") && !markdown.contains("How many?"), "{markdown}");
    assert!(
        markdown.contains("*1 message of other branches is not in this file; the export with `format=json`"),
        "{markdown}"
    );
    let json = client.get(&format!("/api/conversations/{id}/export?format=json")).await.expect(200).json();
    assert_eq!(json["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_and_flushed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let id = begun(&admin, "chat").await;
    said(&admin, &id, "hello").await;
    for path in ["/api/conversations/flush", "/api/admin/flush"] {
        assert_eq!(admin.post(path, json!({})).await.expect(200).json()["remaining"], 0);
    }
    let ready = app.client().get("/api/ready").await.expect(200).json();
    assert_eq!(ready["history"]["pending_changes"], 0);
    let metrics = admin.get("/api/metrics").await.expect(200);
    let metrics = str::from_utf8(&metrics.body).unwrap();
    assert!(metrics.contains("ret_history_joined_changes_total"), "{metrics}");
    assert!(metrics.contains("ret_history_pending_changes 0"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_conversation_is_in_no_list_and_gone_with_the_session() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let made = client.post("/api/conversations", json!({ "title": "hush", "temporary": true })).await.expect(201);
    assert_eq!(
        (&made.headers["x-durability"], &made.json()["temporary"]),
        (&"temporary".parse().unwrap(), &json!(true))
    );
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let url = format!("/api/conversations/{id}");
    let first = said(&client, &id, "Between us").await;
    app.clock.advance(std::time::Duration::from_secs(1));
    let again = json!({ "id": first["id"], "role": "user", "content": "Between us" });
    assert_eq!(client.post(&format!("{url}/messages"), again).await.expect(201).json()["id"], first["id"]);
    let other = json!({ "id": first["id"], "role": "user", "content": "Between all" });
    assert_eq!(client.post(&format!("{url}/messages"), other).await.expect(409).code(), "message_exists");
    assert_eq!(said(&client, &id, "Nothing").await["parent_id"], first["id"]);
    client.patch(&url, json!({ "title": "Hush" })).await.expect(204);
    let read = client.get(&url).await.expect(200).json();
    assert_eq!((&read["title"], read["messages"].as_array().unwrap().len()), (&json!("Hush"), 2));
    assert_eq!(client.get("/api/conversations").await.expect(200).json()["items"], json!([]));
    assert_eq!(app.user("eve").await.get(&url).await.expect(404).code(), "not_found");
    let rows = app.app.stores().conversations.read(id.parse().unwrap()).await.unwrap();
    assert!(rows.is_none(), "the database never heard of it");

    let gone = client.post("/api/conversations", json!({ "temporary": true })).await.expect(201).json();
    let gone = format!("/api/conversations/{}", gone["id"].as_str().unwrap());
    client.delete(&gone).await.expect(204);
    assert_eq!(client.get(&gone).await.expect(404).code(), "not_found");
    let log = app.admin().await.get("/api/admin/audit?action=conversation.deleted").await.expect(200).json();
    assert_eq!(log["items"], json!([]), "nor did the audit log");

    let removed = client.post("/api/logout", json!({})).await.expect(200).json();
    assert_eq!(removed["removed"]["temporary_conversations"], 1);
    let again = app.client().login("ada", USER_PASSWORD).await;
    assert_eq!(again.get(&url).await.expect(404).code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_what_the_database_refused_but_not_what_it_says() {
    let app = TestApp::start().await;
    let (user, admin) = (app.user("ada").await, app.admin().await);
    let id = begun(&user, "chat").await;
    assert_eq!(user.get("/api/admin/dead-letters").await.expect(403).code(), "admin_only");
    assert_eq!(admin.get("/api/admin/dead-letters").await.expect(200).json()["items"], json!([]));
    let Some(hot) = &app.app.stores().hot_conversations else { return };
    let stored = app.app.stores().conversations.read(id.parse().unwrap()).await.unwrap().unwrap();
    let register = Register::Field(Field::Title);
    let entry = stored.state.get(register).unwrap().clone();
    let change = Change { conversation: id.parse().unwrap(), owner: stored.owner, register, entry };
    hot.set_aside(&DeadLetter { change, why: "too long for an index".into() }).await.unwrap();
    let letters = admin.get("/api/admin/dead-letters").await.expect(200).json();
    let letter = &letters["items"][0];
    assert_eq!((&letter["conversation_id"], &letter["why"]), (&json!(id), &json!("too long for an index")));
    assert_eq!((&letter["register"], &letter["bytes"]), (&json!("t"), &json!("\"chat\"".len())));
    assert!(!letters.to_string().contains("chat"), "{letters}");
}
