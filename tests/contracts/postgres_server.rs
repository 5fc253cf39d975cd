//! What the adapter of PostgreSQL promises beside what all promise: who makes the schema, whom it trusts, what races see.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use ret::{
    adapters::{
        postgres::{PostgresDatabase, PostgresLogin},
        system::SystemClock,
    },
    domain::{Actor, AuditAction, AuditEntry, AuditEntryId, Role, Session, SessionId, Timestamp, User, UserId},
    ports::{
        Accounts, Sessions,
        accounts::{Account, AccountChange},
        error::StoreErrorKind,
        schema::{Migrated, SchemaStanding, SchemaState},
    },
};
use sqlx::{Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use super::migrations::{add_account, migrations, newer_version};
use crate::harness::Postgres;

fn open(url: &str) -> PostgresDatabase {
    let connections = NonZeroU32::new(2).unwrap();
    PostgresDatabase::open(url, PostgresLogin::AsGiven, connections, Arc::new(SystemClock)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_together_make_the_schema_once() {
    let Some(database) = Postgres::database().await else { return };
    let url = database.url();
    let counted = (0..6).map(|_| {
        let instance = open(&url);
        tokio::spawn(async move { (instance.count().await, instance) })
    });
    for instance in counted.collect::<Vec<_>>() {
        assert_eq!(instance.await.unwrap().0.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_a_newer_version_is_refused_by_name() {
    let Some(database) = Postgres::database().await else { return };
    open(&database.url()).count().await.unwrap();
    let mut server = PgConnection::connect(&database.url()).await.unwrap();
    let newer = newer_version("postgres", "9999_drop_nicknames_breaks_below_9998", "SELECT 1");
    newer.await.run(&mut server).await.unwrap();
    let instance = open(&database.url());
    let error = instance.count().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Internal);
    assert!(error.to_string().contains("newer version, which has migration 9999"), "{error}");
    assert!(error.to_string().contains("start a version that has migration 9998"), "{error}");
    assert_eq!(instance.migrate().await.unwrap_err().kind, StoreErrorKind::Internal);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_works_beside_what_a_newer_one_added() {
    let Some(database) = Postgres::database().await else { return };
    let running = open(&database.url());
    running.count().await.unwrap();
    let mut server = PgConnection::connect(&database.url()).await.unwrap();
    let more = "ALTER TABLE users ADD COLUMN nickname text; CREATE TABLE nicknames (name text)";
    newer_version("postgres", "9999_nicknames", more).await.run(&mut server).await.unwrap();
    let started_later = open(&database.url());
    for (number, instance) in [(1, &running), (2, &started_later)] {
        add_account(instance, number).await;
    }
    let state = SchemaState { version: Some(9999), standing: SchemaStanding::Ahead };
    assert_eq!(started_later.migrate().await.unwrap(), Migrated { before: Some(9999), after: state });
    let doctor = ret("doctor", &database.url());
    let told = String::from_utf8(doctor.stdout).unwrap();
    assert!(told.contains("the database has the schema of a newer version, number 9999, beside which"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_makes_the_schema_and_nothing_else() {
    let Some(database) = Postgres::alone().await else { return };
    let number = migrations("postgres");
    for told in [format!("the schema was at none, is at {number}\n"), format!("the schema is up to date at {number}\n")]
    {
        let migrated = ret("migrate", &database.url());
        assert!(migrated.status.success() && migrated.stderr.is_empty(), "{migrated:?}");
        assert_eq!(String::from_utf8(migrated.stdout).unwrap(), told);
    }
    assert_eq!(open(&database.url()).count().await.unwrap(), 0);
    database.kill();
    let refused = ret("migrate", &database.url());
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.starts_with("error: DATABASE_URL: ") && told.contains("see that the server runs"), "{told}");
}

/// The executable as it is on a machine where the service does not run.
fn ret(command: &str, url: &str) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    let mut ret = std::process::Command::new(env!("CARGO_BIN_EXE_ret"));
    ret.arg(command).env("RET_RUNTIME_ROOT", folder.path()).env("RET_HTTP_PORT", "0").env("DATABASE_URL", url);
    ret.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_the_right_to_make_tables_works_on_those_that_are_there() {
    let Some(database) = Postgres::database().await else { return };
    let user = format!("user_of_{}", database.name());
    let rights = format!("CREATE ROLE {user} LOGIN PASSWORD 'secret'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    database.execute(rights).await;
    let url = format!("postgres://{user}:secret@127.0.0.1:{}/{}", database.port(), database.name());
    let error = open(&url).count().await.unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert!(error.to_string().contains("run `ret migrate` as that user"), "{error}");
    open(&database.url()).count().await.unwrap();
    let rights = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}");
    database.execute(rights).await;
    assert_eq!(open(&url).count().await.unwrap(), 0);
    database.execute(format!("DROP OWNED BY {user}; DROP ROLE {user}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_trusted_by_its_certificate_and_name() {
    let Some(database) = Postgres::with_certificate().await else { return };
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/authority.pem");
    let url = |host: &str, mode: &str| format!("postgres://ret@{host}:{}/{}?{mode}", database.port(), database.name());
    let verified = format!("sslmode=verify-full&sslrootcert={authority}");
    assert_eq!(open(&url("localhost", &verified)).count().await.unwrap(), 0);
    for (host, mode, reason) in
        [("localhost", "sslmode=verify-full", "UnknownIssuer"), ("127.0.0.1", verified.as_str(), "not valid for name")]
    {
        let error = open(&url(host, mode)).count().await.unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Unavailable);
        assert!(error.to_string().contains(reason), "{error}");
    }
    let plain = Postgres::database().await.unwrap();
    let error = open(&format!("{}?sslmode=require", plain.url())).count().await.unwrap_err();
    assert!(error.to_string().contains("does not support TLS"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_of_the_database_and_changes_nothing() {
    let Some(database) = Postgres::alone().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let told = || {
        let mut doctor = std::process::Command::new(env!("CARGO_BIN_EXE_ret"));
        doctor.arg("doctor").env("RET_RUNTIME_ROOT", folder.path()).env("RET_HTTP_PORT", "0");
        let answer = doctor.env("DATABASE_URL", database.url()).output().unwrap();
        (answer.status.success(), String::from_utf8(answer.stdout).unwrap())
    };
    for _ in 0..2 {
        let (is_well, told) = told();
        assert!(is_well && told.contains("note  DATABASE_URL: the database has another schema or none"), "{told}");
    }
    open(&database.url()).count().await.unwrap();
    let (is_well, text) = told();
    let number = migrations("postgres");
    let schema = format!("ok    DATABASE_URL: the database has the schema of this version, number {number}\n");
    assert!(is_well && text.contains(&schema), "{text}");
    assert!(text.contains("ok    database: answers") && !text.contains("RET_DB"), "{text}");
    database.kill();
    let (is_well, text) = told();
    assert!(!is_well && text.contains("FAIL  DATABASE_URL: ") && text.contains("cannot be reached"), "{text}");
}

/// The race is too short to be won by chance: here another transaction holds the login up where it has looked at the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_waits_for_a_login_under_way_and_sees_it() {
    let Some(database) = Postgres::database().await else { return };
    let (rows, at) = (open(&database.url()), Timestamp::from_millis(1));
    let (user_id, id) = (UserId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
    let user = User { id: user_id, username: "ada".into(), role: Role::User, disabled_at: None, created_at: at };
    let entry = AuditEntry::new(AuditEntryId(Uuid::from_u128(3)), at, &Actor::default(), AuditAction::AccountChanged);
    rows.add(&Account { user, password_hash: "old".into() }, &entry).await.unwrap();
    let mut holder = sqlx::PgConnection::connect(&database.url()).await.unwrap();
    let same_id = format!("BEGIN; INSERT INTO sessions VALUES ('{id}', '{user_id}', 1, 1)");
    holder.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(same_id))).await.unwrap();
    let session = Session { id, user_id, created_at: at, last_seen_at: at, closed_at: None, conversion: None };
    let login = tokio::spawn({
        let rows = rows.clone();
        async move { Sessions::open(&rows, &session, "old").await.unwrap() }
    });
    let held = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    // By another connection: inside a transaction what was seen first stays.
    let mut watcher = sqlx::PgConnection::connect(&database.url()).await.unwrap();
    while !login.is_finished() && watcher.fetch_optional(held).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let change = AccountChange { password_hash: Some("new".into()), ..AccountChange::default() };
    let changed = tokio::spawn(async move {
        rows.change(user_id, &change, &entry).await.unwrap();
        rows.list_of_user(user_id).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    holder.execute("ROLLBACK").await.unwrap();
    assert!(login.await.unwrap());
    assert_eq!(changed.await.unwrap(), [id], "the session can be ended");
}
