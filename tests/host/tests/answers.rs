//! What becomes of each answer in `response-cases.json`, and of those that the others in `tests/data/host` are.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::{
    raw_handler::RawHandler,
    support::{data, get, http_function, is_alive, options, post, soon, staged},
};
use crate::host::{
    Host,
    answer::{Answer, Output, classify, output_bytes},
    function::DataType,
    http_value,
};

fn cases() -> Vec<Value> {
    serde_json::from_str(&data("response-cases.json")).unwrap()
}

fn answer(status: u64, content_type: Option<&str>, body: &str) -> Answer {
    let mut response = Response::builder().status(u16::try_from(status).unwrap());
    if let Some(content_type) = content_type {
        response = response.header("content-type", content_type);
    }
    classify(&response.body(Bytes::from(body.to_owned())).unwrap())
}

fn successful(name: &str) -> Output {
    match answer(200, Some("application/json"), &data(name)) {
        Answer::Success(output) => output,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_case_is_classified_as_it_says() {
    let mut kinds = Vec::new();
    for case in cases() {
        let result = case["host_result"].as_str().unwrap();
        // Redirects are followed before anything is classified.
        if case["status"] == 302 {
            continue;
        }
        let found =
            answer(case["status"].as_u64().unwrap(), case["content_type"].as_str(), case["body"].as_str().unwrap());
        let kind = match &found {
            Answer::Success(output) => {
                let says_logs = case["body"].as_str().unwrap().contains("\"x\"");
                assert_eq!(output.logs, if says_logs { vec!["x"] } else { vec![] }, "{case}");
                "success"
            }
            Answer::Hang => "HANG",
            Answer::Failure(_) => "FAIL",
        };
        assert!(result.starts_with(kind), "{case} is {found:?}");
        kinds.push(kind);
    }
    assert_eq!(kinds.len(), 11);
}

#[test]
fn answers_are_read_as_they_are_meant() {
    assert_eq!(successful("response-ok-minimal.json"), Output::default());
    assert_eq!(successful("response-ok-full.json").logs, ["flushed 3 dirty entries"]);
    let queued = successful("response-ok-queue-output.json");
    assert_eq!(queued.outputs["outqueue"], json!(["{\"job\":1}", "{\"job\":2}"]));
}

#[tokio::test]
async fn an_http_output_becomes_the_answer() {
    let response = http_value::response(Some("res"), &successful("response-ok-http.json")).unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (201, &"application/json".parse().unwrap())
    );
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), r#"{"ok":true}"#);
    assert_eq!(http_value::response(Some("res"), &Output::default()).unwrap().status(), 204);
    let mut text_only = Output::default();
    text_only.outputs.insert("res".to_owned(), json!("not an object"));
    assert!(http_value::response(Some("res"), &text_only).is_none());
}

#[test]
fn texts_that_happen_to_be_base64_are_decoded_for_other_outputs() {
    assert_eq!(output_bytes(&json!("test"), DataType::Text), [0xb5, 0xeb, 0x2d]);
    assert_eq!(output_bytes(&json!("test"), DataType::Binary), b"test");
    assert_eq!(output_bytes(&json!("no base64"), DataType::Text), b"no base64");
}

/// A host whose handler answers so, in the default mode, to functions that may take so long.
async fn host_answered(answer: &str, timeout: Duration) -> (Host, RawHandler, tempfile::TempDir) {
    let handler = RawHandler::start(answer).await;
    let folder = staged(&handler.host_json(json!({})), &[("act", http_function("act", json!(["get", "post"])))]);
    let mut options = options(&folder);
    options.timings.function_timeout = Some(timeout);
    (Host::start(options).await.unwrap(), handler, folder)
}

#[tokio::test]
async fn each_case_ends_as_it_says_and_a_hang_costs_the_process() {
    for case in cases().iter().filter(|case| case["status"] != 302) {
        let content_type =
            case["content_type"].as_str().map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
        let (status, body) = (&case["status"], case["body"].as_str().unwrap());
        let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let answer = format!("HTTP/1.1 {status} X\r\n{content_type}{length}Connection: close\r\n\r\n{body}");
        let result = case["host_result"].as_str().unwrap();
        let timeout = Duration::from_millis(if result.starts_with("HANG") { 300 } else { 9000 });
        let (host, _handler, _folder) = host_answered(&answer, timeout).await;
        let first = host.handler().await.unwrap().process_id;
        let answer = soon(post(host.address(), "/api/act", "x")).await;
        let expected = if result.starts_with("success") { 204 } else { 500 };
        assert_eq!(answer.status, expected, "{case}");
        let second = soon(host.handler()).await.unwrap().process_id;
        assert_eq!(first != second, result.starts_with("HANG"), "{case}");
        assert_eq!(is_alive(first), !result.starts_with("HANG"), "{case}");
        let records = host.logs().records();
        let says_logs = records.iter().any(|record| record.category == "Function.act.User" && record.text == "x");
        assert_eq!(says_logs, body.contains("\"x\""), "{case}");
        host.stop().await;
    }
}

#[tokio::test]
async fn redirects_are_followed_in_the_default_mode() {
    let target = RawHandler::start(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    )
    .await;
    let answer = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}/there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        target.port
    );
    let (host, _handler, _folder) = host_answered(&answer, Duration::from_secs(9)).await;
    assert_eq!(soon(get(host.address(), "/api/act")).await.status, 204);
    let followed = target.request(0).await;
    assert_eq!((followed.method.as_str(), followed.target.as_str()), ("GET", "/there"));
    host.stop().await;
}
