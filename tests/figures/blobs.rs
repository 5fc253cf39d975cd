//! How much memory the service takes while a large file comes in and is converted through Blob Storage, here in Azurite.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use axum::body::Body;
use serde_json::json;
use tokio_util::io::ReaderStream;

use super::documents::Kind;
use crate::harness::{Azurite, Process};

const BYTES: u64 = 300_000_000;
const LIMIT_BYTES: u64 = 128 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn three_hundred_megabytes_through_blobs_take_less_than_128_mebibytes() {
    let azurite = Azurite::alone().await.expect("the figure needs Azurite");
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("document.xml");
    let records = Kind::Nested.write(BYTES, &mut File::create(&document).unwrap()).unwrap();
    let connection = azurite.connection_string();
    let process = Process::start(&[("STORAGE_CONNECTION_STRING", &connection)]).await;
    let mut client = process.admin().await;
    // Started anew, so that the hashing of passwords, 19 MiB each, is not what is measured.
    let process = process.restart().await;
    client.transport = process.client().transport;
    let before = process.resident_bytes();
    let started = Instant::now();
    let file = tokio::fs::File::open(&document).await.unwrap();
    let body = Body::from_stream(ReaderStream::with_capacity(file, 256 << 10));
    client.send(http::Method::PUT, "/api/upload/orders.xml", body, &[]).await.expect(201);
    let (uploaded, after_upload) = (started.elapsed(), process.resident_at_most());
    let answer = client.post("/api/convert", json!({})).await.expect(202).json();
    let job = client.job_end(answer["job_id"].as_str().unwrap(), Duration::from_secs(600)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let tables = job["result"]["tables"].as_array().unwrap();
    assert_eq!(tables.iter().find(|table| table["name"] == "order").unwrap()["rows"], records);
    let most = process.resident_at_most();
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "FIGURE 300 MB document through blobs: {:.1} MiB resident at most ({:.1} before, {:.1} while it came in), uploaded and scanned in \
         {:.1} s, converted in {:.1} s",
        mebibytes(most),
        mebibytes(before),
        mebibytes(after_upload),
        uploaded.as_secs_f64(),
        (started.elapsed() - uploaded).as_secs_f64()
    );
    assert!(most < LIMIT_BYTES, "{most} bytes");
}
