//! The laboratory: three instances as processes, sixty conversations, everything that goes wrong, and a ledger of what was acknowledged.
//!
//! `RET_LAB_SECONDS` sets how long each run takes; without it they are short. `scripts/history-lab` makes the long runs and prints the table.

mod instance;
mod ledger;
mod proxy;
mod trouble;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use self::{
    instance::{Instance, Servers},
    ledger::{Ledger, Verdict},
    trouble::Trouble,
};
use crate::harness::Client;

const INSTANCES: usize = 3;
const CONVERSATIONS: usize = 60;
const CLIENTS: usize = 12;
/// Each run is short in the checks that run before a change is taken.
const SHORT: Duration = Duration::from_secs(8);

/// What an acknowledgement is to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Durable,
    Fast,
}

impl Mode {
    fn setting(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Fast => "fast",
        }
    }
}

/// One run.
struct Lab {
    servers: Arc<Servers>,
    instances: Arc<Vec<Instance>>,
    ledger: Arc<Ledger>,
    over: Arc<AtomicBool>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    reads: AtomicUsize,
    stale: AtomicUsize,
    refused: AtomicUsize,
}

fn span() -> Duration {
    std::env::var("RET_LAB_SECONDS").ok().and_then(|text| text.parse().ok()).map_or(SHORT, Duration::from_secs)
}

/// Runs clients against the instances while there is trouble, lets everything come to rest, and looks what is there.
async fn run(mode: Mode, trouble: Trouble) -> Option<Verdict> {
    let servers = Arc::new(Servers::start(trouble).await?);
    let instances = futures::future::join_all((0..INSTANCES).map(|_| Instance::start(&servers, mode, trouble))).await;
    let lab = Lab {
        servers,
        instances: Arc::new(instances),
        ledger: Arc::default(),
        over: Arc::default(),
        counts: Arc::default(),
    };
    let first = lab.instances[0].client().await;
    for _ in 0..CONVERSATIONS {
        let made = first.post("/api/conversations", json!({ "title": "chat" })).await.expect(201).json();
        lab.ledger.open(made["id"].as_str().unwrap());
    }
    let clients = (0..CLIENTS).map(|number| tokio::spawn(lab.client(number)));
    let clients: Vec<_> = clients.collect();
    trouble.make(&lab.servers, &lab.instances, span()).await;
    lab.over.store(true, Ordering::SeqCst);
    futures::future::try_join_all(clients).await.unwrap();
    lab.come_to_rest().await;
    let mut verdict = Verdict {
        reads: lab.counts.reads.load(Ordering::SeqCst),
        stale_reads: lab.counts.stale.load(Ordering::SeqCst),
        refused: lab.counts.refused.load(Ordering::SeqCst),
        ..Verdict::default()
    };
    let there = lab.what_is_there().await;
    lab.ledger.check(&there, &mut verdict);
    println!("LAB {:<8} {:<22} {verdict}", mode.setting(), trouble.name());
    Some(verdict)
}

impl Lab {
    /// A client: says things, reads, names and deletes, until it is over. It stays with an instance for as long as that lives.
    fn client(&self, number: usize) -> impl Future<Output = ()> + Send + 'static {
        let (instances, ledger, over) = (Arc::clone(&self.instances), Arc::clone(&self.ledger), Arc::clone(&self.over));
        let counts = Arc::clone(&self.counts);
        let conversations = self.ledger.conversations();
        async move {
            let mut draw = Draw(number as u64 + 1);
            let mut turn = 0_usize;
            while !over.load(Ordering::SeqCst) {
                turn += 1;
                let instance = &instances[(number + turn / 50) % instances.len()];
                let Some((client, life)) = instance.reach().await else {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                };
                let kind = draw.below(1000);
                // Each conversation is named, and a third of them deleted, by one client.
                let own = number + CLIENTS * draw.below(CONVERSATIONS / CLIENTS);
                let conversation = &conversations[if kind < 50 { own } else { draw.below(conversations.len()) }];
                if !ledger.is_open(conversation) {
                    continue;
                }
                match kind {
                    0..10 if own < CONVERSATIONS / 3 => delete(&client, &ledger, conversation).await,
                    10..50 => name(&client, &ledger, conversation, turn).await,
                    50..250 => read(&client, &ledger, conversation, life, &counts).await,
                    _ => {
                        // Some are sent again when there is no answer, under the id that they have.
                        let id = turn.is_multiple_of(2).then(uuid::Uuid::now_v7);
                        let is_kept = say(&client, &ledger, conversation, life, id).await
                            || (id.is_some() && say(&client, &ledger, conversation, life, id).await);
                        if !is_kept {
                            counts.refused.fetch_add(1, Ordering::SeqCst);
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                    }
                }
            }
        }
    }

