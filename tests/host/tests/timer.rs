//! Timer functions: occurrences, what was missed, what is remembered.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use time::macros::datetime;

use super::support::{host_json, options, soon, staged, timer_function};
use crate::host::{Host, HostOptions, TimerStore, timer_store::ScheduleStatus};

const YEARLY: &str = "0 0 0 1 1 *";

fn staged_timer(schedule: &str, run_on_startup: bool) -> (HostOptions, TempDir) {
    let folder = staged(&host_json(json!({}), json!({})), &[("tick", timer_function(schedule, run_on_startup))]);
    (options(&folder), folder)
}

/// The timer's value in each call so far.
fn ticks(host: &Host) -> Vec<Value> {
    let records = host.logs().records();
    let bodies = records.iter().filter_map(|record| record.text.strip_prefix("invoked tick "));
    bodies.map(|body| serde_json::from_str::<Value>(body).unwrap()["Data"]["timer"].clone()).collect()
}

#[tokio::test]
async fn a_timer_ticks_at_its_occurrences_and_is_remembered() {
    let (options, _folder) = staged_timer("0 0 0 * * *", false);
    let host = Host::start(options.clone()).await.unwrap();
    soon(host.handler()).await.unwrap();
    let new = options.timers.status("tick").unwrap();
    assert_eq!(new.last, None);
    options.clock.advance_to(new.next);
    host.logs().wait_for("done tick").await;
    let ran = soon(changed(&options.timers, &new)).await;
    assert!(
        ran.last.unwrap() >= new.next && ran.next == new.next + time::Duration::DAY && ran.last == Some(ran.updated)
    );
    let tick = &ticks(&host)[0];
    assert_eq!((&tick["IsPastDue"], &tick["Schedule"]["AdjustForDST"]), (&json!(false), &json!(true)));
    assert_eq!(tick["ScheduleStatus"]["Last"], "0001-01-01T00:00:00+00:00");
    options.clock.advance_to(ran.next);
    host.logs().wait_for_many("done tick", 2).await;
    host.stop().await;
}

async fn changed(store: &TimerStore, from: &ScheduleStatus) -> ScheduleStatus {
    loop {
        match store.status("tick") {
            Some(status) if status != *from => return status,
            _ => tokio::time::sleep(Duration::from_millis(2)).await,
        }
    }
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_once() {
    let (options, _folder) = staged_timer("0 0 0 * * *", false);
    let host = Host::start(options.clone()).await.unwrap();
    soon(host.handler()).await.unwrap();
    host.stop().await;
    options.clock.advance(Duration::from_secs(3 * 86_400));
    let host = Host::start(options.clone()).await.unwrap();
    host.logs().wait_for("done tick").await;
    assert_eq!(ticks(&host).iter().map(|tick| tick["IsPastDue"].clone()).collect::<Vec<_>>(), [json!(true)]);
    host.stop().await;
}

#[tokio::test]
async fn a_changed_schedule_has_missed_nothing() {
    let (options, folder) = staged_timer("0 0 0 * * *", false);
    let old = ScheduleStatus {
        last: Some(datetime!(2026-03-01 0:00 UTC)),
        next: datetime!(2026-03-01 0:05 UTC),
        updated: datetime!(2026-03-01 0:00 UTC),
    };
    options.timers.set_status("tick", old.clone());
    let host = Host::start(options.clone()).await.unwrap();
    let status = soon(changed(&options.timers, &old)).await;
    assert!(status.next > options.clock.now() && status.last.is_none());
    soon(host.handler()).await.unwrap();
    assert!(ticks(&host).is_empty());
    host.stop().await;
    drop(folder);
}

#[tokio::test]
async fn a_timer_may_run_on_startup() {
    let (options, _folder) = staged_timer(YEARLY, true);
    let host = Host::start(options).await.unwrap();
    host.logs().wait_for("done tick").await;
    assert_eq!(ticks(&host)[0]["IsPastDue"], false);
    host.stop().await;
}

#[tokio::test]
async fn timers_below_a_minute_are_not_remembered() {
    let (options, _folder) = staged_timer("*/15 * * * * *", true);
    let host = Host::start(options.clone()).await.unwrap();
    host.logs().wait_for("done tick").await;
    assert_eq!(ticks(&host)[0]["ScheduleStatus"], Value::Null);
    assert_eq!(options.timers.status("tick"), None);
    host.stop().await;
}

#[tokio::test]
async fn a_test_may_fire_a_timer_which_does_not_overlap_itself() {
    let (options, _folder) = staged_timer(YEARLY, false);
    let host = Arc::new(Host::start(options).await.unwrap());
    let (one, other) = soon(async { tokio::join!(host.fire_timer("tick"), host.fire_timer("tick")) }).await;
    assert!(one.is_ok() && other.is_ok());
    let records = host.logs().records();
    let order: Vec<_> = records
        .iter()
        .filter(|record| record.category == "Function.tick")
        .map(|record| record.text.split(' ').next().unwrap())
        .collect();
    assert_eq!(order, ["Executing", "Executed", "Executing", "Executed"]);
    assert!(host.fire_timer("tock").await.is_err());
}

#[test]
fn statuses_are_kept_in_a_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("timers.json");
    let instant = datetime!(2026-03-01 10:00:00.5 UTC);
    let status = ScheduleStatus { last: None, next: instant, updated: instant };
    TimerStore::in_file(file.clone()).set_status("tick", status.clone());
    assert_eq!(TimerStore::in_file(file).status("tick"), Some(status));
}
