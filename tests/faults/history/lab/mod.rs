//! The laboratory: three instances as processes, sixty conversations, everything that goes wrong, and a ledger of what was acknowledged.
//!
//! `RET_LAB_SECONDS` sets how long each run takes; without it they are short. `scripts/history-lab` makes the long runs and prints the table.

mod client;
mod deaths;
mod fence;
mod instance;
mod ledger;
mod proxy;
mod servers;
mod trouble;
mod verdict;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use serde_json::json;

pub use self::proxy::{Passes, Proxy};
use self::{
    client::{Counts, Person},
    fence::Fence,
    instance::Instance,
    ledger::{Ledger, Shown, Who},
    servers::Servers,
    trouble::Trouble,
    verdict::Verdict,
};
use crate::harness::Client;

const INSTANCES: usize = 3;
const CONVERSATIONS: usize = 60;
const CLIENTS: usize = 12;
/// Each run is short in the checks that run before a change is taken.
const SHORT: Duration = Duration::from_secs(6);

/// When all is at rest, instances show what the database has after this at the latest.
const FOLLOWED_AFTER: Duration = Duration::from_secs(2);

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

/// What a run is to show.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    mode: Mode,
    trouble: Trouble,
    /// What is taken out, so that there must be losses.
    without: Option<Fence>,
}

/// One run.
#[derive(Clone)]
struct Lab {
    servers: Arc<Servers>,
    instances: Arc<Vec<Instance>>,
    ledger: Arc<Ledger>,
    over: Arc<AtomicBool>,
    counts: Arc<Counts>,
}

fn span() -> Duration {
    std::env::var("RET_LAB_SECONDS").ok().and_then(|text| text.parse().ok()).map_or(SHORT, Duration::from_secs)
}

/// Runs clients against the instances while there is trouble, lets everything come to rest, and looks what is there.
async fn run(setup: Setup) -> Option<Verdict> {
    let Setup { mode, trouble, without } = setup;
    let lab = Lab::start(setup).await?;
    let mut own = lab.begin_conversations().await;
    if let Some(fence) = without {
        fence.take_out(&lab.servers.postgres).await;
    }
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(Person::new(&lab, number, std::mem::take(&mut own[number])).work()))
        .collect();
    let span = if without.is_some() { SHORT } else { span() };
    trouble.make(&lab.servers, &lab.instances, span).await;
    lab.over.store(true, Ordering::SeqCst);
    futures::future::try_join_all(clients).await.unwrap();
    lab.come_to_rest().await;
    if trouble == Trouble::Eviction {
        assert!(lab.servers.evicted().await > 100, "nothing was evicted");
    }
    let verdict = lab.verdict().await;
    match without {
        None => println!("LAB | {} | {} | {verdict} |", trouble.name(), mode.setting()),
        Some(fence) => {
            println!("ABLATED | {}, without {} | {} | {verdict} |", trouble.name(), fence.name(), mode.setting());
        }
    }
    Some(verdict)
}

impl Lab {
    async fn start(setup: Setup) -> Option<Self> {
        let trouble = setup.trouble;
        let servers = Arc::new(Servers::start(trouble).await?);
        let instances = (0..INSTANCES).map(|_| Instance::start(&servers, setup));
        let instances = Arc::new(futures::future::join_all(instances).await);
        let ledger = Arc::new(Ledger::new(trouble.sets_clocks()));
        Some(Self { servers, instances, ledger, over: Arc::default(), counts: Arc::default() })
    }

    /// Those that are there before there is trouble, dealt out to the clients.
    async fn begin_conversations(&self) -> Vec<Vec<String>> {
        let (client, life) = self.instances[0].reach().await.unwrap();
        let mut own = vec![Vec::new(); CLIENTS];
        for number in 0..CONVERSATIONS {
            let made = client.post("/api/conversations", json!({ "title": "chat" })).await.expect(201);
            let id = made.json()["id"].as_str().unwrap().to_owned();
            let by = Who { client: number % CLIENTS, life };
            self.ledger.begin(&id, "chat", by, made.headers["x-durability"] == "durable");
            own[number % CLIENTS].push(id);
        }
        own
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

    /// What is there by an instance that knows the database only, against the ledger; and whether the others show the same.
    async fn verdict(&self) -> Verdict {
        let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::SeqCst);
        let mut verdict = Verdict {
            reads: count(&self.counts.reads),
            stale: count(&self.counts.stale),
            conflicts: count(&self.counts.conflicts),
            refused: count(&self.counts.refused),
            ..Verdict::default()
        };
        let alone = Instance::without_redis(&self.servers).await;
        let there = self.all_through(&alone.client().await).await;
        self.ledger.check(&there, &self.servers.deaths, &mut verdict);
        verdict.differing = self.differing(&there).await;
        verdict
    }

