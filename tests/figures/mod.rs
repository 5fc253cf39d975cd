//! Figures that the README quotes. They need the release build and are run by `scripts/measure`.

use std::{
    io::{BufWriter, Write as _},
    process::Command,
    time::{Duration, Instant},
};

use crate::harness::Process;

/// A flat document of a gigabyte converts within 64 MiB of resident memory.
#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn a_gigabyte_converts_within_64_mebibytes() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("large.xml");
    let rows = write_flat(&document, 1_000_000_000);
    let started = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_ret"), "convert"])
        .arg(&document)
        .arg("-o")
        .arg(folder.path().join("tables"))
        .arg("--json")
        .output()
        .expect("the package 'time' is installed (apt-get install time)");
    let elapsed = started.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["rows"], rows);
    let resident: u64 = String::from_utf8_lossy(&output.stderr).trim().parse().unwrap();
    println!("FIGURE 1 GB flat document: {resident} KiB resident at most, {:.1} s, {rows} rows", elapsed.as_secs_f64());
    assert!(resident <= 64 * 1024, "{resident} KiB");
}

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

fn write_flat(path: &std::path::Path, bytes: usize) -> u64 {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    let mut written = file.write(b"<records>").unwrap();
    let mut rows = 0u64;
    while written < bytes {
        rows += 1;
        let record = format!(
            "<record><id>{rows}</id><name>name of {rows}</name><city>Zürich</city><amount>{}.{:02}</amount>\
             <created>2026-03-01T10:00:00Z</created><note>a note &amp; \"more\" of it</note></record>\n",
            rows % 100_000,
            rows % 100
        );
        file.write_all(record.as_bytes()).unwrap();
        written += record.len();
    }
    file.write_all(b"</records>").unwrap();
    file.flush().unwrap();
    rows
}
