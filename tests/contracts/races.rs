//! Two instances on the same rows at the same time. Each race is run many times, for an order of events that breaks a promise comes seldom.

use std::time::Duration;

use ret::{
    domain::{Area, Role, Session, SessionId, User, backoff},
    ports::{
        accounts::{AccountChange, ChangeAccount},
        catalog::Published,
        refresh_tokens::Rotation,
    },
};

use super::{Bench, catalog::archive, jobs::waiting_job, suite_of_rows};

suite_of_rows!(
    administrators_who_dismiss_each_other_leave_one,
    every_failed_login_counts,
    a_revoked_family_has_no_late_successor,
    a_reused_token_leaves_no_late_successor,
    a_login_is_seen_by_the_new_password_that_came_after,
    nothing_becomes_visible_after_a_logout,
    a_worker_that_began_is_seen_by_the_logout,
    an_idle_session_with_a_new_job_stays,
    one_upload_of_a_name_remains,
    what_works_in_a_session_waits_for_no_one_for_good,
);

const ROUNDS: u8 = 25;
const LEASE: Duration = Duration::from_secs(10);

async fn administrators_who_dismiss_each_other_leave_one(bench: Bench) {
    let other = bench.second().await;
    let (ada, grace) = (bench.account("ada", Role::Admin).await, bench.account("grace", Role::Admin).await);
    let role = |role| AccountChange { role: Some(role), ..AccountChange::default() };
    let (demote, promote) = (role(Role::User), role(Role::Admin));
    let first = bench.stores.accounts.find_by_name("admin").await.unwrap().unwrap().user;
    bench.stores.accounts.change(first.id, &demote, &bench.entry()).await.unwrap();
    for _ in 0..ROUNDS {
        let entries = [bench.entry(), bench.entry()];
        let outcomes = tokio::join!(
            bench.stores.accounts.change(ada.id, &demote, &entries[0]),
            other.stores.accounts.change(grace.id, &demote, &entries[1])
        );
        let outcomes = [outcomes.0.unwrap(), outcomes.1.unwrap()];
        let refused = outcomes.iter().filter(|outcome| **outcome == ChangeAccount::LastAdmin).count();
        assert_eq!(refused, 1, "{outcomes:?}");
        for User { id, .. } in [&ada, &grace] {
            bench.stores.accounts.change(*id, &promote, &bench.entry()).await.unwrap();
        }
    }
}

async fn every_failed_login_counts(bench: Bench) {
    let other = bench.second().await;
    let failures = (0..6).map(|number| {
        let throttle = [&bench, &other][number % 2].stores.login_throttle.clone();
        let now = bench.now();
        tokio::spawn(async move { throttle.record_failure("account:ada\0", 1, now).await })
    });
    for failure in failures.collect::<Vec<_>>() {
        failure.await.unwrap().unwrap();
    }
    let until = bench.stores.login_throttle.locked_until("account:ada\0", bench.now()).await.unwrap().unwrap();
    assert_eq!(until.since(bench.now()), backoff::wait_after(6, 1));
}

/// A session with a first token whose bytes are all `number`.
async fn family(bench: &Bench, number: u8) -> SessionId {
    let session = bench.session().await.id;
    let ends = bench.now().plus(Duration::from_secs(3600));
    bench.stores.refresh_tokens.add(&[number; 32], session, ends).await.unwrap();
    session
}

async fn rotate(bench: &Bench, from: u8, to: [u8; 32]) -> Rotation {
    let ends = bench.now().plus(Duration::from_secs(3600));
    bench.stores.refresh_tokens.rotate(&[from; 32], &to, bench.now(), 1000, ends).await.unwrap()
}

fn successor(number: u8, nth: u8) -> [u8; 32] {
    let mut hash = [number; 32];
    hash[0] = 200 + nth;
    hash
}

async fn a_revoked_family_has_no_late_successor(bench: Bench) {
    let other = bench.second().await;
    for number in 0..ROUNDS {
        let session = family(&bench, number).await;
        let (_, revoked) = tokio::join!(
            rotate(&bench, number, successor(number, 0)),
            other.stores.refresh_tokens.revoke_family(session)
        );
        revoked.unwrap();
        let left = bench.stores.refresh_tokens.session_of(&successor(number, 0)).await.unwrap();
        assert_eq!(left, None, "round {number}");
    }
}

async fn a_reused_token_leaves_no_late_successor(bench: Bench) {
    let other = bench.second().await;
    for number in 0..ROUNDS {
        let session = family(&bench, number).await;
        let newest = 100 + number;
        assert_eq!(rotate(&bench, number, [newest; 32]).await, Rotation::Rotated { session });
        bench.clock.advance(Duration::from_millis(1001));
        let (_, reused) =
            tokio::join!(rotate(&bench, newest, successor(number, 0)), rotate(&other, number, successor(number, 1)));
        assert_eq!(reused, Rotation::Reused { session });
        for hash in [successor(number, 0), successor(number, 1), [newest; 32]] {
            let left = bench.stores.refresh_tokens.session_of(&hash).await.unwrap();
            assert_eq!(left, None, "round {number}");
        }
    }
}