    /// How many conversations an instance shows otherwise, when what others wrote past the hot tier has been followed.
    async fn differing(&self, there: &HashMap<String, Shown>) -> usize {
        let ids = self.ledger.conversations();
        let began = Instant::now();
        loop {
            let is_late = began.elapsed() > FOLLOWED_AFTER;
            let mut differing = 0;
            for instance in self.instances.iter() {
                let shown = self.all_through(&instance.client().await).await;
                differing += ids.iter().filter(|id| there.get(*id) != shown.get(*id)).count();
            }
            if differing == 0 || is_late {
                return differing;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn all_through(&self, client: &Client) -> HashMap<String, Shown> {
        let reads = self.ledger.conversations().into_iter().map(async |id| {
            let read = client.get(&format!("/api/conversations/{id}")).await;
            assert!(read.status == 200 || read.status == 404, "{:?}", read.body);
            (read.status == 200).then(|| (id, client::shown(&read.json())))
        });
        futures::stream::iter(reads).buffer_unordered(4).filter_map(std::future::ready).collect().await
    }
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
    assert_eq!(verdict.of_what_is_wrong(), Verdict::default(), "{verdict:?}");
    assert!(verdict.acknowledged > 50 && verdict.reads > 20, "too little was done to show anything: {verdict:?}");
}

/// A run that has to show losses is made so often until it does: there may have been nothing under way when the trouble came.
const ATTEMPTS: usize = 8;

/// Makes the run without the fence, in which the ledger has to tell of losses.
async fn needs(setup: Setup, fence: Fence, losses: fn(Verdict) -> usize) {
    let mut verdict = Verdict::default();
    for _ in 0..ATTEMPTS {
        match run(Setup { without: Some(fence), ..setup }).await {
            Some(this) if losses(this) == 0 => verdict = this,
            _ => return,
        }
    }
    panic!("the ledger does not see what is lost without {fence:?}: {verdict:?}");
}

macro_rules! runs {
    ($($name:ident: $mode:ident, $trouble:ident $(, without $fence:ident: $losses:expr)?;)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let setup = Setup { mode: Mode::$mode, trouble: Trouble::$trouble, without: None };
            let without = async { $(needs(setup, Fence::$fence, $losses).await;)? };
            tokio::join!(async { holds(run(setup).await) }, without);
        })+
    };
}

// With a fence named, the run is made once more without it at the same time, and the ledger has to tell.
runs! {
    nothing_happens: Durable, Nothing, without Tombstones: |verdict| verdict.resurrected.durable;
    instances_are_killed: Durable, InstancesKilled;
    instances_are_killed_fast: Fast, InstancesKilled, without SharedJournal: |verdict| verdict.lost.journaled;
    redis_is_killed: Durable, RedisKilled;
    redis_is_killed_fast: Fast, RedisKilled;
    a_replica_that_lags_takes_over: Durable, Failover;
    a_replica_that_lags_takes_over_fast: Fast, Failover;
    copies_are_evicted: Durable, Eviction;
    copies_are_evicted_fast: Fast, Eviction;
    redis_hangs: Durable, RedisHangs;
    redis_hangs_fast: Fast, RedisHangs;
    the_database_is_killed: Durable, DatabaseKilled, without ForcedCommits: |verdict| verdict.lost.durable;
    the_database_is_killed_fast: Fast, DatabaseKilled;
    lines_are_cut: Durable, LinesCut, without Notes: |verdict| verdict.stale + verdict.differing;
    lines_are_cut_fast: Fast, LinesCut;
    clocks_are_set: Durable, ClocksSet;
    everything_at_once: Durable, Everything;
    everything_at_once_fast: Fast, Everything;
}

/// The exception that is stated: an instance and Redis die together before what is journaled is in the database. That it shows here is the
/// proof that the ledger sees losses.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_journaled_is_lost_when_both_its_homes_are() {
    let setup = Setup { mode: Mode::Fast, trouble: Trouble::BothHomes, without: None };
    for _ in 0..ATTEMPTS {
        let Some(verdict) = run(setup).await else { return };
        let lost = [verdict.lost, verdict.lost_conversations, verdict.lost_titles, verdict.resurrected];
        assert_eq!(lost.map(|lost| lost.durable), [0; 4], "{verdict:?}");
        if verdict.lost.journaled > 0 {
            return;
        }
    }
    panic!("nothing that was journaled was lost");
}
