//! After a logout nothing of the session is left.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Client, TestApp, samples};

/// Waits until no file and no row of the session is left; at once unless a worker has to stop first.
async fn nothing_is_left(app: &TestApp, session: &str, within: Duration) {
    let stores = app.app.stores();
    let id: ret::domain::SessionId = session.parse().unwrap();
    let gone = async {
        loop {
            let files: Vec<_> = app.session_files().into_iter().filter(|path| path.contains(session)).collect();
            let row = stores.sessions.get(id).await.unwrap();
            let tokens = stores.refresh_tokens.revoke_family(id).await.unwrap();
            let cached = stores.session_cache.clear_prefix(&format!("session:{session}")).await.unwrap();
            let jobs = stores.jobs.list(id, None, 10).await.unwrap();
            let listed = stores.catalog.list_files(id, None, None, 10).await.unwrap();
            if files.is_empty() && row.is_none() && tokens == 0 && cached == 0 && jobs.is_empty() && listed.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(within, gone).await.unwrap_or_else(|_| panic!("left: {:?}", app.session_files()));
}

async fn busy_session(app: &TestApp) -> Client {
    let client = app.user("ada").await;
    let archive = samples::zip(&[("a.xml", samples::ORDERS.as_bytes()), ("b.xml", samples::BOOKS.as_bytes())]);
    client.upload("two.zip", archive).await.expect(201);
    client.post("/api/convert/preview", json!({})).await.expect(200);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    // A worker that ends with the session removes a part of it itself, which the logout then does not count.
    client.jobs_end().await;
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_removes_everything_and_can_be_repeated() {
    let app = TestApp::start().await;
    let client = busy_session(&app).await;
    let session = client.session.clone().unwrap();
    let answer = client.post("/api/logout", json!({})).await.expect(200);
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let removed = answer.json()["removed"].clone();
    assert_eq!((removed["sessions"].as_u64(), removed["refresh_tokens"].as_u64()), (Some(1), Some(1)));
    assert!(removed["files"].as_u64().unwrap() > 5 && removed["bytes"].as_u64().unwrap() > 1000, "{removed}");
    assert_eq!(removed["cache_entries"], 1);
    nothing_is_left(&app, &session, Duration::from_secs(10)).await;
    for path in ["/api/files", "/api/auth/me", "/api/tables"] {
        assert_eq!(client.get(path).await.expect(401).code(), "not_signed_in");
    }
    assert_eq!(client.post("/api/auth/refresh", json!({})).await.expect(401).code(), "invalid_refresh_token");
    let again = client.post("/api/auth/logout", json!({})).await.expect(200).json();
    assert_eq!((again["success"].as_bool(), again["removed"]["sessions"].as_u64()), (Some(true), Some(0)));
    assert_eq!(app.client().post("/api/logout", json!({})).await.expect(401).code(), "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_alone_is_enough_to_log_out() {
    let app = TestApp::start().await;
    let mut client = busy_session(&app).await;
    client.token = None;
    client.post("/api/logout", json!({})).await.expect(200);
    nothing_is_left(&app, client.session.as_ref().unwrap(), Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_during_a_conversion_leaves_nothing() {
    let app = TestApp::start().await;
    let (document, _) = samples::flat(12 << 20);
    for pause in [0, 40, 150, 400] {
        let client = app.admin().await;
        let session = client.session.clone().unwrap();
        client.upload("large.xml", &document).await.expect(201);
        client.post("/api/convert", json!({})).await.expect(202);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.post("/api/logout", json!({})).await.expect(200);
        assert_eq!(client.get("/api/files").await.expect(401).code(), "not_signed_in");
        nothing_is_left(&app, &session, Duration::from_secs(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_during_an_upload_leaves_nothing() {
    let app = TestApp::start().await;
    let (document, _) = samples::flat(16 << 20);
    for pause in [1, 20, 100, 300] {
        let client = app.admin().await;
        let session = client.session.clone().unwrap();
        let upload = {
            let (client, document) = (client.clone(), document.clone());
            tokio::spawn(async move { client.upload("large.xml", document).await })
        };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.post("/api/logout", json!({})).await.expect(200);
        let answer = upload.await.unwrap();
        assert!(matches!(answer.status.as_u16(), 201 | 401), "{answer:?}");
        nothing_is_left(&app, &session, Duration::from_secs(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_on_one_instance_ends_the_token_on_the_other() {
    let app = TestApp::start().await;
    let other = app.second_instance().await;
    let client = app.admin().await;
    let mut there = client.clone();
    there.transport = other.client().transport;
    there.get("/api/auth/me").await.expect(200);
    client.post("/api/logout", json!({})).await.expect(200);
    there.get("/api/auth/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn logouts_at_once_count_everything_once() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        let client = app.admin().await;
        client.upload("books.xml", samples::BOOKS).await.expect(201);
        let logouts = (0..6).map(|_| {
            let client = client.clone();
            tokio::spawn(
                async move { client.post("/api/logout", json!({})).await.expect(200).json()["removed"].clone() },
            )
        });
        let (mut sessions, mut files) = (0, 0);
        for logout in logouts.collect::<Vec<_>>() {
            let removed = logout.await.unwrap();
            sessions += removed["sessions"].as_u64().unwrap();
            files += removed["files"].as_u64().unwrap();
        }
        assert_eq!((sessions, files), (1, 1));
        nothing_is_left(&app, client.session.as_ref().unwrap(), Duration::from_secs(1)).await;
    }
}
