//! What administrators see of everybody's sessions and jobs, and end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, samples};

async fn listed(admin: &Client, path: &str) -> Vec<Value> {
    admin.get(path).await.expect(200).json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn open_sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.admin().await, app.user("ada").await);
    ada.upload("secret-name.xml", samples::BOOKS).await.expect(201);
    let sessions = listed(&admin, "/api/admin/sessions").await;
    let names: Vec<_> = sessions.iter().map(|session| session["username"].as_str().unwrap()).collect();
    assert_eq!(names[0], "ada", "the newest first");
    let of_ada = &sessions[0];
    assert_eq!(of_ada["id"].as_str(), ada.session.as_deref());
    assert_eq!((of_ada["files"].as_u64(), of_ada["bytes"].as_u64()), (Some(1), Some(samples::BOOKS.len() as u64)));
    assert!(sessions.iter().any(|session| session["id"].as_str() == admin.session.as_deref()));
    assert!(!Value::from(sessions.clone()).to_string().contains("secret-name"));
    let first = admin.get("/api/admin/sessions?limit=1").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = listed(&admin, &format!("/api/admin/sessions?cursor={cursor}")).await;
    assert_eq!(rest, sessions[1..]);
    admin.get("/api/admin/sessions?cursor=x").await.expect(400);

    let path = format!("/api/admin/sessions/{}", ada.session.as_deref().unwrap());
    admin.delete(&path).await.expect(204);
    ada.get("/api/auth/me").await.expect(401);
    assert!(!app.session_files().iter().any(|path| path.contains("secret-name")));
    assert_eq!(admin.delete(&path).await.expect(404).code(), "not_found");
    assert_eq!(listed(&admin, "/api/admin/sessions").await.len(), sessions.len() - 1);
    let told = listed(&admin, "/api/admin/audit?action=session.ended").await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["subject"], &told[0]["actor_name"]), (&of_ada["id"], &json!("admin")));
    assert_eq!(told[0]["details"]["username"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_everybody_are_listed_and_cancelled() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.admin().await, app.user("ada").await);
    let (document, _) = samples::flat(24 << 20);
    ada.upload("secret-name.xml", document).await.expect(201);
    let started = ada.post("/api/convert", json!({})).await.expect(202).json();
    let id = started["job_id"].as_str().unwrap();
    let running = loop {
        let jobs = listed(&admin, "/api/admin/jobs?state=running").await;
        match jobs.into_iter().find(|job| job["id"] == id && job["progress"]["rows"].as_u64() > Some(0)) {
            Some(job) => break job,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        assert_ne!(ada.get(&format!("/api/jobs/{id}")).await.json()["state"], "succeeded", "the document is too small");
    };
    assert_eq!((&running["username"], &running["kind"]), (&json!("ada"), &json!("convert")));
    assert_eq!(running["session_id"].as_str(), ada.session.as_deref());
    assert_eq!((running["attempt"].as_u64(), &running["error"]), (Some(1), &Value::Null));
    assert!(!running.to_string().contains("secret-name"), "{running}");
    admin.delete(&format!("/api/admin/jobs/{id}")).await.expect(202);
    assert_eq!(ada.job_end(id, Duration::from_secs(30)).await["state"], "cancelled");
    app.clock.advance(Duration::from_millis(1));
    admin.delete(&format!("/api/admin/jobs/{id}")).await.expect(204);
    assert!(listed(&admin, "/api/admin/jobs?state=running").await.iter().all(|job| job["id"] != id));
    assert_eq!(listed(&admin, "/api/admin/jobs?state=cancelled").await[0]["id"], id);
    let told = listed(&admin, "/api/admin/audit?action=job.cancelled").await;
    assert_eq!(told.iter().map(|entry| entry["subject"].clone()).collect::<Vec<_>>(), [id]);
    let nothing = "/api/admin/jobs/01930000-0000-7000-8000-000000000000";
    assert_eq!(admin.delete(nothing).await.expect(404).code(), "not_found");
    admin.get("/api/admin/jobs?state=lost").await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_tells_why_and_shows_no_text_of_the_document() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.admin().await, app.user("ada").await);
    let broken = b"<library><book>secret-text</title></library>";
    let archive = samples::zip(&[("good.xml", samples::BOOKS.as_bytes()), ("bad.xml", broken)]);
    ada.upload("two.zip", archive).await.expect(201);
    let failed = ada.convert(json!({ "on_error": "fail" })).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    let jobs = listed(&admin, "/api/admin/jobs?state=failed").await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0]["error"]["code"], failed["error"]["code"]);
    assert_eq!(jobs[0]["error"]["documents"].as_u64(), Some(1));
    assert!(!jobs[0].to_string().contains("secret-text"));
}
