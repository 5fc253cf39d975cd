//! Conversions, from the request to the tables.

use std::time::Duration;

use serde_json::json;

use crate::harness::{TestApp, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_gives_tables_that_say_where_they_came_from() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    let job = client.convert(json!({})).await;
    assert_eq!(job["state"], "succeeded");
    let progress = &job["progress"];
    assert_eq!(progress["bytes_done"], progress["bytes_total"]);
    assert_eq!((progress["documents_done"].as_u64(), progress["documents_total"].as_u64()), (Some(1), Some(1)));
    let result = &job["result"];
    assert_eq!(result["documents"], json!({ "converted": 1, "failed": 0 }));
    let tables = result["tables"].as_array().unwrap();
    let line = tables.iter().find(|table| table["name"] == "line").unwrap();
    assert_eq!((line["rows"].as_u64(), line["format"].as_str()), (Some(3), Some("csv")));
    assert_eq!(line["parent"], json!({ "table": "order", "column": "_id" }));
    assert_eq!(line["primary_key"], "_id");
    let quantity = line["columns"].as_array().unwrap().iter().find(|column| column["name"] == "qty").unwrap();
    assert_eq!(
        (quantity["type"].as_str(), quantity["source_path"].as_str()),
        (Some("integer"), Some("/orders/order/line/qty"))
    );
    assert_eq!(result["rows"].as_u64(), Some(tables.iter().map(|table| table["rows"].as_u64().unwrap()).sum()));
    let path = format!("/api/files/{}", line["path"].as_str().unwrap());
    let csv = client.get(&path).await.expect(200);
    assert_eq!(csv.body.len() as u64, line["bytes"].as_u64().unwrap());
    assert!(String::from_utf8(csv.body.to_vec()).unwrap().contains("B-7,10"));
    let package = client.get("/api/files/output/datapackage.json").await.expect(200).json();
    assert_eq!(package["resources"].as_array().unwrap().len(), tables.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn options_and_csv_details_are_honoured() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("books.xml", "<l><b><t>=1+1</t><y>1815</y></b><b><t>two; parts</t></b></l>").await.expect(201);
    let csv = json!({ "delimiter": ";", "bom": true, "guard_formulas": true, "line_end": "crlf" });
    let job = client.convert(json!({ "layout": "flat", "record": "b", "csv": csv })).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let path = job["result"]["tables"][0]["path"].as_str().unwrap().to_owned();
    let file = client.get(&format!("/api/files/{path}")).await.expect(200);
    assert_eq!(&file.body[..], "\u{feff}t;y\r\n'=1+1;1815\r\n\"two; parts\";\r\n".as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_first_rows_and_writes_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let before = app.session_files();
    for _ in 0..2 {
        let preview = client.post("/api/convert/preview", json!({ "rows": 2 })).await.expect(200).json();
        let table = &preview["tables"][0];
        assert_eq!((table["name"].as_str(), table["rows_estimate"].as_u64()), (Some("book"), Some(3)));
        assert_eq!(table["rows"], json!([["Emma", "1815"], ["Persuasion", "1817"]]));
        assert_eq!(preview["groups"][0]["record"], json!({ "path": "/library/book", "rows": 3 }));
    }
    assert_eq!(app.app.stores().session_cache.stats().hits_memory, 1, "the second one comes from the cache");
    assert_eq!(app.session_files(), before);
    let too_many = client.post("/api/convert/preview", json!({ "rows": 201 })).await.expect(400);
    assert_eq!(too_many.code(), "invalid_parameter");
    let wrong = client.post("/api/convert/preview", json!({ "layout": "flat", "record": "nothing" })).await.expect(422);
    assert_eq!(wrong.code(), "conversion_impossible");
    assert!(wrong.json()["detail"].as_str().unwrap().contains("book"), "the candidates are named");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_document_is_skipped_or_fails_the_job_as_asked() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let archive = samples::zip(&[("good.xml", samples::BOOKS.as_bytes()), ("bad.xml", samples::BROKEN.as_bytes())]);
    client.upload("two.zip", archive).await.expect(201);
    let skipped = client.convert(json!({})).await;
    assert_eq!(skipped["result"]["documents"], json!({ "converted": 1, "failed": 1 }));
    let error = &skipped["result"]["errors"][0];
    assert_eq!((error["file"].as_str(), error["line"].as_u64()), (Some("two.zip/bad.xml"), Some(2)));
    let failed = client.convert(json!({ "on_error": "fail" })).await;
    assert_eq!((failed["state"].as_str(), failed["error"]["code"].as_str()), (Some("failed"), Some("document_errors")));
    assert_eq!(failed["error"]["errors"].as_array().unwrap().len(), 1);
    let outputs = client.get("/api/files?area=output").await.json();
    assert_eq!(outputs["items"].as_array().unwrap().len(), 2, "the earlier tables are still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_cannot_be_done_say_why() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    assert_eq!(client.post("/api/convert", json!({})).await.expect(422).code(), "nothing_to_convert");
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let post = |body| client.post("/api/convert", body);
    let unknown = post(json!({ "groups": ["NOWHERE"] })).await.expect(422);
    assert_eq!(unknown.code(), "unknown_documents");
    assert!(unknown.json()["detail"].as_str().unwrap().contains("ROOT"));
    if !cfg!(feature = "parquet") {
        let formats = client.get("/api/convert/formats").await.expect(200).json();
        let formats: Vec<_> = formats["items"].as_array().unwrap().iter().map(|one| one["format"].clone()).collect();
        assert_eq!(formats, ["csv", "xlsx", "jsonl"]);
        let refused = post(json!({ "format": "parquet" })).await.expect(422);
        assert_eq!(refused.code(), "format_unavailable");
        assert!(refused.json()["detail"].as_str().unwrap().contains("build with the feature 'parquet'"), "{refused:?}");
    }
    assert_eq!(post(json!({ "layout": "round" })).await.expect(400).code(), "invalid_body");
    assert_eq!(post(json!({ "layuot": "flat" })).await.expect(400).code(), "invalid_body");
    let misspelt = client.post("/api/convert/preview", json!({ "rows": 1, "layuot": "flat" })).await.expect(400);
    assert_eq!(misspelt.code(), "invalid_body");
    let delimiter = post(json!({ "csv": { "delimiter": "\"" } })).await.expect(422);
    assert_eq!(delimiter.code(), "conversion_impossible");
    for path in ["/api/convert", "/api/convert/preview"] {
        let contradiction = client.post(path, json!({ "layout": "flat", "structure": "complete" })).await.expect(422);
        assert_eq!(contradiction.code(), "conversion_impossible");
        assert!(contradiction.json()["detail"].as_str().unwrap().contains("choose the layout relational"), "{path}");
    }
    let job = client.convert(json!({ "layout": "flat", "record": "/nothing/here" })).await;
    assert_eq!((job["state"].as_str(), job["error"]["code"].as_str()), (Some("failed"), Some("record_not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_rows_of_a_broken_document_up_to_its_fault_if_asked_to() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let broken = "<list><item><n>1</n></item><item><n>2</n></item><item><n>3</item></list>";
    let whole = "<list><item><n>7</n></item><item><n>8</n></item></list>";
    let archive = samples::zip(&[("broken.xml", broken.as_bytes()), ("whole.xml", whole.as_bytes())]);
    client.upload("both.zip", archive).await.expect(201);
    let tables = |preview: &serde_json::Value| preview["tables"].as_array().unwrap().clone();
    let unasked = client.post("/api/convert/preview", json!({})).await.expect(200).json();
    assert_eq!((tables(&unasked).len(), unasked["errors"][0]["code"].as_str()), (1, Some("xml_not_well_formed")));
    let preview = client.post("/api/convert/preview", json!({ "partial": true })).await.expect(200).json();
    let [whole, broken] = &tables(&preview)[..] else { panic!("{preview}") };
    assert_eq!((&whole["partial"], &whole["rows"]), (&json!(null), &json!([["7"], ["8"]])));
    assert_eq!((broken["name"].as_str(), &broken["rows"]), (Some("item"), &json!([["1"], ["2"]])));
    assert!(broken["partial"].as_str().unwrap().ends_with("broken.xml"), "{broken}");
    let document = preview["errors"][0]["file"].clone();
    let documents = client.get("/api/documents").await.json();
    let id = documents["items"].as_array().unwrap().iter().find(|item| item["path"] == document).unwrap()["id"].clone();
    client.post("/api/convert/preview", json!({ "documents": [id] })).await.expect(422);
    let alone = client.post("/api/convert/preview", json!({ "documents": [id], "partial": true })).await.expect(200);
    assert_eq!(tables(&alone.json()).len(), 1);
    client.post("/api/convert/preview", json!({ "partial": "yes" })).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_structure_is_in_every_format_in_previews_and_in_sql() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("r.xml", "<r><i k=''><x/></i><n/><i/></r>").await.expect(201);
    let request = json!({ "structure": "complete", "csv": { "quote_empty": true } });
    let preview = client.post("/api/convert/preview", request.clone()).await.expect(200).json();
    assert_eq!(preview["tables"][1]["rows"][1], json!(["2", "1", "2", "3", null, null, null]), "{preview}");
    let job = client.convert(request).await;
    let table = &job["result"]["tables"][1];
    let columns: Vec<_> = table["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(columns, ["_id", "_parent", "_ord", "_pos", "_content", "k", "x"]);
    assert_eq!((&table["columns"][3]["type"], &table["columns"][4]["key"]), (&json!("integer"), &json!(true)));
    let csv = client.get(&format!("/api/files/{}", table["path"].as_str().unwrap())).await.expect(200);
    assert_eq!(csv.body, "_id,_parent,_ord,_pos,_content,k,x\n1,1,1,1,x@1,\"\",\"\"\n2,1,2,3,,,\n");
    let sql = "select _pos, _content from i where _pos > 2 or _content = 'x@1' order by _pos desc";
    let answer = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
    assert_eq!(answer["rows"], json!([[3, null], [1, "x@1"]]));
    for format in ["jsonl", "xlsx"] {
        let job = client.convert(json!({ "structure": "complete", "format": format })).await;
        assert_eq!((job["state"].as_str(), &job["result"]["rows"]), (Some("succeeded"), &json!(3)), "{job}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_groups_and_documents_are_converted_alone() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let archive =
        samples::zip(&[("ORDERS/a.xml", samples::ORDERS.as_bytes()), ("BOOKS/b.xml", samples::BOOKS.as_bytes())]);
    client.upload("all.zip", archive).await.expect(201);
    let names = |job: &serde_json::Value| {
        let tables = job["result"]["tables"].as_array().unwrap();
        tables.iter().map(|table| table["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&client.convert(json!({ "groups": ["BOOKS"] })).await), ["book"]);
    let documents = client.get("/api/documents?group=ORDERS").await.json();
    let id = documents["items"][0]["id"].clone();
    assert!(names(&client.convert(json!({ "documents": [id] })).await).contains(&"line".to_owned()));
    assert!(names(&client.convert(json!({})).await).len() > 2);
    // The worker tidies up after it has published.
    for attempt in 0.. {
        let stores: Vec<_> = app.session_files().into_iter().filter(|path| path.ends_with("/tables.sqlite")).collect();
        if stores.len() == 1 {
            break;
        }
        assert!(attempt < 100, "earlier conversions leave nothing: {stores:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_can_be_watched_listed_and_cancelled() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, _) = samples::flat(24 << 20);
    client.upload("large.xml", document).await.expect(201);
    let started = client.post("/api/convert", json!({})).await.expect(202);
    let id = started.json()["job_id"].as_str().unwrap().to_owned();
    assert_eq!(started.headers["location"], format!("/api/jobs/{id}"));
    let events = {
        let client = client.clone();
        let path = format!("/api/jobs/{id}/events");
        tokio::spawn(async move { client.get(&path).await })
    };
    loop {
        let job = client.get(&format!("/api/jobs/{id}")).await.json();
        if job["progress"]["rows"].as_u64().unwrap() > 0 {
            break;
        }
        assert_ne!(job["state"], "succeeded", "the document is too small for this test");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client.delete(&format!("/api/jobs/{id}")).await.expect(202);
    let job = client.job_end(&id, Duration::from_secs(10)).await;
    assert_eq!(job["state"], "cancelled");
    client.delete(&format!("/api/jobs/{id}")).await.expect(204);
    let leftovers: Vec<_> = app
        .session_files()
        .into_iter()
        .filter(|path| path.contains("/output/") || path.contains("/ai_index/") || path.contains("/.tmp/"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
    let text = String::from_utf8(events.await.unwrap().body.to_vec()).unwrap();
    assert!(
        text.contains("event: progress") && text.trim_end().rsplit("event: ").next().unwrap().starts_with("done"),
        "{text}"
    );
    let listed = client.get("/api/jobs").await.json();
    assert_eq!(listed["items"][0]["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn conversions_at_once_leave_one_whole_result() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    for round in 0..10 {
        let jobs = (0..8).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.convert(json!({ "layout": "relational" })).await["state"].clone() })
        });
        for job in jobs.collect::<Vec<_>>() {
            assert_eq!(job.await.unwrap(), "succeeded");
        }
        // Workers tidy up after they have published.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let files = client.get("/api/files?area=output").await.json();
        for file in files["items"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            assert_eq!(client.get(&format!("/api/files/output/{path}")).await.status, 200, "round {round}: {path}");
        }
        client.post("/api/tables/query", json!({ "sql": "select count(*) from line" })).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_documents_are_removed_meanwhile_fails_and_says_so() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, _) = samples::flat(8 << 20);
    let archive = samples::zip(&[("a.xml", document.as_slice()), ("b.xml", document.as_slice())]);
    client.upload("two.zip", archive).await.expect(201);
    let started = client.post("/api/convert", json!({})).await.expect(202).json();
    let id = started["job_id"].as_str().unwrap();
    while client.get(&format!("/api/jobs/{id}")).await.json()["progress"]["rows"] == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.delete("/api/files/input/two.zip").await.expect(204);
    let job = client.job_end(id, Duration::from_secs(20)).await;
    assert_eq!(
        (job["state"].as_str(), job["error"]["code"].as_str()),
        (Some("failed"), Some("documents_gone")),
        "{job}"
    );
}
