//! What the history costs, each beside the plain call that it cannot do without.
//!
//! ```sh
//! cargo bench --bench history            # all
//! cargo bench --bench history -- durable # those of this name
//! ```
//!
//! Starts a Redis and a PostgreSQL (which forces every commit to the disk) of its own on this machine. Of all times the median is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    reason = "a measuring program fails by panicking; it shares the servers with the tests"
)]

#[path = "../tests/harness/servers/mod.rs"]
mod servers;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use ret::{
    app::App,
    config::Settings,
    domain::{
        Actor, AuditAction, AuditEntry, AuditEntryId, ConversationId, MessageId, Role, User, UserId,
        conversation::{Content, Speaker},
    },
    ports::{Conversations, accounts::Account},
    services::{
        conversations::{ConversationService, Freshness, NewMessage},
        policy::Acknowledgement,
    },
};
use servers::{Postgres, Redis};

const CALLS: usize = 3_000;
const AT_ONCE: usize = 32;
const ZIPF_CONVERSATIONS: usize = 10_000;
const ZIPF_READS: usize = 60_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(Box::pin(measure()));
}

struct Bench {
    history: ConversationService,
    database: Arc<dyn Conversations>,
    owner: UserId,
    app: App,
}

async fn measure() {
    let redis = Redis::start_with(&["--maxmemory", "2gb"]).await.expect("RET_TEST_ONLY_EMBEDDED is not for measuring");
    let postgres = Postgres::that_syncs().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bench = Box::pin(bench_on(&redis, &postgres, folder.path())).await;
    let plain = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let script = redis::Script::new("return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])");
    let value = "x".repeat(200);
    let lua = async || {
        let mut call = script.key("plain");
        call.arg("field").arg(&value);
        call.invoke_async::<i64>(&mut plain.clone()).await.unwrap();
    };
    let get = async || drop(redis::cmd("GET").arg("text").query_async::<String>(&mut plain.clone()).await.unwrap());
    redis::cmd("SET").arg("text").arg(&value).query_async::<()>(&mut plain.clone()).await.unwrap();

    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(&**wanted));
    println!("| what | median | beside it | ratio |\n|---|--:|--:|--:|");
    if is_wanted("read") {
        for messages in [10, 100, 3_000] {
            let id = bench.filled(messages).await;
            bench.read(id).await;
            let (one, two) = in_turns(async || bench.read(id).await, get).await;
            row(&format!("conditional read, {messages} messages"), one, "GET", two);
        }
    }
    if is_wanted("copy") {
        copy(&bench).await;
    }
    if is_wanted("append") {
        append(&bench, &value, lua).await;
    }
    if is_wanted("durable") {
        durable(&bench, &postgres, &value).await;
    }
    if is_wanted("zipf") {
        zipf(&bench, &mut plain.clone()).await;
    }
    bench.app.close().await;
}

/// A conversation that this process has read before, and the same from the database: by one reader, and by many at once.
async fn copy(bench: &Bench) {
    let hundred = bench.filled(100).await;
    bench.read(hundred).await;
    let from_database = async || drop(bench.database.read(hundred).await.unwrap().unwrap());
    let (one, two) = in_turns(async || bench.read(hundred).await, from_database).await;
    row("100 messages by the copy of the process", one, "from PostgreSQL", two);
    let (mut copies, mut rows) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let copy = |_| {
            let (history, owner) = (bench.history.clone(), bench.owner);
            async move { drop(history.get(owner, hundred, None, Freshness::Verified).await.unwrap()) }
        };
        let row = |_| {
            let database = Arc::clone(&bench.database);
            async move { drop(database.read(hundred).await.unwrap().unwrap()) }
        };
        copies.extend(together(100, copy).await);
        rows.extend(together(100, row).await);
    }
    row(&format!("the same, {AT_ONCE} readers"), median(copies), "as many from PostgreSQL", median(rows));
}

