//! What every store of shown progress promises.

use std::time::{Duration, Instant};

use ret::domain::{JobId, Progress};

use super::{Bench, suite};

suite!(shows_what_an_attempt_showed_last, forgets_in_time);

const LONG: Duration = Duration::from_secs(3600);
/// So long everything is to happen that has to.
const PATIENCE: Duration = Duration::from_secs(10);

fn rows(rows: u64) -> Progress {
    Progress { bytes_done: u64::MAX, bytes_total: u64::MAX, documents_done: 1, documents_total: 2, rows }
}

/// Shows it as soon as there is a connection: calls do not wait for one that takes long to make.
async fn show(bench: &Bench, job: JobId, attempt: u32, progress: Progress, keep: Duration) {
    let began = Instant::now();
    while let Err(error) = bench.stores.job_progress.show(job, attempt, progress, keep).await {
        assert!(began.elapsed() < PATIENCE, "{error}");
    }
}

async fn shown(bench: &Bench, job: JobId, attempt: u32) -> Option<Progress> {
    bench.stores.job_progress.shown(job, attempt).await.unwrap()
}

async fn shows_what_an_attempt_showed_last(bench: Bench) {
    let (job, other) = (JobId(bench.stores.ids.next()), JobId(bench.stores.ids.next()));
    show(&bench, job, 1, rows(1), LONG).await;
    assert_eq!(shown(&bench, job, 1).await, Some(rows(1)));
    show(&bench, job, 2, rows(20), LONG).await;
    show(&bench, job, 1, rows(3), LONG).await;
    assert_eq!((shown(&bench, job, 1).await, shown(&bench, job, 2).await), (Some(rows(3)), Some(rows(20))));
    assert_eq!((shown(&bench, job, 3).await, shown(&bench, other, 1).await), (None, None));
}

async fn forgets_in_time(bench: Bench) {
    let [short, long] = [0; 2].map(|_| JobId(bench.stores.ids.next()));
    show(&bench, long, 1, rows(1), LONG).await;
    show(&bench, short, 1, rows(1), Duration::from_millis(20)).await;
    let began = Instant::now();
    while shown(&bench, short, 1).await.is_some() {
        assert!(began.elapsed() < PATIENCE, "never forgotten");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(shown(&bench, long, 1).await, Some(rows(1)));
}
