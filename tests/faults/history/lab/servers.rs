//! The servers that the instances stand on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{
    deaths::{Deaths, Home},
    instance::Instance,
    trouble::Trouble,
};
use crate::harness::{Postgres, Redis};

/// A replica is given so long to have what the other has.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(5);

/// A database; Redis, and perhaps one that follows it and may take its place.
pub struct Servers {
    pub postgres: Postgres,
    redis: Vec<Redis>,
    leads: AtomicUsize,
    pub deaths: Arc<Deaths>,
}

impl Servers {
    pub async fn start(trouble: Trouble) -> Option<Self> {
        let arguments = ["--maxmemory", trouble.redis_memory(), "--repl-diskless-sync-delay", "0"];
        let mut redis = vec![Redis::start_with(&arguments).await?];
        if trouble.fails_over() {
            redis.push(Redis::start_with(&arguments).await?);
        }
        let servers =
            Self { postgres: Postgres::alone().await?, redis, leads: AtomicUsize::new(0), deaths: Arc::default() };
        servers.have_it_followed().await;
        Some(servers)
    }

    /// The one that is in use.
    pub fn leader(&self) -> &Redis {
        &self.redis[self.leads.load(Ordering::SeqCst)]
    }

    /// It goes, and what it holds.
    pub fn kill_redis(&self) {
        self.leader().kill();
        self.deaths.died(Home::Redis);
    }

    fn follower(&self) -> Option<&Redis> {
        self.redis.get(1 - self.leads.load(Ordering::SeqCst))
    }

    pub fn database_url(&self, port: u16) -> String {
        format!("postgres://ret@127.0.0.1:{port}/{}", self.postgres.name())
    }

    /// The replica loses its line, falls so many milliseconds behind, and takes the place of the other, which follows it then.
    pub async fn fail_over(&self, instances: &[Instance], lag: usize) {
        let Some(follower) = self.follower() else { return };
        let began = tokio::time::Instant::now();
        while !ask(follower, &["INFO", "replication"]).await.contains("master_link_status:up") {
            if began.elapsed() > FOLLOWS_WITHIN {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        ask(follower, &["REPLICAOF", "127.0.0.1", "1"]).await;
        tokio::time::sleep(Duration::from_millis(lag as u64)).await;
        let before = self.leader();
        before.kill();
        self.deaths.died(Home::Redis);
        ask(follower, &["REPLICAOF", "NO", "ONE"]).await;
        self.leads.fetch_xor(1, Ordering::SeqCst);
        for line in instances.iter().filter_map(|instance| instance.to_redis.as_ref()) {
            line.lead_to(self.leader().port());
        }
        before.run();
        self.have_it_followed().await;
    }

    async fn have_it_followed(&self) {
        if let Some(follower) = self.follower() {
            ask(follower, &["REPLICAOF", "127.0.0.1", &self.leader().port().to_string()]).await;
        }
    }

    /// How often keys were removed for others.
    pub async fn evicted(&self) -> u64 {
        let report = ask(self.leader(), &["INFO", "stats"]).await;
        let count = report.lines().find_map(|line| line.strip_prefix("evicted_keys:"));
        count.unwrap().trim().parse().unwrap()
    }
}

async fn ask(redis: &Redis, words: &[&str]) -> String {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await.unwrap()
}
