//! What comes by ticket, and what is refused.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use http::Method;
use ret::{
    app::RuntimeClock,
    runtime::{Environment, Mode, start},
};
use serde_json::{Value, json};

use super::{
    PATIENT, complete, documents, files_of_inputs, late_files, left_at_last, put, put_body, put_late, ticket, upload,
};
use crate::harness::{Answer, Client, TestApp, Transport, Way, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_by_ticket() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "2024/orders.xml", samples::ORDERS.len()).await;
    assert_eq!(ticket.body["method"], "PUT");
    assert_eq!(ticket.body["expires_at"], "2026-03-01T11:00:00Z");
    let url = ticket.body["upload_url"].as_str().unwrap();
    let at_service = app.servers.is_none() && app.way == Way::Alone;
    assert!(url.starts_with(if at_service { "http://127.0.0.1/" } else { "http://127.0.0.1:" }), "{url}");
    match &app.servers {
        None => assert!(url.contains("/api/upload/tickets/") && ticket.body["headers"] == json!({}), "{url}"),
        Some(_) => assert_eq!(ticket.body["headers"], json!({ "x-ms-blob-type": "BlockBlob" }), "{url}"),
    }
    put(&client, &ticket, samples::ORDERS).await.expect(201);
    assert!(client.get("/api/files").await.json()["items"].as_array().unwrap().is_empty(), "nobody meets it yet");
    let report = complete(&client, &ticket).await.expect(201).json();
    assert_eq!(report["files"][0]["name"], "2024/orders.xml");
    assert_eq!((report["documents"].as_u64(), report["files"][0]["kind"].as_str()), (Some(1), Some("xml")));
    let body = client.get("/api/files/input/2024/orders.xml").await.expect(200).body;
    assert_eq!(body, samples::ORDERS);
    let job = client.get("/api/jobs").await.expect(200).json()["items"][0].clone();
    assert_eq!((job["kind"].as_str(), job["state"].as_str()), (Some("upload"), Some("succeeded")));
    assert_eq!((&job["id"], &job["result"]), (&report["files"][0]["id"], &report));
    let bytes = samples::ORDERS.len();
    let expected =
        json!({ "bytes_done": bytes, "bytes_total": bytes, "documents_done": 1, "documents_total": 1, "rows": 0 });
    assert_eq!(job["progress"], expected);
    // The worker removes what was sent after the job has ended.
    let until = Instant::now() + Duration::from_secs(10);
    while files_of_inputs(&app).len() > 1 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(files_of_inputs(&app).len(), 1, "what was sent is kept once: {:?}", files_of_inputs(&app));
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_that_of_an_upload() {
    let app = TestApp::start().await;
    let (by_form, by_ticket) = (app.user("ada").await, app.user("grace").await);
    let inner = samples::zip(&[("deep.xml", samples::BOOKS.as_bytes()), ("notes.txt", b"no markup")]);
    let archive = samples::zip(&[
        ("01_ORDERS/a.xml", samples::ORDERS.as_bytes()),
        ("02_BOOKS.zip", &inner),
        ("broken.xml", samples::BROKEN.as_bytes()),
    ]);
    let without_id = |answer: Answer| {
        let mut body = answer.expect(201).json();
        assert_eq!(body["files"][0]["id"].take().as_str().unwrap().len(), 36);
        body
    };
    let expected = without_id(by_form.upload("all.zip", &archive).await);
    assert_eq!(expected["rejected"].as_array().unwrap().len(), 2);
    assert_eq!(without_id(upload(&by_ticket, "all.zip", &archive).await), expected);
    assert_eq!(documents(&by_ticket).await, documents(&by_form).await);
    for (name, bytes) in
        [("broken.xml", samples::BROKEN.as_bytes()), ("a.pdf", b"%PDF-1.7"), ("all.zip/02_BOOKS.zip", &inner)]
    {
        let problem = |answer: Answer| {
            let code = answer.code();
            let mut body = answer.json();
            body["correlation_id"].take();
            (answer.status, code, body)
        };
        // What was sent is removed once the job's end is there, so that it may be read.
        let is_sent = |file: &String| file.contains(".sent/");
        until(|| !files_of_inputs(&app).iter().any(is_sent)).await;
        let before = files_of_inputs(&app);
        let refused = problem(by_form.upload(name, bytes).await);
        assert_eq!(problem(upload(&by_ticket, name, bytes).await), refused, "{name}");
        until(|| files_of_inputs(&app) == before).await;
        assert_eq!(files_of_inputs(&app), before, "{name}: nothing of a refused file is left");
    }
}

