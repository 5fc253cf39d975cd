//! Large files by ticket: the bytes come by an address of their own, a job takes them in, the answer is that of an upload.

use std::{net::SocketAddr, ops::RangeInclusive, sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http::Method;
use ret::{
    app::RuntimeClock,
    domain::{Job, JobId, JobKind, Progress, SessionId},
    runtime::{Environment, Mode, start},
    services::cleanup::Thoroughness,
};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, Transport, Way, samples};

/// Long tokens and sessions, so that only tickets run out.
const PATIENT: [(&str, &str); 2] = [("ACCESS_TOKEN_EXPIRE_MINUTES", "60000"), ("SESSION_IDLE_SECONDS", "100000000000")];

/// A ticket as a client holds it.
struct Ticket {
    /// Path and query of the upload's address.
    upload_path: String,
    /// Where that is, if it is not the service itself.
    store: Option<SocketAddr>,
    complete_path: String,
    text: String,
    body: Value,
}

async fn ticket(client: &Client, name: &str, bytes: usize) -> Ticket {
    let answer = client.post("/api/upload/tickets", json!({ "name": name, "bytes": bytes })).await.expect(201);
    let body = answer.json();
    let text = body["ticket"].as_str().unwrap().to_owned();
    let (_, after_scheme) = body["upload_url"].as_str().unwrap().split_once("://").unwrap();
    let (authority, _) = after_scheme.split_once('/').unwrap();
    let upload_path = after_scheme[authority.len()..].to_owned();
    let store = (!upload_path.starts_with("/api/")).then(|| authority.parse().unwrap());
    Ticket { upload_path, store, complete_path: format!("/api/upload/tickets/{text}/complete"), text, body }
}

/// Sends bytes as a client does: with nothing but the address.
async fn put(client: &Client, ticket: &Ticket, bytes: impl AsRef<[u8]>) -> Answer {
    put_body(client, ticket, &ticket.upload_path, Body::from(bytes.as_ref().to_vec())).await
}

/// Sends a body to where the ticket's address is.
async fn put_body(client: &Client, ticket: &Ticket, path: &str, body: Body) -> Answer {
    let transport = match ticket.store {
        None => client.transport.clone(),
        Some(address) => Transport::tcp(address),
    };
    let headers: Vec<_> = ticket.body["headers"].as_object().unwrap().iter().collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    Client::new(transport).send(Method::PUT, path, body, &headers).await
}

/// Sends bytes for a ticket that takes nothing any more. The service refuses them; a store takes them until its signature runs out, and
/// nobody meets them.
async fn put_late(client: &Client, ticket: &Ticket, bytes: &str, status: u16, code: &str) {
    let answer = put(client, ticket, bytes).await;
    match ticket.store {
        None => assert_eq!(answer.expect(status).code(), code),
        Some(_) => drop(answer.expect(201)),
    }
}

async fn complete(client: &Client, ticket: &Ticket) -> Answer {
    client.send(Method::POST, &ticket.complete_path, Body::empty(), &[]).await
}

/// The whole way of a file.
async fn upload(client: &Client, name: &str, bytes: impl AsRef<[u8]>) -> Answer {
    let ticket = ticket(client, name, bytes.as_ref().len()).await;
    put(client, &ticket, bytes).await.expect(201);
    complete(client, &ticket).await
}

/// Documents without what differs from upload to upload.
async fn documents(client: &Client) -> Value {
    let mut page = client.get("/api/documents").await.expect(200).json();
    for item in page["items"].as_array_mut().unwrap() {
        item["id"].take();
    }
    page
}