async fn a_login_is_seen_by_the_new_password_that_came_after(bench: Bench) {
    let other = bench.second().await;
    for round in 0..ROUNDS {
        let user = bench.account(&format!("user{round}"), Role::User).await;
        let session = Session {
            id: SessionId(bench.stores.ids.next()),
            user_id: user.id,
            created_at: bench.now(),
            last_seen_at: bench.now(),
            closed_at: None,
            conversion: None,
        };
        let change = AccountChange { password_hash: Some("new".into()), ..AccountChange::default() };
        let changed = async {
            other.stores.accounts.change(user.id, &change, &bench.entry()).await.unwrap();
            other.stores.sessions.list_of_user(user.id).await.unwrap()
        };
        let (opened, to_end) = tokio::join!(bench.stores.sessions.open(&session, "$hash$"), changed);
        assert_eq!(opened.unwrap(), to_end.contains(&session.id), "round {round}");
    }
}

async fn nothing_becomes_visible_after_a_logout(bench: Bench) {
    let other = bench.second().await;
    for round in 0..ROUNDS {
        let session = bench.session().await.id;
        let upload = [archive(&bench, session, "one.zip")];
        let logout = async {
            assert!(other.stores.sessions.close(session, bench.now()).await.unwrap());
            other.stores.catalog.list_files(session, None, None, 10).await.unwrap().len()
        };
        let (published, seen) = tokio::join!(bench.stores.catalog.publish_uploads(&upload), logout);
        let expected = if published.unwrap() == Published::SessionClosed { 0 } else { 3 };
        assert_eq!(seen, expected, "round {round}");
    }
}

async fn a_worker_that_began_is_seen_by_the_logout(bench: Bench) {
    let other = bench.second().await;
    for round in 0..ROUNDS {
        let session = bench.session().await.id;
        let job = waiting_job(&bench, session);
        assert!(bench.stores.jobs.add(&job).await.unwrap());
        let logout = async {
            assert!(other.stores.sessions.close(session, bench.now()).await.unwrap());
            other.stores.jobs.any_running(session, bench.now()).await.unwrap()
        };
        let (claimed, running) = tokio::join!(bench.stores.jobs.claim(job.id, bench.now(), LEASE), logout);
        assert_eq!(claimed.unwrap().is_some(), running, "round {round}");
    }
}

async fn an_idle_session_with_a_new_job_stays(bench: Bench) {
    let other = bench.second().await;
    for round in 0..ROUNDS {
        let session = bench.session().await.id;
        let job = waiting_job(&bench, session);
        let later = bench.now().plus(Duration::from_secs(60));
        let (added, closed) =
            tokio::join!(bench.stores.jobs.add(&job), other.stores.sessions.close_if_idle(session, later, later));
        assert_ne!(added.unwrap(), closed.unwrap(), "round {round}");
    }
}

async fn one_upload_of_a_name_remains(bench: Bench) {
    let other = bench.second().await;
    let session = bench.session().await.id;
    for round in 0..ROUNDS {
        let name = format!("{round}.zip");
        let (first, second) = ([archive(&bench, session, &name)], [archive(&bench, session, &name)]);
        let (one, two) =
            tokio::join!(bench.stores.catalog.publish_uploads(&first), other.stores.catalog.publish_uploads(&second));
        let replaced = |published| match published {
            Published::Done { obsolete } => obsolete.len(),
            other => panic!("{other:?}"),
        };
        let mut replaced = [replaced(one.unwrap()), replaced(two.unwrap())];
        replaced.sort_unstable();
        assert_eq!(replaced, [0, 3], "round {round}");
    }
    let inputs = bench.stores.catalog.list_files(session, Some(Area::Input), None, 100).await.unwrap();
    assert_eq!(inputs.len(), usize::from(ROUNDS));
}

async fn what_works_in_a_session_waits_for_no_one_for_good(bench: Bench) {
    let other = bench.second().await;
    let session = bench.session().await.id;
    let job = waiting_job(&bench, session);
    assert!(bench.stores.jobs.add(&job).await.unwrap());
    bench.stores.jobs.claim(job.id, bench.now(), LEASE).await.unwrap().unwrap();
    let work = |bench: &Bench, number: usize| {
        let (stores, now, id) = (bench.stores.clone(), bench.now(), job.id);
        let upload = archive(bench, session, &format!("{}.zip", number % 2));
        let another = waiting_job(bench, session);
        tokio::spawn(async move {
            for _ in 0..5 {
                match number % 5 {
                    0 => drop(stores.jobs.heartbeat(id, 1, Default::default(), now, LEASE).await.unwrap()),
                    1 => stores.sessions.touch(session, now.plus(LEASE)).await.unwrap(),
                    2 => drop(stores.catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap()),
                    3 => assert!(stores.jobs.add(&another).await.unwrap()),
                    _ => drop(stores.jobs.request_cancel(session, id, now).await.unwrap()),
                }
            }
        })
    };
    let works: Vec<_> = (0..20).map(|number| work([&bench, &other][number % 2], number)).collect();
    let all = async {
        for work in works {
            work.await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.expect("nobody waits in a circle");
}
