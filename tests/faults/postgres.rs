//! The database goes away: killed under load, hanging, not there at the start. Requests are refused in time, nothing that was acknowledged is
//! lost, and work goes on by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use crate::harness::{ADMIN_PASSWORD, Answer, Client, Identity, Postgres, Process, Stopwatch};

/// Within so long a request is refused.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
/// Within so long after the server's return requests are served.
const BACK_WITHIN: Duration = Duration::from_secs(2);

pub(super) async fn process_on(url: &str, settings: &[(String, String)]) -> Process {
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
pub(super) async fn until_served(client: &Client, path: &str) -> Duration {
    let (started, watch) = (Instant::now(), Stopwatch::start());
    while client.get(path).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(60), "{path} is not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    watch.elapsed()
}

/// Uploads one small file after the other until told to stop; the names that were acknowledged, and how many were refused.
async fn upload_until(client: Client, stop: Arc<AtomicBool>, worker: usize) -> (Vec<String>, usize) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{worker}-{number}.xml");
        let started = Stopwatch::start();
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
            let started = Stopwatch::start();
            (client.get("/api/files").await, started.elapsed())
        })
    });
    for request in requests.collect::<Vec<_>>() {
        let (answer, took) = request.await.unwrap();
        assert_refused(&answer, took);
    }
    let started = Stopwatch::start();
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
    let started = Stopwatch::start();
    let process = process_on(&database.url(), &[]).await;
    assert!(started.elapsed() < REFUSED_WITHIN, "{:?}", process.started_in);
    let client = process.client();
    let started = Stopwatch::start();
    let login = json!({ "username": "admin", "password": ADMIN_PASSWORD });
    assert_refused(&client.post("/api/auth/login", login.clone()).await, started.elapsed());
    assert_eq!(client.get("/api/ready").await.status, 503);
    database.run();
    until_served(&client, "/api/ready").await;
    let started = Instant::now();
    while client.post("/api/auth/login", login.clone()).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(60), "there is no account");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
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
