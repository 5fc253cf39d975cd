//! Figures that the README quotes. They need the release build and are run by `scripts/measure`.

mod blobs;
mod documents;
mod host;
mod memory;
mod tickets;

use std::time::Duration;

use crate::harness::Process;

/// The first answer comes within 150 ms of the start of the process.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: run by scripts/measure on the release build"]
async fn the_first_answer_comes_within_150_milliseconds() {
    let mut process = Process::start(&[]).await;
    println!("FIGURE first start, account made: {:.0} ms to the first answer", process.started_in.as_secs_f64() * 1e3);
    assert!(process.started_in < Duration::from_millis(150), "{:?}", process.started_in);
    let mut times = Vec::new();
    for _ in 0..20 {
        process = process.restart().await;
        times.push(process.started_in);
    }
    times.sort();
    println!(
        "FIGURE later starts: median {:.0} ms, slowest {:.0} ms",
        times[10].as_secs_f64() * 1e3,
        times[19].as_secs_f64() * 1e3
    );
    assert!(times[19] < Duration::from_millis(150), "{times:?}");
}
