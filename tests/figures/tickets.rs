//! How much memory the service takes while a gigabyte comes by ticket and is read.

use std::{
    fs::File,
    io::Write as _,
    time::{Duration, Instant},
};

use axum::body::Body;
use serde_json::json;
use tokio_util::io::ReaderStream;

use super::documents::Kind;
use crate::harness::{Client, Process};

const GIGABYTE: u64 = 1_000_000_000;
const LIMIT_BYTES: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn a_gigabyte_by_ticket_takes_less_than_64_mebibytes() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("document.xml");
    let records = Kind::Nested.write(GIGABYTE, &mut File::create(&document).unwrap()).unwrap();
    by_ticket("1 GB document", &document, "orders.xml", records).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn an_archive_of_a_gigabyte_by_ticket_takes_less_than_64_mebibytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
    let mut records = 0;
    for number in 0..10 {
        let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
        archive.start_file(format!("orders/{number}.xml"), options).unwrap();
        records += Kind::Nested.write(GIGABYTE / 10, &mut archive).unwrap();
    }
    archive.finish().unwrap().flush().unwrap();
    by_ticket("1 GB in a ZIP of 10 documents", &path, "orders.zip", records).await;
}

async fn by_ticket(what: &str, path: &std::path::Path, name: &str, records: u64) {
    let process = Process::start(&[]).await;
    let mut client = process.admin().await;
    // Started anew, so that the hashing of passwords, 19 MiB each, is not what is measured.
    let process = process.restart().await;
    client.transport = process.client().transport;
    let before = process.resident_bytes();
    let bytes = std::fs::metadata(path).unwrap().len();
    let offer = client.post("/api/upload/tickets", json!({ "name": name, "bytes": bytes })).await.expect(201).json();
    let url = offer["upload_url"].as_str().unwrap();
    let content = &url[url.find("/api/").unwrap()..];
    let started = Instant::now();
    let body = Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::open(path).await.unwrap(), 256 << 10));
    let stranger = Client::new(client.transport.clone());
    stranger.send(http::Method::PUT, content, body, &[]).await.expect(201);
    let sent = started.elapsed();
    let complete = format!("/api/upload/tickets/{}/complete", offer["ticket"].as_str().unwrap());
    let answer = client.send(http::Method::POST, &complete, Body::empty(), &[("prefer", "wait=0")]).await.expect(202);
    let job = client.job_end(answer.json()["job_id"].as_str().unwrap(), Duration::from_secs(300)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let read = started.elapsed() - sent;
    let found = client.get("/api/documents?limit=1000").await.expect(200).json();
    let estimates = found["items"].as_array().unwrap().iter().map(|item| item["records_estimate"].as_u64().unwrap());
    assert_eq!(estimates.sum::<u64>(), records);
    let most = process.resident_at_most();
    println!(
        "FIGURE {what} by ticket: {:.1} MiB resident at most ({:.1} before), sent in {:.1} s, read in {:.1} s",
        most as f64 / f64::from(1 << 20),
        before as f64 / f64::from(1 << 20),
        sent.as_secs_f64(),
        read.as_secs_f64()
    );
    assert!(most < LIMIT_BYTES, "{most} bytes");
}
