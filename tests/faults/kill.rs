//! The process is killed at twenty moments of uploads and conversions and started again: no half file is visible, the job ends, nothing is
//! doubled.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Process, samples};

/// Kept apart so that runs do not differ: moments spread over the work, in milliseconds after its start.
const MOMENTS: u64 = 10;

/// How long a whole piece of work takes on this machine and build, so that the moments fall into it.
async fn measure(work: impl Future<Output = ()>) -> Duration {
    let started = std::time::Instant::now();
    work.await;
    started.elapsed()
}

fn settings() -> [(&'static str, &'static str); 1] {
    [("ACCESS_TOKEN_EXPIRE_MINUTES", "600")]
}

async fn documents(client: &Client) -> Vec<Value> {
    client.get("/api/documents").await.expect(200).json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_an_upload() {
    let (document, rows) = samples::flat(3 << 20);
    let archive = samples::zip(&[("A/one.xml", &document), ("B/two.xml", &document)]);
    let mut process = Process::start(&settings()).await;
    let mut client = process.admin().await;
    let whole = measure(async {
        client.upload("warm-up.zip", &archive).await.expect(201);
    })
    .await;
    client.delete("/api/files/input/warm-up.zip").await.expect(204);
    for moment in 0..MOMENTS {
        let upload = {
            let (client, archive) = (client.clone(), archive.clone());
            tokio::spawn(async move {
                client.try_send(client.build(http::Method::PUT, "/api/upload/two.zip", archive.into(), &[])).await
            })
        };
        tokio::time::sleep(whole * u32::try_from(moment).unwrap() / u32::try_from(MOMENTS - 1).unwrap()).await;
        process = process.restart().await;
        let acknowledged = upload.await.unwrap().is_ok_and(|answer| answer.status == 201);
        client.transport = process.client().transport;
        let files = client.get("/api/files").await.expect(200).json()["items"].as_array().unwrap().clone();
        let found = documents(&client).await;
        assert!(matches!((files.len(), found.len()), (0, 0) | (3, 2)), "moment {moment}: all or nothing: {files:?}");
        assert!(!acknowledged || files.len() == 3, "moment {moment}: an acknowledged upload is there");
        for file in &files {
            let path = format!("/api/files/{}/{}", file["area"].as_str().unwrap(), file["path"].as_str().unwrap());
            let body = client.get(&path).await.expect(200).body;
            assert_eq!(body.len() as u64, file["bytes"].as_u64().unwrap(), "moment {moment}: {path} is whole");
        }
        // Sent again it is there, once.
        client.upload("two.zip", &archive).await.expect(201);
        assert_eq!(documents(&client).await.len(), 2, "moment {moment}: nothing is doubled");
        client.delete("/api/files/input/two.zip").await.expect(204);
    }
    client.upload("two.zip", &archive).await.expect(201);
    let job = client.convert(json!({})).await;
    assert_eq!(job["result"]["rows"], 2 * rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_conversion() {
    let (document, rows) = samples::flat(4 << 20);
    let mut process = Process::start(&settings()).await;
    let mut client = process.admin().await;
    client.upload("large.xml", &document).await.expect(201);
    let mut expected = None;
    let whole = measure(async {
        expected = Some(client.convert(json!({ "layout": "flat" })).await);
    })
    .await;
    let expected = expected.unwrap();
    let digest = table_digest(&client).await;
    assert_eq!(expected["result"]["rows"], rows);
    for moment in 0..MOMENTS {
        let started = client.post("/api/convert", json!({ "layout": "flat" })).await.expect(202).json();
        let id = started["job_id"].as_str().unwrap().to_owned();
        tokio::time::sleep(whole * u32::try_from(moment).unwrap() / u32::try_from(MOMENTS - 1).unwrap()).await;
        process = process.restart().await;
        client.transport = process.client().transport;
        // Before the job is taken up again, what is visible is whole: the tables of the conversion before, or of this one.
        assert_eq!(table_digest(&client).await, digest, "moment {moment}");
        let job = client.job_end(&id, Duration::from_secs(60)).await;
        assert_eq!(job["state"], "succeeded", "moment {moment}: {job}");
        assert_eq!(job["result"]["rows"], rows, "moment {moment}: nothing is doubled");
        assert_eq!(table_digest(&client).await, digest, "moment {moment}: the same bytes as undisturbed");
    }
    let session = process.sessions_folder().join(client.session.as_ref().unwrap());
    let left = std::fs::read_dir(session.join("output")).unwrap().count();
    assert_eq!(left, 1, "what killed attempts had written is gone");
    client.post("/api/logout", json!({})).await.expect(200);
    assert!(!session.exists());
}

/// A ticket for bytes: the path that takes them, and the one that completes it.
async fn ticket(client: &Client, name: &str, bytes: usize) -> (String, String) {
    let offer = client.post("/api/upload/tickets", json!({ "name": name, "bytes": bytes })).await.expect(201).json();
    let url = offer["upload_url"].as_str().unwrap().to_owned();
    let complete = format!("/api/upload/tickets/{}/complete", offer["ticket"].as_str().unwrap());
    (url[url.find("/api/").unwrap()..].to_owned(), complete)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_an_upload_by_ticket() {
    const MOMENTS: u32 = 4;
    let (document, rows) = samples::flat(3 << 20);
    let archive = samples::zip(&[("A/one.xml", &document), ("B/two.xml", &document)]);
    let mut process = Process::start(&settings()).await;
    let mut client = process.admin().await;
    let send = async |client: &Client, path: &str| {
        client.try_send(client.build(http::Method::PUT, path, archive.clone().into(), &[])).await
    };
    let complete = async |client: Client, path: String| {
        client.try_send(client.build(http::Method::POST, &path, Default::default(), &[("prefer", "wait=60")])).await
    };
    let (content, completion) = ticket(&client, "two.zip", archive.len()).await;
    let sending = measure(async { assert_eq!(send(&client, &content).await.unwrap().status, 201) }).await;
    let reading = measure(async { assert_eq!(complete(client.clone(), completion).await.unwrap().status, 201) }).await;
    for moment in 0..MOMENTS {
        // While the bytes come: they are there whole or not at all.
        let (content, completion) = ticket(&client, "two.zip", archive.len()).await;
        let (killed, sent) = (tokio::time::sleep(sending * moment / MOMENTS), send(&client, &content));
        let sent =
            tokio::select! { answer = sent => answer.is_ok_and(|answer| answer.status == 201), () = killed => false };
        process = process.restart().await;
        client.transport = process.client().transport;
        let early = complete(client.clone(), completion.clone()).await.unwrap();
        match early.status.as_u16() {
            201 => {}
            409 => assert!(!sent && early.code() == "content_missing", "moment {moment}: acknowledged bytes are there"),
            _ => panic!("moment {moment}: {early:?}"),
        }
        // While they are read: the job comes to its end, once.
        let (content, completion) = ticket(&client, "two.zip", archive.len()).await;
        send(&client, &content).await.unwrap().expect(201);
        let first = tokio::spawn(complete(client.clone(), completion.clone()));
        tokio::time::sleep(reading * moment / MOMENTS).await;
        process = process.restart().await;
        client.transport = process.client().transport;
        let _ = first.await.unwrap();
        let report = complete(client.clone(), completion).await.unwrap().expect(201).json();
        assert_eq!(report["documents"], 2, "moment {moment}");
        assert_eq!(documents(&client).await.len(), 2, "moment {moment}: nothing is doubled");
        let files = client.get("/api/files").await.expect(200).json()["items"].as_array().unwrap().clone();
        assert_eq!(files.len(), 3, "moment {moment}: {files:?}");
        let kept = client.get("/api/files/input/two.zip").await.expect(200).body;
        assert!(kept == archive, "moment {moment}: the file is whole");
    }
    assert_eq!(client.convert(json!({})).await["result"]["rows"], 2 * rows);
    client.post("/api/logout", json!({})).await.expect(200);
    assert!(!process.sessions_folder().join(client.session.as_ref().unwrap()).exists());
}

/// Digest of the only table, read whole.
async fn table_digest(client: &Client) -> Vec<u8> {
    use sha2::Digest as _;
    let files = client.get("/api/files?area=output").await.expect(200).json();
    let files = files["items"].as_array().unwrap();
    assert_eq!(files.len(), 2, "{files:?}");
    let table = files.iter().find(|file| file["path"].as_str().unwrap().ends_with(".csv")).unwrap();
    let body = client.get(&format!("/api/files/output/{}", table["path"].as_str().unwrap())).await.expect(200).body;
    assert_eq!(body.len() as u64, table["bytes"].as_u64().unwrap());
    sha2::Sha256::digest(&body).to_vec()
}
