//! How a ticket, its bytes and its job end.

use std::time::Duration;

use axum::body::Body;
use http::Method;
use ret::{domain::SessionId, services::cleanup::Thoroughness};
use serde_json::json;

use super::{
    PATIENT, complete, documents, files_of_inputs, late_files, left_at_last, put, put_late, ticket, upload, waiting_job,
};
use crate::harness::{TestApp, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_the_ticket_and_removes_what_was_sent() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let session = client.session.clone().unwrap();
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    client.post("/api/logout", json!({})).await.expect(200);
    assert!(!app.session_files().iter().any(|path| path.contains(&session)));
    put_late(&client, &ticket, "<a/>", 410, "ticket_expired").await;
    assert_eq!(complete(&client, &ticket).await.expect(401).code(), "not_signed_in");
    if ticket.store.is_some() {
        let report = app.app.state.services.cleanup.run(Thoroughness::RowsAndFiles).await;
        assert_eq!(report.orphaned_files, 1, "what a store still takes goes with the next sweep");
    }
    assert!(!app.session_files().iter().any(|path| path.contains(&session)), "a late body brings nothing back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_the_file_is_read_leaves_nothing() {
    let app = TestApp::start().await;
    let (document, _) = samples::flat(12 << 20);
    let archive = samples::zip(&[("a.xml", document.as_slice()), ("b.xml", document.as_slice())]);
    for pause in [0, 40, 200] {
        let client = app.admin().await;
        let session: SessionId = client.session.as_ref().unwrap().parse().unwrap();
        let ticket = ticket(&client, "two.zip", archive.len()).await;
        put(&client, &ticket, &archive).await.expect(201);
        client.send(Method::POST, &ticket.complete_path, Body::empty(), &[("prefer", "wait=0")]).await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.post("/api/logout", json!({})).await.expect(200);
        let gone = async {
            while app.app.stores().sessions.get(session).await.unwrap().is_some() || !app.session_files().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone)
            .await
            .unwrap_or_else(|_| panic!("{:?}", app.session_files()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_can_be_watched_and_cancelled() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, _) = samples::flat(24 << 20);
    let archive = samples::zip(&[
        ("a.xml", b"<a/>".as_slice()),
        ("b.xml", &document),
        ("c.xml", &document),
        ("d.xml", &document),
        ("e.xml", &document),
    ]);
    let ticket = ticket(&client, "large.zip", archive.len()).await;
    put(&client, &ticket, &archive).await.expect(201);
    let started =
        client.send(Method::POST, &ticket.complete_path, Body::empty(), &[("prefer", "wait=0")]).await.expect(202);
    let body = started.json();
    let (id, status_url) = (body["job_id"].as_str().unwrap(), body["status_url"].as_str().unwrap());
    assert_eq!(started.headers["location"], status_url);
    loop {
        let job = client.get(status_url).await.expect(200).json();
        let progress = &job["progress"];
        assert_eq!(progress["bytes_total"], archive.len());
        let done = progress["bytes_done"].as_u64().unwrap();
        if done > 0 && progress["documents_done"].as_u64().unwrap() > 0 {
            assert!(done < archive.len() as u64, "there is more to read: {job}");
            break;
        }
        assert_ne!(job["state"], "succeeded", "the archive is too small for this test");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client.delete(status_url).await.expect(202);
    assert_eq!(client.job_end(id, Duration::from_secs(10)).await["state"], "cancelled");
    assert_eq!(complete(&client, &ticket).await.expect(409).code(), "upload_cancelled");
    put_late(&client, &ticket, "<a/>", 409, "ticket_completed").await;
    left_at_last(&app, 0..=late_files(&ticket)).await;
    assert!(documents(&client).await["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_while_it_waits_nothing_of_it_is_left() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    client.delete(&format!("/api/jobs/{}", job.id)).await.expect(204);
    assert!(files_of_inputs(&app).is_empty());
    assert_eq!(complete(&client, &ticket).await.expect(409).code(), "upload_cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_is_followed_by_another() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    let stores = app.app.stores();
    stores.jobs.claim(job.id, stores.clock.now(), Duration::from_secs(10)).await.unwrap().unwrap();
    // What the dead one had made so far.
    for area in ["input", "extracted"] {
        app.leave_behind(&format!("{}/{area}/{}.1/000001-half.xml", job.session, job.id), "<hal");
    }
    app.clock.advance(Duration::from_secs(11) + app.trust_in_the_queue());
    app.run_timer("cleanup").await;
    assert_eq!(complete(&client, &ticket).await.expect(201).json()["files"][0]["id"], job.id.to_string());
    left_at_last(&app, 1..=1).await;
    assert!(files_of_inputs(&app)[0].ends_with(&format!("input/{}.2/a.xml", job.id)), "{:?}", files_of_inputs(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_kept_while_its_ticket_holds_or_its_job_waits() {
    let app = TestApp::start_with(&PATIENT).await;
    // The files' times are the machine's: the service's clock is moved to them.
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let behind = machine - app.app.stores().clock.now().as_millis();
    app.clock.advance(Duration::from_millis(u64::try_from(behind.max(0)).unwrap()));
    let client = app.user("ada").await;
    let (abandoned, waits) = (ticket(&client, "a.xml", 4).await, ticket(&client, "b.xml", 4).await);
    put(&client, &abandoned, "<a/>").await.expect(201);
    put(&client, &waits, "<b/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "b.xml", "bytes": 4 })).await;
    let done = upload(&client, "c.xml", "<c/>").await.expect(201).json()["files"][0]["id"].as_str().unwrap().to_owned();
    // Of an attempt that was given up and came back to life after the tidying.
    let left_over = format!("{}/input/{done}.7/c.xml", job.session);
    app.leave_behind(&left_over, "<c");
    let sweep = || app.app.state.services.cleanup.run(Thoroughness::RowsAndFiles);
    app.clock.advance(Duration::from_secs(3500));
    // Jobs that wait are rung for as well; this one must not be done yet.
    app.app
        .stores()
        .jobs
        .claim(job.id, app.app.stores().clock.now(), Duration::from_secs(3600))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sweep().await.orphaned_files, 1, "the tickets hold, and what is visible is in use");
    assert!(!app.session_files().contains(&left_over));
    app.clock.advance(Duration::from_secs(200));
    assert_eq!(sweep().await.orphaned_files, 1, "one ticket is over, and nobody completed it");
    let left = files_of_inputs(&app);
    assert!(left.len() == 2 && left.iter().any(|path| path.contains(&format!("input/{}.sent/", job.id))), "{left:?}");
    assert_eq!(complete(&client, &abandoned).await.expect(410).code(), "ticket_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_went_missing_fails_the_job_and_says_what_to_do() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    put(&client, &ticket, "<a/>").await.expect(201);
    let job = waiting_job(&app, &client, json!({ "name": "a.xml", "bytes": 4 })).await;
    app.app.stores().session_files.remove_folder(job.session, &format!("input/{}.sent", job.id)).await.unwrap();
    app.clock.advance(Duration::from_secs(6) + app.trust_in_the_queue());
    app.run_timer("cleanup").await;
    let missing = complete(&client, &ticket).await.expect(409);
    assert_eq!(missing.code(), "content_missing");
    assert!(missing.json()["detail"].as_str().unwrap().contains("ask for a new ticket"));
}
