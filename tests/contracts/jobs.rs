//! What every store of jobs promises.

use std::time::Duration;

use ret::{
    domain::{Area, Job, JobFailure, JobId, JobKind, JobState, Progress, SessionId, StoredFile},
    ports::{
        catalog::Published,
        jobs::{CancelRequest, FinishedConversion, FinishedUpload, Heartbeat, JobOutline, Success},
    },
};
use serde_json::json;

use super::{Bench, catalog::archive, suite_of_rows};

suite_of_rows!(
    is_claimed_by_one_worker,
    a_lost_lease_lets_another_worker_in,
    publishes_once,
    cancelling_reaches_the_worker,
    a_closed_session_gets_nothing,
    jobs_left_behind_are_found,
    failures_are_kept,
    a_job_is_added_once,
    an_upload_is_published_with_its_job,
    a_job_succeeds_alone,
    a_job_is_laid_down_and_taken_up_again,
    lists_jobs_of_everybody,
);

const LEASE: Duration = Duration::from_secs(10);

/// A job that waits, not stored yet.
pub fn waiting_job(bench: &Bench, session: SessionId) -> Job {
    let (id, request) = (JobId(bench.stores.ids.next()), json!({ "layout": "flat" }));
    Job::queued(id, session, JobKind::Convert, request, Progress::default(), bench.now())
}

async fn added(bench: &Bench) -> Job {
    let session = bench.session().await;
    let job = waiting_job(bench, session.id);
    assert!(bench.stores.jobs.add(&job).await.unwrap());
    job
}

fn finished(bench: &Bench, job: &Job, attempt: u32) -> FinishedConversion {
    FinishedConversion {
        job: job.id,
        attempt,
        result: json!({ "by": attempt }),
        progress: Progress { rows: 7, ..Progress::default() },
        outputs: vec![StoredFile {
            area: Area::Output,
            path: "t.csv".into(),
            key: format!("output/{}.{attempt}/t.csv", job.id),
            bytes: 5,
            sha256: None,
            content_type: "text/csv".into(),
            modified_at: bench.now(),
        }],
        at: bench.now(),
    }
}

async fn is_claimed_by_one_worker(bench: Bench) {
    let job = added(&bench).await;
    let jobs = &bench.stores.jobs;
    let (one, two) = tokio::join!(jobs.claim(job.id, bench.now(), LEASE), jobs.claim(job.id, bench.now(), LEASE));
    let claimed: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].state, claimed[0].attempt), (JobState::Running, 1));
    assert_eq!(claimed[0].request, job.request);
    assert!(jobs.any_running(job.session, bench.now()).await.unwrap());
}

async fn a_lost_lease_lets_another_worker_in(bench: Bench) {
    let job = added(&bench).await;
    let jobs = &bench.stores.jobs;
    jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap();
    bench.clock.advance(Duration::from_secs(9));
    let progress = Progress { rows: 3, ..Progress::default() };
    assert_eq!(jobs.heartbeat(job.id, 1, progress, bench.now(), LEASE).await.unwrap(), Heartbeat::Continue);
    assert_eq!(jobs.get(job.session, job.id).await.unwrap().unwrap().progress, progress);
    bench.clock.advance(LEASE);
    assert!(jobs.claim(job.id, bench.now(), LEASE).await.unwrap().is_none(), "the lease holds to its last moment");
    bench.clock.advance(Duration::from_millis(1));
    let second = jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!(second.attempt, 2);
    assert_eq!(jobs.heartbeat(job.id, 1, progress, bench.now(), LEASE).await.unwrap(), Heartbeat::Lost);
    assert_eq!(jobs.succeed(&finished(&bench, &job, 1)).await.unwrap(), Published::SessionClosed);
    assert!(!jobs.end(job.id, 1, None, progress, bench.now()).await.unwrap());
    assert!(matches!(jobs.succeed(&finished(&bench, &job, 2)).await.unwrap(), Published::Done { .. }));
}

async fn publishes_once(bench: Bench) {
    let job = added(&bench).await;
    let stores = &bench.stores;
    stores.jobs.claim(job.id, bench.now(), LEASE).await.unwrap();
    assert_eq!(stores.jobs.succeed(&finished(&bench, &job, 1)).await.unwrap(), Published::Done { obsolete: vec![] });
    assert_eq!(stores.jobs.succeed(&finished(&bench, &job, 1)).await.unwrap(), Published::SessionClosed);
    let done = stores.jobs.get(job.session, job.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.result), (JobState::Succeeded, Some(json!({ "by": 1 }))));
    assert_eq!(stores.sessions.get(job.session).await.unwrap().unwrap().conversion, Some(job.id));
    let again = waiting_job(&bench, job.session);
    stores.jobs.add(&again).await.unwrap();
    stores.jobs.claim(again.id, bench.now(), LEASE).await.unwrap();
    let obsolete = vec![format!("output/{}.1/t.csv", job.id)];
    assert_eq!(stores.jobs.succeed(&finished(&bench, &again, 1)).await.unwrap(), Published::Done { obsolete });
    let files = stores.catalog.list_files(job.session, Some(Area::Output), None, 10).await.unwrap();
    assert_eq!(files.len(), 1, "a conversion replaces the one before");
}

