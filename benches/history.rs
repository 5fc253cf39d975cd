//! What the history costs, each beside the plain call that it cannot do without.
//!
//! ```sh
//! cargo bench --bench history
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
const WRITERS: usize = 32;
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
    let bench = bench_on(&redis, &postgres, folder.path()).await;
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

    println!("| what | median | beside it | ratio |\n|---|--:|--:|--:|");
    let (short, long) = (bench.filled(10).await, bench.filled(3_000).await);
    let say = async |id, how| {
        let content = Content { role: Speaker::User, content: value.clone(), parent: None, details: None };
        let message = NewMessage { id: None, content };
        bench.history.append(bench.owner, id, message, Some(how)).await.unwrap();
    };
    let read = async |id| drop(bench.history.get(bench.owner, id, None, Freshness::Verified).await.unwrap());
    for (id, messages) in [(short, 10), (bench.filled(100).await, 100), (long, 3_000)] {
        read(id).await;
        let (one, two) = in_turns(async || read(id).await, get).await;
        row(&format!("conditional read, {messages} messages"), one, "GET", two);
    }
    let hundred = bench.filled(100).await;
    read(hundred).await;
    let from_database = async || drop(bench.database.read(hundred).await.unwrap().unwrap());
    let (one, two) = in_turns(async || read(hundred).await, from_database).await;
    row("a conversation of 100 messages, by the copy of the process", one, "from PostgreSQL", two);

    let (one, two) = in_turns(async || say(short, Acknowledgement::Fast).await, lua).await;
    row("append, fast", one, "a Lua call", two);
    bench.history.flush(None).await.unwrap();
    let (one, two) =
        in_turns(async || say(long, Acknowledgement::Fast).await, async || say(short, Acknowledgement::Fast).await)
            .await;
    row("append, fast, after 3,000 messages", one, "after 10 (and what came)", two);
    bench.history.flush(None).await.unwrap();
    durable(&bench, &postgres, &value).await;
    zipf(&bench).await;
    bench.app.close().await;
}

/// So many writers at once: a message each, acknowledged when it is in the database; and a row each by a statement of its own.
async fn durable(bench: &Bench, postgres: &Postgres, value: &str) {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(WRITERS as u32).min_connections(WRITERS as u32);
    let pool = options.test_before_acquire(false).connect(&postgres.url()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE plain (id uuid PRIMARY KEY, value text NOT NULL)").execute(&pool).await.unwrap();
    let rounds = 60;
    let mut ids = Vec::new();
    for _ in 0..WRITERS {
        ids.push(bench.filled(1).await);
    }
    let (mut appends, mut inserts) = (Vec::new(), Vec::new());
    for round in 0..6 {
        let append = |writer: usize| {
            let (history, owner, id, value) = (bench.history.clone(), bench.owner, ids[writer], value.to_owned());
            async move {
                let content = Content { role: Speaker::User, content: value, parent: None, details: None };
                let message = NewMessage { id: None, content };
                history.append(owner, id, message, Some(Acknowledgement::Durable)).await.unwrap();
            }
        };
        let insert = |_| {
            let (pool, value) = (pool.clone(), value.to_owned());
            async move {
                let id = uuid::Uuid::now_v7();
                sqlx::query("INSERT INTO plain VALUES ($1, $2)").bind(id).bind(value).execute(&pool).await.unwrap();
            }
        };
        let (one, two) = (together(rounds, append).await, together(rounds, insert).await);
        if round > 0 {
            appends.extend(one);
            inserts.extend(two);
        }
    }
    row(&format!("append, durable, {WRITERS} writers"), median(appends), "INSERT by as many", median(inserts));
}

async fn together<F>(rounds: usize, call: impl Fn(usize) -> F) -> Vec<Duration>
where
    F: Future<Output = ()> + Send + 'static,
{
    let writers = (0..WRITERS).map(|writer| {
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

/// Reads as people do: some conversations all the time, most hardly ever.
async fn zipf(bench: &Bench) {
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
