//! The encoders make exactly the bodies of `tests/data/host`.

use http::{HeaderMap, HeaderName};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};
use uuid::uuid;

use super::support::data;
use crate::host::{
    function::DataType,
    http_value::HttpRequest,
    metadata::{RetryContext, System},
    queue,
    queue_store::ReceivedMessage,
    schedule::Schedule,
    timer,
    timer_store::ScheduleStatus,
};

const PAYLOAD: &str =
    r#"{"job_id":"a1b2","kind":"convert","attempt":1,"urgent":true,"opts":{"fmt":"md"},"tags":["x"]}"#;

fn system(function: &str, now: OffsetDateTime) -> System<'_> {
    System { function, now, id: uuid!("24ad4c06-24ad-4e5b-8294-3da9714877e9") }
}

fn queue_body(data_type: DataType, content: &str, retry: Option<RetryContext>) -> String {
    let message = ReceivedMessage {
        id: "800ae4b3-bdd2-4c08-badd-f08e5a34b865".to_owned(),
        pop_receipt: "AgAAAAMAAAAAAAAAAgtnj8x+1QE=".to_owned(),
        text: String::new(),
        dequeue_count: 1,
        inserted: datetime!(2026-03-01 10:00:00.4 UTC),
        expires: datetime!(2026-03-08 10:00 UTC),
        next_visible: datetime!(2026-03-01 10:10:01 UTC),
    };
    let system = system("convertworker", datetime!(2026-03-01 10:00:01.220_539_9 UTC));
    String::from_utf8(queue::encode("item", data_type, content.as_bytes(), &message, &system, retry)).unwrap()
}

#[test]
fn queue_messages_become_the_captured_bodies() {
    assert_eq!(queue_body(DataType::Text, PAYLOAD, None), data("queue-request.json"));
    assert_eq!(queue_body(DataType::Text, "hello world", None), data("queue-request-plaintext.json"));
    assert_eq!(queue_body(DataType::Binary, PAYLOAD, None), data("queue-request-binary.json"));
    let collision = r#"{"id":"job-7","kind":"convert"}"#;
    assert_eq!(queue_body(DataType::Text, collision, None), data("queue-request-id-collision.json"));
}

#[test]
fn a_retried_message_says_which_attempt_it_is() {
    let body = queue_body(DataType::Text, "hello world", Some(RetryContext { count: 1, at_most: 2 }));
    let mut expected: Value = serde_json::from_str(&data("queue-request-retrycontext.json")).unwrap();
    expected.as_object_mut().unwrap().remove("_inferred");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
}

fn timer_body(schedule: &str, status: Option<ScheduleStatus>, is_past_due: bool, now: OffsetDateTime) -> String {
    let (schedule, system) = (Schedule::parse(schedule).unwrap(), system("writeback", now));
    String::from_utf8(timer::encode("timer", &schedule, status.as_ref(), is_past_due, &system)).unwrap()
}

#[test]
fn ticks_become_the_captured_bodies() {
    let cron = "0 */5 * * * *";
    let next = datetime!(2026-03-01 10:05 UTC);
    let last = datetime!(2026-03-01 10:00:00.009_832_1 UTC);
    let ran = ScheduleStatus { last: Some(last), next, updated: last };
    let body = timer_body(cron, Some(ran), false, datetime!(2026-03-01 10:05:00.012_345_6 UTC));
    assert_eq!(body, data("timer-request.json"));

    let new = ScheduleStatus { last: None, next, updated: datetime!(2026-03-01 10:01:12.551_234_5 UTC) };
    let body = timer_body(cron, Some(new), true, datetime!(2026-03-01 10:07:41.441_002_2 UTC));
    assert_eq!(body, data("timer-request-pastdue-firstrun.json"));

    let now = datetime!(2026-03-01 10:05:30.000_432_1 UTC);
    assert_eq!(timer_body("*/15 * * * * *", None, false, now), data("timer-request-nomonitor.json"));
    assert_eq!(timer_body("00:00:30", None, false, now), data("timer-request-constant-schedule.json"));
}

#[test]
fn a_request_becomes_the_captured_body() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("accept", "*/*"),
        ("host", "localhost:7071"),
        ("user-agent", "curl/8.5.0"),
        ("content-type", "application/json"),
        ("content-length", "27"),
    ] {
        headers.insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    let request = HttpRequest {
        method: "POST",
        path: "/api/convert/42",
        query: "fmt=md&tag=a&tag=b",
        headers: &headers,
        parameters: &vec![("id".to_owned(), "42".to_owned())],
        body: br#"{"name":"Ada","note":"a&b"}"#,
        auth_level: "Admin",
    };
    let body = request.encode("req", &system("convert", datetime!(2026-03-01 10:05:00.012_345_6 UTC)));
    assert_eq!(String::from_utf8(body).unwrap(), data("http-nonforward-request.json"));
}

#[test]
fn bodies_of_two_types_are_base64_and_others_are_text() {
    let body_as = |content_type: &str, body: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        let (method, path, query, parameters, auth_level) = ("POST", "/", "", &Vec::new(), "Admin");
        let request = HttpRequest { method, path, query, headers: &headers, parameters, body, auth_level };
        let encoded = request.encode("req", &system("f", datetime!(2026-03-01 10:05 UTC)));
        serde_json::from_slice::<Value>(&encoded).unwrap()["Data"]["req"]["Body"].clone()
    };
    assert_eq!(body_as("application/octet-stream", b"\xff"), "/w==");
    assert_eq!(body_as("multipart/form-data; boundary=x", b"a"), "YQ==");
    assert_eq!(body_as("application/zip", b"\xff"), "\u{fffd}");
    assert_eq!(body_as("text/plain", b""), Value::Null);
}
