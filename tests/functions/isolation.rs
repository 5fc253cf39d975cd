//! Two users never see each other's anything, and nobody sees anything without a token that holds: over every path of the contract.

use std::time::Duration;

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, samples};

/// Paths that anybody may call.
const PUBLIC: [&str; 6] =
    ["/api/auth/login", "/api/auth/refresh", "/api/health", "/api/ready", "/api/openapi.json", "/api/docs"];

/// Every operation of the contract, with names of one user's things in its path.
async fn operations(app: &TestApp, owned: &Owned) -> Vec<(Method, String, String)> {
    let contract = app.client().get("/api/openapi.json").await.json();
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let concrete = path
                .replace("{*path}", &owned.file)
                .replace("{path}", &owned.file)
                .replace("{area}", "input")
                .replace("{table}", &owned.table)
                .replace("{ticket}", &owned.ticket)
                .replace("{name}", "new.xml")
                .replace("{message}", &owned.message);
            let id = match path {
                _ if path.starts_with("/api/admin/users") => &owned.user,
                _ if path.starts_with("/api/conversations") => &owned.conversation,
                _ => &owned.job,
            };
            let concrete = concrete.replace("{id}", id);
            found.push((method.to_uppercase().parse().unwrap(), path.clone(), concrete));
        }
    }
    found
}

/// Names of what one user has.
struct Owned {
    user: String,
    job: String,
    file: String,
    table: String,
    document: String,
    ticket: String,
    conversation: String,
    message: String,
}

