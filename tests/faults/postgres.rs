//! The database goes away: killed under load, hanging, not there at the start. Requests are refused in time, nothing that was acknowledged is
//! lost, and work goes on by itself.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ret::{
    adapters::{
        postgres::{PostgresDatabase, PostgresLogin},
        system::SystemClock,
    },
    domain::{Role, Session, SessionId, Timestamp, User, UserId},
    ports::{
        Accounts, Sessions,
        accounts::{Account, AccountChange},
        error::StoreErrorKind,
    },
};
use serde_json::json;
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

use crate::harness::{ADMIN_PASSWORD, Answer, Client, Identity, Postgres, Process};

/// Within so long a request is refused.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
/// Within so long after the server's return requests are served.
const BACK_WITHIN: Duration = Duration::from_secs(2);

async fn process_on(url: &str, settings: &[(String, String)]) -> Process {
    let mut all = vec![("DATABASE_URL", url), ("ACCESS_TOKEN_EXPIRE_MINUTES", "600")];
    all.extend(settings.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    Process::start(&all).await
}

fn assert_refused(answer: &Answer, took: Duration) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    assert!(took < REFUSED_WITHIN, "{took:?}");
}

/// Asks until it is answered well; how long that took.
async fn until_served(client: &Client, path: &str) -> Duration {
    let started = Instant::now();
    while client.get(path).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "{path} is not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    started.elapsed()
}

