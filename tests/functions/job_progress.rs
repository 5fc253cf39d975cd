//! How far a job is, between the heartbeats of its worker and through every instance.

use std::time::{Duration, Instant};

use ret::domain::{Job, JobId, JobKind, Progress, SessionId};
use serde_json::json;

use crate::harness::{Client, Servers, TestApp, Way, samples};

const LEASE: Duration = Duration::from_secs(10);

/// A job that somebody works on.
async fn running_job(app: &TestApp, client: &Client) -> JobId {
    let stores = app.app.stores();
    let session: SessionId = client.session.as_ref().unwrap().parse().unwrap();
    let (id, now) = (JobId(stores.ids.next()), stores.clock.now());
    let job = Job::queued(id, session, JobKind::Convert, json!({}), Progress::default(), now);
    assert!(stores.jobs.add(&job).await.unwrap());
    assert_eq!(stores.jobs.claim(id, now, LEASE).await.unwrap().unwrap().attempt, 1);
    id
}

fn rows(rows: u64) -> Progress {
    Progress { rows, ..Progress::default() }
}

async fn show(app: &TestApp, id: JobId, attempt: u32, progress: Progress) {
    let began = Instant::now();
    while let Err(error) = app.app.stores().job_progress.show(id, attempt, progress, LEASE).await {
        assert!(began.elapsed() < LEASE, "{error}");
    }
}

async fn beat(app: &TestApp, id: JobId, progress: Progress) {
    let stores = app.app.stores();
    stores.jobs.heartbeat(id, 1, progress, stores.clock.now(), LEASE).await.unwrap();
}

/// Rows of the job as its owner sees it, by its own address and in the list.
async fn seen(client: &Client, id: JobId) -> u64 {
    let one = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
    let list = client.get("/api/jobs").await.expect(200).json();
    assert_eq!(one["progress"], list["items"][0]["progress"]);
    one["progress"]["rows"].as_u64().unwrap()
}

/// What both a worker and a reader may meet, who work in different instances or in one.
async fn is_seen_and_never_goes_back(here: &TestApp, there: &TestApp) {
    let ada = here.user("ada").await;
    let mut reader = there.client();
    reader.token.clone_from(&ada.token);
    let id = running_job(here, &ada).await;
    assert_eq!(seen(&reader, id).await, 0);
    beat(here, id, rows(50)).await;
    assert_eq!(seen(&reader, id).await, 50, "nothing was shown yet");
    show(here, id, 1, rows(80)).await;
    assert_eq!(seen(&reader, id).await, 80, "shown after the heartbeat");
    beat(here, id, rows(90)).await;
    assert_eq!(seen(&reader, id).await, 90, "the row is further");
    for other in [0, 2] {
        show(here, id, other, rows(1000)).await;
    }
    assert_eq!(seen(&reader, id).await, 90, "other attempts are none of this");
    show(here, id, 1, rows(100)).await;
    let stores = here.app.stores();
    assert!(stores.jobs.end(id, 1, None, rows(95), stores.clock.now()).await.unwrap());
    assert_eq!(seen(&reader, id).await, 95, "of a job that has ended the row says all");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_seen_and_never_goes_back() {
    let app = TestApp::start().await;
    is_seen_and_never_goes_back(&app, &app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_seen_through_another_instance() {
    let Some(servers) = Servers::fresh().await else { return };
    let here = TestApp::start_on_servers(Way::Alone, servers, &[]).await;
    let there = here.second_instance().await;
    is_seen_and_never_goes_back(&here, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_progress_is_that_of_the_row() {
    let Some(servers) = Servers::fresh().await else { return };
    let app = TestApp::start_on_servers(Way::Alone, servers, &[]).await;
    let ada = app.user("ada").await;
    let id = running_job(&app, &ada).await;
    show(&app, id, 1, rows(80)).await;
    app.servers.as_ref().unwrap().redis.kill();
    beat(&app, id, rows(50)).await;
    assert_eq!(seen(&ada, id).await, 50);
    ada.upload("books.xml", samples::BOOKS).await.expect(201);
    assert_eq!(ada.convert(json!({})).await["state"], "succeeded");
    let text = String::from_utf8(app.admin().await.get("/api/metrics").await.expect(200).body.to_vec()).unwrap();
    let failures = text.lines().find_map(|line| line.strip_prefix("ret_job_progress_failures_total ")).unwrap();
    assert!(failures.parse::<u64>().unwrap() >= 2, "{failures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shows_how_far_it_is() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (document, _) = samples::flat(16 << 20);
    ada.upload("large.xml", document).await.expect(201);
    let job = ada.convert(json!({})).await;
    assert_eq!(job["state"], "succeeded");
    let id: JobId = job["id"].as_str().unwrap().parse().unwrap();
    // It is kept for a while after the job has ended.
    let shown = app.app.stores().job_progress.shown(id, 1).await.unwrap().expect("shown on the way");
    assert!(shown.bytes_done > 0 && shown.bytes_done <= job["progress"]["bytes_total"].as_u64().unwrap(), "{shown:?}");
}
