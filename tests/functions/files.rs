//! Listing, downloading and removing files.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use crate::harness::{TestApp, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_whole_in_part_or_not_at_all() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("bücher & more.xml", samples::BOOKS).await.expect(201);
    let path = "/api/files/input/b%C3%BCcher%20%26%20more.xml";
    let whole = client.get(path).await.expect(200);
    assert_eq!(whole.body, samples::BOOKS.as_bytes());
    assert_eq!(whole.headers[header::CONTENT_LENGTH], samples::BOOKS.len().to_string());
    let disposition = whole.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment") && disposition.contains("filename*=UTF-8''b%C3%BCcher%20&%20more.xml")
    );
    let with = |name: &'static str, value: String| {
        let client = client.clone();
        async move { client.send(Method::GET, path, Body::empty(), &[(name, value.as_str())]).await }
    };
    let part = with("range", "bytes=1-7".into()).await.expect(206);
    assert_eq!((&part.body[..], part.headers[header::CONTENT_LENGTH].to_str().unwrap()), (&b"library"[..], "7"));
    assert_eq!(part.headers[header::CONTENT_RANGE], format!("bytes 1-7/{}", samples::BOOKS.len()));
    let outside = with("range", "bytes=100000-".into()).await.expect(416);
    assert_eq!(outside.headers[header::CONTENT_RANGE], format!("bytes */{}", samples::BOOKS.len()));
    assert_eq!(outside.code(), "range_not_satisfiable");
    let etag = whole.headers[header::ETAG].to_str().unwrap().to_owned();
    assert!(with("if-none-match", etag.clone()).await.expect(304).body.is_empty());
    with("if-none-match", "\"other\"".into()).await.expect(200);
    client.upload("bücher & more.xml", samples::BOOKS).await.expect(201);
    with("if-none-match", etag).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_removed_with_what_came_out_of_it() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let archive = samples::zip(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>")]);
    client.upload("two.zip", archive).await.expect(201);
    client.delete("/api/files/extracted/two.zip/a.xml").await.expect(204);
    assert_eq!(client.get("/api/documents").await.json()["items"].as_array().unwrap().len(), 1);
    client.delete("/api/files/input/two.zip").await.expect(204);
    assert_eq!(client.delete("/api/files/input/two.zip").await.expect(404).code(), "not_found");
    assert!(client.get("/api/documents").await.json()["items"].as_array().unwrap().is_empty());
    let left: Vec<_> = app.session_files().into_iter().filter(|path| !path.ends_with("metadata.json")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(client.get("/api/files/secret/two.zip").await.expect(404).code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tables_come_as_one_archive() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    assert_eq!(client.get("/api/download").await.expect(409).code(), "nothing_converted");
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    let job = client.convert(json!({})).await;
    let names = |answer: &crate::harness::Answer| {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
        let mut names = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            std::io::copy(&mut entry, &mut std::io::sink()).unwrap();
            names.push(entry.name().unwrap().into_owned());
        }
        names
    };
    let all = names(&client.get("/api/download").await.expect(200));
    assert_eq!(all.len(), job["result"]["tables"].as_array().unwrap().len() + 1);
    assert!(all.contains(&"datapackage.json".to_owned()));
    let some = names(&client.get("/api/download?tables=line").await.expect(200));
    assert_eq!(some.len(), 2, "{some:?}");
    assert_eq!(client.get("/api/download?tables=nothing").await.expect(404).code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_can_be_looked_at_without_downloading_it() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let job = client.convert(json!({})).await;
    let path = job["result"]["tables"][0]["path"].as_str().unwrap().to_owned();
    let preview = client.get(&format!("/api/files/{path}?preview=1")).await.expect(200).json();
    assert_eq!(
        (preview["columns"].clone(), preview["rows"].clone()),
        (json!(["title", "year"]), json!([["Emma", 1815]]))
    );
    let input = client.get("/api/files/input/books.xml?preview=1").await.expect(400);
    assert_eq!(input.code(), "invalid_parameter");
}
