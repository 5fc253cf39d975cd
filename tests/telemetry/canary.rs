//! No secret and nothing that people bring stands in a log, or in what a collector gets, at the most talkative level.

use super::visit::{Canaries, visit};
use crate::{
    harness::{COSMOS_KEY, Collector, ModelServer, Process, Servers, borrowed},
    platform::{self, Platform},
};

/// Lets a collector of figures in.
pub const METRICS_KEY: &str = "zqmetricskey-of-the-service";

const SIGNING_KEY: &str = "zqsigningkey-of-the-service-long-enough";
const COLLECTOR_KEY: &str = "zqcollectorkey";

/// Settings with secrets, and the level at which everything speaks.
fn settings(collector: &Collector, model: &ModelServer) -> Vec<(String, String)> {
    let mut settings = collector.settings();
    settings.extend(model.openai_settings());
    let own = [
        ("LOG_LEVEL", "debug,ret=trace".to_owned()),
        ("JWT_SECRET_KEY", SIGNING_KEY.to_owned()),
        ("RET_METRICS_KEY", METRICS_KEY.to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", format!("api-key={COLLECTOR_KEY}")),
    ];
    settings.extend(own.map(|(name, value)| (name.to_owned(), value)));
    settings
}

/// Asserts that nothing of it is in there, and shows where if it is.
fn assert_untold(canaries: &Canaries, place: &str, text: &str) {
    let text = text.to_ascii_lowercase();
    let mut told = Vec::new();
    for (what, word) in canaries {
        for (at, _) in text.match_indices(&word.to_ascii_lowercase()).take(2) {
            let from = text[..at].char_indices().rev().nth(200).map_or(0, |(at, _)| at);
            let around: String = text[from..].chars().take(500).collect();
            told.push(format!("{what}: …{around}…"));
        }
    }
    assert!(told.is_empty(), "{place} tells {} times:\n{}", told.len(), told.join("\n\n"));
}

fn with_secrets_of_settings(mut canaries: Canaries, more: &[&str]) -> Canaries {
    let own = [SIGNING_KEY, METRICS_KEY, COLLECTOR_KEY];
    canaries.extend(own.iter().chain(more).map(|secret| ("a secret of the settings".to_owned(), (*secret).to_owned())));
    canaries
}

/// That the log was talkative, and the collector was told, or else nothing was shown.
fn assert_was_told(collector: &Collector, log: &str) {
    for part in ["conversion done", "request refused", "request answered", "logged out"] {
        assert!(log.contains(part), "the log does not tell of {part}");
    }
    assert!(log.contains("TRACE") || log.contains("DEBUG"));
    assert!(collector.spans().len() > 100 && !collector.figures().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_alone() {
    let (collector, model) = (Collector::start().await, ModelServer::start().await);
    let mut process = Process::start(&borrowed(&settings(&collector, &model))).await;
    let canaries = with_secrets_of_settings(visit(&process.client(), &model).await, &[]);
    tokio::task::block_in_place(|| process.stop());
    let log = process.printed();
    assert_was_told(&collector, &log);
    assert_untold(&canaries, "the log", &log);
    assert_untold(&canaries, "the collector", &collector.whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_on_azures_stores() {
    let (collector, model) = (Collector::start().await, ModelServer::start().await);
    let Some(servers) = Servers::fresh().await else { return };
    let mut settings = settings(&collector, &model);
    settings.extend(servers.settings());
    let Some(platform) = Platform::staged(&borrowed(&settings)).await else { return };
    let http = platform.start("http").await;
    let worker = platform.start("function:convert_worker").await;
    let timers = [platform.start("function:cleanup").await, platform.start("function:writeback").await];
    let visited = visit(&platform::client(&http), &model).await;
    timers[0].fire_timer("cleanup").await.unwrap();
    timers[1].fire_timer("writeback").await.unwrap();
    collector.span(|span| span.attribute("function").as_deref() == Some("writeback")).await;

    let mut keys = vec![COSMOS_KEY.to_owned()];
    for account in [&servers.azurite, platform.account()] {
        let connection = account.connection_string();
        let key = connection.split(';').find_map(|part| part.strip_prefix("AccountKey=")).unwrap();
        keys.push(key.to_owned());
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let canaries = with_secrets_of_settings(visited, &keys);
    let mut whole = String::new();
    let [cleanup, writeback] = timers;
    for (name, host) in [("http", http), ("worker", worker), ("cleanup", cleanup), ("writeback", writeback)] {
        let records = host.logs().records();
        let log: String = records.iter().map(|record| record.text.clone() + "\n").collect();
        assert_untold(&canaries, &format!("the log of {name}"), &log);
        whole.push_str(&log);
        host.stop().await;
    }
    assert_was_told(&collector, &whole);
    assert_untold(&canaries, "the collector", &collector.whole());
}
