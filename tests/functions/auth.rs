//! Logging in and staying logged in.

use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use http::{Method, header};
use serde_json::json;

use crate::harness::{ADMIN_PASSWORD, TestApp, USER_PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_a_token_a_cookie_and_a_session() {
    let app = TestApp::start().await;
    let answer = app
        .client()
        .post("/api/auth/login", json!({ "username": "ADMIN", "password": ADMIN_PASSWORD }))
        .await
        .expect(200);
    let body = answer.json();
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_u64()), (Some("Bearer"), Some(1800)));
    assert_eq!((body["user"]["username"].as_str(), body["user"]["role"].as_str()), (Some("admin"), Some("admin")));
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["refresh_token=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let session = body["session_id"].as_str().unwrap();
    assert!(app.session_files().contains(&format!("{session}/metadata.json")));
    let folder = app.folder.path().join("sessions").join(session);
    for name in ["input", "output", "extracted", "ai_index"] {
        assert!(app.servers.is_some() || folder.join(name).exists(), "{name}");
    }
    let admin = app.admin().await;
    let me = admin.get("/api/auth/me").await.expect(200).json();
    assert_eq!(me["session"]["id"].as_str(), admin.session.as_deref());
    assert!(me["session"]["expires_at"].as_str().unwrap() > me["session"]["created_at"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_user_wrong_password_and_disabled_account_look_the_same() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let admin = app.admin().await;
    let users = admin.get("/api/admin/users").await.json();
    let ada = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "ada").unwrap()["id"].clone();
    admin.patch(&format!("/api/admin/users/{}", ada.as_str().unwrap()), json!({ "disabled": true })).await.expect(200);
    let mut texts = Vec::new();
    for (name, password) in [("nobody", "whatever"), ("admin", "wrong"), ("ada", USER_PASSWORD)] {
        let answer =
            app.client().post("/api/auth/login", json!({ "username": name, "password": password })).await.expect(401);
        assert_eq!(answer.code(), "invalid_credentials");
        texts.push(answer.json()["detail"].as_str().unwrap().to_owned());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_make_the_account_wait_whatever_the_password() {
    let app = TestApp::start().await;
    for name in ["admin", "nobody"] {
        let mut client = app.client();
        for attempt in 0..6 {
            client.address.set_ip([10, 0, 0, attempt].into());
            client.post("/api/auth/login", json!({ "username": name, "password": "wrong" })).await.expect(401);
        }
        client.address.set_ip([10, 0, 1, 0].into());
        let login = json!({ "username": name, "password": ADMIN_PASSWORD });
        let refused = client.post("/api/auth/login", login.clone()).await.expect(429);
        assert_eq!(
            (refused.code().as_str(), &refused.headers[header::RETRY_AFTER]),
            ("rate_limited", &"1".parse().unwrap())
        );
        assert_eq!(refused.json()["detail"], "too many failed logins; wait a second before the next try");
        app.clock.advance(Duration::from_secs(1));
        client.post("/api/auth/login", login).await.expect(if name == "admin" { 200 } else { 401 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_from_one_address_make_it_wait() {
    let app = TestApp::start().await;
    let client = app.client();
    for attempt in 0..11 {
        let login = json!({ "username": format!("user-{attempt}"), "password": "wrong" });
        client.post("/api/auth/login", login).await.expect(401);
    }
    let login = json!({ "username": "admin", "password": ADMIN_PASSWORD });
    client.post("/api/auth/login", login.clone()).await.expect(429);
    let mut elsewhere = app.client();
    elsewhere.address.set_ip([10, 9, 9, 9].into());
    elsewhere.post("/api/auth/login", login).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_rotates_and_reuse_revokes_the_family() {
    let app = TestApp::start().await;
    let mut client = app.admin().await;
    let first = client.cookie.clone();
    let answer = client.post("/api/auth/refresh", json!({})).await.expect(200);
    client.keep(&answer);
    assert_ne!(client.cookie, first);
    client.get("/api/auth/me").await.expect(200);
    let mut race = client.clone();
    race.cookie = first.clone();
    race.post("/api/auth/refresh", json!({})).await.expect(200);
    app.clock.advance(Duration::from_secs(11));
    let reused = race.post("/api/auth/refresh", json!({})).await.expect(401);
    assert_eq!(reused.code(), "refresh_token_reused");
    let revoked = client.post("/api/auth/refresh", json!({})).await.expect(401);
    assert_eq!(revoked.code(), "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_when_they_should() {
    let app = TestApp::start_with(&[("ACCESS_TOKEN_EXPIRE_MINUTES", "5"), ("SESSION_IDLE_SECONDS", "100000")]).await;
    let client = app.admin().await;
    app.clock.advance(Duration::from_secs(299));
    client.get("/api/auth/me").await.expect(200);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(client.get("/api/auth/me").await.expect(401).code(), "not_signed_in");
    let answer = client.post("/api/auth/refresh", json!({})).await.expect(200);
    let mut client = client;
    client.keep(&answer);
    client.get("/api/auth/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_survive_a_restart() {
    let app = TestApp::start().await;
    let mut client = app.admin().await;
    let app = app.restart().await;
    client.transport = app.client().transport;
    client.get("/api/auth/me").await.expect(200);
    client.post("/api/auth/refresh", json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let here = app.user("ada").await;
    let there = app.client().login("ada", USER_PASSWORD).await;
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let wrong = here.post("/api/auth/password", change("wrong", "another-password")).await.expect(401);
    assert_eq!(wrong.code(), "invalid_credentials");
    assert!(wrong.json()["detail"].as_str().unwrap().starts_with("the current password is wrong"), "{wrong:?}");
    let weak = here.post("/api/auth/password", change(USER_PASSWORD, "short")).await.expect(422);
    assert_eq!(weak.code(), "weak_password");
    here.post("/api/auth/password", change(USER_PASSWORD, "another-password")).await.expect(204);
    here.get("/api/auth/me").await.expect(200);
    there.get("/api/auth/me").await.expect(401);
    app.client().login("ada", "another-password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_rest_on_the_cookie_refuse_other_sites() {
    let app = TestApp::start().await;
    let mut client = app.admin().await;
    client.token = None;
    for path in ["/api/auth/refresh", "/api/logout"] {
        let answer =
            client.send(Method::POST, path, Body::empty(), &[("sec-fetch-site", "cross-site")]).await.expect(403);
        assert_eq!(answer.code(), "cross_site_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read_are_problems_too() {
    let app = TestApp::start().await;
    let client = app.client();
    let json_header = [("content-type", "application/json")];
    let send = |body: &'static str, headers: &'static [(&str, &str)]| {
        let client = client.clone();
        async move { client.send(Method::POST, "/api/auth/login", Body::from(body), headers).await }
    };
    assert_eq!(send("{", &[("content-type", "application/json")]).await.expect(400).code(), "invalid_body");
    assert_eq!(send("{}", &[("content-type", "application/json")]).await.expect(400).code(), "invalid_body");
    assert_eq!(send("{}", &[("content-type", "text/plain")]).await.expect(415).code(), "unsupported_media_type");
    let large = format!("{{\"username\":\"{}\"}}", "x".repeat(2 << 20));
    let answer = client.send(Method::POST, "/api/auth/login", Body::from(large), &json_header).await.expect(413);
    assert_eq!(answer.code(), "body_too_large");
    assert_eq!(client.get("/api/auth/login").await.expect(405).code(), "method_not_allowed");
    assert_eq!(client.get("/api/nothing").await.expect(404).code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_hundred_requests_at_once_exactly_one_hundred_pass() {
    let app = TestApp::start_with(&[("RATE_LIMIT_PER_MINUTE", "100")]).await;
    let client = app.client();
    // Redis has 0.3 s to answer, or each instance decides for itself: a busy machine does not do all of them in that time.
    let at_once = if app.servers.is_some() { 40 } else { 400 };
    let requests = (0..400).map(|_| {
        let client = client.clone();
        async move { tokio::spawn(async move { client.get("/api/files").await }).await.unwrap() }
    });
    let answers: Vec<_> = futures::stream::iter(requests).buffer_unordered(at_once).collect().await;
    let mut passed = 0;
    for answer in answers {
        assert_eq!(answer.headers["ratelimit-limit"], "100");
        if answer.status == 429 {
            assert_eq!(answer.code(), "rate_limited");
            assert_eq!(answer.headers[header::RETRY_AFTER], "1");
        } else {
            passed += 1;
        }
    }
    assert_eq!(passed, 100);
    client.get("/api/health").await.expect(200);
    let mut elsewhere = app.client();
    elsewhere.address.set_ip([10, 0, 0, 9].into());
    elsewhere.get("/api/files").await.expect(401);
    app.clock.advance(Duration::from_millis(600));
    client.get("/api/files").await.expect(401);
    client.get("/api/files").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_used_up_their_requests_can_still_log_out() {
    let app = TestApp::start_with(&[("RATE_LIMIT_PER_MINUTE", "6")]).await;
    let client = app.user("ada").await;
    let mut refused = client.get("/api/files").await;
    while refused.status != 429 {
        refused = client.get("/api/files").await;
    }
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    let wanted = "6 requests in a minute may come from one address, and more came from yours; wait ";
    assert!(detail.starts_with(wanted) && detail.ends_with(" seconds"), "{detail}");
    client.post("/api/auth/logout", json!({})).await.expect(200);
    // What a logout costs is limited too.
    let mut refused = client.post("/api/logout", json!({})).await;
    while refused.status != 429 {
        refused = client.post("/api/logout", json!({})).await;
    }
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("6 logouts in a minute"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_trusted_header_names_the_client() {
    let app = TestApp::start_with(&[("RATE_LIMIT_PER_MINUTE", "1"), ("CLIENT_IP_HEADER", "x-client")]).await;
    let client = app.client();
    let from = |name: &'static str, value: &'static str| {
        let client = client.clone();
        async move { client.send(Method::GET, "/api/files", Body::empty(), &[(name, value)]).await.status.as_u16() }
    };
    assert_eq!(from("x-client", "1.1.1.1").await, 401);
    assert_eq!(from("x-client", "1.1.1.1").await, 429);
    assert_eq!(from("x-client", "2.2.2.2").await, 401);
    assert_eq!(from("x-forwarded-for", "3.3.3.3").await, 401, "the connection's own address");
    assert_eq!(from("x-forwarded-for", "4.4.4.4").await, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_correlation_id_is_echoed_or_made() {
    let app = TestApp::start().await;
    let client = app.client();
    let given = [("x-correlation-id", "order-4711-a")];
    let answer = client.send(Method::GET, "/api/files", Body::empty(), &given).await.expect(401);
    assert_eq!(answer.headers["x-correlation-id"], "order-4711-a");
    assert_eq!(answer.json()["correlation_id"], "order-4711-a");
    let made = client.get("/api/health").await;
    let id = made.headers["x-correlation-id"].to_str().unwrap();
    assert!(id.starts_with("evt_") && id.len() >= 12, "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_guesses_meets_the_back_off_like_a_sequence() {
    let app = TestApp::start().await;
    let guesses = (0..40u8).map(|number| {
        let mut client = app.client();
        client.address.set_ip([10, 1, 0, number].into());
        tokio::spawn(async move {
            client.post("/api/auth/login", json!({ "username": "admin", "password": "a guess" })).await.status.as_u16()
        })
    });
    let mut verified = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap() {
            401 => verified += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(verified, 6);
}
