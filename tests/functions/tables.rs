//! Tables, their rows, and SQL.

use http::header;
use serde_json::json;

use crate::harness::{Client, TestApp, samples};

async fn converted(app: &TestApp) -> Client {
    let client = app.user("ada").await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_listed_and_paged() {
    let app = TestApp::start().await;
    let client = app.user("grace").await;
    assert_eq!(client.get("/api/tables").await.expect(200).json()["items"], json!([]));
    let nothing = client.post("/api/tables/query", json!({ "sql": "select 1" })).await.expect(409);
    assert_eq!(nothing.code(), "nothing_converted");
    let client = converted(&app).await;
    let tables = client.get("/api/tables").await.expect(200).json();
    assert!(tables["items"].as_array().unwrap().iter().any(|table| table["name"] == "line" && table["rows"] == 3));
    let first = client.get("/api/tables/line?limit=2&sort=-qty").await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = client.get(&format!("/api/tables/line?limit=2&sort=-qty&cursor={cursor}")).await.expect(200).json();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["next_cursor"].clone()), (1, json!(null)));
    let filtered = client.get("/api/tables/line?filter=qty%3E%3D2;sku~b-").await.expect(200).json();
    assert_eq!(filtered["items"].as_array().unwrap().len(), 1);
    assert_eq!(filtered["matching"], json!(null));
    for (filter, rows) in [("qty%3E%3D2", 2), ("sku~no%20such", 0), ("", 3)] {
        let counted =
            client.get(&format!("/api/tables/line?limit=1&count=true&filter={filter}")).await.expect(200).json();
        assert_eq!(counted["matching"], json!({ "rows": rows, "complete": true }), "{filter}");
    }
    assert_eq!(client.get("/api/tables/nothing").await.expect(404).code(), "not_found");
    let unknown = client.get("/api/tables/line?sort=nothing").await.expect(400);
    assert_eq!(unknown.code(), "invalid_parameter");
    assert_eq!(client.get("/api/tables/line?filtre=qty=1").await.expect(400).code(), "invalid_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_are_not_there_any_more_as_they_were_are_named() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let outdated = async || client.get("/api/tables").await.expect(200).json()["outdated"].clone();
    assert_eq!(outdated().await, json!([]));
    let archive = samples::zip(&[("a.xml", samples::ORDERS.as_bytes())]);
    client.upload("folder/orders.zip", archive).await.expect(201);
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    client.upload("small.xml", "<l><b>1</b><b>2</b></l>").await.expect(201);
    let groups = client.get("/api/documents").await.json()["items"].clone();
    assert_eq!(groups.as_array().unwrap().len(), 3);
    let job = client.convert(json!({})).await;
    assert_eq!(job["result"]["inputs"].as_array().unwrap().len(), 3);
    assert_eq!(outdated().await, json!([]));
    // The same bytes again are no change, and neither is what came later.
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    client.upload("later.xml", samples::BOOKS).await.expect(201);
    assert_eq!(outdated().await, json!([]));
    client.upload("books.xml", "<l><b>1</b><b>2</b></l>").await.expect(201);
    client.delete("/api/files/input/folder/orders.zip").await.expect(204);
    assert_eq!(outdated().await, json!(["books.xml", "folder/orders.zip"]));
    client.convert(json!({})).await;
    assert_eq!(outdated().await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_answers_over_all_tables() {
    let app = TestApp::start().await;
    let client = converted(&app).await;
    let sql = "select o.customer, sum(l.qty) as pieces from \"order\" o join line l on l._parent = o._id group by 1 order by 1";
    let answer = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
    assert_eq!(answer["columns"], json!(["customer", "pieces"]));
    assert_eq!(answer["rows"], json!([["Ada", 12], ["Grace", 1]]));
    assert_eq!(answer["truncated"], false);
    let csv = client.post("/api/tables/query", json!({ "sql": sql, "format": "csv" })).await.expect(200);
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(csv.body, "customer,pieces\nAda,12\nGrace,1\n");
    let cut =
        client.post("/api/tables/query", json!({ "sql": "select * from line", "limit": 1 })).await.expect(200).json();
    assert_eq!((cut["rows"].as_array().unwrap().len(), cut["truncated"].clone()), (1, json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_that_is_not_one_question_is_refused() {
    let app = TestApp::start_with(&[("RET_SQL_SECONDS", "1")]).await;
    let client = converted(&app).await;
    let ask = |sql: &'static str| {
        let client = client.clone();
        async move { client.post("/api/tables/query", json!({ "sql": sql })).await }
    };
    for sql in ["drop table line", "select 1; drop table line", "pragma table_info(line)", "attach 'x' as y", ""] {
        assert_eq!(ask(sql).await.expect(422).code(), "sql_rejected", "{sql}");
    }
    let misspelt = ask("select colour from line").await.expect(422);
    assert!(misspelt.json()["detail"].as_str().unwrap().contains("no such column: colour"));
    assert_eq!(ask("select abs(-9223372036854775807 - 1)").await.expect(422).code(), "sql_failed");
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    let stopped = ask(endless).await.expect(408);
    let told = "the statement took longer than the second that it may; ask for less";
    assert_eq!((stopped.code().as_str(), &stopped.json()["detail"]), ("sql_timeout", &json!(told)));
    ask("select count(*) from line").await.expect(200);
}
