//! The page, as it is built into the executable.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use axum::body::Body;
use http::{Method, header};

use crate::harness::{Answer, Client, TestApp, Way};

/// The files that were there when the executable was made, plain ones only. Empty where the page was not built.
fn built_files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.retain(|path| path.extension().is_none_or(|ending| ending != "br" && ending != "gz"));
    let describe = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    files.into_iter().map(describe).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

async fn ask(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    client.send(method, path, Body::empty(), headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_is_a_page_under_a_strict_policy() {
    let app = TestApp::start().await;
    let page = app.client().get("/").await.expect(200);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    match built_files().iter().find(|(name, _)| name == "index.html") {
        Some((_, built)) => assert_eq!(text.as_bytes(), built),
        None => assert!(text.contains("scripts/page"), "it says how to get the page: {text}"),
    }
    // The policy allows nothing inline, so nothing inline may be there.
    assert!(!text.contains("<style") && !text.contains(" style=") && !text.contains("javascript:"), "{text}");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for directive in ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"] {
        assert!(policy.split("; ").any(|one| one == directive), "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_headers_are_those_of_its_development() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dev/policy.mjs")).unwrap();
    let mut directives: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  \"")?.strip_suffix("\","))
        .filter(|line| !line.contains("\": \""))
        .collect();
    let headers: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.strip_prefix("  \"")?.strip_suffix("\",")?.split_once("\": \"")).collect();
    assert!(directives.len() == 11 && headers.len() == 4, "policy.mjs has another form than this test reads");
    let app = TestApp::start_embedded(Way::Alone, &[]).await;
    let page = app.client().get("/").await.expect(200);
    for (name, value) in headers {
        assert_eq!(page.headers[name], value, "{name}");
    }
    let mut sent: Vec<&str> = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().split("; ").collect();
    sent.sort_unstable();
    directives.sort_unstable();
    assert_eq!(sent, directives);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_the_page_is_sent_as_it_was_built() {
    let app = TestApp::start().await;
    let client = app.client();
    for (name, bytes) in built_files() {
        let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
        let plain = client.get(&path).await.expect(200);
        assert_eq!(plain.body, bytes, "{path}");
        let is_for_ever = plain.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable");
        assert_eq!(is_for_ever, name.starts_with("assets/"), "{path}");
        assert!(!is_for_ever || has_digest(&name), "{name} would be kept for a year, and has no digest in its name");

        for (encoding, unpacked) in [("br", None), ("gzip", Some(&bytes))] {
            let packed = ask(&client, Method::GET, &path, &[("accept-encoding", encoding)]).await.expect(200);
            if name.ends_with(".woff2") {
                assert!(!packed.headers.contains_key(header::CONTENT_ENCODING), "{path}");
                continue;
            }
            assert_eq!(packed.headers[header::CONTENT_ENCODING], encoding, "{path}");
            assert_eq!(packed.headers[header::VARY], "accept-encoding", "{path}");
            assert!(packed.body.len() < bytes.len(), "{path}");
            if let Some(unpacked) = unpacked {
                assert_eq!(&gunzip(&packed.body), unpacked, "{path}");
            }
            ask(&client, Method::GET, &format!("{path}.{encoding}"), &[]).await.expect(404);
        }
    }
}

/// Whether the name ends in eight characters that the build has made of the content.
fn has_digest(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.len() > 9 && stem.as_bytes()[stem.len() - 9] == b'-'
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_has_is_not_sent_again() {
    let app = TestApp::start().await;
    let client = app.client();
    let accepted = ("accept-encoding", "gzip, deflate, br");
    let page = ask(&client, Method::GET, "/", &[accepted]).await.expect(200);
    let etag = page.headers[header::ETAG].to_str().unwrap();
    let again = ask(&client, Method::GET, "/", &[accepted, ("if-none-match", etag)]).await.expect(304);
    assert!(again.body.is_empty());
    assert_eq!(again.headers[header::ETAG], etag);
    ask(&client, Method::GET, "/", &[accepted, ("if-none-match", "\"another\"")]).await.expect(200);
    let head = ask(&client, Method::HEAD, "/", &[accepted]).await.expect(200);
    assert!(head.body.is_empty());
    for same in [header::ETAG, header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_SECURITY_POLICY] {
        assert_eq!(head.headers[&same], page.headers[&same]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_a_page_where_nothing_is_and_programs_a_problem() {
    let app = TestApp::start().await;
    let client = app.client();
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for path in ["/nothing", "/assets/index-gone.js", "/index.html"] {
        let page = ask(&client, Method::GET, path, &browser).await.expect(404);
        assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert!(String::from_utf8_lossy(&page.body).contains("href=\"/\""), "{path}");
        assert!(page.headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache", "{path}");
        assert_eq!(ask(&client, Method::GET, path, &[]).await.expect(404).code(), "not_found", "{path}");
    }
    for path in ["/api/nothing", "/api"] {
        assert_eq!(ask(&client, Method::GET, path, &browser).await.expect(404).code(), "not_found", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_read_only_and_costs_no_client_its_calls() {
    let app = TestApp::start_with(&[("RATE_LIMIT_PER_MINUTE", "1")]).await;
    let client = app.client();
    for _ in 0..3 {
        client.get("/").await.expect(200);
    }
    client.get("/api/files").await.expect(401);
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let refused = ask(&client, method.clone(), "/", &[]).await;
        match app.way {
            Way::Alone => assert_eq!(refused.expect(405).code(), "method_not_allowed", "{method}"),
            // With a page of its own.
            Way::ThroughHost => assert!(!refused.headers.contains_key("x-correlation-id"), "{method}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_send_files_to_the_store_that_takes_them() {
    let settings = [("STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a")];
    let app = TestApp::start_embedded(Way::Alone, &settings).await;
    let page = app.client().get("/").await.expect(200);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.split("; ").any(|one| one == "connect-src 'self' http://127.0.0.1:9"), "{policy}");
}
