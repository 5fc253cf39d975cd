//! The store of session files is killed, started again, and hangs: nothing that was acknowledged is lost, what cannot be served is told so in
//! time, and the service is back as soon as the store is.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, header};
use serde_json::{Value, json};

use crate::harness::{Answer, Azurite, Client, Stopwatch, TestApp, Way, samples};

/// How long a client waits at most for an answer that takes few calls to the store, and for one that sends blocks.
const SMALL_LIMIT: Duration = Duration::from_millis(6500);
const LARGE_LIMIT: Duration = Duration::from_millis(14_000);
/// How soon the service is back after its store.
const BACK_WITHIN: Duration = Duration::from_secs(2);

async fn start() -> Option<(Azurite, TestApp)> {
    let azurite = Azurite::alone().await?;
    let connection = azurite.connection_string();
    let settings = [("STORAGE_CONNECTION_STRING", connection.as_str()), ("ACCESS_TOKEN_EXPIRE_MINUTES", "600")];
    let app = TestApp::start_by(Way::Alone, &settings).await;
    Some((azurite, app))
}

/// The answer that a client gets while the store is away.
async fn refused_in_time(within: Duration, answer: impl Future<Output = Answer>) {
    let asked = Stopwatch::start();
    let answer = answer.await.expect(503);
    assert_eq!(answer.code(), "unavailable");
    assert!(answer.headers.contains_key(header::RETRY_AFTER), "{answer:?}");
    assert!(asked.elapsed() < within, "{:?}", asked.elapsed());
}

