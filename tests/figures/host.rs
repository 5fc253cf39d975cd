//! How much memory the handler takes while a large body comes through the Functions host.

use std::time::Instant;

use super::documents::Kind;
use crate::{harness::Client, platform::Platform};

const BYTES: u64 = 90_000_000;
const LIMIT_BYTES: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn ninety_megabytes_through_the_host_take_less_than_64_mebibytes() {
    let platform = Platform::staged(&[]).await.expect("this figure needs Azurite");
    let host = platform.start("http").await;
    let mut document = Vec::new();
    Kind::Nested.write(BYTES, &mut document).unwrap();
    let client: Client = crate::platform::admin(&host).await;
    let started = Instant::now();
    client.upload("orders.xml", document).await.expect(201);
    let process = host.handler().await.unwrap().process_id;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10;
    println!(
        "FIGURE an upload of 90 MB through the host: {:.1} s, {} MiB resident in the handler at most",
        started.elapsed().as_secs_f64(),
        peak >> 20
    );
    assert!(peak < LIMIT_BYTES, "{peak}");
}
