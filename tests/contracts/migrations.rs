//! Databases as a newer version leaves them; what an older one makes of a file of its own. PostgreSQL's are in `postgres_server`.

use std::path::{Path, PathBuf};

use regex::Regex;
use ret::{
    adapters::sqlite::SqliteDatabase,
    domain::{Actor, AuditAction, AuditEntry, AuditEntryId, Role, Timestamp, User, UserId},
    ports::{
        Accounts,
        accounts::Account,
        error::StoreErrorKind,
        schema::{Migrated, SchemaStanding, SchemaState},
    },
};
use sqlx::{Connection as _, SqliteConnection, migrate::Migrator};
use uuid::Uuid;

fn folder_of(store: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(store)
}

/// How many migrations this version has of a store; they are numbered from 1.
pub fn migrations(store: &str) -> usize {
    std::fs::read_dir(folder_of(store)).unwrap().count()
}

/// What a newer version would run, which has one more migration.
pub async fn newer_version(store: &str, name: &str, sql: &str) -> Migrator {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder_of(store)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    std::fs::write(folder.path().join(format!("{name}.sql")), sql).unwrap();
    Migrator::new(folder.path()).await.unwrap()
}

/// Adds an account beside as many as there must be.
pub async fn add_account(database: &dyn Accounts, number: u8) {
    let at = Timestamp::from_millis(1);
    let id = UserId(Uuid::from_u128(number.into()));
    let user = User { id, username: format!("user-{number}"), role: Role::User, disabled_at: None, created_at: at };
    let entry_id = AuditEntryId(Uuid::from_u128(number.into()));
    let entry = AuditEntry::new(entry_id, at, &Actor::default(), AuditAction::AccountChanged);
    database.add(&Account { user, password_hash: "hash".into() }, &entry).await.unwrap();
    assert_eq!(database.count().await.unwrap(), u64::from(number));
}

/// What a version that does not know the migration would stumble over, as far as its text shows it.
fn takes_something_away(sql: &str) -> bool {
    let taken = r"(?i)\b(DROP\s+(TABLE|COLUMN|VIEW|FUNCTION|TRIGGER)|RENAME|ALTER\s+COLUMN|ADD\s+CONSTRAINT)\b";
    let added = Regex::new(r"(?i)\bADD\s+COLUMN\b[^;,]*").unwrap();
    let asks_for_value = |column: &str| column.contains("NOT NULL") && !column.contains("DEFAULT");
    let sql = Regex::new("--.*").unwrap().replace_all(sql, "");
    Regex::new(taken).unwrap().is_match(&sql)
        || added.find_iter(&sql).any(|column| asks_for_value(&column.as_str().to_uppercase()))
}

#[test]
fn a_migration_that_an_older_version_cannot_work_beside_says_so_in_its_name() {
    for sql in
        ["ALTER TABLE a DROP COLUMN b", "alter table a rename b TO c", "ALTER TABLE a ADD COLUMN b text not null"]
    {
        assert!(takes_something_away(sql), "{sql}");
    }
    for sql in ["-- DROP TABLE a\nCREATE TABLE b (c text)", "ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT ''"] {
        assert!(!takes_something_away(sql), "{sql}");
    }
    let named = Regex::new(r"^(\d{4})_\w+_breaks_below_(\d{4})\.sql$").unwrap();
    for entry in ["sqlite", "postgres"].iter().flat_map(|store| std::fs::read_dir(folder_of(store)).unwrap()) {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_marked = named.captures(&name).is_some_and(|found| found[2] <= found[1]);
        assert_eq!(name.contains("breaks"), is_marked, "{name}: NNNN_what_it_does_breaks_below_NNNN.sql");
        let sql = std::fs::read_to_string(entry.path()).unwrap();
        assert!(is_marked || !takes_something_away(&sql), "{name}: see docs/decisions/0027-versions-side-by-side.md");
    }
}

/// Has a newer version migrate a file that this one made.
async fn migrated_by_newer(file: &Path, name: &str, sql: &str) {
    SqliteDatabase::open(file).await.unwrap().close().await;
    let mut connection = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    newer_version("sqlite", name, sql).await.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_file_to_which_a_newer_version_added_is_worked_with() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ret.db");
    migrated_by_newer(&file, "9999_nicknames", "ALTER TABLE users ADD COLUMN nickname TEXT").await;
    let database = SqliteDatabase::open(&file).await.unwrap();
    add_account(&database, 1).await;
    database.close().await;
    let state = SchemaState { version: Some(9999), standing: SchemaStanding::Ahead };
    assert_eq!(SqliteDatabase::migrate(&file).await.unwrap(), Migrated { before: Some(9999), after: state });
}

#[tokio::test]
async fn a_file_that_a_newer_version_changed_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ret.db");
    migrated_by_newer(&file, "9999_drop_nicknames_breaks_below_9998", "SELECT 1").await;
    let error = SqliteDatabase::open(&file).await.err().unwrap();
    assert_eq!(error.kind, StoreErrorKind::Internal);
    assert!(error.to_string().contains("newer version, which has migration 9999"), "{error}");
    assert!(error.to_string().contains("start a version that has migration 9998"), "{error}");
}

#[tokio::test]
async fn a_file_of_an_older_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ret.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    Migrator::new(folder_of("sqlite")).await.unwrap().run_to(1, &mut connection).await.unwrap();
    connection.close().await.unwrap();
    let newest = i64::try_from(migrations("sqlite")).unwrap();
    let state = SchemaState { version: Some(newest), standing: SchemaStanding::Current };
    assert_eq!(SqliteDatabase::migrate(&file).await.unwrap(), Migrated { before: Some(1), after: state });
}