/// Waits some seconds for it.
async fn until(holds: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !holds() && started.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_uploaded_gets_no_ticket() {
    let app = TestApp::start_with(&[("RET_MAX_UPLOAD_BYTES", "1000")]).await;
    let client = app.user("ada").await;
    let ask = |body: Value| client.post("/api/upload/tickets", body);
    ask(json!({ "name": "a.xml", "bytes": 1000 })).await.expect(201);
    assert_eq!(ask(json!({ "name": "a.xml", "bytes": 1001 })).await.expect(413).code(), "upload_too_large");
    assert_eq!(ask(json!({ "name": "a.xml", "bytes": 0 })).await.expect(422).code(), "empty_upload");
    for name in ["../a.xml", "", "folder/", "/a.xml", "a\u{7}.xml"] {
        assert_eq!(ask(json!({ "name": name, "bytes": 9 })).await.expect(422).code(), "invalid_file_name", "{name}");
    }
    for body in [
        json!({ "name": "a.xml" }),
        json!({ "name": "a.xml", "bytes": -1 }),
        json!({ "name": "a.xml", "bytes": 1, "x": 1 }),
    ] {
        assert_eq!(ask(body).await.expect(400).code(), "invalid_body");
    }
    assert_eq!(ask(json!({ "name": "n".repeat(2 << 20), "bytes": 9 })).await.expect(413).code(), "body_too_large");
    let stranger = app.client();
    let refused = stranger.post("/api/upload/tickets", json!({ "name": "a.xml", "bytes": 9 })).await.expect(401);
    assert_eq!(refused.code(), "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_not_ours_does_nothing() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.user("ada").await, app.user("grace").await);
    let good = ticket(&ada, "a.xml", 4).await;
    let other = ticket(&ada, "b.xml", 4).await;
    let before = app.session_files();
    let (claims, own_signature) = good.text.split_once('.').unwrap();
    let swapped = format!("/api/upload/tickets/{}.{own_signature}/content", other.text.split_once('.').unwrap().0);
    let access_token = ada.token.clone().unwrap();
    let (address, query) = good.upload_path.split_once('?').unwrap();
    let signature = query.strip_prefix("signature=").unwrap_or("x");
    let other_query = other.upload_path.split_once('?').unwrap().1;
    for path in [format!("{address}?{other_query}"), format!("{address}?signature={own_signature}"), address.to_owned()]
    {
        let refused = put_body(&ada, &good, &path, Body::from("<a/>")).await;
        match good.store {
            None => assert_eq!(refused.expect(404).code(), "not_found", "{path}"),
            Some(_) => assert!(matches!(refused.status.as_u16(), 401 | 403), "{path}: {refused:?}"),
        }
    }
    for path in [
        format!("/api/upload/tickets/{}/content?signature=x", good.text),
        format!("{swapped}?signature={signature}"),
        format!("/api/upload/tickets/{claims}/content?signature={signature}"),
        format!("/api/upload/tickets/{access_token}/content?signature={signature}"),
    ] {
        let refused = ada.send(Method::PUT, &path, Body::from("<a/>"), &[]).await.expect(404);
        assert_eq!(refused.code(), "not_found", "{path}");
    }
    if let Some(store) = good.store {
        let stranger = Client::new(Transport::tcp(store));
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(
                stranger.send(method, &good.upload_path, Body::empty(), &[]).await.status,
                403,
                "it is for writing alone"
            );
        }
    }
    assert_eq!(app.session_files(), before);
    put(&ada, &good, "<a/>").await.expect(201);
    assert_eq!(complete(&grace, &good).await.expect(404).code(), "not_found", "another's ticket is not there");
    assert_eq!(complete(&app.client(), &good).await.expect(401).code(), "not_signed_in");
    let forged = [access_token.clone(), format!("{claims}.{signature}"), claims.to_owned()];
    for text in forged {
        let path = format!("/api/upload/tickets/{text}/complete");
        assert_eq!(ada.send(Method::POST, &path, Body::empty(), &[]).await.expect(404).code(), "not_found", "{text}");
    }
    let mut with_ticket = app.client();
    with_ticket.token = Some(good.text.clone());
    assert_eq!(with_ticket.get("/api/files").await.expect(401).code(), "not_signed_in");
    complete(&ada, &good).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_runs_out_after_an_hour() {
    let app = TestApp::start_with(&PATIENT).await;
    let client = app.user("ada").await;
    let (sent, late, done) =
        (ticket(&client, "a.xml", 4).await, ticket(&client, "b.xml", 4).await, ticket(&client, "c.xml", 4).await);
    put(&client, &sent, "<a/>").await.expect(201);
    put(&client, &done, "<c/>").await.expect(201);
    let report = complete(&client, &done).await.expect(201).json();
    app.clock.advance(Duration::from_secs(3599));
    put(&client, &late, "<b/>").await.expect(201);
    app.clock.advance(Duration::from_secs(1));
    put_late(&client, &late, "<b/>", 410, "ticket_expired").await;
    assert_eq!(complete(&client, &sent).await.expect(410).code(), "ticket_expired");
    assert_eq!(complete(&client, &done).await.expect(201).json(), report, "what is done stays done");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_as_long_as_the_ticket_says() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "books.xml", samples::BOOKS.len()).await;
    let stranger = app.client();
    let longer = format!("{}\n", samples::BOOKS);
    for wrong in [&samples::BOOKS[1..], &longer] {
        if ticket.store.is_some() {
            // A signature bounds no length: who completes it is told.
            put(&client, &ticket, wrong).await.expect(201);
            assert_eq!(complete(&client, &ticket).await.expect(422).code(), "content_size_mismatch");
            continue;
        }
        let refused = put(&client, &ticket, wrong).await.expect(422);
        assert_eq!(refused.code(), "content_size_mismatch");
        assert!(refused.json()["detail"].as_str().unwrap().contains(&samples::BOOKS.len().to_string()));
        // The same without a length that was said before.
        let chunks: Vec<_> =
            wrong.as_bytes().chunks(50).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
        let body = Body::from_stream(futures::stream::iter(chunks));
        let refused = stranger.send(Method::PUT, &ticket.upload_path, body, &[]).await.expect(422);
        assert_eq!(refused.code(), "content_size_mismatch");
    }
    if ticket.store.is_none() {
        let broken_off = [Ok(Bytes::from_static(b"<library>")), Err(std::io::Error::other("gone"))];
        let body = Body::from_stream(futures::stream::iter(broken_off));
        // Over a connection there is nobody left who could be answered.
        if let Ok(refused) = stranger.try_send(stranger.build(Method::PUT, &ticket.upload_path, body, &[])).await {
            assert_eq!(refused.expect(400).code(), "invalid_body");
        }
        left_at_last(&app, 1..=1).await;
        let missing = complete(&client, &ticket).await.expect(409);
        assert_eq!(missing.code(), "content_missing");
    }
    assert!(client.get("/api/jobs").await.json()["items"].as_array().unwrap().is_empty());
    put(&client, &ticket, samples::BOOKS).await.expect(201);
    complete(&client, &ticket).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_and_completion_may_be_repeated() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("data.xml", samples::BOOKS).await.expect(201);
    let ticket = ticket(&client, "data.xml", 4).await;
    for bytes in ["<x/>", "<y/>", "<z/>"] {
        put(&client, &ticket, bytes).await.expect(201);
    }
    let completions = (0..6).map(|_| {
        let (client, path) = (client.clone(), ticket.complete_path.clone());
        tokio::spawn(async move { client.send(Method::POST, &path, Body::empty(), &[]).await.expect(201).json() })
    });
    let mut reports = Vec::new();
    for completion in completions.collect::<Vec<_>>() {
        reports.push(completion.await.unwrap());
    }
    reports.dedup();
    assert_eq!(reports.len(), 1, "all get the same answer: {reports:?}");
    assert_eq!(client.get("/api/jobs").await.json()["items"].as_array().unwrap().len(), 1);
    let found = documents(&client).await;
    assert_eq!(
        (found["items"].as_array().unwrap().len(), found["items"][0]["root"].as_str()),
        (1, Some("z")),
        "the last one counts"
    );
    put_late(&client, &ticket, "<v/>", 409, "ticket_completed").await;
    assert_eq!(client.get("/api/files/input/data.xml").await.expect(200).body, "<z/>");
    left_at_last(&app, 1..=1 + late_files(&ticket)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_come_too_late_change_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let (sender, receiver) = futures::channel::mpsc::unbounded::<Result<Bytes, std::io::Error>>();
    let late = {
        let (transport, path) =
            (ticket.store.map_or(app.client().transport, Transport::tcp), ticket.upload_path.clone());
        // A store wants to know the length.
        let headers: &[_] =
            if ticket.store.is_some() { &[("content-length", "4"), ("x-ms-blob-type", "BlockBlob")] } else { &[] };
        tokio::spawn(async move {
            Client::new(transport).send(Method::PUT, &path, Body::from_stream(receiver), headers).await
        })
    };
    sender.unbounded_send(Ok(Bytes::from_static(b"<b"))).unwrap();
    while ticket.store.is_none() && !app.session_files().iter().any(|path| path.ends_with(".part")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    complete(&client, &ticket).await.expect(201);
    sender.unbounded_send(Ok(Bytes::from_static(b"/>"))).unwrap();
    drop(sender);
    match (late.await.unwrap(), ticket.store) {
        (refused, None) => assert_eq!(refused.expect(409).code(), "ticket_completed"),
        (taken, Some(_)) => drop(taken.expect(201)),
    }
    assert_eq!(client.get("/api/files/input/a.xml").await.expect(200).body, "<a/>");
    left_at_last(&app, 1..=1 + late_files(&ticket)).await;
}

/// Under the Functions host large bodies must not pass the host: the address is the handler's own, and the runtime answers there.
#[tokio::test(flavor = "multi_thread")]
async fn under_the_host_the_bytes_go_to_the_handler_itself() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = TestApp::start_with(&[("FUNCTIONS_CUSTOMHANDLER_PORT", &port.to_string())]).await;
    if app.servers.is_some() {
        // A store takes them itself, wherever the service runs.
        return;
    }
    let environment = Environment::new(Mode::Handler { port }, Arc::new(RuntimeClock(app.clock.clone())));
    let handler = start(app.app.functions(), environment).await.unwrap();
    let client = app.user("ada").await;
    let ticket = ticket(&client, "books.xml", samples::BOOKS.len()).await;
    let url = ticket.body["upload_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://127.0.0.1:{port}/api/upload/tickets/")), "{url}");
    let direct = Client::new(Transport::tcp(handler.address()));
    put(&direct, &ticket, samples::BOOKS).await.expect(201);
    complete(&client, &ticket).await.expect(201);
    assert_eq!(documents(&client).await["items"][0]["root"], "library");
}
