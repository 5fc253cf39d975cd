//! What differs through the Functions host: the rows of the table in `docs/functions-host.md`, both ways side by side.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{ADMIN_PASSWORD, Answer, Client, TestApp, Transport, Way, samples};

/// An application alone and another behind the host, with the same settings.
async fn both_ways(settings: &[(&str, &str)]) -> [TestApp; 2] {
    [TestApp::start_by(Way::Alone, settings).await, TestApp::start_by(Way::ThroughHost, settings).await]
}

async fn ask(client: &Client, method: &str, path: &str) -> Answer {
    client.send(method.parse().unwrap(), path, Body::empty(), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_function_takes_is_answered_by_the_host_without_a_word() {
    let [alone, behind] = both_ways(&[]).await;
    for (method, path, status) in [
        ("POST", "/api/nothing", 404),
        ("PUT", "/nothing", 404),
        ("POST", "/cleanup", 404),
        ("POST", "/convert_worker", 404),
        ("DELETE", "/api/health", 405),
        ("PUT", "/api/auth/login", 405),
    ] {
        let own = ask(&alone.client(), method, path).await.expect(status);
        assert_eq!(own.code(), if status == 404 { "not_found" } else { "method_not_allowed" }, "{method} {path}");
        let answer = ask(&behind.client(), method, path).await.expect(404);
        assert!(answer.is_of_the_host(), "{method} {path}: {answer:?}");
    }
    for path in ["/admin", "/Admin/host/status", "/runtime/health"] {
        assert_eq!(alone.client().get(path).await.expect(404).code(), "not_found", "{path}");
        assert!(behind.client().get(path).await.is_of_the_host(), "{path}");
    }
    ask(&alone.client(), "OPTIONS", "/api/nothing").await.expect(200);
    assert!(ask(&behind.client(), "OPTIONS", "/api/nothing").await.expect(404).is_of_the_host());
    assert_eq!(ask(&alone.client(), "POST", "/").await.expect(405).code(), "method_not_allowed");
    let page = ask(&behind.client(), "POST", "/").await.expect(200);
    assert!(
        String::from_utf8_lossy(&page.body).contains("Your Functions app is up and running"),
        "the host's own page"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_asked_for_always_gets_through_to_the_application() {
    for app in both_ways(&[]).await {
        for (method, path, status, code) in [
            ("GET", "/api/nothing", 404, "not_found"),
            ("GET", "/api//health", 404, "not_found"),
            ("GET", "/nothing", 404, "not_found"),
            ("GET", "/cleanup", 404, "not_found"),
            ("GET", "/api/logout", 405, "method_not_allowed"),
        ] {
            let answer = ask(&app.client(), method, path).await.expect(status);
            assert_eq!(answer.code(), code, "{method} {path}, {:?}", app.way);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_function_takes_is_answered_by_the_application() {
    for app in both_ways(&[]).await {
        for (method, path, status, code) in [
            ("GET", "/api/auth/login", 405, "method_not_allowed"),
            ("PATCH", "/api/admin/stats", 405, "method_not_allowed"),
            ("GET", "/api/auth/nothing", 404, "not_found"),
            ("GET", "/API/health", 404, "not_found"),
            ("GET", "/api/Health", 404, "not_found"),
            ("GET", "/api/health/", 404, "not_found"),
            ("GET", "/api/files", 401, "not_signed_in"),
        ] {
            let answer = ask(&app.client(), method, path).await.expect(status);
            assert_eq!(answer.code(), code, "{method} {path}, {:?}", app.way);
        }
        let head = ask(&app.client(), "HEAD", "/api/openapi.json").await.expect(200);
        let whole = app.client().get("/api/openapi.json").await.expect(200);
        assert_eq!(head.headers[header::CONTENT_LENGTH], whole.body.len().to_string());
        assert!(head.body.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_reads_a_path_and_writes_it_anew() {
    for app in both_ways(&[]).await {
        let client = app.user("ada").await;
        client.upload("100% a&b.xml", samples::BOOKS).await.expect(201);
        client.get("/api/files/input/100%25%20a%26b.xml").await.expect(200);
        client.get("/api/files/input/%31%30%30%25%20a&b%2Exml").await.expect(200);
        let resolved = if app.way == Way::Alone { 404 } else { 200 };
        for path in [
            "/api/files/input/./100%25%20a&b.xml",
            "/api/files/x/../input/100%25%20a&b.xml",
            "/api/files/x/%2e%2e/input/100%25%20a&b.xml",
            "/api/f%69les",
        ] {
            assert_eq!(client.get(path).await.status.as_u16(), resolved, "{path}, {:?}", app.way);
        }
        let zero = client.get("/api/files/input/a%00.xml").await;
        match app.way {
            Way::Alone => assert_eq!(zero.expect(404).code(), "not_found"),
            Way::ThroughHost => assert!(zero.expect(400).is_of_the_host()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escaped_slash_stays_escaped_through_the_host() {
    for app in both_ways(&[]).await {
        let client = app.user("ada").await;
        let put = client.send(Method::PUT, "/api/upload/a%2Fb.xml", Body::from(samples::BOOKS), &[]).await.expect(201);
        let name = put.json()["files"][0]["name"].as_str().unwrap().to_owned();
        match app.way {
            Way::Alone => {
                assert_eq!(name, "a/b.xml");
                client.get("/api/files/input/a/b.xml").await.expect(200);
            }
            Way::ThroughHost => {
                assert_eq!(name, "a%2Fb.xml");
                client.get("/api/files/input/a%252Fb.xml").await.expect(200);
            }
        }
        // The name that the upload has got is found under the same address in both ways.
        client.get("/api/files/input/a%2Fb.xml").await.expect(200);
        client.upload("c/d.xml", samples::BOOKS).await.expect(201);
        client.get("/api/files/input/c/d.xml").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_host_clients_share_a_limit_unless_a_header_tells_them_apart() {
    let settings = [("RATE_LIMIT_PER_MINUTE", "1"), ("CLIENT_IP_HEADER", "x-front-end")];
    for app in both_ways(&settings).await {
        let (one, mut other) = (app.client(), app.client());
        other.address.set_ip([10, 0, 0, 9].into());
        one.get("/api/files").await.expect(401);
        let forwarded = [("x-forwarded-for", "10.0.0.8"), ("forwarded", "for=10.0.0.8")];
        let answer = other.send(Method::GET, "/api/files", Body::empty(), &forwarded).await;
        answer.expect(if app.way == Way::Alone { 401 } else { 429 });
        let named = [("x-front-end", "10.0.0.7")];
        other.send(Method::GET, "/api/files", Body::empty(), &named).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_front_end_says_of_the_scheme_is_lost_behind_the_host() {
    let login = |client: Client| async move {
        let body = Body::from(json!({ "username": "admin", "password": ADMIN_PASSWORD }).to_string());
        let headers = [("content-type", "application/json"), ("x-forwarded-proto", "https")];
        let answer = client.send(Method::POST, "/api/auth/login", body, &headers).await.expect(200);
        answer.headers[header::SET_COOKIE].to_str().unwrap().contains("; Secure")
    };
    for app in both_ways(&[]).await {
        assert_eq!(login(app.client()).await, app.way == Way::Alone);
    }
    let key = "k".repeat(32);
    for app in both_ways(&[("ENV", "production"), ("JWT_SECRET_KEY", &key)]).await {
        assert!(login(app.client()).await, "{:?}", app.way);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_name_that_the_client_used_is_known_in_both_ways() {
    for app in both_ways(&[]).await {
        let mut client = app.admin().await;
        client.token = None;
        let refresh = |origin: &'static str| {
            let client = client.clone();
            async move { client.send(Method::POST, "/api/auth/refresh", Body::empty(), &[("origin", origin)]).await }
        };
        assert_eq!(refresh("http://127.0.0.2").await.expect(403).code(), "cross_site_request");
        refresh("http://127.0.0.1").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_refuses_a_body_beyond_its_own_limit() {
    for app in both_ways(&[]).await {
        let client = app.user("ada").await;
        let mut stream = TcpStream::connect(address(&app, &client)).await.unwrap();
        let length = format!("Content-Length: {}", (100 << 20) + 1);
        stream.write_all(head(&client, &length).as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        // Alone the application waits for the rest, which does not come: whatever it says then, it is not this.
        let _ = stream.read_to_string(&mut answer).await;
        let is_refused = answer.starts_with("HTTP/1.1 413") && answer.ends_with("\r\n\r\n");
        assert_eq!(is_refused, app.way == Way::ThroughHost, "{:?}: {answer}", app.way);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_taken_in_both_ways() {
    for app in both_ways(&[]).await {
        let client = app.user("ada").await;
        let pieces = samples::BOOKS.as_bytes().chunks(40).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
        let body = Body::from_stream(futures::stream::iter(pieces.collect::<Vec<_>>()));
        client.send(Method::PUT, "/api/upload/books.xml", body, &[]).await.expect(201);
        assert_eq!(client.get("/api/files/input/books.xml").await.expect(200).body, samples::BOOKS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_reaches_the_application_only_if_the_host_streams_it() {
    for app in both_ways(&[]).await {
        let client = app.user("ada").await;
        let before = app.session_files();
        for framing in ["Content-Length: 9000000", "Transfer-Encoding: chunked"] {
            let mut upload = TcpStream::connect(address(&app, &client)).await.unwrap();
            let head = head(&client, framing);
            // More than a store gathers before it sends anything.
            upload.write_all(format!("{head}800000\r\n{}", "<a>".repeat(2 << 20)).as_bytes()).await.unwrap();
            if app.way == Way::Alone || framing.starts_with("Transfer") {
                until(|| app.session_files() != before).await;
            } else {
                client.get("/api/files").await.expect(200);
                assert_eq!(app.session_files(), before, "the host has not called the application yet");
            }
            drop(upload);
            until(|| app.session_files() == before).await;
            assert_eq!(client.get("/api/files").await.expect(200).json()["items"], json!([]));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_that_nobody_wants_does_not_cost_the_answer() {
    let large = "<a>".repeat(8 << 20);
    for app in both_ways(&[("RET_MAX_UPLOAD_BYTES", "1000")]).await {
        let mut client = app.user("ada").await;
        client.transport = Transport::tcp(address(&app, &client));
        for _ in 0..3 {
            let put = |body| client.send(Method::PUT, "/api/upload/large.xml", body, &[]);
            assert_eq!(put(Body::from(large.clone())).await.expect(413).code(), "upload_too_large");
            let chunked = Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(large.clone())]));
            assert_eq!(put(chunked).await.expect(413).code(), "upload_too_large");
        }
        client.token = None;
        let refused = client.send(Method::PUT, "/api/upload/large.xml", Body::from(large.clone()), &[]).await;
        assert_eq!(refused.expect(401).code(), "not_signed_in");
    }
}

async fn until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it never comes to it");
}

/// Where the application, or the host in front of it, listens.
fn address(app: &TestApp, client: &Client) -> std::net::SocketAddr {
    match &client.transport {
        Transport::InProcess(_) => app.server.address(),
        Transport::Tcp { address, .. } => *address,
        Transport::Remote { .. } => panic!("a test knows where its own application listens"),
    }
}

/// The head of an upload, byte for byte.
fn head(client: &Client, framing: &str) -> String {
    let token = client.token.as_ref().unwrap();
    format!(
        "PUT /api/upload/large.xml HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{framing}\r\n\r\n"
    )
}
