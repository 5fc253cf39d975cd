//! What goes wrong.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use axum::body::Body;
use http::Method;
use serde_json::Value;

use super::{Draw, instance::Instance, proxy::Line, servers::Servers};
use crate::harness::{Answer, Client, Redis};

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    /// kill -9, one after the other.
    InstancesKilled,
    /// Killed, and started again with nothing in it.
    RedisKilled,
    /// A replica that is behind takes over, again and again.
    Failover,
    /// Copies are removed for others all the time.
    Eviction,
    /// It is there and answers nothing.
    RedisHangs,
    /// Killed at once, and started again.
    DatabaseKilled,
    /// One instance after the other loses its line to Redis, to the database, or to both; some do not live to have it again.
    LinesCut,
    /// An hour forward, an hour back.
    ClocksSet,
    Everything,
    /// An instance and Redis at once, while the database is away.
    BothHomes,
}

impl Trouble {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::InstancesKilled => "instances killed",
            Self::RedisKilled => "redis killed, empty",
            Self::Failover => "stale failover",
            Self::Eviction => "eviction",
            Self::RedisHangs => "redis stopped",
            Self::DatabaseKilled => "database killed",
            Self::LinesCut => "lines cut",
            Self::ClocksSet => "clocks set by an hour",
            Self::Everything => "everything",
            Self::BothHomes => "both homes at once",
        }
    }

    pub fn sets_clocks(self) -> bool {
        matches!(self, Self::ClocksSet | Self::Everything)
    }

    pub fn fails_over(self) -> bool {
        matches!(self, Self::Failover | Self::Everything)
    }

    /// The memory that Redis has.
    pub fn redis_memory(self) -> &'static str {
        match self {
            Self::Eviction => "3mb",
            Self::Everything => "6mb",
            _ => "100mb",
        }
    }

    /// Makes the trouble for so long.
    pub async fn make(self, servers: &Servers, instances: &[Instance], span: Duration) {
        let until = Instant::now() + span;
        let mut draw = Draw(7);
        match self {
            Self::Nothing => tokio::time::sleep(span).await,
            Self::BothHomes => both_homes(servers, instances, until).await,
            _ => {
                let mut turn = 0;
                while Instant::now() + Duration::from_secs(1) < until {
                    pause(500 + draw.below(700)).await;
                    self.strike(servers, instances, turn, &mut draw).await;
                    turn += 1;
                }
                tokio::time::sleep(until.saturating_duration_since(Instant::now())).await;
            }
        }
    }

    async fn strike(self, servers: &Servers, instances: &[Instance], turn: usize, draw: &mut Draw) {
        let instance = &instances[turn % instances.len()];
        match self {
            Self::InstancesKilled => {
                instance.kill().await;
                instance.start_again().await;
            }
            Self::RedisKilled => {
                servers.kill_redis();
                pause(draw.below(800)).await;
                servers.leader().run();
            }
            Self::Failover => servers.fail_over(instances, draw.below(1500)).await,
            Self::Eviction => crowd(servers.leader(), turn).await,
            Self::RedisHangs => {
                servers.leader().pause();
                pause(300 + draw.below(1500)).await;
                servers.leader().resume();
            }
            Self::DatabaseKilled => {
                servers.postgres.kill();
                pause(draw.below(1500)).await;
                servers.postgres.run();
            }
            Self::LinesCut => cut_lines(instance, turn, draw).await,
            Self::ClocksSet => {
                instance.set_clock([3600, -3600, 0][draw.below(3)]);
                pause(200).await;
            }
            Self::Everything => {
                let kinds = [
                    Self::InstancesKilled,
                    Self::RedisKilled,
                    Self::Failover,
                    Self::Eviction,
                    Self::RedisHangs,
                    Self::DatabaseKilled,
                    Self::LinesCut,
                    Self::ClocksSet,
                ];
                let kind = kinds[draw.below(kinds.len())];
                Box::pin(kind.strike(servers, instances, draw.below(1000), draw)).await;
            }
            Self::Nothing | Self::BothHomes => {}
        }
    }
}

/// What becomes of the lines to Redis and to the database.
const CUTS: [(Line, Line); 7] = [
    (Line::Cut, Line::Whole),
    (Line::Whole, Line::Cut),
    (Line::Silent, Line::Whole),
    (Line::Cut, Line::Cut),
    (Line::Whole, Line::Silent),
    (Line::Silent, Line::Silent),
    (Line::Cut, Line::Silent),
];

/// An instance loses its lines; every other time it does not live to have them again, so that what it owes is for others to know.
async fn cut_lines(instance: &Instance, turn: usize, draw: &mut Draw) {
    let (to_redis, to_database) = CUTS[turn % CUTS.len()];
    instance.set(to_redis, to_database);
    pause(500 + draw.below(2000)).await;
    if turn.is_multiple_of(2) {
        instance.kill().await;
    }
    instance.set(Line::Whole, Line::Whole);
    instance.start_again().await;
}

/// What is journaled while the database is away is in two places, and both are lost.
async fn both_homes(servers: &Servers, instances: &[Instance], until: Instant) {
    while Instant::now() < until {
        pause(1500).await;
        servers.postgres.kill();
        // What is said in this moment is journaled.
        pause(300).await;
        servers.kill_redis();
        for instance in instances {
            instance.kill().await;
        }
        servers.leader().run();
        servers.postgres.run();
        for instance in instances {
            instance.start_again().await;
        }
    }
}

/// Fills the memory with what has a time to live, so that copies have to go.
async fn crowd(redis: &Redis, turn: usize) {
    let Ok(client) = redis::Client::open(redis.url()) else { return };
    let Ok(mut connection) = client.get_multiplexed_async_connection().await else { return };
    for number in 0..3000 {
        let mut set = redis::cmd("SET");
        set.arg(format!("noise:{turn}:{number}")).arg("x".repeat(700)).arg("EX").arg(600);
        if set.query_async::<()>(&mut connection).await.is_err() {
            return;
        }
    }
}

async fn pause(millis: usize) {
    tokio::time::sleep(Duration::from_millis(millis as u64)).await;
}

/// A request whose answer may never come.
pub async fn try_to(client: &Client, method: Method, path: &str, body: Option<Value>) -> Option<Answer> {
    let (body, headers): (Body, &[(&str, &str)]) = match body {
        Some(body) => (body.to_string().into(), &[("content-type", "application/json")]),
        None => (Body::empty(), &[]),
    };
    let request = client.build(method, path, body, headers);
    tokio::time::timeout(Duration::from_secs(20), client.try_send(request)).await.ok()?.ok()
}

/// What makes a process take its time of day from a file; what it measures spans by goes on.
pub fn clock_settings(file: &Path) -> Vec<(String, String)> {
    let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|machine| format!("/usr/lib/{machine}/faketime/libfaketimeMT.so.1"))
        .into_iter()
        .find(|library| Path::new(library).exists());
    let library = library.expect("libfaketime is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1");
    std::fs::write(file, "+0\n").unwrap();
    [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}