/// Appends that are acknowledged when the journal has them: to conversations that stay as long as they are.
async fn append(bench: &Bench, value: &str, lua: impl AsyncFn()) {
    let say = async |id| {
        let content = Content { role: Speaker::User, content: value.to_owned(), parent: None, details: None };
        let message = NewMessage { id: None, content };
        bench.history.append(bench.owner, id, message, Some(Acknowledgement::Fast)).await.unwrap();
    };
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        short.push(bench.filled(10).await);
    }
    for _ in 0..4 {
        long.push(bench.filled(3_000).await);
    }
    let (number, of) = (std::cell::Cell::new(0), |ids: &[ConversationId], number: usize| ids[number % ids.len()]);
    let next = || number.replace(number.get() + 1);
    let (one, two) = in_turns(async || say(of(&short, next())).await, lua).await;
    row("append, fast", one, "a Lua call", two);
    bench.history.flush(None).await.unwrap();
    let (one, two) = in_turns(async || say(of(&long, next())).await, async || say(of(&short, next())).await).await;
    row("append, fast, after 3,000 messages", one, "after some", two);
    bench.history.flush(None).await.unwrap();
}

/// So many writers at once: a message each, acknowledged when it is in the database; beside it a statement of each for the same row in the same
/// table, and for a row in a table that has nothing but a key.
async fn durable(bench: &Bench, postgres: &Postgres, value: &str) {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(AT_ONCE as u32).min_connections(AT_ONCE as u32);
    let pool = options.test_before_acquire(false).connect(&postgres.url()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE plain (id uuid PRIMARY KEY, value text NOT NULL)").execute(&pool).await.unwrap();
    let rounds = 60;
    let mut ids = Vec::new();
    for _ in 0..AT_ONCE {
        ids.push(bench.filled(1).await);
    }
    let (mut appends, mut rows, mut plains) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..6 {
        let append = |writer: usize| {
            let (history, owner, id, value) = (bench.history.clone(), bench.owner, ids[writer], value.to_owned());
            async move {
                let content = Content { role: Speaker::User, content: value, parent: None, details: None };
                let message = NewMessage { id: None, content };
                history.append(owner, id, message, Some(Acknowledgement::Durable)).await.unwrap();
            }
        };
        let row = |writer: usize| {
            let (pool, id, value) =
                (pool.clone(), ids[writer].0, format!("{{\"content\":\"{value}\",\"role\":\"user\"}}"));
            async move {
                sqlx::query(
                    "INSERT INTO conversation_registers (conversation_id, register, revision, at, value, words)
                     VALUES ($1, $2, 1, 1, $3, array_to_tsvector($4))",
                )
                .bind(id)
                .bind(format!("m:{}", uuid::Uuid::now_v7()))
                .bind(&value)
                .bind(vec![&value])
                .execute(&pool)
                .await
                .unwrap();
            }
        };
        let plain = |_| {
            let (pool, value) = (pool.clone(), value.to_owned());
            async move {
                let id = uuid::Uuid::now_v7();
                sqlx::query("INSERT INTO plain VALUES ($1, $2)").bind(id).bind(value).execute(&pool).await.unwrap();
            }
        };
        let append = together(rounds, append).await;
        let (row, plain) = (together(rounds, row).await, together(rounds, plain).await);
        if round > 0 {
            appends.extend(append);
            rows.extend(row);
            plains.extend(plain);
        }
    }
    let (what, appended) = (format!("append, durable, {AT_ONCE} writers"), median(appends));
    row(&what, appended, "INSERT of its row by as many", median(rows));
    row(&what, appended, "INSERT into a bare table by as many", median(plains));
}

async fn together<F>(rounds: usize, call: impl Fn(usize) -> F) -> Vec<Duration>
where
    F: Future<Output = ()> + Send + 'static,
{
    let writers = (0..AT_ONCE).map(|writer| {
        let calls: Vec<F> = (0..rounds).map(|_| call(writer)).collect();
        tokio::spawn(async move {
            let mut times = Vec::new();
            for call in calls {
                let started = Instant::now();
                call.await;
                times.push(started.elapsed());
            }
            times
        })
    });
    futures::future::try_join_all(writers).await.unwrap().concat()
}

/// Reads as people do: some conversations all the time, most hardly ever. Redis is empty at first.
async fn zipf(bench: &Bench, redis: &mut redis::aio::MultiplexedConnection) {
    let mut ids = Vec::with_capacity(ZIPF_CONVERSATIONS);
    for part in 0..ZIPF_CONVERSATIONS / 100 {
        let made = (0..100).map(|_| bench.filled(2));
        ids.extend(futures::future::join_all(made).await);
        assert_eq!(ids.len(), (part + 1) * 100);
    }
    let weights: Vec<f64> = (1..=ids.len())
        .scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        })
        .collect();
    let all = weights.last().unwrap();
    redis::cmd("FLUSHALL").query_async::<()>(redis).await.unwrap();
    let before = bench.history.counts();
    let mut state = 7_u64;
    for _ in 0..ZIPF_READS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = (state >> 11) as f64 / (1_u64 << 53) as f64 * all;
        let id = ids[weights.partition_point(|weight| *weight < drawn).min(ids.len() - 1)];
        bench.history.get(bench.owner, id, None, Freshness::Verified).await.unwrap();
    }
    let after = bench.history.counts();
    let (process, shared) = (after.hits_process - before.hits_process, after.hits_shared - before.hits_shared);
    let misses = after.misses - before.misses;
    let rate = 100.0 * (process + shared) as f64 / (process + shared + misses) as f64;
    println!(
        "\nHit rate of {ZIPF_READS} reads of {ZIPF_CONVERSATIONS} conversations (Zipf, exponent 1): {rate:.1} % \
         ({process} by the process, {shared} by Redis, {misses} from PostgreSQL)"
    );
}