async fn cancelling_reaches_the_worker(bench: Bench) {
    let (waiting, running) = (added(&bench).await, added(&bench).await);
    let jobs = &bench.stores.jobs;
    let cancel = |job: &Job| jobs.request_cancel(job.session, job.id, bench.now());
    assert_eq!(cancel(&waiting).await.unwrap(), CancelRequest::Cancelled);
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(
        jobs.request_cancel(waiting.session, waiting.id, bench.now()).await.unwrap(),
        CancelRequest::AlreadyFinal
    );
    assert!(jobs.claim(waiting.id, bench.now(), LEASE).await.unwrap().is_none());
    jobs.claim(running.id, bench.now(), LEASE).await.unwrap();
    assert_eq!(jobs.request_cancel(running.session, running.id, bench.now()).await.unwrap(), CancelRequest::Requested);
    let heartbeat = jobs.heartbeat(running.id, 1, Progress::default(), bench.now(), LEASE).await.unwrap();
    assert_eq!(heartbeat, Heartbeat::Cancel);
    assert_eq!(jobs.succeed(&finished(&bench, &running, 1)).await.unwrap(), Published::SessionClosed);
    assert!(jobs.end(running.id, 1, None, Progress::default(), bench.now()).await.unwrap());
    assert_eq!(jobs.get(running.session, running.id).await.unwrap().unwrap().state, JobState::Cancelled);
    let stranger = bench.session().await;
    assert_eq!(jobs.request_cancel(stranger.id, running.id, bench.now()).await.unwrap(), CancelRequest::NotFound);
}

async fn a_closed_session_gets_nothing(bench: Bench) {
    let job = added(&bench).await;
    let stores = &bench.stores;
    stores.jobs.claim(job.id, bench.now(), LEASE).await.unwrap();
    stores.sessions.close(job.session, bench.now()).await.unwrap();
    assert!(!stores.jobs.add(&waiting_job(&bench, job.session)).await.unwrap());
    let heartbeat = stores.jobs.heartbeat(job.id, 1, Progress::default(), bench.now(), LEASE).await.unwrap();
    assert_eq!(heartbeat, Heartbeat::Lost);
    assert_eq!(stores.jobs.succeed(&finished(&bench, &job, 1)).await.unwrap(), Published::SessionClosed);
    bench.clock.advance(Duration::from_secs(60));
    assert!(stores.jobs.claim(job.id, bench.now(), LEASE).await.unwrap().is_none());
    assert!(!stores.jobs.any_running(job.session, bench.now()).await.unwrap());
}

async fn jobs_left_behind_are_found(bench: Bench) {
    let (waiting, running, done) = (added(&bench).await, added(&bench).await, added(&bench).await);
    let jobs = &bench.stores.jobs;
    jobs.claim(running.id, bench.now(), LEASE).await.unwrap();
    jobs.claim(done.id, bench.now(), LEASE).await.unwrap();
    jobs.succeed(&finished(&bench, &done, 1)).await.unwrap();
    let left = |since| jobs.list_left_behind(since, bench.now(), 10);
    assert!(left(bench.now()).await.unwrap().is_empty());
    bench.clock.advance(Duration::from_secs(6));
    assert_eq!(jobs.list_left_behind(bench.now(), bench.now(), 10).await.unwrap(), [waiting.id]);
    bench.clock.advance(LEASE);
    let mut both = vec![waiting.id, running.id];
    both.sort();
    assert_eq!(jobs.list_left_behind(bench.now(), bench.now(), 10).await.unwrap(), both);
}

async fn failures_are_kept(bench: Bench) {
    let job = added(&bench).await;
    let jobs = &bench.stores.jobs;
    jobs.claim(job.id, bench.now(), LEASE).await.unwrap();
    let failure = JobFailure { code: "xml_too_deep".into(), detail: "too deep".into(), errors: vec![] };
    assert!(jobs.end(job.id, 1, Some(&failure), Progress::default(), bench.now()).await.unwrap());
    let failed = jobs.get(job.session, job.id).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.error, failed.finished_at), (JobState::Failed, Some(failure), Some(bench.now())));
    let listed = jobs.list(job.session, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(jobs.list(job.session, Some(job.id), 10).await.unwrap().is_empty());
    assert!(jobs.count_by_state().await.unwrap().contains(&("failed".into(), 1)));
}