/// Uploads one small file after the other until told to stop; the names that were acknowledged, and how many were refused.
async fn upload_until(client: Client, stop: Arc<AtomicBool>, worker: usize) -> (Vec<String>, usize) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{worker}-{number}.xml");
        let started = Instant::now();
        let answer = client.upload(&name, format!("<a>{name}</a>").as_bytes()).await;
        match answer.status.as_u16() {
            201 => acknowledged.push(name),
            _ => {
                assert_refused(&answer, started.elapsed());
                refused += 1;
            }
        }
    }
    (acknowledged, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_loses_nothing_that_was_acknowledged() {
    let Some(database) = Postgres::alone().await else { return };
    let process = process_on(&database.url(), &[]).await;
    let client = process.admin().await;
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> =
        (0..6).map(|worker| tokio::spawn(upload_until(client.clone(), Arc::clone(&stop), worker))).collect();
    for away in [0, 300, 3000] {
        tokio::time::sleep(Duration::from_millis(700)).await;
        database.kill();
        tokio::time::sleep(Duration::from_millis(away)).await;
        database.run();
        let back = until_served(&client, "/api/files").await;
        assert!(back < BACK_WITHIN, "away for {away} ms, back after {back:?}");
    }
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut refused) = (0, 0);
    for worker in load {
        let (names, times) = worker.await.unwrap();
        refused += times;
        acknowledged += names.len();
        for name in names {
            let kept = client.get(&format!("/api/files/input/{name}")).await.expect(200).body;
            assert_eq!(kept, format!("<a>{name}</a>"), "{name}");
        }
    }
    assert!(acknowledged > 20 && refused > 0, "{acknowledged} acknowledged, {refused} refused");
    let documents = client.get("/api/documents?limit=500").await.expect(200).json();
    for document in documents["items"].as_array().unwrap() {
        let path = document["path"].as_str().unwrap();
        client.get(&format!("/api/files/input/{path}")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_database_holds_no_request_up_for_long() {
    let Some(database) = Postgres::alone().await else { return };
    let process = process_on(&database.url(), &[]).await;
    let client = process.admin().await;
    database.pause();
    // As many as there are connections, and more.
    let requests = (0..12).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let started = Instant::now();
            (client.get("/api/files").await, started.elapsed())
        })
    });
    for request in requests.collect::<Vec<_>>() {
        let (answer, took) = request.await.unwrap();
        assert_refused(&answer, took);
    }
    let started = Instant::now();
    assert_eq!(client.get("/api/ready").await.status, 503);
    assert!(started.elapsed() < REFUSED_WITHIN);
    database.resume();
    let back = until_served(&client, "/api/files").await;
    assert!(back < BACK_WITHIN, "{back:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_does_not_wait_for_the_database() {
    let Some(database) = Postgres::alone().await else { return };
    database.kill();
    let process = process_on(&database.url(), &[]).await;
    assert!(process.started_in < REFUSED_WITHIN, "{:?}", process.started_in);
    let client = process.client();
    let started = Instant::now();
    let login = json!({ "username": "admin", "password": ADMIN_PASSWORD });
    assert_refused(&client.post("/api/auth/login", login.clone()).await, started.elapsed());
    assert_eq!(client.get("/api/ready").await.status, 503);
    database.run();
    until_served(&client, "/api/ready").await;
    let started = Instant::now();
    while client.post("/api/auth/login", login.clone()).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "there is no account");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

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
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'of another time', true, '\\x00', 0)";
    database.execute(newer.to_owned()).await;
    let error = open(&database.url()).count().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Internal);
    assert!(error.to_string().contains("newer version, which has migration 9999"), "{error}");
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
async fn a_token_is_asked_for_anew_before_it_ends() {
    let Some(database) = Postgres::database().await else { return };
    let user = format!("user_of_{}", database.name());
    let set = |verb: &str, token: &str| format!("{verb} ROLE {user} LOGIN PASSWORD '{token}'");
    // Tokens of Azure are about as long.
    let tokens = ["one", "two"].map(|name| format!("{name}{}", "x".repeat(1800)));
    let rights = format!("GRANT CREATE ON SCHEMA public TO {user}");
    database.execute(format!("{}; {rights}", set("CREATE", &tokens[0]))).await;
    let identity = Identity::start(&tokens[0], Duration::from_secs(30)).await;
    let mut settings = identity.settings();
    settings.push(("RET_SERVER_IDENTITY".to_owned(), "true".to_owned()));
    let url = format!("postgres://{user}@127.0.0.1:{}/{}", database.port(), database.name());
    let process = process_on(&url, &settings).await;
    let client = process.admin().await;
    assert_eq!(identity.asked()[0], "https://ossrdbms-aad.database.windows.net");
    // From now on the server takes the next token only, and connections are opened again.
    identity.give(&tokens[1], Duration::from_secs(3600));
    let ended = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}'");
    database.execute(format!("{}; {ended}", set("ALTER", &tokens[1]))).await;
    until_served(&client, "/api/files").await;
    let asked = identity.asked().len();
    identity.fail();
    database.execute(ended).await;
    for _ in 0..20 {
        client.get("/api/files").await.expect(200);
    }
    assert_eq!(identity.asked().len(), asked, "a token that holds is kept");
    drop(process);
    database.execute(format!("DROP OWNED BY {user}; DROP ROLE {user}")).await;
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
    assert!(is_well && text.contains("ok    DATABASE_URL: the database has the schema of this version"), "{text}");
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
    rows.add(&Account { user, password_hash: "old".into() }).await.unwrap();
    let mut holder = sqlx::PgConnection::connect(&database.url()).await.unwrap();
    let same_id = format!("BEGIN; INSERT INTO sessions VALUES ('{id}', '{user_id}', 1, 1)");
    holder.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(same_id))).await.unwrap();
    let session = Session { id, user_id, created_at: at, last_seen_at: at, closed_at: None, conversion: None };
    let login = tokio::spawn({
        let rows = rows.clone();
        async move { Sessions::open(&rows, &session, "old").await.unwrap() }
    });
    let held = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while holder.fetch_optional(held).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let change = AccountChange { password_hash: Some("new".into()), ..AccountChange::default() };
    let changed = tokio::spawn(async move {
        rows.change(user_id, &change).await.unwrap();
        rows.list_of_user(user_id).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    holder.execute("ROLLBACK").await.unwrap();
    assert!(login.await.unwrap());
    assert_eq!(changed.await.unwrap(), [id], "the session can be ended");
}
