//! What is told of requests that cannot be taken, in the contract and in answers.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, Way};

/// The detail of a refusal, which speaks of the request and not of the libraries that read it.
async fn refused(client: &Client, path: &str, body: Value, code: &str) -> String {
    let answer = client.post(path, body).await;
    assert_eq!(answer.code(), code, "{path}: {:?}", answer.body);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    for word in ["deserialize", "struct", "u32", "usize", "hyphenated", "at line", "sequence"] {
        assert!(!detail.contains(word), "{path}: {detail}");
    }
    detail
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_fit_is_told_by_its_members() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    for (path, body, told) in [
        ("/api/chat", json!({}), "message: it is missing"),
        ("/api/chat", json!({ "message": "?", "id": "7" }), "id: takes a UUID"),
        ("/api/chat", json!({ "message": "?", "tables": "orders" }), "tables: takes a list"),
        ("/api/chat", json!({ "message": 7 }), "message: takes a text"),
        ("/api/tables/query", json!({ "sql": "SELECT 1", "limit": "all" }), "limit: takes a whole number from 0"),
        (
            "/api/tables/query",
            json!({ "sql": "SELECT 1", "format": "xml" }),
            "format: takes `json` or `csv`, not `xml`",
        ),
        ("/api/compare", json!("left"), "the body: takes an object"),
        // Not taken for its members in their order.
        ("/api/conversations", json!(["a title"]), "the body: takes an object"),
        ("/api/convert", json!([]), "the body: takes an object"),
        ("/api/convert", json!({ "layout": "wide" }), "layout: takes `auto`, `flat`, `relational`, not `wide`"),
        ("/api/convert", json!({ "csv": { "bom": 7 } }), "csv.bom: takes true or false"),
        ("/api/conversations", json!({ "titel": "?" }), "titel: there is no such member; known: "),
        ("/api/conversations", json!({ "model": "gpt-none" }), "model: takes 'extractive'"),
    ] {
        let detail = refused(&client, path, body, "invalid_body").await;
        assert!(detail.starts_with(told), "{path}: {detail}");
    }
    let json = ("content-type", "application/json");
    let broken = client.send(Method::POST, "/api/chat", "{\"message\": ".into(), &[json]).await.expect(400).json();
    assert_eq!(broken["detail"], "the body is not JSON: see line 1, column 12");
    let limit = client.get("/api/conversations?limit=many").await.expect(400).json();
    assert_eq!(limit["detail"], "limit: takes a whole number from 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_sizes_are_named_and_a_long_message_is_no_long_body() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let sql = json!({ "sql": "x".repeat(1 << 20) });
    assert!(refused(&client, "/api/tables/query", sql, "body_too_large").await.contains("1048576 bytes"));
    let made = client.post("/api/conversations", json!({})).await.expect(201).json();
    let path = format!("/api/conversations/{}/messages", made["id"].as_str().unwrap());
    let message = |length: usize| json!({ "role": "user", "content": "x".repeat(length) });
    let detail = refused(&client, &path, message((1 << 20) + 1), "message_too_large").await;
    let said = "what is sent has 1048605 bytes, written as JSON, and 1048576 are the limit; send it in parts";
    assert_eq!(detail, said);
    assert!(refused(&client, &path, message(3 << 20), "body_too_large").await.contains(" bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_with_what_there_is() {
    // Behind a Functions host nothing of this comes to the service.
    let app = TestApp::start_embedded(Way::Alone, &[]).await;
    let client = app.user("ada").await;
    let send = |method: Method, path: &'static str| client.send(method, path, Vec::new().into(), &[]);
    let detail = |answer: Answer| answer.json()["detail"].as_str().unwrap().to_owned();
    let nothing = send(Method::GET, "/api/converts").await.expect(404);
    assert_eq!(nothing.code(), "not_found");
    assert_eq!(detail(nothing), "there is no such path; the contract at /api/openapi.json lists what there is");
    for (method, path, takes) in [
        (Method::PATCH, "/api/tables", "the path takes GET, not PATCH"),
        (Method::POST, "/api/files/input/a.xml", "the path takes GET, DELETE, not POST"),
    ] {
        let refused = send(method, path).await.expect(405);
        assert_eq!(refused.code(), "method_not_allowed");
        assert!(detail(refused).starts_with(takes), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_no_event_is_refused() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let answered = client.post("/api/chat", json!({ "message": "Hello?" })).await.expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (conversation, message) = (text(&answered["conversation_id"]), text(&answered["message"]["id"]));
    let path = format!("/api/conversations/{conversation}/messages/{message}/events");
    let odd = client.send(Method::GET, &path, Vec::new().into(), &[("last-event-id", "7")]).await.expect(400);
    assert_eq!(
        (odd.code().as_str(), odd.json()["detail"].as_str().unwrap().starts_with("last-event-id: ")),
        ("invalid_parameter", true)
    );
    client.get(&path).await.expect(200);
}

#[test]
fn the_contract_has_what_every_operation_may_answer() {
    let contract = serde_json::to_value(ret::functions::openapi("RET")).unwrap();
    let mut limits = 0;
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let responses = &operation["responses"];
            if operation["security"].is_array() {
                assert!(responses["401"].is_object(), "{name}");
            }
            if operation["requestBody"]["content"]["application/json"].is_object() {
                assert!(["400", "413", "415"].iter().all(|status| responses[status].is_object()), "{name}");
            }
            if operation["tags"][0] != "health" {
                assert!(["429", "503"].iter().all(|status| responses[status].is_object()), "{name}");
                let all = responses.as_object().unwrap().values();
                assert!(
                    all.into_iter().all(|response| response["headers"]["RateLimit-Remaining"].is_object()),
                    "{name}"
                );
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["name"] == "limit" {
                    limits += 1;
                    assert_eq!(parameter["schema"]["minimum"], 1, "{name}: {parameter}");
                }
            }
        }
    }
    assert!(limits > 5);
    let append = &contract["paths"]["/api/conversations/{id}/messages"]["post"]["responses"]["201"];
    assert!(append["headers"]["x-durability"].is_object(), "{append}");
    let feedback = &contract["paths"]["/api/conversations/{id}/messages/{message}/feedback"]["put"];
    let schema = &feedback["requestBody"]["content"]["application/json"]["schema"];
    assert!(schema.is_object() && schema.get("type").is_none(), "any JSON: {schema}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_too_long_for_rules_is_answered_at_once() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let answered =
        client.post("/api/chat", json!({ "message": "many orders ".repeat(2_000) })).await.expect(200).json();
    assert!(answered["message"]["content"].as_str().unwrap().contains("at most 1500 bytes"), "{answered}");
}
