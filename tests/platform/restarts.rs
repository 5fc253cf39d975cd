//! The host begins anew, with a new handler before the old one ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::{Platform, admin};
use crate::harness::samples;

#[tokio::test(flavor = "multi_thread")]
async fn handlers_that_overlap_lose_nothing_that_was_answered() {
    let Some(platform) = Platform::staged(&[]).await else { return };
    let host = Arc::new(platform.start("http").await);
    let client = admin(&host).await;
    let first = host.handler().await.unwrap().process_id;
    let (is_over, uploaded) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let uploads = {
        let (client, is_over, uploaded) = (client.clone(), Arc::clone(&is_over), Arc::clone(&uploaded));
        tokio::spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                let number = uploaded.load(Ordering::Relaxed);
                client.upload(&format!("orders-{number}.xml"), samples::ORDERS).await.expect(201);
                uploaded.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        host.restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    is_over.store(true, Ordering::Relaxed);
    uploads.await.expect("every request was answered");
    assert_ne!(host.handler().await.unwrap().process_id, first);
    let documents = client.get("/api/documents?limit=1000").await.expect(200).json();
    let count = uploaded.load(Ordering::Relaxed) as usize;
    assert!(count >= 3, "{count} uploads");
    assert_eq!(documents["items"].as_array().unwrap().len(), count);
    client.post("/api/logout", json!({})).await.expect(200);
}
