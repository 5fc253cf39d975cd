//! Taking files in.

use axum::body::Body;
use http::Method;
use serde_json::json;

use crate::harness::{TestApp, Way, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_found_and_described() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let report = client.upload("orders.xml", samples::ORDERS).await.expect(201).json();
    assert_eq!((report["documents"].as_u64(), report["rejected"].as_array().unwrap().len()), (Some(1), 0));
    assert_eq!(report["files"][0]["name"], "orders.xml");
    assert_eq!(report["files"][0]["kind"], "xml");
    assert_eq!(report["files"][0]["bytes"], samples::ORDERS.len());
    assert_eq!(report["files"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(report["groups"], json!([{ "name": "ROOT", "documents": 1, "bytes": samples::ORDERS.len() }]));
    let documents = client.get("/api/documents").await.expect(200).json();
    let document = &documents["items"][0];
    assert_eq!((document["path"].as_str(), document["root"].as_str()), (Some("orders.xml"), Some("orders")));
    assert_eq!(document["records_estimate"], 2);
    assert_eq!(document["record_path"], "/orders/order");
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_in_archives_are_opened_and_bad_entries_reported() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let inner = samples::zip(&[("deep.xml", samples::BOOKS.as_bytes()), ("notes.txt", b"no markup")]);
    let archive = samples::zip(&[
        ("01_ORDERS/a.xml", samples::ORDERS.as_bytes()),
        ("02_BOOKS.zip", &inner),
        ("broken.xml", samples::BROKEN.as_bytes()),
        ("__MACOSX/a.xml", b"<hidden/>"),
    ]);
    let report = client.upload("all.zip", archive).await.expect(201).json();
    assert_eq!(report["documents"], 2);
    let groups: Vec<_> =
        report["groups"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
    assert_eq!(groups, ["BOOKS", "ORDERS"]);
    let mut rejected: Vec<_> = report["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["file"].as_str().unwrap(), one["code"].as_str().unwrap(), one["line"].as_u64()))
        .collect();
    rejected.sort_unstable();
    assert_eq!(
        rejected,
        [("all.zip/02_BOOKS.zip/notes.txt", "not_xml", None), ("all.zip/broken.xml", "xml_not_well_formed", Some(2))]
    );
    let files = client.get("/api/files?area=extracted").await.json();
    let paths: Vec<_> = files["items"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["all.zip/01_ORDERS/a.xml", "all.zip/02_BOOKS.zip/deep.xml", "all.zip/broken.xml"]);
    let broken = client.get("/api/documents").await.json();
    let errors: Vec<_> = broken["items"].as_array().unwrap().iter().filter(|one| one["error"].is_object()).collect();
    assert_eq!(errors.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_no_document_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let before = app.session_files();
    let broken = client.upload("broken.xml", samples::BROKEN).await.expect(422);
    assert_eq!(broken.code(), "no_documents");
    let error = &broken.json()["errors"][0];
    assert_eq!((error["file"].as_str(), error["line"].as_u64()), (Some("broken.xml"), Some(2)));
    assert!(error["detail"].as_str().unwrap().contains("title"), "{error}");
    assert_eq!(client.upload("a.pdf", b"%PDF-1.7").await.expect(422).code(), "no_documents");
    let empty = client.upload("empty.xml", b"").await.expect(422);
    assert_eq!(
        (empty.code().as_str(), empty.json()["errors"][0]["code"].as_str()),
        ("no_documents", Some("empty_upload"))
    );
    assert_eq!(client.upload("../up.xml", b"<a/>").await.expect(422).code(), "invalid_file_name");
    assert_eq!(client.upload_all(&[]).await.expect(422).code(), "empty_upload");
    let not_a_form = client.post("/api/upload", json!({})).await.expect(415);
    assert_eq!(not_a_form.code(), "unsupported_media_type");
    assert_eq!(app.session_files(), before);
    assert!(client.get("/api/files").await.json()["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_form_the_good_files_are_taken_and_the_bad_ones_reported() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let files: [(&str, &[u8]); 4] =
        [("a.xml", b"<a/>"), ("bad.bin", b"\x00\x01"), ("b.xml", b"<b/>"), ("empty.xml", b"")];
    let report = client.upload_all(&files).await.expect(201).json();
    assert_eq!((report["documents"].as_u64(), report["files"].as_array().unwrap().len()), (Some(2), 2));
    let rejected: Vec<_> =
        report["rejected"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(rejected, ["not_xml", "empty_upload"]);
    let before = app.session_files();
    let twice = client.upload_all(&[("c.xml", b"<c/>"), ("c.xml", b"<d/>")]).await.expect(422);
    assert_eq!(twice.code(), "invalid_file_name");
    let in_disguise = client.upload_all(&[("c.xml", b"<c/>"), ("./c.xml", b"<d/>")]).await.expect(422);
    assert_eq!(in_disguise.code(), "invalid_file_name");
    assert_eq!(app.session_files(), before, "nothing of a request that is refused as a whole is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_again_replaces_and_doubles_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    for body in [samples::BOOKS, samples::ORDERS] {
        client.upload("data.xml", body).await.expect(201);
    }
    let documents = client.get("/api/documents").await.json();
    assert_eq!(documents["items"].as_array().unwrap().len(), 1);
    assert_eq!(documents["items"][0]["root"], "orders");
    let on_disk: Vec<_> = app.session_files().into_iter().filter(|path| path.contains("/input/")).collect();
    assert_eq!(on_disk.len(), 1, "{on_disk:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_body_is_taken_as_well() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let put = |path: &'static str, body: &'static str| {
        let client = client.clone();
        async move { client.send(Method::PUT, path, Body::from(body), &[]).await }
    };
    let report = put("/api/upload/books%20of%20old.xml", samples::BOOKS).await.expect(201).json();
    assert_eq!(report["files"][0]["name"], "books of old.xml");
    let outside = put("/api/upload/..%2Fx.xml", "<a/>").await;
    match app.way {
        Way::Alone => assert_eq!(outside.expect(422).code(), "invalid_file_name"),
        // The slash stays escaped, so this is a name without one.
        Way::ThroughHost => assert_eq!(outside.expect(201).json()["files"][0]["name"], "..%2Fx.xml"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_the_limit_is_refused() {
    let app = TestApp::start_with(&[("RET_MAX_UPLOAD_BYTES", "1000")]).await;
    let client = app.user("ada").await;
    let fits = format!("<a>{}</a>", "x".repeat(993));
    let too_large = format!("<a>{}</a>", "x".repeat(994));
    assert_eq!(fits.len(), 1000);
    client.upload("fits.xml", &fits).await.expect(201);
    assert_eq!(client.upload("large.xml", &too_large).await.expect(413).code(), "upload_too_large");
    let put = client.send(Method::PUT, "/api/upload/large.xml", Body::from(too_large), &[]).await.expect(413);
    assert_eq!(put.code(), "upload_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_listed_by_page_and_group() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let entries: Vec<(String, Vec<u8>)> =
        (0..25).map(|number| (format!("G{}/d{number:02}.xml", number % 2), b"<a/>".to_vec())).collect();
    let entries: Vec<(&str, &[u8])> = entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    client.upload("many.zip", samples::zip(&entries)).await.expect(201);
    let mut paths = Vec::new();
    let mut query = "?limit=10".to_owned();
    loop {
        let page = client.get(&format!("/api/documents{query}")).await.expect(200).json();
        paths.extend(page["items"].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=10&cursor={cursor}");
    }
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 25);
    let group = client.get("/api/documents?group=G1&limit=100").await.json();
    assert_eq!(group["items"].as_array().unwrap().len(), 12);
    assert_eq!(client.get("/api/documents?limit=0").await.expect(400).code(), "invalid_parameter");
    assert_eq!(client.get("/api/documents?cursor=x").await.expect(400).code(), "invalid_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_another_upload_is_not_taken_over() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let inner = samples::zip(&[("x.xml", b"<a/>")]);
    client.upload("a.zip", samples::zip(&[("b.zip", &inner)])).await.expect(201);
    assert_eq!(client.upload("a.zip/b.zip", &inner).await.expect(409).code(), "path_taken");
    assert_eq!(client.get("/api/documents").await.json()["items"].as_array().unwrap().len(), 1);
}
