//! What every store of sessions promises.

use std::time::Duration;

use ret::{
    domain::{Role, SessionId},
    ports::accounts::AccountChange,
};

use super::{Bench, catalog::archive, jobs::waiting_job, suite_of_rows};

suite_of_rows!(
    opens_only_for_the_password_that_was_checked,
    authenticates_open_sessions_of_enabled_accounts,
    closes_once,
    removes_only_closed_sessions_with_their_rows,
    touch_never_goes_back,
    closes_idle_sessions_unless_something_happens,
    lists_open_sessions_with_what_is_in_them,
);

async fn authenticates_open_sessions_of_enabled_accounts(bench: Bench) {
    let user = bench.account("ada", Role::User).await;
    let session = bench.session_of(user.id).await;
    let (found, who) = bench.stores.sessions.authenticate(session.id).await.unwrap().unwrap();
    assert_eq!((found, who), (session.clone(), user.clone()));
    let disabled = AccountChange { disabled_at: Some(Some(bench.now())), ..AccountChange::default() };
    bench.stores.accounts.change(user.id, &disabled, &bench.entry()).await.unwrap();
    assert!(bench.stores.sessions.authenticate(session.id).await.unwrap().is_none());
    assert!(bench.stores.sessions.authenticate(SessionId(bench.stores.ids.next())).await.unwrap().is_none());
}

async fn opens_only_for_the_password_that_was_checked(bench: Bench) {
    let user = bench.account("ada", Role::User).await;
    let mut session = bench.session_of(user.id).await;
    session.id = SessionId(bench.stores.ids.next());
    let sessions = &bench.stores.sessions;
    assert!(!sessions.open(&session, "another hash").await.unwrap());
    let disabled = AccountChange { disabled_at: Some(Some(bench.now())), ..AccountChange::default() };
    bench.stores.accounts.change(user.id, &disabled, &bench.entry()).await.unwrap();
    assert!(!sessions.open(&session, "$hash$").await.unwrap());
    assert!(sessions.get(session.id).await.unwrap().is_none());
}

async fn closes_once(bench: Bench) {
    let session = bench.session().await;
    let sessions = &bench.stores.sessions;
    assert!(sessions.close(session.id, bench.now()).await.unwrap());
    assert!(!sessions.close(session.id, bench.now()).await.unwrap());
    assert!(sessions.authenticate(session.id).await.unwrap().is_none());
    assert_eq!(sessions.get(session.id).await.unwrap().unwrap().closed_at, Some(bench.now()));
    assert_eq!(sessions.list_closed(10).await.unwrap(), [session.id]);
}

async fn removes_only_closed_sessions_with_their_rows(bench: Bench) {
    let session = bench.session().await;
    let stores = &bench.stores;
    let job = waiting_job(&bench, session.id);
    assert!(stores.jobs.add(&job).await.unwrap());
    stores.refresh_tokens.add(&[7; 32], session.id, bench.now().plus(Duration::from_secs(60))).await.unwrap();
    stores.sessions.remove(session.id).await.unwrap();
    assert!(stores.sessions.get(session.id).await.unwrap().is_some(), "an open session stays");
    stores.sessions.close(session.id, bench.now()).await.unwrap();
    stores.sessions.remove(session.id).await.unwrap();
    stores.sessions.remove(session.id).await.unwrap();
    assert!(stores.sessions.get(session.id).await.unwrap().is_none());
    assert!(stores.jobs.get(session.id, job.id).await.unwrap().is_none());
    assert!(stores.refresh_tokens.session_of(&[7; 32]).await.unwrap().is_none());
    assert!(stores.sessions.list_of_user(session.user_id).await.unwrap().is_empty());
}

async fn touch_never_goes_back(bench: Bench) {
    let session = bench.session().await;
    let sessions = &bench.stores.sessions;
    let later = bench.now().plus(Duration::from_secs(5));
    sessions.touch(session.id, later).await.unwrap();
    sessions.touch(session.id, bench.now()).await.unwrap();
    assert_eq!(sessions.get(session.id).await.unwrap().unwrap().last_seen_at, later);
}

async fn closes_idle_sessions_unless_something_happens(bench: Bench) {
    let (idle, busy, seen) = (bench.session().await, bench.session().await, bench.session().await);
    let sessions = &bench.stores.sessions;
    assert!(bench.stores.jobs.add(&waiting_job(&bench, busy.id)).await.unwrap());
    let since = bench.now().plus(Duration::from_secs(60));
    let found = sessions.list_idle(since, 10).await.unwrap();
    assert_eq!(found.len(), 3);
    sessions.touch(seen.id, since).await.unwrap();
    assert!(sessions.close_if_idle(idle.id, since, since).await.unwrap());
    assert!(!sessions.close_if_idle(idle.id, since, since).await.unwrap());
    assert!(!sessions.close_if_idle(busy.id, since, since).await.unwrap());
    assert!(!sessions.close_if_idle(seen.id, since, since).await.unwrap());
    assert_eq!(sessions.count_open().await.unwrap(), 2);
}

async fn lists_open_sessions_with_what_is_in_them(bench: Bench) {
    let (first, second, closed) = (bench.session().await, bench.session().await, bench.session().await);
    let stores = &bench.stores;
    stores.sessions.close(closed.id, bench.now()).await.unwrap();
    let upload = archive(&bench, first.id, "one.zip");
    stores.catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap();
    stores.jobs.add(&waiting_job(&bench, first.id)).await.unwrap();
    let cancelled = waiting_job(&bench, first.id);
    stores.jobs.add(&cancelled).await.unwrap();
    stores.jobs.request_cancel(first.id, cancelled.id, bench.now()).await.unwrap();
    let found = stores.sessions.list_open(None, 10).await.unwrap();
    let brief: Vec<_> = found.iter().map(|one| (one.session.clone(), one.files, one.unfinished_jobs)).collect();
    let files = stores.catalog.list_files(first.id, None, None, 10).await.unwrap();
    assert!(!files.is_empty());
    assert_eq!(brief, [(second.clone(), 0, 0), (first.clone(), files.len() as u64, 1)]);
    assert_eq!(found[1].bytes, files.iter().map(|file| file.bytes).sum::<u64>());
    assert!(found[1].bytes > 0 && found[0].bytes == 0);
    let owner = stores.accounts.get(first.user_id).await.unwrap().unwrap().user;
    assert_eq!(found[1].username, owner.username);
    let ids = async |before, limit| {
        let page = stores.sessions.list_open(before, limit).await.unwrap();
        page.into_iter().map(|one| one.session.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 1).await, [second.id]);
    assert_eq!(ids(Some(second.id), 10).await, [first.id]);
    assert!(ids(Some(first.id), 10).await.is_empty());
}
