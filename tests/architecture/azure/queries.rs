//! Alerts and the workbook look for lines that the service says, and for fields that those have.

use std::collections::BTreeSet;

use regex::Regex;

use super::{between, files, read, read_json, root, set, source};

/// What a query compares the text of lines with.
fn texts(query: &str) -> BTreeSet<String> {
    let compared = Regex::new(r#"Text (?:==|startswith) "([^"]+)"|Text in \(([^)]+)\)"#).unwrap();
    let mut found = BTreeSet::new();
    for one in compared.captures_iter(query) {
        found.extend(one.get(1).map(|text| text.as_str().to_owned()));
        let list = one.get(2).map_or("", |list| list.as_str());
        found.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

#[test]
fn every_line_that_a_query_looks_for_is_said() {
    let source = source();
    let mut looked_for = 0;
    for path in files("infra/queries", ".kql") {
        for text in texts(&read(&path)) {
            assert!(source.contains(&format!("\"{text}")), "{path}: nobody says '{text}'");
            looked_for += 1;
        }
    }
    assert!(looked_for >= 8, "{looked_for}");
}

#[test]
fn every_field_that_a_query_asks_for_is_there() {
    let source = source();
    let lines = Regex::new(r"(?s)tracing::(?:info|warn|error)!\(.*?\);").unwrap();
    let lines: Vec<_> = lines.find_iter(&source).map(|line| line.as_str()).collect();
    // Of every line: the layer of src/telemetry.rs writes them.
    let of_every_line = ["level", "message", "spans"];
    let field = Regex::new(r"\bline\.(\w+)").unwrap();
    for path in files("infra/queries", ".kql") {
        let query = read(&path);
        for name in field.captures_iter(&query).map(|found| found.get(1).unwrap().as_str()) {
            let forms = [format!("{name} ="), format!("{name},"), format!("%{name}"), format!("?{name}")];
            let is_said = lines.iter().any(|line| forms.iter().any(|form| line.contains(form)));
            assert!(of_every_line.contains(&name) || is_said, "{path}: no line has {name}");
        }
    }
}

/// Of the fields of one line, where another line has fields of the same names.
#[test]
fn what_is_asked_of_conversations_is_in_the_very_line() {
    let source = source();
    let logging = read("docs/logging.md");
    let mut asked = BTreeSet::new();
    let field = Regex::new(r"\bline\.(\w+)").unwrap();
    for name in ["not-written", "waiting", "over-time"] {
        let path = format!("infra/queries/conversations-{name}.kql");
        let query = read(&path);
        let texts = texts(&query);
        assert_eq!(texts.len(), 1, "{path}");
        let text = format!("\"{}\"", texts.first().unwrap());
        let before = source.split(&text).next().unwrap();
        let said = before.rsplit("tracing::info!(").next().unwrap();
        let fields = set(said.split(',').map(str::trim).filter(|field| !field.is_empty()));
        for name in field.captures_iter(&query).map(|found| found[1].to_owned()) {
            assert!(fields.contains(&name), "{path}: the line has no {name}, but {fields:?}");
            assert!(logging.contains(&format!("`{name}`")), "docs/logging.md does not tell of {name}");
            asked.insert(name);
        }
    }
    assert_eq!(asked, set(["dead_letters", "hit_percent", "journaled", "memory_percent", "oldest_ms"]));
}

#[test]
fn codes_and_functions_that_a_query_names_are_there() {
    let source = source();
    let compared = Regex::new(r"code in \(([^)]+)\)").unwrap();
    let mut codes = 0;
    for path in files("infra/queries", ".kql") {
        let query = read(&path);
        for code in compared.captures_iter(&query).flat_map(|found| found.get(1).unwrap().as_str().split(", ")) {
            assert!(source.contains(code), "{path}: there is no code {code}");
            codes += 1;
        }
        for name in between(&query, "Function == \"", "\"").into_iter().chain(between(&query, "Function != \"", "\"")) {
            assert!(root().join("functions").join(name).is_dir(), "{path}: there is no function {name}");
        }
    }
    assert!(codes > 0);
}

#[test]
fn every_query_is_used_and_every_alert_is_explained() {
    let alerts = read("infra/modules/alerts.bicep");
    let workbook = read("infra/modules/workbook.bicep");
    for path in files("infra/queries", ".kql") {
        let name = path.rsplit('/').next().unwrap();
        assert!(alerts.contains(name) || workbook.contains(name), "{path} is used by nothing");
    }
    let operations = read("docs/operations.md");
    let rule = Regex::new(r"(?m)name: '([a-z-]+)'\n +title: ").unwrap();
    let rules: Vec<_> = rule.captures_iter(&alerts).map(|found| found[1].to_owned()).collect();
    assert!(rules.len() >= 10, "{rules:?}");
    for name in rules {
        assert!(operations.contains(&format!("`{name}`")), "docs/operations.md does not say what to do at {name}");
    }
}

/// The platform would keep a part only of what it samples, and an alert on a single line would miss it.
#[test]
fn lines_and_requests_are_not_sampled() {
    let sampling = &read_json("host.json")["logging"]["applicationInsights"]["samplingSettings"];
    let excluded: Vec<_> = sampling["excludedTypes"].as_str().unwrap().split(';').collect();
    assert!(["Request", "Exception", "Trace"].iter().all(|kind| excluded.contains(kind)), "{excluded:?}");
}

#[test]
fn the_reader_of_queries_sees_all_forms() {
    let query = r#"where Text in ("a b", "c") | where Text == "d" and Text startswith "e""#;
    assert_eq!(texts(query), set(["a b", "c", "d", "e"]));
}
