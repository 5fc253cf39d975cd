//! The cleanup timer.

use std::time::Duration;

use serde_json::json;

use crate::harness::{TestApp, Way, files_below, samples};

#[tokio::test(flavor = "multi_thread")]
async fn idle_sessions_end_and_busy_ones_stay() {
    let app = TestApp::start_with(&[("SESSION_IDLE_SECONDS", "600"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "600")]).await;
    let (idle, busy) = (app.user("ada").await, app.user("grace").await);
    idle.upload("books.xml", samples::BOOKS).await.expect(201);
    for _ in 0..4 {
        app.clock.advance(Duration::from_secs(200));
        busy.get("/api/files").await.expect(200);
        app.run_timer("cleanup").await;
    }
    idle.get("/api/files").await.expect(401);
    busy.get("/api/files").await.expect(200);
    let session = idle.session.unwrap();
    assert!(!app.session_files().iter().any(|path| path.contains(&session)));
    assert!(app.app.stores().sessions.get(session.parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_removal_is_finished() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let session: ret::domain::SessionId = client.session.as_ref().unwrap().parse().unwrap();
    app.app.stores().sessions.close(session, app.app.stores().clock.now()).await.unwrap();
    app.run_timer("cleanup").await;
    assert!(app.app.stores().sessions.get(session).await.unwrap().is_none());
    assert!(app.session_files().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_is_done_by_another() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let stores = app.app.stores();
    let session: ret::domain::SessionId = client.session.as_ref().unwrap().parse().unwrap();
    let id = ret::domain::JobId(stores.ids.next());
    let kind = ret::domain::JobKind::Convert;
    let job = ret::domain::Job::queued(id, session, kind, json!({}), Default::default(), stores.clock.now());
    stores.jobs.add(&job).await.unwrap();
    stores.jobs.claim(job.id, stores.clock.now(), Duration::from_secs(10)).await.unwrap().unwrap();
    app.run_timer("cleanup").await;
    let path = format!("/api/jobs/{}", job.id);
    assert_eq!(client.get(&path).await.json()["state"], "running", "the lease still holds");
    app.clock.advance(Duration::from_secs(11) + app.trust_in_the_queue());
    app.run_timer("cleanup").await;
    let done = client.job_end(&job.id.to_string(), Duration::from_secs(10)).await;
    assert_eq!((done["state"].as_str(), done["result"]["rows"].as_u64()), (Some("succeeded"), Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_a_row_are_swept_once_they_are_old() {
    let app = TestApp::start_with(&[("SESSION_IDLE_SECONDS", "100000000000")]).await;
    let client = app.user("ada").await;
    client.upload("books.xml", samples::BOOKS).await.expect(201);
    let job = client.convert(json!({})).await;
    client.jobs_end().await;
    // The words of the tables come after the end of the job.
    let has_words = || app.session_files().iter().any(|path| path.contains("/words."));
    while !has_words() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let kept = app.session_files();
    // What a worker that was killed had got for the tables that are shown.
    let part = format!("ai_index/{}.1/vectors.parts/000000", job["id"].as_str().unwrap());
    let mut orphans = vec!["input/0193-orphan/a.xml", "output/0193-orphan.1/b.csv", &part];
    if app.servers.is_none() {
        orphans.extend([".tmp/half.part", ".tmp/work-1/tables.sqlite"]);
    }
    for orphan in &orphans {
        app.leave_behind(&format!("{}/{orphan}", client.session.as_ref().unwrap()), "left behind");
    }
    app.leave_behind("01930000-0000-7000-8000-000000000000/input/x.xml", "left behind");
    let admin = app.admin().await;
    let report = admin.post("/api/admin/cleanup", json!({})).await.expect(200).json();
    assert_eq!(report["orphaned_files"], 1, "the folder of no session goes at once, fresh files of a session stay");
    // The files' times are the machine's: the service's clock is moved past them.
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let behind = machine.as_millis() as i64 - app.app.stores().clock.now().as_millis();
    app.clock.advance(Duration::from_millis(u64::try_from(behind.max(0)).unwrap()) + Duration::from_secs(660));
    let stores = app.app.stores();
    let session: ret::domain::SessionId = client.session.as_ref().unwrap().parse().unwrap();
    let sweep = || app.app.state.services.cleanup.run(ret::services::cleanup::Thoroughness::RowsAndFiles);
    stores.sessions.touch(session, stores.clock.now()).await.unwrap();
    assert_eq!(
        sweep().await.orphaned_files,
        0,
        "somebody may be at work: what looks like an orphan may be an upload under way"
    );
    app.clock.advance(Duration::from_secs(601));
    let report = sweep().await;
    assert_eq!((report.orphaned_files, report.failed_steps), (orphans.len() as u64, 0));
    assert_eq!(
        app.session_files()
            .iter()
            .filter(|path| path.contains(client.session.as_ref().unwrap()))
            .cloned()
            .collect::<Vec<_>>(),
        kept
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_stands_in_no_file_any_more() {
    let app = TestApp::start_embedded(Way::asked_for(), &[]).await;
    let root = app.folder.path().to_owned();
    let files_with = |word: &str| -> Vec<String> {
        let has = |path: &String| {
            let bytes = std::fs::read(root.join(path)).unwrap_or_default().to_ascii_lowercase();
            bytes.windows(word.len()).any(|part| part == word.as_bytes())
        };
        files_below(&root).into_iter().filter(has).collect()
    };
    let client = app.user("ada").await;
    let document = "<towns><town><name>Kanarienberg</name></town><town><name>Ulm</name></town></towns>";
    client.upload("towns.xml", document).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    client.jobs_end().await;
    // One that stays, in the same pages.
    let kept = client.post("/api/chat", json!({ "message": "How many towns are named Ulm?" })).await.expect(200).json();
    let asked = json!({ "message": "How many towns are named Kanarienberg?" });
    let answered = client.post("/api/chat", asked).await.expect(200).json();
    assert!(answered["message"]["content"].as_str().unwrap().contains("Kanarienberg"), "{answered}");
    assert!(files_with("kanarienberg").iter().any(|path| path.starts_with("ret.db")), "it was there");

    let path =
        |answered: &serde_json::Value| format!("/api/conversations/{}", answered["conversation_id"].as_str().unwrap());
    client.delete(&path(&answered)).await.expect(204);
    let found = client.get("/api/conversations?q=Ulm").await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    client.post("/api/logout", json!({})).await.expect(200);
    app.run_timer("cleanup").await;
    assert_eq!(files_with("kanarienberg"), [""; 0]);
    let again = app.client().login("ada", crate::harness::USER_PASSWORD).await;
    again.get(&path(&kept)).await.expect(200);
    assert_eq!(again.get("/api/conversations?q=Ulm").await.json()["items"].as_array().unwrap().len(), 1);
}
