//! What every store of accounts promises.

use ret::{
    domain::{Role, UserId},
    ports::accounts::{Account, AccountChange, AddAccount, ChangeAccount},
};

use super::{Bench, suite_of_rows};

suite_of_rows!(
    names_are_unique_whatever_their_case,
    changes_only_what_is_given,
    keeps_the_last_admin,
    lists_in_order,
    removes
);

async fn names_are_unique_whatever_their_case(bench: Bench) {
    let accounts = &bench.stores.accounts;
    let ada = bench.account("Ada", Role::User).await;
    let mut twin = ada.clone();
    twin.id = UserId(bench.stores.ids.next());
    twin.username = "aDA".into();
    let taken = accounts.add(&Account { user: twin.clone(), password_hash: "x".into() }, &bench.entry()).await.unwrap();
    assert_eq!(taken, AddAccount::NameTaken);
    assert_eq!(accounts.find_by_name("ADA").await.unwrap().unwrap().user, ada);
    assert!(accounts.get(twin.id).await.unwrap().is_none());
    assert!(accounts.find_by_name("grace").await.unwrap().is_none());
}

async fn changes_only_what_is_given(bench: Bench) {
    let accounts = &bench.stores.accounts;
    let ada = bench.account("ada", Role::User).await;
    let disabled = AccountChange { disabled_at: Some(Some(bench.now())), ..AccountChange::default() };
    let ChangeAccount::Changed(user) = accounts.change(ada.id, &disabled, &bench.entry()).await.unwrap() else {
        panic!()
    };
    assert_eq!((user.role, user.disabled_at), (Role::User, Some(bench.now())));
    let password = AccountChange { password_hash: Some("new".into()), ..AccountChange::default() };
    accounts.change(ada.id, &password, &bench.entry()).await.unwrap();
    let account = accounts.get(ada.id).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.user.disabled_at), ("new", Some(bench.now())));
    let enabled = AccountChange { disabled_at: Some(None), role: Some(Role::Admin), ..AccountChange::default() };
    accounts.change(ada.id, &enabled, &bench.entry()).await.unwrap();
    let account = accounts.get(ada.id).await.unwrap().unwrap();
    assert_eq!((account.user.role, account.user.disabled_at), (Role::Admin, None));
    let nobody = UserId(bench.stores.ids.next());
    assert_eq!(accounts.change(nobody, &enabled, &bench.entry()).await.unwrap(), ChangeAccount::NotFound);
}

async fn keeps_the_last_admin(bench: Bench) {
    let accounts = &bench.stores.accounts;
    let admin = accounts.find_by_name("admin").await.unwrap().unwrap().user;
    let demote = AccountChange { role: Some(Role::User), ..AccountChange::default() };
    let disable = AccountChange { disabled_at: Some(Some(bench.now())), ..AccountChange::default() };
    assert_eq!(accounts.change(admin.id, &demote, &bench.entry()).await.unwrap(), ChangeAccount::LastAdmin);
    assert_eq!(accounts.change(admin.id, &disable, &bench.entry()).await.unwrap(), ChangeAccount::LastAdmin);
    assert_eq!(accounts.remove(admin.id, &bench.entry()).await.unwrap(), ChangeAccount::LastAdmin);
    assert_eq!(accounts.get(admin.id).await.unwrap().unwrap().user, admin);
    bench.account("second", Role::Admin).await;
    assert!(matches!(accounts.change(admin.id, &demote, &bench.entry()).await.unwrap(), ChangeAccount::Changed(_)));
}

async fn lists_in_order(bench: Bench) {
    for name in ["c", "a", "b"] {
        bench.account(name, Role::User).await;
    }
    let all = bench.stores.accounts.list(None, 10).await.unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted_by_key(|user| user.id));
    let rest = bench.stores.accounts.list(Some(all[1].id), 10).await.unwrap();
    assert_eq!(rest, all[2..]);
    assert_eq!(bench.stores.accounts.list(None, 2).await.unwrap(), all[..2]);
    assert_eq!(bench.stores.accounts.count().await.unwrap(), 4);
}

async fn removes(bench: Bench) {
    let ada = bench.account("ada", Role::User).await;
    assert!(matches!(bench.stores.accounts.remove(ada.id, &bench.entry()).await.unwrap(), ChangeAccount::Changed(_)));
    assert_eq!(bench.stores.accounts.remove(ada.id, &bench.entry()).await.unwrap(), ChangeAccount::NotFound);
    bench.account("ada", Role::User).await;
}
