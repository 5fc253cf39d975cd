//! Many sessions come and go: no file, no row, no memory stays behind. `scripts/measure` runs it with a thousand on the release build.

use serde_json::json;

use crate::harness::{Process, samples};

/// One whole session.
async fn session(process: &Process) {
    let client = process.admin().await;
    let archive = samples::zip(&[("a.xml", samples::ORDERS.as_bytes()), ("b.xml", samples::BOOKS.as_bytes())]);
    client.upload("two.zip", archive).await.expect(201);
    client.post("/api/convert/preview", json!({})).await.expect(200);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    client.post("/api/tables/query", json!({ "sql": "select count(*) from line" })).await.expect(200);
    client.post("/api/logout", json!({})).await.expect(200);
}

async fn sessions(process: &Process, number: usize) {
    for _ in 0..number / 4 {
        tokio::join!(session(process), session(process), session(process), session(process));
    }
}

async fn come_and_go(number: usize) {
    let process = Process::start(&[]).await;
    // Caches, thread stacks and allocator arenas fill up first.
    sessions(&process, (number / 5).max(40)).await;
    let before = process.resident_bytes();
    sessions(&process, number).await;
    let after = process.resident_bytes();
    println!("{number} sessions: resident {} KiB before, {} KiB after", before / 1024, after / 1024);
    assert!(after as f64 <= before as f64 * 1.2, "resident memory grew from {before} to {after}");
    assert!(std::fs::read_dir(process.sessions_folder()).unwrap().next().is_none(), "a session left files");
    let admin = process.admin().await;
    let stats = admin.get("/api/admin/stats").await.expect(200).json();
    assert_eq!(
        (stats["open_sessions"].as_u64(), stats["jobs"].clone(), stats["file_bytes"].as_u64()),
        (Some(1), json!({}), Some(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sessions_leave_nothing() {
    come_and_go(200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn a_thousand_sessions_leave_nothing() {
    come_and_go(1000).await;
}
