//! What every audit log promises.

use std::time::Duration;

use ret::{
    domain::{Actor, AuditAction, AuditEntry, Role, UserId},
    ports::{
        accounts::{Account, AccountChange, AddAccount, ChangeAccount},
        audit::{AuditFilter, AuditPosition},
    },
};
use serde_json::json;

use super::{Bench, suite_of_rows};

suite_of_rows!(
    entries_come_back_as_they_were_the_newest_first,
    pages_go_on_where_they_ended,
    filters_by_actor_and_action,
    an_entry_that_comes_twice_is_kept_once,
    entries_stay_when_account_and_session_are_gone,
    an_account_changes_with_its_entry_or_not_at_all,
    any_number_of_old_entries_is_removed_and_the_others_stay,
);

const ALL: AuditFilter = AuditFilter { action: None, actor: None };

/// All entries but that of the first account.
async fn entries(bench: &Bench, filter: AuditFilter) -> Vec<AuditEntry> {
    let mut entries = bench.stores.audit.list(filter, None, 1000).await.unwrap();
    entries.retain(|entry| entry.actor_name.as_deref() != Some("the first start"));
    entries
}

async fn entries_come_back_as_they_were_the_newest_first(bench: Bench) {
    let ada = bench.account("ada", Role::User).await;
    let full = bench.entry_of(&Actor::person(&ada).at("2001:db8:0:0::/64"), AuditAction::FilesRemoved);
    let full = full.about("input/ä'\".xml").with(json!({ "files": 3, "text": "a\0b" })).refused();
    let bare = bench.entry_of(&Actor::default(), AuditAction::LoginFailed);
    bench.clock.advance(Duration::from_millis(1));
    let later = bench.entry_of(&Actor::service("the cleanup"), AuditAction::SessionIdleEnded);
    for entry in [&later, &full, &bare] {
        bench.stores.audit.record(entry).await.unwrap();
    }
    assert_eq!(entries(&bench, ALL).await[..3], [later, bare, full]);
}

async fn pages_go_on_where_they_ended(bench: Bench) {
    for number in 0..7_u64 {
        // Some of one time, some not.
        bench.clock.advance(Duration::from_millis(number % 2));
        bench.stores.audit.record(&bench.entry()).await.unwrap();
    }
    let all = bench.stores.audit.list(ALL, None, 1000).await.unwrap();
    assert_eq!(all.len(), 8);
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = bench.stores.audit.list(ALL, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        let position = AuditPosition::after(last);
        assert_eq!(position.to_string().parse(), Ok(position));
        after = Some(position);
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert!(paged.is_sorted_by_key(|entry| std::cmp::Reverse((entry.at, entry.id))));
}

async fn filters_by_actor_and_action(bench: Bench) {
    let (ada, grace) = (bench.account("ada", Role::User).await, bench.account("grace", Role::User).await);
    let did = |who, action| bench.entry_of(&Actor::person(who), action);
    let logged_in = [did(&ada, AuditAction::Login), did(&grace, AuditAction::Login)];
    let removed = did(&ada, AuditAction::FilesRemoved);
    for entry in logged_in.iter().chain([&removed]) {
        bench.stores.audit.record(entry).await.unwrap();
    }
    let [of_ada, of_grace] = logged_in;
    let (action, actor) = (Some(AuditAction::Login), Some(ada.id));
    let only_action = AuditFilter { action, actor: None };
    assert_eq!(entries(&bench, only_action).await, [of_grace, of_ada.clone()]);
    assert_eq!(entries(&bench, AuditFilter { action: None, actor }).await, [removed, of_ada.clone()]);
    assert_eq!(entries(&bench, AuditFilter { action, actor }).await, std::slice::from_ref(&of_ada));
    let after = Some(AuditPosition::after(&of_ada));
    assert_eq!(bench.stores.audit.list(only_action, after, 10).await.unwrap(), []);
}

async fn an_entry_that_comes_twice_is_kept_once(bench: Bench) {
    let entry = bench.entry();
    for _ in 0..2 {
        bench.stores.audit.record(&entry).await.unwrap();
    }
    assert_eq!(entries(&bench, ALL).await, [entry]);
}

async fn entries_stay_when_account_and_session_are_gone(bench: Bench) {
    let ada = bench.account("ada", Role::User).await;
    let session = bench.session_of(ada.id).await.id;
    let login = bench.entry_of(&Actor::person(&ada), AuditAction::Login).about(session);
    bench.stores.audit.record(&login).await.unwrap();
    assert!(bench.stores.sessions.close(session, bench.now()).await.unwrap());
    bench.stores.sessions.remove(session).await.unwrap();
    let removed = bench.entry();
    bench.stores.accounts.remove(ada.id, &removed).await.unwrap();
    assert_eq!(entries(&bench, ALL).await[..2], [removed, login]);
}

async fn an_account_changes_with_its_entry_or_not_at_all(bench: Bench) {
    let accounts = &bench.stores.accounts;
    let before = entries(&bench, ALL).await.len();
    let ada = bench.account("ada", Role::User).await;
    let admin = accounts.find_by_name("admin").await.unwrap().unwrap().user;
    let promote = AccountChange { role: Some(Role::Admin), ..AccountChange::default() };
    let changed = bench.entry();
    accounts.change(ada.id, &promote, &changed).await.unwrap();
    let kept = entries(&bench, ALL).await;
    assert_eq!((kept.len(), &kept[0]), (before + 2, &changed));
    accounts.remove(admin.id, &bench.entry()).await.unwrap();
    // What is refused leaves none.
    let demote = AccountChange { role: Some(Role::User), ..AccountChange::default() };
    let outcomes = [
        accounts.change(ada.id, &demote, &bench.entry()).await.unwrap(),
        accounts.remove(ada.id, &bench.entry()).await.unwrap(),
        accounts.remove(admin.id, &bench.entry()).await.unwrap(),
    ];
    assert_eq!(outcomes, [ChangeAccount::LastAdmin, ChangeAccount::LastAdmin, ChangeAccount::NotFound]);
    let mut twin = Account { user: ada, password_hash: "x".into() };
    twin.user.id = UserId(bench.stores.ids.next());
    assert_eq!(accounts.add(&twin, &bench.entry()).await.unwrap(), AddAccount::NameTaken);
    assert_eq!(entries(&bench, ALL).await.len(), before + 3);
}

async fn any_number_of_old_entries_is_removed_and_the_others_stay(bench: Bench) {
    let audit = &bench.stores.audit;
    for _ in 0..250 {
        audit.record(&bench.entry()).await.unwrap();
    }
    bench.clock.advance(Duration::from_millis(1));
    let (limit, kept) = (bench.now(), bench.entry());
    audit.record(&kept).await.unwrap();
    assert_eq!(audit.remove_before(limit).await.unwrap(), 251, "with that of the first account");
    assert_eq!(audit.remove_before(limit).await.unwrap(), 0);
    assert_eq!(audit.list(ALL, None, 10).await.unwrap(), [kept]);
}