    /// Everything is whole again, and nothing waits any more.
    async fn come_to_rest(&self) {
        let began = Instant::now();
        for instance in self.instances.iter() {
            instance.set_clock(0);
            instance.revive(&self.servers).await;
        }
        loop {
            let mut waiting = 0;
            for instance in self.instances.iter() {
                waiting += instance.waiting().await;
            }
            if waiting == 0 {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{waiting} changes and conversations still wait");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What the database has, by an instance that knows nothing else; and what the hot tier says is the same.
    async fn what_is_there(&self) -> HashMap<String, (BTreeSet<String>, String)> {
        let alone = Instance::without_redis(&self.servers).await;
        let there = self.all_through(&alone.client().await).await;
        // What others wrote past the hot tier has been followed by now.
        tokio::time::sleep(Duration::from_secs(2)).await;
        for instance in self.instances.iter() {
            assert!(there == self.all_through(&instance.client().await).await, "an instance shows something else");
        }
        there
    }

    async fn all_through(&self, client: &Client) -> HashMap<String, (BTreeSet<String>, String)> {
        let mut there = HashMap::new();
        for id in self.ledger.conversations() {
            let read = client.get(&format!("/api/conversations/{id}")).await;
            if read.status == 200 {
                let body = read.json();
                there.insert(id, (messages_of(&body), body["title"].as_str().unwrap_or_default().to_owned()));
            } else {
                assert_eq!(read.status, 404, "{:?}", read.body);
            }
        }
        there
    }
}

async fn say(client: &Client, ledger: &Ledger, conversation: &str, life: usize, id: Option<uuid::Uuid>) -> bool {
    let body = json!({ "id": id, "role": "user", "content": "a message of a few words", "parent_id": null });
    let path = format!("/api/conversations/{conversation}/messages");
    let Some(answer) = trouble::try_to(client, http::Method::POST, &path, Some(body)).await else { return false };
    if answer.status != 201 {
        return false;
    }
    let is_durable = answer.headers["x-durability"] == "durable";
    ledger.acknowledge(conversation, answer.json()["id"].as_str().unwrap(), is_durable, life);
    true
}

async fn read(client: &Client, ledger: &Ledger, conversation: &str, life: usize, counts: &Counts) {
    let must = ledger.must_be_read(conversation, life);
    let path = format!("/api/conversations/{conversation}");
    let Some(answer) = trouble::try_to(client, http::Method::GET, &path, None).await else { return };
    if (answer.status == 200 || answer.status == 404) && ledger.is_open(conversation) {
        counts.reads.fetch_add(1, Ordering::SeqCst);
        let missing = must.difference(&messages_of(&answer.json())).count() + usize::from(answer.status == 404);
        counts.stale.fetch_add(usize::from(missing > 0), Ordering::SeqCst);
    }
}

async fn name(client: &Client, ledger: &Ledger, conversation: &str, turn: usize) {
    let title = format!("chat {turn}");
    ledger.name(conversation, None);
    let path = format!("/api/conversations/{conversation}");
    let body = Some(json!({ "title": title }));
    if let Some(answer) = trouble::try_to(client, http::Method::PATCH, &path, body).await
        && answer.status == 204
        && answer.headers["x-durability"] == "durable"
    {
        ledger.name(conversation, Some(&title));
    }
}

async fn delete(client: &Client, ledger: &Ledger, conversation: &str) {
    ledger.deletion_is_asked_for(conversation);
    let path = format!("/api/conversations/{conversation}");
    if let Some(answer) = trouble::try_to(client, http::Method::DELETE, &path, None).await
        && answer.status == 204
        && answer.headers["x-durability"] == "durable"
    {
        ledger.deletion_is_acknowledged(conversation);
    }
}

fn messages_of(body: &Value) -> BTreeSet<String> {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages.filter_map(|message| message["id"].as_str()).map(str::to_owned).collect()
}

/// Numbers that look drawn, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

fn holds(verdict: Option<Verdict>) {
    let Some(verdict) = verdict else { return };
    let nothing = Verdict { acknowledged: 0, journaled: 0, deleted: 0, reads: 0, refused: 0, ..verdict };
    assert_eq!(nothing, Verdict::default(), "{verdict}");
    assert!(verdict.acknowledged > 100 && verdict.reads > 20, "too little was done to show anything: {verdict}");
}

macro_rules! runs {
    ($($name:ident: $mode:ident, $trouble:ident;)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            holds(run(Mode::$mode, Trouble::$trouble).await);
        })+
    };
}

runs! {
    nothing_happens: Durable, Nothing;
    instances_are_killed: Durable, InstancesKilled;
    instances_are_killed_fast: Fast, InstancesKilled;
    redis_is_killed: Durable, RedisKilled;
    redis_is_killed_fast: Fast, RedisKilled;
    a_replica_that_lags_takes_over: Fast, Failover;
    copies_are_evicted: Fast, Eviction;
    redis_hangs: Durable, RedisHangs;
    the_database_is_killed: Fast, DatabaseKilled;
    lines_are_cut: Durable, LinesCut;
    clocks_are_set: Durable, ClocksSet;
    everything_at_once: Durable, Everything;
}

/// The exception that is stated: an instance and Redis die together before what is journaled is in the database. That it shows here is the
/// proof that the ledger sees losses.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_journaled_is_lost_when_both_its_homes_are() {
    let Some(verdict) = run(Mode::Fast, Trouble::BothHomes).await else { return };
    assert!(verdict.lost_journaled > 0, "{verdict}");
    assert_eq!((verdict.lost, verdict.resurrected), (0, 0), "{verdict}");
}