async fn a_job_is_added_once(bench: Bench) {
    let job = added(&bench).await;
    let jobs = &bench.stores.jobs;
    jobs.claim(job.id, bench.now(), LEASE).await.unwrap();
    let again = Job { kind: JobKind::Upload, request: json!({ "name": "b.xml" }), ..job.clone() };
    assert!(jobs.add(&again).await.unwrap());
    let stored = jobs.get(job.session, job.id).await.unwrap().unwrap();
    assert_eq!((stored.kind, stored.state, &stored.request), (JobKind::Convert, JobState::Running, &job.request));
}

async fn an_upload_is_published_with_its_job(bench: Bench) {
    let session = bench.session().await.id;
    let stores = &bench.stores;
    let upload = archive(&bench, session, "one.zip");
    let job = Job { id: JobId(upload.id.0), kind: JobKind::Upload, ..waiting_job(&bench, session) };
    stores.jobs.add(&job).await.unwrap();
    let claimed = stores.jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!(claimed.kind, JobKind::Upload);
    let finished = |attempt| FinishedUpload {
        job: job.id,
        attempt,
        result: json!({ "documents": 2 }),
        progress: Progress { documents_done: 2, ..Progress::default() },
        upload: upload.clone(),
    };
    let listed = || stores.catalog.list_files(session, None, None, 10);
    assert_eq!(stores.jobs.succeed_upload(&finished(2)).await.unwrap(), Published::SessionClosed, "not its attempt");
    assert!(listed().await.unwrap().is_empty());
    let taken = archive(&bench, session, "one.zip/a.xml");
    let of_another = ret::ports::catalog::NewUpload {
        extracted: vec![StoredFile { path: "one.zip/a.xml".into(), ..taken.extracted[0].clone() }],
        documents: Vec::new(),
        ..archive(&bench, session, "other.zip")
    };
    stores.catalog.publish_uploads(&[of_another]).await.unwrap();
    assert_eq!(stores.jobs.succeed_upload(&finished(1)).await.unwrap(), Published::PathTaken);
    assert_eq!(stores.jobs.get(session, job.id).await.unwrap().unwrap().state, JobState::Running, "neither happened");
    stores.catalog.remove_file(session, Area::Input, "other.zip").await.unwrap();
    assert_eq!(stores.jobs.succeed_upload(&finished(1)).await.unwrap(), Published::Done { obsolete: vec![] });
    let done = stores.jobs.get(session, job.id).await.unwrap().unwrap();
    assert_eq!(
        (done.state, done.result, done.progress.documents_done),
        (JobState::Succeeded, Some(json!({ "documents": 2 })), 2)
    );
    assert_eq!(listed().await.unwrap().len(), 3);
    assert_eq!(stores.sessions.get(session).await.unwrap().unwrap().conversion, None, "the session's tables stay");
}

async fn a_job_succeeds_alone(bench: Bench) {
    let jobs = &bench.stores.jobs;
    let session = bench.session().await.id;
    let add = async || {
        let job = Job { kind: JobKind::Index, ..waiting_job(&bench, session) };
        jobs.add(&job).await.unwrap();
        assert_eq!(jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap().kind, JobKind::Index);
        job.id
    };
    let result = json!({ "rows": 7 });
    let progress = Progress { rows: 7, ..Progress::default() };
    let succeed =
        |job, attempt| jobs.succeed_alone(Success { job, attempt, result: &result, progress, at: bench.now() });
    let job = add().await;
    assert_eq!(succeed(job, 2).await.unwrap(), Published::SessionClosed, "not its attempt");
    assert_eq!(succeed(job, 1).await.unwrap(), Published::Done { obsolete: vec![] });
    assert_eq!(succeed(job, 1).await.unwrap(), Published::SessionClosed, "it has ended");
    let done = jobs.get(session, job).await.unwrap().unwrap();
    assert_eq!((done.state, done.result, done.progress), (JobState::Succeeded, Some(result.clone()), progress));
    assert_eq!(
        bench.stores.sessions.get(session).await.unwrap().unwrap().conversion,
        None,
        "the session's tables stay"
    );
    let cancelled = add().await;
    jobs.request_cancel(session, cancelled, bench.now()).await.unwrap();
    assert_eq!(succeed(cancelled, 1).await.unwrap(), Published::SessionClosed);
    let late = add().await;
    bench.stores.sessions.close(session, bench.now()).await.unwrap();
    assert_eq!(succeed(late, 1).await.unwrap(), Published::SessionClosed);
    assert_eq!(jobs.get(session, late).await.unwrap().unwrap().state, JobState::Running);
}

