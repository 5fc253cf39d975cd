//! Searching rows, and the jobs that build the index for it.

use std::time::Duration;

use ret::domain::SessionId;
use serde_json::{Value, json};

use crate::harness::{Client, TestApp, samples};

const SOON: Duration = Duration::from_secs(20);

async fn converted(app: &TestApp, documents: &[(&str, &str)]) -> Client {
    let client = app.user("ada").await;
    for (name, document) in documents {
        client.upload(name, document).await.expect(201);
    }
    assert_eq!(client.convert(json!({ "layout": "relational" })).await["state"], "succeeded");
    client
}

/// The newest index job once it has ended.
async fn index_end(client: &Client) -> Value {
    let asking = async {
        loop {
            let jobs = client.get("/api/jobs").await.expect(200).json();
            let mut of_index = jobs["items"].as_array().unwrap().iter().filter(|job| job["kind"] == "index");
            match of_index.next() {
                Some(job) if job["state"] != "queued" && job["state"] != "running" => return job.clone(),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(SOON, asking).await.expect("the index is not built")
}

async fn search(client: &Client, query: &str) -> Value {
    client.get(&format!("/api/tables/search?{query}")).await.expect(200).json()
}

fn tables(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|hit| hit["table"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_their_words() {
    let app = TestApp::start().await;
    let client = converted(&app, &[("orders.xml", samples::ORDERS), ("books.xml", samples::BOOKS)]).await;
    // Also before there is an index.
    assert_eq!(tables(&search(&client, "q=emma").await), ["book"]);
    let job = index_end(&client).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(job["result"]["rows"], job["progress"]["rows"]);
    assert!(job["result"]["rows"].as_u64().unwrap() > 5 && job["result"]["bytes"].as_u64().unwrap() > 0, "{job}");

    let found = search(&client, "q=EMM").await;
    assert_eq!((tables(&found), &found["indexed"]), (vec!["book"], &json!(true)));
    let hit = &found["items"][0];
    assert!(hit["excerpt"].as_str().unwrap().contains("title: Emma"), "{hit}");
    let sql = format!("select title from book where _id = {}", hit["row"].as_str().unwrap());
    let row = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
    assert_eq!(row["rows"], json!([["Emma"]]));

    assert_eq!(search(&client, "q=b-7").await["items"][0]["table"], "line");
    assert_eq!(tables(&search(&client, "q=emma&table=line").await), [""; 0]);
    assert_eq!(tables(&search(&client, "q=emma+1815&table=BOOK&limit=1").await), ["book"]);
    assert_eq!(search(&client, "q=absent").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let nobody = app.user("grace").await;
    assert_eq!(nobody.get("/api/tables/search?q=a").await.expect(409).code(), "nothing_converted");
    let client = converted(&app, &[("books.xml", samples::BOOKS)]).await;
    for (query, status, code) in [
        ("q=", 400, "invalid_parameter"),
        ("q=%22*%3F", 400, "invalid_parameter"),
        ("q=a&limit=0", 400, "invalid_parameter"),
        ("q=a&limit=101", 400, "invalid_parameter"),
        ("q=a&tables=book", 400, "invalid_parameter"),
        ("q=a&table=nothing", 404, "not_found"),
        // The table of this name.
        ("", 404, "not_found"),
    ] {
        let answer = client.get(&format!("/api/tables/search?{query}")).await.expect(status);
        assert_eq!(answer.code(), code, "{query}");
    }
    assert_eq!(app.client().get("/api/tables/search?q=a").await.expect(401).code(), "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_called_search_can_be_read() {
    let app = TestApp::start().await;
    let client = converted(&app, &[("s.xml", "<l><search><q>x</q></search><search><q>y</q></search></l>")]).await;
    let rows = client.get("/api/tables/search?limit=1&filter=q=y").await.expect(200).json();
    assert_eq!((rows["name"].as_str(), rows["items"].as_array().unwrap().len()), (Some("search"), 1));
    assert_eq!(tables(&search(&client, "q=y").await), ["search"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_conversion_brings_another_index() {
    let app = TestApp::start().await;
    let client = converted(&app, &[("books.xml", samples::BOOKS)]).await;
    let first = index_end(&client).await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    // Several at once, so that indexes of conversions end that are not shown any more.
    for _ in 0..3 {
        assert_eq!(client.convert(json!({ "layout": "relational", "groups": ["ROOT"] })).await["state"], "succeeded");
    }
    let found = async {
        loop {
            let found = search(&client, "q=grace").await;
            if found["indexed"] == true {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert_eq!(tables(&tokio::time::timeout(SOON, found).await.expect("no index")), ["order"]);
    assert_ne!(index_end(&client).await["id"], first["id"]);
    // What the conversions before had is gone: one store and one index are left.
    let left = || app.session_files().into_iter().filter(|path| path.contains("/ai_index/")).collect::<Vec<_>>();
    let only_one = async {
        while left().len() != 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, only_one).await.unwrap_or_else(|_| panic!("left: {:?}", left()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_can_be_cancelled_and_searches_go_without() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, rows) = samples::flat(24 << 20);
    client.upload("large.xml", document).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    // The conversion is told to be done before its index is asked for.
    let asked_for = async {
        loop {
            let jobs = client.get("/api/jobs").await.expect(200).json();
            if let Some(job) = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "index") {
                return job["id"].as_str().unwrap().to_owned();
            }
        }
    };
    let job = tokio::time::timeout(SOON, asked_for).await.expect("no index was asked for");
    client.delete(&format!("/api/jobs/{job}")).await;
    let job = index_end(&client).await;
    assert_eq!(job["state"], "cancelled", "the document is too small for this test: {job}");
    let found = search(&client, &format!("q=name+of+{}", rows / 100)).await;
    assert_eq!((tables(&found).first(), &found["indexed"]), (Some(&"record"), &json!(false)));
    let indexes: Vec<_> = app.session_files().into_iter().filter(|path| path.contains("/words.")).collect();
    assert!(indexes.is_empty(), "{indexes:?}");
    let rows = client.post("/api/tables/query", json!({ "sql": "select count(*) from record" })).await.expect(200);
    assert!(rows.json()["rows"][0][0].as_u64().unwrap() > 1000, "the conversion is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_the_index_is_built_leaves_nothing() {
    let app = TestApp::start().await;
    let (document, _) = samples::flat(12 << 20);
    for pause in [0, 20, 100, 300] {
        let client = app.admin().await;
        let session: SessionId = client.session.clone().unwrap().parse().unwrap();
        client.upload("large.xml", &document).await.expect(201);
        assert_eq!(client.convert(json!({})).await["state"], "succeeded");
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.post("/api/logout", json!({})).await.expect(200);
        let stores = app.app.stores();
        let files = || {
            let of_session = session.to_string();
            app.session_files().into_iter().filter(|path| path.contains(&of_session)).collect::<Vec<_>>()
        };
        let gone = async {
            while !files().is_empty() || stores.sessions.get(session).await.unwrap().is_some() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, gone).await.unwrap_or_else(|_| panic!("left: {:?}", files()));
        // Nor does anything come back.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(files().is_empty(), "{:?}", files());
    }
}

/// A conversion whose index nobody has asked for, as a process leaves it that was killed in between.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_asks_for_an_index_that_is_missing() {
    let app = TestApp::start().await;
    let client = converted(&app, &[("books.xml", samples::BOOKS)]).await;
    index_end(&client).await;
    let stores = app.app.stores();
    let session: SessionId = client.session.clone().unwrap().parse().unwrap();
    let conversion = stores.sessions.get(session).await.unwrap().unwrap().conversion.unwrap();
    let mut again = stores.jobs.get(session, conversion).await.unwrap().unwrap();
    again.id = ret::domain::JobId(stores.ids.next());
    stores.jobs.add(&again).await.unwrap();
    let claimed = stores.jobs.claim(again.id, stores.clock.now(), Duration::from_secs(10)).await.unwrap().unwrap();
    // The same tables under another job.
    let keys = [(conversion, again.attempt), (again.id, claimed.attempt)]
        .map(|(job, attempt)| ret::domain::FileKey::new(session, format!("ai_index/{job}.{attempt}/tables.sqlite")));
    stores.session_files.copy(&keys[0], &keys[1]).await.unwrap().unwrap();
    let finished = ret::ports::jobs::FinishedConversion {
        job: again.id,
        attempt: claimed.attempt,
        result: again.result.clone().unwrap(),
        progress: again.progress,
        outputs: Vec::new(),
        at: stores.clock.now(),
    };
    stores.jobs.succeed(&finished).await.unwrap();
    let found = search(&client, "q=emma").await;
    assert_eq!((tables(&found), &found["indexed"]), (vec!["book"], &json!(false)));
    let indexed = async {
        while search(&client, "q=emma").await["indexed"] != true {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, indexed).await.expect("nobody builds the index");
}
