//! Accounts and upkeep, for administrators.

use serde_json::json;

use crate::harness::{ADMIN_PASSWORD, TestApp, USER_PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_made_changed_and_removed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let new = |name: &str, password: &str| json!({ "username": name, "password": password });
    let made = admin.post("/api/admin/users", new("ada", USER_PASSWORD)).await.expect(201).json();
    assert_eq!((made["role"].as_str(), made["disabled"].as_bool()), (Some("user"), Some(false)));
    assert_eq!(admin.post("/api/admin/users", new("ADA", USER_PASSWORD)).await.expect(409).code(), "username_taken");
    assert_eq!(admin.post("/api/admin/users", new("a b", USER_PASSWORD)).await.expect(422).code(), "invalid_account");
    assert_eq!(admin.post("/api/admin/users", new("x", "short")).await.expect(422).code(), "invalid_account");
    let ada = app.client().login("ada", USER_PASSWORD).await;
    let path = format!("/api/admin/users/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "disabled": true })).await.expect(200);
    ada.get("/api/auth/me").await.expect(401);
    admin.patch(&path, json!({ "disabled": false, "password": "a-third-password" })).await.expect(200);
    let ada = app.client().login("ada", "a-third-password").await;
    admin.delete(&path).await.expect(204);
    ada.get("/api/auth/me").await.expect(401);
    assert_eq!(admin.delete(&path).await.expect(404).code(), "not_found");
    let own = admin.get("/api/admin/users").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let demoted = admin.patch(&format!("/api/admin/users/{own}"), json!({ "role": "user" })).await.expect(409);
    assert_eq!(demoted.code(), "last_admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_keeps_the_session_when_removal_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let own = admin.get("/api/admin/users").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.delete(&format!("/api/admin/users/{own}")).await.expect(409).code(), "last_admin");
    admin.get("/api/auth/me").await.expect(200);
    app.client().login("admin", ADMIN_PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_cleanup_and_flush_answer() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let stats = admin.get("/api/admin/stats").await.expect(200).json();
    assert_eq!((stats["open_sessions"].as_u64(), stats["accounts"].as_u64()), (Some(1), Some(1)));
    let report = admin.post("/api/admin/cleanup", json!({})).await.expect(200).json();
    assert_eq!(report["failed_steps"], 0);
    assert_eq!(
        admin.post("/api/admin/flush", json!({})).await.expect(200).json(),
        json!({ "flushed": 0, "remaining": 0 })
    );
}