fn files_of_inputs(app: &TestApp) -> Vec<String> {
    app.session_files().into_iter().filter(|path| path.contains("/input/") || path.contains("/extracted/")).collect()
}

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
        let before = files_of_inputs(&app);
        let refused = problem(by_form.upload(name, bytes).await);
        assert_eq!(problem(upload(&by_ticket, name, bytes).await), refused, "{name}");
        // What was sent is removed once the job's end is there, so that it may be read.
        let started = std::time::Instant::now();
        while files_of_inputs(&app) != before && started.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(files_of_inputs(&app), before, "{name}: nothing of a refused file is left");
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
        left_at_last(&app, 0..=0).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_the_ticket_and_removes_what_was_sent() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let session = client.session.clone().unwrap();
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    client.post("/api/logout", json!({})).await.expect(200);
    assert!(!app.session_files().iter().any(|path| path.contains(&session)));
    put_late(&client, &ticket, "<a/>", 410, "ticket_expired").await;
    assert_eq!(complete(&client, &ticket).await.expect(401).code(), "not_signed_in");
    if ticket.store.is_some() {
        let report = app.app.state.services.cleanup.run(Thoroughness::RowsAndFiles).await;
        assert_eq!(report.orphaned_files, 1, "what a store still takes goes with the next sweep");
    }
    assert!(!app.session_files().iter().any(|path| path.contains(&session)), "a late body brings nothing back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_the_file_is_read_leaves_nothing() {
    let app = TestApp::start().await;
    let (document, _) = samples::flat(12 << 20);
    let archive = samples::zip(&[("a.xml", document.as_slice()), ("b.xml", document.as_slice())]);
    for pause in [0, 40, 200] {
        let client = app.admin().await;
        let session: SessionId = client.session.as_ref().unwrap().parse().unwrap();
        let ticket = ticket(&client, "two.zip", archive.len()).await;
        put(&client, &ticket, &archive).await.expect(201);
        client.send(Method::POST, &ticket.complete_path, Body::empty(), &[("prefer", "wait=0")]).await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.post("/api/logout", json!({})).await.expect(200);
        let gone = async {
            while app.app.stores().sessions.get(session).await.unwrap().is_some() || !app.session_files().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone)
            .await
            .unwrap_or_else(|_| panic!("{:?}", app.session_files()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_can_be_watched_and_cancelled() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, _) = samples::flat(24 << 20);
    let archive = samples::zip(&[
        ("a.xml", b"<a/>".as_slice()),
        ("b.xml", &document),
        ("c.xml", &document),
        ("d.xml", &document),
        ("e.xml", &document),
    ]);
    let ticket = ticket(&client, "large.zip", archive.len()).await;
    put(&client, &ticket, &archive).await.expect(201);
    let started =
        client.send(Method::POST, &ticket.complete_path, Body::empty(), &[("prefer", "wait=0")]).await.expect(202);
    let body = started.json();
    let (id, status_url) = (body["job_id"].as_str().unwrap(), body["status_url"].as_str().unwrap());
    assert_eq!(started.headers["location"], status_url);
    loop {
        let job = client.get(status_url).await.expect(200).json();
        let progress = &job["progress"];
        assert_eq!(progress["bytes_total"], archive.len());
        let done = progress["bytes_done"].as_u64().unwrap();
        if done > 0 && progress["documents_done"].as_u64().unwrap() > 0 {
            assert!(done < archive.len() as u64, "there is more to read: {job}");
            break;
        }
        assert_ne!(job["state"], "succeeded", "the archive is too small for this test");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client.delete(status_url).await.expect(202);
    assert_eq!(client.job_end(id, Duration::from_secs(10)).await["state"], "cancelled");
    assert_eq!(complete(&client, &ticket).await.expect(409).code(), "upload_cancelled");
    put_late(&client, &ticket, "<a/>", 409, "ticket_completed").await;
    left_at_last(&app, 0..=late_files(&ticket)).await;
    assert!(documents(&client).await["items"].as_array().unwrap().is_empty());
}

/// What a store has taken for a ticket that was over; the worker may have removed it with the rest.
fn late_files(ticket: &Ticket) -> usize {
    usize::from(ticket.store.is_some())
}

/// Waits until so many files are left: a worker tidies up after it has ended the job, a server when it sees that a client has gone.
async fn left_at_last(app: &TestApp, files: RangeInclusive<usize>) {
    for attempt in 0.. {
        let left: Vec<_> = app.session_files().into_iter().filter(|path| !path.ends_with("metadata.json")).collect();
        if files.contains(&left.len()) {
            return;
        }
        assert!(attempt < 100, "{left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The job of the only ticket for which something was sent, waiting, with nobody told of it.
async fn waiting_job(app: &TestApp, client: &Client, request: Value) -> Job {
    let stores = app.app.stores();
    let session: SessionId = client.session.as_ref().unwrap().parse().unwrap();
    let folders = stores.session_files.list_folders(session, "input").await.unwrap();
    let id: JobId = folders.last().unwrap().name.strip_suffix(".sent").unwrap().parse().unwrap();
    let job = Job::queued(id, session, JobKind::Upload, request, Progress::default(), stores.clock.now());
    assert!(stores.jobs.add(&job).await.unwrap());
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_while_it_waits_nothing_of_it_is_left() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    client.delete(&format!("/api/jobs/{}", job.id)).await.expect(204);
    assert!(files_of_inputs(&app).is_empty());
    assert_eq!(complete(&client, &ticket).await.expect(409).code(), "upload_cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_is_followed_by_another() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    let stores = app.app.stores();
    stores.jobs.claim(job.id, stores.clock.now(), Duration::from_secs(10)).await.unwrap().unwrap();
    // What the dead one had made so far.
    for area in ["input", "extracted"] {
        app.leave_behind(&format!("{}/{area}/{}.1/000001-half.xml", job.session, job.id), "<hal");
    }
    app.clock.advance(Duration::from_secs(11) + app.trust_in_the_queue());
    app.run_timer("cleanup").await;
    assert_eq!(complete(&client, &ticket).await.expect(201).json()["files"][0]["id"], job.id.to_string());
    left_at_last(&app, 1..=1).await;
    assert!(files_of_inputs(&app)[0].ends_with(&format!("input/{}.2/a.xml", job.id)), "{:?}", files_of_inputs(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_kept_while_its_ticket_holds_or_its_job_waits() {
    let app = TestApp::start_with(&PATIENT).await;
    // The files' times are the machine's: the service's clock is moved to them.
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let behind = machine - app.app.stores().clock.now().as_millis();
    app.clock.advance(Duration::from_millis(u64::try_from(behind.max(0)).unwrap()));
    let client = app.user("ada").await;
    let (abandoned, waits) = (ticket(&client, "a.xml", 4).await, ticket(&client, "b.xml", 4).await);
    put(&client, &abandoned, "<a/>").await.expect(201);
    put(&client, &waits, "<b/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "b.xml", "bytes": 4 })).await;
    let done = upload(&client, "c.xml", "<c/>").await.expect(201).json()["files"][0]["id"].as_str().unwrap().to_owned();
    // Of an attempt that was given up and came back to life after the tidying.
    let left_over = format!("{}/input/{done}.7/c.xml", job.session);
    app.leave_behind(&left_over, "<c");
    let sweep = || app.app.state.services.cleanup.run(Thoroughness::RowsAndFiles);
    app.clock.advance(Duration::from_secs(3500));
    // Jobs that wait are rung for as well; this one must not be done yet.
    app.app
        .stores()
        .jobs
        .claim(job.id, app.app.stores().clock.now(), Duration::from_secs(3600))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sweep().await.orphaned_files, 1, "the tickets hold, and what is visible is in use");
    assert!(!app.session_files().contains(&left_over));
    app.clock.advance(Duration::from_secs(200));
    assert_eq!(sweep().await.orphaned_files, 1, "one ticket is over, and nobody completed it");
    let left = files_of_inputs(&app);
    assert!(left.len() == 2 && left.iter().any(|path| path.contains(&format!("input/{}.sent/", job.id))), "{left:?}");
    assert_eq!(complete(&client, &abandoned).await.expect(410).code(), "ticket_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_went_missing_fails_the_job_and_says_what_to_do() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    app.app.stores().session_files.remove_folder(job.session, &format!("input/{}.sent", job.id)).await.unwrap();
    app.clock.advance(Duration::from_secs(6) + app.trust_in_the_queue());
    app.run_timer("cleanup").await;
    let missing = complete(&client, &ticket).await.expect(409);
    assert_eq!(missing.code(), "content_missing");
    assert!(missing.json()["detail"].as_str().unwrap().contains("ask for a new ticket"));
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
