//! How the process signs in to Redis: by a password, by tokens of its identity, over TLS.

use std::{
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ret::{
    adapters::redis::{RedisLogin, RedisServer},
    domain::Timestamp,
    ports::{
        AccessTokens, Clock as _, OptionalServer as _, Random, StoreError, access_tokens::AccessToken,
        error::StoreErrorKind,
    },
};

use crate::harness::{ManualClock, Redis};

/// The object id of an identity.
const USER: &str = "7d3f1c9e-0000-4000-8000-000000000001";

/// So long before its end a token is replaced, without what is random.
const LEAD: Duration = Duration::from_secs(4 * 60);

struct NoJitter;

impl Random for NoJitter {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// Tokens in the test's hand.
struct FakeTokens {
    current: Mutex<AccessToken>,
    asked_for: Mutex<Vec<String>>,
}

impl FakeTokens {
    fn new(secret: &str, expires_at: Timestamp) -> Arc<Self> {
        let current = AccessToken { secret: secret.into(), expires_at };
        Arc::new(Self { current: Mutex::new(current), asked_for: Mutex::default() })
    }

    fn set(&self, secret: &str, expires_at: Timestamp) {
        *self.current.lock().unwrap() = AccessToken { secret: secret.into(), expires_at };
    }
}

#[async_trait]
impl AccessTokens for FakeTokens {
    async fn token(&self, scope: &str) -> Result<AccessToken, StoreError> {
        self.asked_for.lock().unwrap().push(scope.to_owned());
        Ok(self.current.lock().unwrap().clone())
    }
}

/// The server's administrator.
struct Admin(redis::Connection);

impl Admin {
    fn of(server: &Redis) -> Self {
        Self(redis::Client::open(server.url()).unwrap().get_connection().unwrap())
    }

    fn ask<T: redis::FromRedisValue>(&mut self, command: &str) -> T {
        let mut words = command.split(' ');
        let mut question = redis::cmd(words.next().unwrap());
        question.arg(words.collect::<Vec<_>>()).query(&mut self.0).unwrap()
    }

    /// How often somebody signed in on a connection that was there.
    fn signed_in_again(&mut self) -> bool {
        self.ask::<String>("INFO commandstats").contains("cmdstat_auth:calls=1,")
    }

    fn connection_of_user(&mut self) -> Option<String> {
        let all: String = self.ask("CLIENT LIST");
        let own = all.lines().find(|line| line.contains(&format!("user={USER}")))?;
        Some(own.split(' ').next().unwrap().to_owned())
    }
}

fn url_of(server: &Redis) -> String {
    server.url().replace("redis://", &format!("redis://{USER}@"))
}

fn server(server: &Redis, tokens: &Arc<FakeTokens>, clock: &Arc<ManualClock>) -> RedisServer {
    let login = RedisLogin::Identity(Arc::clone(tokens) as Arc<dyn AccessTokens>);
    RedisServer::new(&url_of(server), login, clock.clone(), Arc::new(NoJitter)).unwrap()
}

/// Until something holds, for ten seconds.
async fn until(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(10), "it never holds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_replaced_on_the_live_connection_before_it_ends() {
    let Some(redis) = Redis::start().await else { return };
    let mut admin = Admin::of(&redis);
    admin.ask::<()>(&format!("ACL SETUSER {USER} on >token-1 ~* +@all"));
    let clock = Arc::new(ManualClock::default());
    let tokens = FakeTokens::new("token-1", clock.now().plus(LEAD + Duration::from_millis(500)));
    let server = server(&redis, &tokens, &clock);
    assert!(tokens.asked_for.lock().unwrap().is_empty(), "nothing is asked for before it is needed");
    server.check().await.unwrap();
    assert_eq!(*tokens.asked_for.lock().unwrap(), ["https://redis.azure.com/.default"]);
    let connection = admin.connection_of_user();
    assert!(connection.is_some());
    assert!(!admin.signed_in_again());
    admin.ask::<()>(&format!("ACL SETUSER {USER} >token-2 <token-1"));
    tokens.set("token-2", clock.now().plus(LEAD * 10));
    until(|| admin.signed_in_again()).await;
    server.check().await.unwrap();
    assert_eq!(admin.connection_of_user(), connection, "the same connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_connection_takes_a_token_of_now() {
    let Some(redis) = Redis::start().await else { return };
    let mut admin = Admin::of(&redis);
    admin.ask::<()>(&format!("ACL SETUSER {USER} on >token-1 ~* +@all"));
    let clock = Arc::new(ManualClock::default());
    let tokens = FakeTokens::new("token-1", clock.now().plus(LEAD * 10));
    let server = server(&redis, &tokens, &clock);
    server.check().await.unwrap();
    // As the server does when a token has ended.
    admin.ask::<()>(&format!("ACL SETUSER {USER} >token-2 <token-1"));
    tokens.set("token-2", clock.now().plus(LEAD * 20));
    let first = admin.connection_of_user().unwrap();
    admin.ask::<()>(&format!("CLIENT KILL USER {USER}"));
    until(|| admin.connection_of_user().is_none()).await;
    // The loss is noticed at once, so that the next call has a connection.
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.check().await.unwrap();
    assert_ne!(admin.connection_of_user().unwrap(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_server_does_not_know_it_is_away_for_and_no_secret_is_told() {
    let Some(redis) = Redis::start().await else { return };
    let mut admin = Admin::of(&redis);
    admin.ask::<()>(&format!("ACL SETUSER {USER} on >token-1 ~* +@all"));
    let clock = Arc::new(ManualClock::default());
    let tokens = FakeTokens::new("a-stolen-token", clock.now().plus(LEAD * 10));
    let server = server(&redis, &tokens, &clock);
    let error = server.check().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Unavailable);
    let text = format!("{error} {error:?}");
    assert!(!text.contains("stolen"), "{text}");
    tokens.set("token-1", clock.now().plus(LEAD * 10));
    server.check().await.unwrap();
}

fn doctor(settings: &[(&str, &str)]) -> String {
    let root = tempfile::tempdir().unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_ret"))
        .arg("doctor")
        .env("RET_RUNTIME_ROOT", root.path())
        .env("RET_HTTP_PORT", "0")
        .env("REDIS_ENABLED", "true")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    String::from_utf8(ended.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_of_the_server_and_of_what_it_evicts() {
    let Some(redis) = Redis::start().await else { return };
    let told = doctor(&[("REDIS_CONNECTION_STRING", &redis.url())]);
    assert!(told.contains("ok    REDIS_CONNECTION_STRING: version ") && !told.contains("WARN"), "{told}");
    Admin::of(&redis).ask::<()>("CONFIG SET maxmemory-policy allkeys-lru");
    let told = doctor(&[("REDIS_CONNECTION_STRING", &redis.url())]);
    assert!(told.contains("WARN  redis: maxmemory-policy is \"allkeys-lru\""), "{told}");
    let url = redis.url();
    redis.kill();
    let told = doctor(&[("REDIS_CONNECTION_STRING", &url)]);
    assert!(told.contains("FAIL  REDIS_CONNECTION_STRING"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_the_server_is_verified() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/");
    let [certificate, key, authority] =
        ["localhost.pem", "localhost.key", "authority.pem"].map(|name| format!("{data}{name}"));
    // One port takes TLS, the other does not.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let tls =
        ["--tls-port", &port, "--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-auth-clients", "no"];
    let Some(_redis) = Redis::start_with(&tls).await else { return };
    let url = format!("rediss://localhost:{port}");
    let told = doctor(&[("REDIS_CONNECTION_STRING", &url), ("SSL_CERT_FILE", &authority)]);
    assert!(told.contains("ok    REDIS_CONNECTION_STRING: version "), "{told}");
    let told = doctor(&[("REDIS_CONNECTION_STRING", &url)]);
    assert!(told.contains("FAIL  REDIS_CONNECTION_STRING") && told.contains("UnknownIssuer"), "{told}");
    let told =
        doctor(&[("REDIS_CONNECTION_STRING", &url.replace("localhost", "127.0.0.1")), ("SSL_CERT_FILE", &authority)]);
    assert!(told.contains("FAIL  REDIS_CONNECTION_STRING") && told.contains("not valid for name"), "{told}");
}
