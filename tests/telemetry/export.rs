//! Traces and figures as a collector gets them.

use std::{collections::BTreeSet, time::Duration, time::Instant};

use http::Method;
use serde_json::json;

use crate::{
    harness::{ADMIN_PASSWORD, Client, Collector, Process, Servers, borrowed, samples},
    platform::{self, Platform},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Uploads a document and has it converted, all in the trace of a caller.
async fn work_in_a_trace(client: &Client) {
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    let header = ("traceparent", traceparent.as_str());
    let document = samples::ORDERS.to_owned();
    client.send(Method::PUT, "/api/upload/orders.xml", document.into(), &[header]).await.expect(201);
    let job = client.post_with("/api/convert", json!({}), header).await.expect(202).json();
    let job = client.job_end(job["job_id"].as_str().unwrap(), Duration::from_secs(120)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
}

/// The trace of that work: who called what, by the names of the log.
async fn assert_trace(collector: &Collector, convert_id: Option<&str>) {
    let is_ours = |name: &'static str, function: &'static str| {
        move |span: &crate::harness::SeenSpan| {
            span.name == name
                && span.trace == TRACE
                && (function.is_empty() || span.attribute("function").as_deref() == Some(function))
        }
    };
    for function in ["upload", "convert"] {
        let invocation = collector.span(is_ours("invocation", function)).await;
        assert_eq!((invocation.parent.as_str(), invocation.kind), (CALLER, 2), "{invocation:?}");
        let request = collector.span(|span| span.name == "request" && span.parent == invocation.id).await;
        assert_eq!((request.trace.as_str(), request.kind), (TRACE, 1), "{request:?}");
        assert_eq!(request.attribute("trace_id").as_deref(), Some(TRACE));
        if function == "upload" {
            assert_eq!(request.attribute("path").as_deref(), Some("/api/upload/orders.xml"));
            continue;
        }
        let job = collector.span(|span| span.name == "job" && span.parent == request.id).await;
        assert_eq!((job.trace.as_str(), job.kind), (TRACE, 5), "{job:?}");
        assert!(job.attribute("job_id").is_some_and(|id| convert_id.is_none_or(|asked| asked == id)), "{job:?}");
        let links: Vec<_> = job.whole.links.iter().map(|link| link.span_id.clone()).collect();
        let worker = |span: &crate::harness::SeenSpan| {
            span.attribute("function").as_deref() == Some("convert_worker") && links.contains(&span.whole.span_id)
        };
        collector.span(worker).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_and_its_conversion_are_one_trace() {
    let collector = Collector::start().await;
    let mut settings = collector.settings();
    settings.push(("OTEL_EXPORTER_OTLP_HEADERS".into(), "api-key=a%20key".into()));
    settings.push(("OTEL_SERVICE_NAME".into(), "ret-under-test".into()));
    settings.push(("LOG_LEVEL".into(), "debug".into()));
    let mut process = Process::start(&borrowed(&settings)).await;
    let client = process.admin().await;
    work_in_a_trace(&client).await;
    client.get("/api/auth/me").await.expect(200);
    let metrics = client.get("/api/metrics").await.expect(200);
    tokio::task::block_in_place(|| process.stop());

    assert_trace(&collector, None).await;
    let spans = collector.spans();
    let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["invocation", "job", "request"]), "no spans of libraries");
    let alone = spans.iter().find(|span| span.attribute("path").as_deref() == Some("/api/auth/me")).unwrap();
    assert_ne!(alone.trace, TRACE);
    assert!(
        process.printed().contains(&format!("trace_id=\"{}\"", alone.trace)),
        "the log names the trace that is sent"
    );
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    let with_values = |name: &&str| {
        metrics.lines().any(|line| line.starts_with(&format!("{name} ")) || line.starts_with(&format!("{name}{{")))
    };
    let named: BTreeSet<_> =
        metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let named: BTreeSet<_> = named.into_iter().filter(with_values).map(str::to_owned).collect();
    assert!(named.len() > 15 && collector.figures().is_superset(&named), "{:?} in {named:?}", collector.figures());
    assert!(collector.headers().iter().all(|headers| headers["api-key"] == "a key"));
    let whole = collector.whole();
    assert!(whole.contains("ret-under-test") && whole.contains("service.instance.id"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_in_the_process_of_the_worker() {
    let (collector, Some(servers)) = (Collector::start().await, Servers::fresh().await) else { return };
    let mut settings = servers.settings();
    settings.extend(collector.settings());
    let Some(platform) = Platform::staged(&borrowed(&settings)).await else { return };
    let http = platform.start("http").await;
    let _worker = platform.start("function:convert_worker").await;
    work_in_a_trace(&platform::admin(&http).await).await;
    assert_trace(&collector, None).await;
}

/// What the service does for somebody must not show anything of the collector's state.
async fn works(process: &Process) {
    let client = process.client().login("admin", ADMIN_PASSWORD).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_broken_does_no_harm() {
    let collector = Collector::start().await;
    for status in [500, 400, 0] {
        collector.answer(status);
        let process = Process::start(&borrowed(&collector.settings())).await;
        let calls = collector.calls_beyond(0).await;
        works(&process).await;
        collector.calls_beyond(calls).await;
        ends(process, status != 0);
    }
    let nobody = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_METRIC_EXPORT_INTERVAL", "100")];
    let process = Process::start(&nobody).await;
    works(&process).await;
    ends(process, true);
}

/// It ends in time, and has told once that nothing can be sent: for traces, and for figures.
fn ends(mut process: Process, tells: bool) {
    let begun = Instant::now();
    tokio::task::block_in_place(|| process.stop());
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let printed = process.printed();
    let told = printed.matches("the collector does not take what is sent").count();
    assert!((1..=2).contains(&told) || !tells, "{told}: {printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_once_is_sent_again() {
    let collector = Collector::start().await;
    collector.answer(400);
    let mut settings = collector.settings();
    settings.push(("LOG_LEVEL".into(), "info".into()));
    let process = Process::start(&borrowed(&settings)).await;
    let calls = collector.calls_beyond(3).await;
    collector.answer(200);
    collector.calls_beyond(calls + 3).await;
    assert!(collector.figures().contains("ret_open_sessions"));
    let printed = process.printed();
    let failed = printed.find("the collector does not take what is sent");
    let again = printed.find("the collector takes what is sent again");
    assert!(failed.is_some() && failed < again, "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_the_collector() {
    let collector = Collector::start().await;
    let folder = tempfile::TempDir::new().unwrap();
    for (status, said) in [(200, "ok    OTEL_EXPORTER_OTLP_ENDPOINT: http://"), (401, "/v1/metrics: answered 401")] {
        collector.answer(status);
        let mut doctor = tokio::process::Command::new(env!("CARGO_BIN_EXE_ret"));
        doctor
            .arg("doctor")
            .envs(collector.settings())
            .env("RET_RUNTIME_ROOT", folder.path())
            .env("RET_HTTP_PORT", "0");
        let told = doctor.output().await.unwrap();
        let text = String::from_utf8(told.stdout).unwrap();
        assert!(told.status.success() && text.contains(said), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_started_where_no_collector_is_named() {
    let sends = |process: &Process| process.threads().iter().any(|name| name.starts_with("OpenTelemetry"));
    let collector = Collector::start().await;
    assert!(sends(&Process::start(&borrowed(&collector.settings())).await), "the threads have other names by now");
    assert!(!sends(&Process::start(&[("OTEL_SERVICE_NAME", "ret")]).await));
}