impl Bench {
    async fn read(&self, id: ConversationId) {
        drop(self.history.get(self.owner, id, None, Freshness::Verified).await.unwrap());
    }

    /// A conversation of so many messages, in the database.
    async fn filled(&self, messages: usize) -> ConversationId {
        let id = self.history.create(self.owner, Some("chat"), None).await.unwrap().0.id;
        for number in 0..messages {
            let text = format!("{number}: {}", "some words that somebody says ".repeat(6));
            let content = Content { role: Speaker::User, content: text, parent: None, details: None };
            let message = NewMessage { id: None, content };
            self.history.append(self.owner, id, message, Some(Acknowledgement::Fast)).await.unwrap();
        }
        self.history.flush(None).await.unwrap();
        id
    }
}

async fn bench_on(redis: &Redis, postgres: &Postgres, folder: &std::path::Path) -> Bench {
    let settings = [
        ("RET_RUNTIME_ROOT", folder.to_str().unwrap().to_owned()),
        ("DATABASE_URL", postgres.url()),
        ("REDIS_ENABLED", "true".into()),
        ("REDIS_CONNECTION_STRING", redis.url()),
    ];
    let settings: BTreeMap<String, String> = settings.into_iter().map(|(key, value)| (key.into(), value)).collect();
    let app = App::build(&Settings::from_values(settings).unwrap()).await.unwrap();
    let stores = app.stores();
    let owner = UserId(stores.ids.next());
    let user =
        User { id: owner, username: "ada".into(), role: Role::User, disabled_at: None, created_at: stores.clock.now() };
    let by = Actor::service("bench");
    let entry = AuditEntry::new(AuditEntryId(stores.ids.next()), stores.clock.now(), &by, AuditAction::AccountAdded);
    stores.accounts.add(&Account { user, password_hash: "-".into() }, &entry).await.unwrap();
    let (history, database) = (app.state.services.conversations.clone(), Arc::clone(&stores.conversations));
    Bench { history, database, owner, app }
}

/// Two calls in turns, so that what else the machine does meets both alike.
async fn in_turns(one: impl AsyncFn(), two: impl AsyncFn()) -> (Duration, Duration) {
    let (mut ones, mut twos) = (Vec::with_capacity(CALLS), Vec::with_capacity(CALLS));
    for number in 0..CALLS + 100 {
        let started = Instant::now();
        one().await;
        let between = Instant::now();
        two().await;
        if number >= 100 {
            ones.push(between - started);
            twos.push(between.elapsed());
        }
    }
    (median(ones), median(twos))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn row(what: &str, median: Duration, name: &str, plain: Duration) {
    let ratio = median.as_secs_f64() / plain.as_secs_f64();
    println!("| {what} | {median:.1?} | {name} {plain:.1?} | {ratio:.2} |");
}
