//! That the figures of the history tell what was: the hit rate beside reads of the database that somebody else has counted.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ret::{
    adapters::{memory::MemoryConversations, redis::RedisConversations},
    domain::{
        ConversationId, Timestamp, UserId,
        conversation::{Change, Entry, Field, Register, Revision},
    },
    ports::{
        Conversations, StoreError,
        conversations::{Join, Joined, ListPosition, Noted, Stored, Summary},
    },
    services::{
        Policy,
        conversations::{ConversationService, Freshness},
    },
};

use super::Bench;
use crate::harness::Redis;

/// More than a process keeps copies of.
const CONVERSATIONS: usize = 800;
const READS: usize = 6_000;

/// A database that counts how often it is read.
#[derive(Default)]
struct Counted {
    database: MemoryConversations,
    reads: AtomicU64,
}

#[async_trait]
impl Conversations for Counted {
    async fn join(&self, join: Join<'_>) -> Result<Vec<Joined>, StoreError> {
        self.database.join(join).await
    }

    async fn read(&self, id: ConversationId) -> Result<Option<Stored>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.database.read(id).await
    }

    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, StoreError> {
        self.database.list(owner, words, after, limit).await
    }

    async fn list_unused(&self, since: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        self.database.list_unused(since, limit).await
    }

    async fn note_incarnation(&self, incarnation: &str) -> Result<Noted, StoreError> {
        self.database.note_incarnation(incarnation).await
    }

    async fn admit_incarnation(&self, number: i64) -> Result<(), StoreError> {
        self.database.admit_incarnation(number).await
    }

    async fn forgettable(&self, span: Duration) -> Result<Vec<(i64, ConversationId)>, StoreError> {
        self.database.forgettable(span).await
    }

    async fn remove_forgettable(&self, older_than: Duration) -> Result<u64, StoreError> {
        self.database.remove_forgettable(older_than).await
    }
}

/// Ranks as people choose them: the one of rank n an n-th as often as the first.
struct Zipf {
    sums: Vec<f64>,
    state: u64,
}

impl Zipf {
    fn of(number: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=number).map(|rank| {
            sum += 1.0 / f64::from(u32::try_from(rank).unwrap());
            sum
        });
        Self { sums: sums.collect(), state: 7 }
    }

    fn next(&mut self) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn =
            f64::from(u32::try_from(self.state >> 32).unwrap()) / f64::from(u32::MAX) * self.sums.last().unwrap();
        self.sums.partition_point(|sum| *sum < drawn).min(self.sums.len() - 1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hit_rate_under_a_zipf_load_is_told_as_it_is() {
    let Some(redis) = Redis::start().await else { return };
    let bench = Bench::embedded().await;
    let owner = UserId(bench.stores.ids.next());
    let database: Arc<Counted> = Arc::default();
    let titled = || {
        let entry = Entry { revision: Revision::new(1), at: Timestamp::from_millis(0), value: "\"chat\"".into() };
        let conversation = ConversationId(bench.stores.ids.next());
        Change { conversation, owner, register: Register::Field(Field::Title), entry }
    };
    let changes: Vec<Change> = (0..CONVERSATIONS).map(|_| titled()).collect();
    let join = Join { changes: &changes, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: None };
    database.join(join).await.unwrap();
    let mut stores = bench.stores.clone();
    stores.conversations = database.clone();
    let instance = || {
        let mut stores = stores.clone();
        let hot = RedisConversations::new(redis.connected(), Duration::from_secs(1800), 1 << 20);
        stores.hot_conversations = Some(Arc::new(hot));
        ConversationService::new(stores, Arc::new(Policy::default()))
    };
    let instances = [instance(), instance()];
    let (mut ranks, mut seen) = (Zipf::of(CONVERSATIONS), HashSet::new());
    for number in 0..READS {
        let id = changes[ranks.next()].conversation;
        seen.insert(id);
        instances[number % 2].get(owner, id, None, Freshness::AsCached).await.unwrap();
    }
    let [one, other] = instances.map(|instance| instance.counts());
    let hits = |counts: &ret::services::conversations::Counts| counts.hits_process + counts.hits_shared;
    let misses = one.misses + other.misses;
    assert_eq!(hits(&one) + hits(&other) + misses, READS as u64, "each read is counted once");
    assert_eq!(misses, database.reads.load(Ordering::SeqCst), "and so is each of the database");
    assert!(misses >= seen.len() as u64, "the first of each");
    assert!(one.hits_process > 0 && one.hits_shared > 0, "{one:?}");
    for counts in [one, other] {
        let percent = counts.hit_percent().unwrap();
        let share = hits(&counts) as f64 / (READS / 2) as f64;
        assert!((percent - 100.0 * share).abs() < 1e-9, "{percent} for {share}");
        assert!(percent >= 80.0, "{counts:?}");
    }
}