/// Asks again and again until the answer is good; that must be soon.
async fn back_soon<A: Future<Output = Answer>>(ask: impl Fn() -> A) -> Answer {
    let returned = Stopwatch::start();
    loop {
        let answer = ask().await;
        assert!(returned.elapsed() < BACK_WITHIN, "{:?}: {answer:?}", returned.elapsed());
        if answer.status.is_success() {
            return answer;
        }
        answer.expect(503);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Sends the parts of a file, each when the one before was taken.
fn slow_upload(
    client: &Client,
    name: &str,
) -> (futures::channel::mpsc::Sender<Result<Bytes, std::io::Error>>, tokio::task::JoinHandle<Answer>) {
    let (sender, receiver) = futures::channel::mpsc::channel(0);
    let (client, path) = (client.clone(), format!("/api/upload/{name}"));
    let upload = tokio::spawn(async move { client.send(Method::PUT, &path, Body::from_stream(receiver), &[]).await });
    (sender, upload)
}

async fn names(client: &Client) -> Vec<String> {
    let files = client.get("/api/files?area=input").await.expect(200).json();
    files["items"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_an_upload() {
    use futures::SinkExt as _;
    let Some((azurite, app)) = start().await else { return };
    let client = app.user("ada").await;
    let (document, rows) = samples::flat(12 << 20);
    client.upload("kept.xml", samples::BOOKS).await.expect(201);
    for moment in [0, 1, 5, 11] {
        azurite.until_kept().await;
        let (mut parts, upload) = slow_upload(&client, "large.xml");
        let mut document = document.chunks(1 << 20);
        for part in document.by_ref().take(moment) {
            parts.send(Ok(Bytes::copy_from_slice(part))).await.unwrap();
        }
        azurite.kill_blobs();
        let sending = async {
            for part in document {
                // An answer may come before all is sent.
                let _ = parts.send(Ok(Bytes::copy_from_slice(part))).await;
            }
            drop(parts);
            upload.await.unwrap()
        };
        refused_in_time(LARGE_LIMIT, sending).await;
        refused_in_time(SMALL_LIMIT, client.get("/api/files/input/kept.xml")).await;
        refused_in_time(SMALL_LIMIT, client.upload("small.xml", samples::BOOKS)).await;
        assert_eq!(names(&client).await, ["kept.xml"], "moment {moment}: what the rows say is told");
        azurite.run_blobs();
        let kept = back_soon(|| client.get("/api/files/input/kept.xml")).await;
        assert_eq!(kept.body, samples::BOOKS, "moment {moment}: an acknowledged upload is there");
    }
    client.upload("large.xml", &document).await.expect(201);
    assert_eq!(
        client.convert(json!({ "documents": [document_id(&client, "large.xml").await] })).await["result"]["rows"],
        rows
    );
    client.post("/api/logout", json!({})).await.expect(200);
    left_at_last(&azurite).await;
}

async fn document_id(client: &Client, path: &str) -> Value {
    let documents = client.get("/api/documents").await.expect(200).json();
    documents["items"].as_array().unwrap().iter().find(|document| document["path"] == path).unwrap()["id"].clone()
}

/// Waits until nothing is left of sessions that are over, the parts of files that were given up included.
async fn left_at_last(azurite: &Azurite) {
    for attempt in 0.. {
        let left = azurite.blobs("sessions");
        if left.is_empty() {
            return;
        }
        assert!(attempt < 600, "{left:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_conversion() {
    let Some((azurite, app)) = start().await else { return };
    let client = app.user("ada").await;
    let (document, rows) = samples::flat(24 << 20);
    client.upload("large.xml", &document).await.expect(201);
    for moment in [0, 300, 1500] {
        azurite.until_kept().await;
        let started = client.post("/api/convert", json!({ "layout": "flat" })).await.expect(202).json();
        let id = started["job_id"].as_str().unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        azurite.kill_blobs();
        // The worker notices, and leaves the job to another try.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let job = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
        azurite.run_blobs();
        let ended = async {
            loop {
                // Past the time after which the timer rings, but not past the lease of a worker whose heart beats.
                app.clock.advance(Duration::from_secs(6));
                app.run_timer("cleanup").await;
                let job = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
                if !matches!(job["state"].as_str(), Some("queued" | "running")) {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(1500)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(90), ended).await.unwrap();
        assert_eq!(ended["state"], "succeeded", "moment {moment}, when the store was away {job}: {ended}");
        assert_eq!(ended["result"]["rows"], rows, "moment {moment}");
        let files = client.get("/api/files?area=output").await.expect(200).json();
        let table = files["items"].as_array().unwrap().iter().find(|file| file["path"] != "datapackage.json").unwrap();
        let path = format!("/api/files/output/{}", table["path"].as_str().unwrap());
        let body = client.get(&path).await.expect(200).body;
        assert_eq!(body.len() as u64, table["bytes"].as_u64().unwrap(), "moment {moment}");
        assert_eq!(body.iter().filter(|byte| **byte == b'\n').count() as u64, rows + 1, "moment {moment}");
    }
    client.post("/api/logout", json!({})).await.expect(200);
    left_at_last(&azurite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_costs_seconds() {
    let Some((azurite, app)) = start().await else { return };
    let client = app.user("ada").await;
    client.upload("kept.xml", samples::BOOKS).await.expect(201);
    let (document, _) = samples::flat(12 << 20);
    azurite.pause_blobs();
    refused_in_time(SMALL_LIMIT, client.get("/api/files/input/kept.xml")).await;
    let ready = client.get("/api/ready").await;
    assert_eq!(ready.status, 503, "{ready:?}");
    refused_in_time(LARGE_LIMIT, client.upload("large.xml", &document)).await;
    refused_in_time(LARGE_LIMIT, client.post("/api/logout", json!({}))).await;
    azurite.resume_blobs();
    back_soon(|| client.post("/api/logout", json!({}))).await;
    left_at_last(&azurite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_was_removed_is_noticed() {
    let Some((azurite, app)) = start().await else { return };
    assert_eq!(app.client().get("/api/ready").await.expect(200).json()["status"], "ready", "nobody had files yet");
    let client = app.user("ada").await;
    app.client().get("/api/ready").await.expect(200);
    let doctor = || {
        let mut doctor = std::process::Command::new(env!("CARGO_BIN_EXE_ret"));
        doctor.arg("doctor").env("RET_RUNTIME_ROOT", app.folder.path()).env("RET_HTTP_PORT", "0");
        for setting in ["STORAGE_CONNECTION_STRING", "AzureWebJobsStorage"] {
            doctor.env(setting, azurite.connection_string());
        }
        let said = doctor.output().unwrap();
        String::from_utf8([said.stdout, said.stderr].concat()).unwrap()
    };
    let told = doctor();
    for well in ["ok    session_files", "ok    queue of the Functions host: answers in"] {
        assert!(told.contains(well), "{told}");
    }
    azurite.remove_container("sessions");
    let told = doctor();
    assert!(told.contains("FAIL  session_files") && told.contains("not the container 'sessions'"), "{told}");
    let ready = app.client().get("/api/ready").await.expect(503).json();
    let states = ready["dependencies"].as_array().unwrap();
    let files = states.iter().find(|dependency| dependency["name"] == "session_files").unwrap();
    assert_eq!(files["state"], "down", "{ready}");
    // Once what is believed for a second is over.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    client.upload("small.xml", samples::BOOKS).await.expect(500);
    client.post("/api/logout", json!({})).await.expect(200);
    app.client().get("/api/ready").await.expect(200);
}