async fn furnish(client: &Client, file: &str, canary: &str) -> Owned {
    let document = format!(
        "<secrets><secret><{canary}>{canary}</{canary}></secret><secret><{canary}>x</{canary}></secret></secrets>"
    );
    client.upload(file, document).await.expect(201);
    let job = client.convert(json!({ "layout": "relational" })).await;
    let documents = client.get("/api/documents").await.json();
    let tables = client.get("/api/tables").await.json();
    let ticket = client.post("/api/upload/tickets", json!({ "name": "new.xml", "bytes": 2 })).await.expect(201);
    let conversation = client.post("/api/conversations", json!({ "title": canary })).await.expect(201).json();
    let conversation = conversation["id"].as_str().unwrap().to_owned();
    let said = json!({ "role": "user", "content": canary });
    let said = client.post(&format!("/api/conversations/{conversation}/messages"), said).await.expect(201).json();
    Owned {
        conversation,
        message: said["id"].as_str().unwrap().to_owned(),
        ticket: ticket.json()["ticket"].as_str().unwrap().to_owned(),
        user: client.get("/api/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned(),
        job: job["id"].as_str().unwrap().to_owned(),
        file: file.to_owned(),
        table: tables["items"][0]["name"].as_str().unwrap().to_owned(),
        document: documents["items"][0]["id"].as_str().unwrap().to_owned(),
    }
}

async fn call(client: &Client, method: &Method, path: &str, body: &Value) -> Answer {
    let json_header = [("content-type", "application/json")];
    let text = if *method == Method::GET || *method == Method::DELETE { String::new() } else { body.to_string() };
    client.send(method.clone(), path, Body::from(text), &json_header).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_things_are_not_there() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let owned = furnish(&ada, "canary-file.xml", "canary").await;
    eve.upload("own.xml", samples::BOOKS).await.expect(201);
    eve.convert(json!({})).await;
    for (method, template, path) in operations(&app, &owned).await {
        if template.contains("logout") || template.starts_with("/api/auth") {
            continue;
        }
        let body = match template.as_str() {
            "/api/conversations/{id}" => json!({ "title": "mine" }),
            "/api/conversations/{id}/messages" => json!({ "role": "user", "content": "hello" }),
            _ => json!({
                "documents": [owned.document], "sql": format!("select * from \"{}\"", owned.table), "username": "x",
                "password": "long-enough",
            }),
        };
        let answer = call(&eve, &method, &path, &body).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        // What eve sent herself may come back in an error; the names of ada's things are among it, her values are not.
        assert!(!text.contains(">canary<") && !text.contains("\"canary\""), "{method} {path}: {text}");
        let names_a_thing = ["{id}", "path}", "{table}", "{ticket}"].iter().any(|name| template.contains(name));
        if names_a_thing {
            let expected = if template.starts_with("/api/admin") { 403 } else { 404 };
            assert_eq!(answer.status.as_u16(), expected, "{method} {path}: {text}");
        }
    }
    ada.get(&format!("/api/jobs/{}", owned.job)).await.expect(200);
    ada.get(&format!("/api/conversations/{}", owned.conversation)).await.expect(200);
    ada.get("/api/files/input/canary-file.xml").await.expect(200);
    ada.get(&format!("/api/tables/{}", owned.table)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_yours_and_not_there_answer_alike() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let owned = furnish(&ada, "canary-file.xml", "canary").await;
    let nothing = "01930000-0000-7000-8000-000000000000";
    for (theirs, missing) in [
        (format!("/api/jobs/{}", owned.job), format!("/api/jobs/{nothing}")),
        ("/api/files/input/canary-file.xml".into(), "/api/files/input/canary-none.xml".into()),
    ] {
        let (one, two) = (eve.get(&theirs).await.expect(404), eve.get(&missing).await.expect(404));
        let (mut one, mut two) = (one.json(), two.json());
        one["correlation_id"] = Value::Null;
        two["correlation_id"] = Value::Null;
        assert_eq!(one, two);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_that_holds_nothing_is_shown() {
    let app = TestApp::start_with(&[("ACCESS_TOKEN_EXPIRE_MINUTES", "1"), ("SESSION_IDLE_SECONDS", "100000")]).await;
    let ada = app.user("ada").await;
    let owned = furnish(&ada, "canary-file.xml", "canary").await;
    let nobody = app.client();
    let mut forged = app.client();
    forged.token = Some(format!("{}x", ada.token.as_ref().unwrap()));
    let logged_out = app.user("gone").await;
    logged_out.post("/api/logout", json!({})).await.expect(200);
    let mut logged_out = logged_out;
    logged_out.cookie = None;
    let mut expired = app.client();
    expired.token.clone_from(&ada.token);
    let operations = operations(&app, &owned).await;
    for (who, client) in [("nobody", &nobody), ("forged", &forged), ("logged out", &logged_out), ("expired", &expired)]
    {
        if who == "expired" {
            app.clock.advance(Duration::from_secs(120));
        }
        for (method, template, path) in &operations {
            if PUBLIC.contains(&template.as_str()) || (who == "logged out" && template.contains("logout")) {
                continue;
            }
            let answer = call(client, method, path, &json!({})).await;
            // The bytes of a ticket need no token, but the signature in the query of its address: without it there is no such ticket.
            let expected = if template == "/api/upload/tickets/{ticket}/content" { 404 } else { 401 };
            assert_eq!(
                answer.status.as_u16(),
                expected,
                "{who}: {method} {path}: {}",
                String::from_utf8_lossy(&answer.body)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_cannot_do_what_administrators_can() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let owned = furnish(&ada, "a.xml", "canary").await;
    for (method, template, path) in operations(&app, &owned).await {
        if template.starts_with("/api/admin") {
            let answer = call(&ada, &method, &path, &json!({})).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "admin_only"), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sessions_of_one_user_are_apart() {
    let app = TestApp::start().await;
    let one = app.admin().await;
    let two = app.admin().await;
    let owned = furnish(&one, "mine.xml", "canary").await;
    assert!(two.get("/api/files").await.json()["items"].as_array().unwrap().is_empty());
    two.get(&format!("/api/jobs/{}", owned.job)).await.expect(404);
    two.post("/api/logout", json!({})).await.expect(200);
    one.get("/api/files/input/mine.xml").await.expect(200);
}