async fn a_job_is_laid_down_and_taken_up_again(bench: Bench) {
    let job = added(&bench).await;
    let jobs = &bench.stores.jobs;
    let lay_down = |attempt, part: u32| {
        let (progress, request) = (Progress { rows: part.into(), ..Progress::default() }, json!({ "part": part }));
        async move { jobs.lay_down(job.id, attempt, &request, progress).await.unwrap() }
    };
    assert!(!lay_down(0, 1).await, "nobody has it");
    jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap();
    assert!(lay_down(1, 1).await);
    assert!(!lay_down(1, 2).await, "once");
    let laid_down = jobs.get(job.session, job.id).await.unwrap().unwrap();
    assert_eq!((laid_down.state, laid_down.progress.rows), (JobState::Queued, 1));
    assert!(!jobs.any_running(job.session, bench.now()).await.unwrap());
    let heartbeat = jobs.heartbeat(job.id, 1, Progress::default(), bench.now(), LEASE).await.unwrap();
    assert_eq!(heartbeat, Heartbeat::Lost, "the attempt is over");
    let again = jobs.claim(job.id, bench.now(), LEASE).await.unwrap().expect("at once, without waiting for the lease");
    assert_eq!((again.attempt, again.request), (2, json!({ "part": 1 })));
    assert_eq!(jobs.request_cancel(job.session, job.id, bench.now()).await.unwrap(), CancelRequest::Requested);
    assert!(!lay_down(2, 2).await, "somebody wants no more of it");
    assert!(jobs.end(job.id, 2, None, Progress::default(), bench.now()).await.unwrap());

    let other = added(&bench).await;
    jobs.claim(other.id, bench.now(), LEASE).await.unwrap().unwrap();
    bench.stores.sessions.close(other.session, bench.now()).await.unwrap();
    assert!(!jobs.lay_down(other.id, 1, &json!({}), Progress::default()).await.unwrap(), "its session has ended");
}

async fn lists_jobs_of_everybody(bench: Bench) {
    let (waiting, running, failed) = (added(&bench).await, added(&bench).await, added(&bench).await);
    let jobs = &bench.stores.jobs;
    jobs.claim(running.id, bench.now(), LEASE).await.unwrap();
    let progress = Progress { rows: 3, ..Progress::default() };
    jobs.heartbeat(running.id, 1, progress, bench.now(), LEASE).await.unwrap();
    jobs.claim(failed.id, bench.now(), LEASE).await.unwrap();
    let failure = JobFailure { code: "xml_too_deep".into(), detail: "too deep".into(), errors: vec![] };
    jobs.end(failed.id, 1, Some(&failure), Progress::default(), bench.now()).await.unwrap();
    let found = jobs.list_all(None, None, 10).await.unwrap();
    let ids = |found: &[JobOutline]| found.iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(&found), [failed.id, running.id, waiting.id]);
    assert_eq!(
        (found[0].state, &found[0].error, found[0].finished_at),
        (JobState::Failed, &Some(failure), Some(bench.now()))
    );
    assert_eq!((found[1].state, found[1].attempt, found[1].progress), (JobState::Running, 1, progress));
    assert_eq!((found[2].state, found[2].attempt, found[2].started_at), (JobState::Queued, 0, None));
    for (job, outline) in [(&waiting, &found[2]), (&running, &found[1]), (&failed, &found[0])] {
        let session = bench.stores.sessions.get(job.session).await.unwrap().unwrap();
        let owner = bench.stores.accounts.get(session.user_id).await.unwrap().unwrap().user;
        assert_eq!((outline.session, outline.user, &outline.username), (job.session, owner.id, &owner.username));
        assert_eq!((outline.kind, outline.created_at), (job.kind, job.created_at));
        assert_eq!(jobs.session_of(job.id).await.unwrap(), Some(job.session));
    }
    assert_eq!(ids(&jobs.list_all(Some(JobState::Running), None, 10).await.unwrap()), [running.id]);
    assert_eq!(ids(&jobs.list_all(None, Some(failed.id), 1).await.unwrap()), [running.id]);
    assert!(jobs.list_all(Some(JobState::Failed), Some(failed.id), 10).await.unwrap().is_empty());
    assert_eq!(jobs.session_of(JobId(bench.stores.ids.next())).await.unwrap(), None);
}
