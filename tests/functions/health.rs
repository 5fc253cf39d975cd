//! Alive, ready, figures, contract.

use crate::harness::{TestApp, Way, samples};

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_need_no_account() {
    let app = TestApp::start().await;
    let client = app.client();
    assert_eq!(client.get("/api/health").await.expect(200).json()["status"], "ok");
    let ready = client.get("/api/ready").await.expect(200).json();
    assert_eq!(ready["status"], "ready");
    let names: Vec<_> =
        ready["dependencies"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let mut expected = vec!["database", "session_cache", "session_files", "job_queue"];
    if app.servers.is_some() {
        expected.push("redis");
    }
    assert_eq!(names, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_need_an_administrator_or_the_key() {
    let app = TestApp::start_with(&[("RET_METRICS_KEY", "a-metrics-key")]).await;
    assert_eq!(app.client().get("/api/metrics").await.expect(401).code(), "not_signed_in");
    let user = app.user("ada").await;
    assert_eq!(user.get("/api/metrics").await.expect(403).code(), "admin_only");
    user.upload("books.xml", samples::BOOKS).await.expect(201);
    let mut collector = app.client();
    collector.token = Some("a-metrics-key".into());
    let text = String::from_utf8(collector.get("/api/metrics").await.expect(200).body.to_vec()).unwrap();
    assert!(text.contains("ret_open_sessions 1\n"), "{text}");
    assert!(text.contains(&format!("ret_file_bytes {}\n", samples::BOOKS.len())), "{text}");
    app.admin().await.get("/api/metrics").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_served_and_complete() {
    let app = TestApp::start().await;
    let client = app.client();
    let contract = client.get("/api/openapi.json").await.expect(200).json();
    assert!(contract["openapi"].as_str().unwrap().starts_with("3."));
    for path in [
        "/api/auth/login",
        "/api/upload",
        "/api/convert/preview",
        "/api/jobs/{id}/events",
        "/api/tables/query",
        "/api/logout",
    ] {
        assert!(contract["paths"][path].is_object(), "{path}");
    }
    let docs = client.get("/api/docs").await.expect(200);
    assert!(docs.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(String::from_utf8_lossy(&docs.body).contains("id=\"sql_rejected\""));
}

/// The host feeds jobs by a queue: without it everything but new jobs works on.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_away_makes_it_degraded() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = format!("AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:{port}/a");
    let app = TestApp::start_embedded(Way::ThroughHost, &[("AzureWebJobsStorage", &away)]).await;
    let ready = app.client().get("/api/ready").await.expect(200).json();
    assert_eq!(ready["status"], "degraded", "{ready}");
    let states = ready["dependencies"].as_array().unwrap();
    for dependency in states {
        let expected = if dependency["name"] == "job_queue" { "down" } else { "up" };
        assert_eq!(dependency["state"], expected, "{ready}");
    }
}
