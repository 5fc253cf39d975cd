//! The audit log: what people do is in it, and nothing of what they must keep to themselves.

use std::time::Duration;

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::harness::{ADMIN_PASSWORD, Answer, Client, TestApp, USER_PASSWORD, Way, samples};

const NEW_PASSWORD: &str = "quite-another-password";

/// The newest entries, the oldest of them first.
async fn entries(admin: &Client, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/api/admin/audit?limit=1000{query}")).await.expect(200).json();
    assert_eq!(page["next_cursor"], Value::Null);
    let mut items = page["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// An entry in short: who, what, how it ended.
fn short(entry: &Value) -> String {
    let [who, what, end] = ["actor_name", "action", "outcome"].map(|key| entry[key].as_str().unwrap_or("nobody"));
    format!("{who} {what} {end}")
}

fn shorts(entries: &[Value]) -> Vec<String> {
    entries.iter().map(short).collect()
}

async fn failed_login(app: &TestApp, username: &str, password: &str) -> Answer {
    let login = json!({ "username": username, "password": password });
    app.client().post("/api/auth/login", login).await.expect(401)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_is_told_and_no_secret_of_theirs() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let session = ada.session.clone().unwrap();
    let who = ada.get("/api/auth/me").await.json()["user"]["id"].clone();
    ada.upload("books.xml", samples::BOOKS).await.expect(201);
    let job = ada.convert(json!({})).await["id"].clone();
    ada.delete("/api/files/input/books.xml").await.expect(204);
    let talk = ada.post("/api/conversations", json!({ "title": "a secret title" })).await.expect(201).json();
    ada.delete(&format!("/api/conversations/{}", talk["id"].as_str().unwrap())).await.expect(204);
    let change = |current: &str| json!({ "current_password": current, "new_password": NEW_PASSWORD });
    ada.post("/api/auth/password", change("a-wrong-password")).await.expect(401);
    ada.post("/api/auth/password", change(USER_PASSWORD)).await.expect(204);
    ada.post("/api/logout", json!({})).await.expect(200);
    ada.post("/api/logout", json!({})).await.expect(200);
    let admin = app.admin().await;
    let told = entries(&admin, "").await;
    let expected = [
        ("the first start account.added done", None),
        ("admin auth.login done", None),
        ("admin account.added done", Some(&who)),
        ("admin auth.logout done", None),
        ("ada auth.login done", Some(&json!(session))),
        ("ada upload.finished done", Some(&json!("books.xml"))),
        ("ada conversion.started done", Some(&job)),
        ("ada files.removed done", Some(&json!("input/books.xml"))),
        ("ada conversation.deleted done", Some(&talk["id"])),
        ("ada auth.password_changed refused", None),
        ("ada auth.password_changed done", None),
        ("ada auth.logout done", Some(&json!(session))),
        ("admin auth.login done", Some(&json!(admin.session))),
    ];
    assert_eq!(shorts(&told), expected.map(|(line, _)| line));
    for (entry, (line, subject)) in told.iter().zip(expected) {
        assert!(subject.is_none_or(|subject| *subject == entry["subject"]), "{entry}");
        let address = if line.starts_with("the first start") { Value::Null } else { json!("127.0.0.1") };
        assert_eq!(entry["client_address"], address, "{entry}");
        assert_eq!(entry["actor"] == who, line.starts_with("ada"), "{entry}");
    }
    assert_eq!(told[5]["details"], json!({ "files": 1, "documents": 1, "bytes": samples::BOOKS.len() }));
    let text = Value::from(told).to_string();
    let token = ada.token.unwrap();
    for secret in [USER_PASSWORD, ADMIN_PASSWORD, NEW_PASSWORD, "a-wrong-password", "Emma", "secret title", &token] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_leave_their_traces() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let new = json!({ "username": "ada", "password": USER_PASSWORD });
    let made = admin.post("/api/admin/users", new.clone()).await.expect(201).json();
    admin.post("/api/admin/users", new).await.expect(409);
    let path = format!("/api/admin/users/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "role": "admin", "password": NEW_PASSWORD })).await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.expect(404);
    admin.post("/api/admin/cleanup", json!({})).await.expect(200);
    admin.post("/api/admin/flush", json!({})).await.expect(200);
    let told: Vec<_> = entries(&admin, "").await.split_off(2);
    let expected = [
        ("account.added", json!({ "username": "ada", "role": "user" })),
        ("account.changed", json!({ "username": "ada", "role": "admin", "new_password": true })),
        ("account.changed", json!({ "username": "ada", "disabled": true })),
        ("account.removed", json!({ "username": "ada" })),
    ];
    for (entry, (action, details)) in told.iter().zip(&expected) {
        assert_eq!((&entry["action"], &entry["details"]), (&json!(action), details));
        assert_eq!((&entry["actor_name"], &entry["subject"]), (&json!("admin"), &made["id"]));
    }
    assert_eq!(shorts(&told[4..]), ["admin admin.cleanup done", "admin admin.flush done"]);
    assert_eq!(told[4]["details"]["failed_steps"], 0);
}

#[test]
fn the_contract_names_actions_as_they_are_sent() {
    let contract = serde_json::to_value(ret::functions::openapi("RET")).unwrap();
    let sent: Vec<_> = ret::domain::AuditAction::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(contract["components"]["schemas"]["AuditAction"]["enum"], json!(sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_login_tells_the_account_and_no_name_that_is_none() {
    let app = TestApp::start().await;
    app.user("ada").await;
    failed_login(&app, "ADA", "wrong").await;
    failed_login(&app, "a-password-in-the-wrong-field", "wrong").await;
    let admin = app.admin().await;
    let told = entries(&admin, "&action=auth.login_failed").await;
    assert_eq!(shorts(&told), ["ada auth.login_failed refused", "nobody auth.login_failed refused"]);
    assert!(!Value::from(told).to_string().contains("wrong-field"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_used_twice_is_told_with_its_owner() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.post("/api/auth/refresh", json!({})).await.expect(200);
    app.clock.advance(Duration::from_secs(11));
    ada.post("/api/auth/refresh", json!({})).await.expect(401);
    let told = entries(&app.admin().await, "&action=auth.token_reused").await;
    assert_eq!(shorts(&told), ["ada auth.token_reused refused"]);
    assert_eq!(told[0]["subject"].as_str(), ada.session.as_deref());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_several_files_and_one_by_ticket_are_told() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.upload_all(&[("a.xml", samples::BOOKS.as_bytes()), ("b.xml", samples::ORDERS.as_bytes())]).await.expect(201);
    super::upload_tickets::upload(&ada, "large.xml", samples::BOOKS).await.expect(201);
    let admin = app.admin().await;
    // A worker tells after it has published.
    let mut told = Vec::new();
    for _ in 0..100 {
        told = entries(&admin, "&action=upload.finished").await;
        if told.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(shorts(&told), ["ada upload.finished done", "ada upload.finished done"]);
    assert_eq!((&told[0]["subject"], &told[0]["details"]["names"]), (&Value::Null, &json!(["a.xml", "b.xml"])));
    assert_eq!((&told[1]["subject"], &told[1]["details"]["documents"]), (&json!("large.xml"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_read_by_page_by_action_and_by_person() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let admin = app.admin().await;
    let me = ada.get("/api/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    let of_ada = entries(&admin, &format!("&actor={me}")).await;
    assert_eq!(shorts(&of_ada), ["ada auth.login done"]);
    let logins = entries(&admin, "&action=auth.login").await;
    assert_eq!(shorts(&logins), ["admin auth.login done", "ada auth.login done", "admin auth.login done"]);
    assert!(entries(&admin, &format!("&action=auth.logout&actor={me}")).await.is_empty());
    let mut paged = Vec::new();
    let mut path = "/api/admin/audit?limit=2&action=auth.login".to_owned();
    loop {
        let page = admin.get(&path).await.expect(200).json();
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/admin/audit?limit=2&action=auth.login&cursor={cursor}");
    }
    paged.reverse();
    assert_eq!(paged, logins);
    for wrong in ["action=auth.logon", "actor=ada", "cursor=x", "limit=0", "who=ada"] {
        let answer = admin.get(&format!("/api/admin/audit?{wrong}")).await.expect(400);
        assert_eq!(answer.code(), "invalid_parameter", "{wrong}");
    }
    // Nobody changes it.
    assert!(admin.delete("/api/admin/audit").await.status.is_client_error());
    let emptied = admin.send(Method::PUT, "/api/admin/audit", Body::empty(), &[]).await;
    assert!(emptied.status.is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cleanup_tells_whose_idle_session_it_ended_and_removes_what_is_old() {
    let settings = [("AUDIT_RETENTION_DAYS", "2"), ("SESSION_IDLE_SECONDS", "600")];
    let app = TestApp::start_with(&settings).await;
    let ada = app.user("ada").await;
    app.clock.advance(Duration::from_secs(601));
    app.run_timer("cleanup").await;
    let told = entries(&app.admin().await, "&action=session.idle_ended").await;
    assert_eq!(shorts(&told), ["the cleanup session.idle_ended done"]);
    assert_eq!((told[0]["subject"].as_str(), &told[0]["details"]["username"]), (ada.session.as_deref(), &json!("ada")));
    app.clock.advance(Duration::from_secs(2 * 24 * 3600 - 601));
    app.run_timer("cleanup").await;
    assert_eq!(entries(&app.admin().await, "&action=account.added").await.len(), 2, "they are not older than two days");
    app.clock.advance(Duration::from_millis(1));
    app.run_timer("cleanup").await;
    let admin = app.admin().await;
    assert!(entries(&admin, "&action=account.added").await.is_empty());
    assert!(!entries(&admin, "&action=session.idle_ended").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_log_people_work_on_and_no_account_changes() {
    let app = TestApp::start_embedded(Way::asked_for(), &[]).await;
    let admin = app.admin().await;
    let file = format!("sqlite://{}", app.folder.path().join("ret.db").display());
    let mut database = SqliteConnection::connect(&file).await.unwrap();
    sqlx::raw_sql("ALTER TABLE audit RENAME TO lost").execute(&mut database).await.unwrap();
    admin.upload("books.xml", samples::BOOKS).await.expect(201);
    admin.post("/api/logout", json!({})).await.expect(200);
    let admin = app.admin().await;
    let new = json!({ "username": "ada", "password": USER_PASSWORD });
    admin.post("/api/admin/users", new.clone()).await.expect(500);
    sqlx::raw_sql("ALTER TABLE lost RENAME TO audit").execute(&mut database).await.unwrap();
    admin.post("/api/admin/users", new).await.expect(201);
    let told = entries(&admin, "").await.split_off(2);
    assert_eq!(shorts(&told), ["admin account.added done"], "what was done meanwhile is not in it");
}
