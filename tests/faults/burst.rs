//! Four hundred connections at once, over real sockets.

use std::time::Instant;

use crate::harness::{Client, Process, Transport};

#[tokio::test(flavor = "multi_thread")]
async fn of_a_burst_of_connections_exactly_the_quota_passes() {
    let process = Process::start(&[("RATE_LIMIT_PER_MINUTE", "100")]).await;
    let started = Instant::now();
    let requests = (0..400).map(|_| {
        // A client of its own each, so that each has a connection of its own.
        let client = Client::new(Transport::tcp(process.address));
        tokio::spawn(async move { client.get("/api/files").await.status.as_u16() })
    });
    let mut passed = 0;
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            401 => passed += 1,
            status => assert_eq!(status, 429),
        }
    }
    // One more place comes back each 0.6 s; on a fast machine the burst is over long before.
    let returned = started.elapsed().as_millis() / 600;
    assert!((100..=100 + returned).contains(&passed), "{passed} passed in {:?}", started.elapsed());
}
