//! How much memory `ret convert` takes on one thread: as much for a gigabyte as for a tenth of it. Each thread more has blocks of its own.

use std::{fs::File, path::Path, process::Command, time::Instant};

use serde_json::Value;

use super::documents::Kind;

const MEBIBYTE: u64 = 1 << 10;
const MEGABYTE: u64 = 1_000_000;

/// What a conversion took.
struct Taken {
    resident_kib: u64,
    seconds: f64,
    report: Value,
    records: u64,
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn a_gigabyte_of_flat_records_takes_as_little_memory_as_a_tenth() {
    check_growth(Kind::Flat, "record");
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn a_gigabyte_of_nested_records_takes_as_little_memory_as_a_tenth() {
    check_growth(Kind::Nested, "order");
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn a_gigabyte_of_attributes_takes_as_little_memory_as_a_tenth() {
    check_growth(Kind::Attributes, "row");
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn a_gigabyte_of_text_takes_as_little_memory_as_a_tenth() {
    check_growth(Kind::Text, "article");
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn ten_thousand_paths_fit_into_little_memory() {
    let taken = convert(Kind::Paths, 100 * MEGABYTE);
    print("100 MB of 10,000 distinct paths in 100 tables", &taken);
    assert_eq!(taken.report["tables"].as_array().unwrap().len(), 100, "the root, and 99 kinds");
    assert_eq!(taken.report["rows"], taken.records + 1);
    assert!(taken.resident_kib <= 64 * MEBIBYTE, "{} KiB", taken.resident_kib);
}

#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn two_hundred_levels_fit_into_little_memory() {
    let taken = convert(Kind::Deep, 100 * MEGABYTE);
    print("100 MB of records 200 levels deep", &taken);
    assert_eq!(taken.report["rows"], taken.records);
    assert!(taken.resident_kib <= 32 * MEBIBYTE, "{} KiB", taken.resident_kib);
}

/// A cell is never cut, so a value is held whole, more than once on its way.
#[test]
#[ignore = "a figure: run by scripts/measure on the release build"]
fn one_text_of_sixty_megabytes_is_held_a_few_times() {
    let taken = convert(Kind::LongText, 60 * MEGABYTE);
    print("one text of 60 MB", &taken);
    assert_eq!(taken.report["rows"], 1);
    assert!(taken.resident_kib <= 320 * MEBIBYTE, "{} KiB", taken.resident_kib);
}

fn check_growth(kind: Kind, record: &str) {
    let small = convert(kind, 100 * MEGABYTE);
    print(&format!("100 MB {kind:?} document"), &small);
    let large = convert(kind, 1_000 * MEGABYTE);
    print(&format!("1 GB {kind:?} document"), &large);
    for taken in [&small, &large] {
        assert_eq!(rows_of(&taken.report, record), taken.records);
        assert!(taken.resident_kib <= 32 * MEBIBYTE, "{} KiB", taken.resident_kib);
    }
    let (least, most) = (small.resident_kib.min(large.resident_kib), small.resident_kib.max(large.resident_kib));
    assert!(most * 10 <= least * 11, "{least} and {most} KiB differ by more than a tenth");
}

fn rows_of(report: &Value, table: &str) -> u64 {
    let tables = report["tables"].as_array().unwrap();
    tables.iter().find(|found| found["name"] == table).and_then(|found| found["rows"].as_u64()).unwrap_or_default()
}

fn print(what: &str, taken: &Taken) {
    let resident = taken.resident_kib as f64 / MEBIBYTE as f64;
    println!("FIGURE {what}: {resident:.1} MiB resident at most, {:.1} s", taken.seconds);
}

fn convert(kind: Kind, bytes: u64) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("document.xml");
    let records = kind.write(bytes, &mut File::create(&document).unwrap()).unwrap();
    let started = Instant::now();
    let (report, resident_kib) = run(&document, &folder.path().join("tables"));
    Taken { resident_kib, seconds: started.elapsed().as_secs_f64(), report, records }
}

fn run(document: &Path, tables: &Path) -> (Value, u64) {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_ret"), "convert", "--json", "--threads", "1"])
        .arg(document)
        .arg("-o")
        .arg(tables)
        .output()
        .expect("the package 'time' is installed (apt-get install time)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let resident = String::from_utf8_lossy(&output.stderr).trim().parse().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), resident)
}
