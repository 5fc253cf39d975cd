//! Lines that are cut: between an instance and the database, between another and the hot tier, or both.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ret::{
    domain::{
        ConversationId, MessageId, Timestamp, UserId,
        conversation::{Content, Speaker},
    },
    ports::{
        Conversations, StoreError,
        conversations::{Join, Joined, ListPosition, Noted, Stored, Summary},
        error::StoreErrorKind,
    },
    services::{
        Policy,
        conversations::{ConversationError, ConversationService, Durability, Follows, Freshness, NewMessage, Said},
        policy::Acknowledgement,
    },
};

use super::{Home, hot_in};
use crate::harness::Redis;

/// When a line is whole again it is used within a second; a busy machine takes its time.
const SOON: Duration = Duration::from_secs(8);

/// A database to which the line can be cut.
struct Line {
    database: Arc<dyn Conversations>,
    is_cut: Arc<AtomicBool>,
    /// Nothing that is to be joined is taken.
    refuses: Arc<AtomicBool>,
    /// Bytes of the largest batch.
    largest: Arc<AtomicUsize>,
}

impl Line {
    fn through(&self) -> Result<&dyn Conversations, StoreError> {
        if self.is_cut.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "line", "reach the database", "the line is cut"));
        }
        Ok(&*self.database)
    }
}

#[async_trait]
impl Conversations for Line {
    async fn join(&self, join: Join<'_>) -> Result<Vec<Joined>, StoreError> {
        let database = self.through()?;
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Refused, "line", "join", "it is not taken"));
        }
        let bytes = join.changes.iter().map(|change| change.entry.value.len()).sum();
        self.largest.fetch_max(bytes, Ordering::SeqCst);
        database.join(join).await
    }

    async fn read(&self, id: ConversationId) -> Result<Option<Stored>, StoreError> {
        self.through()?.read(id).await
    }

    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, StoreError> {
        self.through()?.list(owner, words, after, limit).await
    }

    async fn list_unused(&self, since: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        self.through()?.list_unused(since, limit).await
    }

    async fn note_incarnation(&self, incarnation: &str) -> Result<Noted, StoreError> {
        self.through()?.note_incarnation(incarnation).await
    }

    async fn admit_incarnation(&self, number: i64) -> Result<(), StoreError> {
        self.through()?.admit_incarnation(number).await
    }

    async fn forgettable(&self, span: Duration) -> Result<Vec<(i64, ConversationId)>, StoreError> {
        self.through()?.forgettable(span).await
    }

    async fn remove_forgettable(&self, older_than: Duration) -> Result<u64, StoreError> {
        self.through()?.remove_forgettable(older_than).await
    }
}

/// What is done to an instance, and seen of it.
#[derive(Clone, Default)]
pub(super) struct Controls {
    pub(super) is_cut: Arc<AtomicBool>,
    pub(super) refuses: Arc<AtomicBool>,
    pub(super) largest: Arc<AtomicUsize>,
}

/// An instance on its own line to the database, and to a server that may be away, that polls so often.
pub(super) fn instance_that_polls(home: &Home, redis: &Redis, poll: Duration) -> (ConversationService, Controls) {
    let mut stores = home.bench.stores.clone();
    let controls = Controls::default();
    let Controls { is_cut, refuses, largest } = controls.clone();
    stores.conversations = Arc::new(Line { database: home.database.clone(), is_cut, refuses, largest });
    stores.hot_conversations = Some(Arc::new(hot_in(redis)));
    let mut policy = Policy::default();
    policy.history.has_others = true;
    policy.history.wait = Duration::from_secs(3);
    policy.history.poll = poll;
    (ConversationService::new(stores, Arc::new(policy)), controls)
}

pub(super) fn instance(home: &Home, redis: &Redis) -> (ConversationService, Arc<AtomicBool>) {
    let (service, controls) = instance_that_polls(home, redis, Policy::default().history.poll);
    (service, controls.is_cut)
}

pub(super) fn message(text: &str) -> NewMessage {
    let content = Content { role: Speaker::User, content: text.into(), parent: None, details: None };
    NewMessage { id: None, content }
}

pub(super) struct Scene {
    pub(super) home: Home,
    pub(super) redis: Redis,
    pub(super) id: ConversationId,
    /// Who reaches both at first.
    pub(super) reader: ConversationService,
    pub(super) cut_reader: Arc<AtomicBool>,
}

impl Scene {
    pub(super) async fn new() -> Option<Self> {
        Self::that_polls(Policy::default().history.poll).await
    }

    pub(super) async fn that_polls(poll: Duration) -> Option<Self> {
        let (home, redis) = (Home::new().await?, Redis::start().await?);
        let (reader, Controls { is_cut: cut_reader, .. }) = instance_that_polls(&home, &redis, poll);
        let id = reader.create(home.owner, None, None).await.unwrap().0.id;
        reader.append(home.owner, id, message("first"), None).await.unwrap();
        Some(Self { home, redis, id, reader, cut_reader })
    }

    pub(super) async fn texts(&self, freshness: Freshness) -> Result<Vec<String>, ConversationError> {
        let read = self.reader.get(self.home.owner, self.id, None, freshness).await?;
        Ok(read.state.messages().into_iter().map(|message| message.content.content).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_cut_from_the_database_reads_nothing_older_than_two_seconds() {
    let Some(scene) = Scene::new().await else { return };
    assert_eq!(scene.texts(Freshness::Verified).await.unwrap(), ["first"]);
    // Another one never reaches the hot tier: its server does not answer.
    let away = Redis::start().await.unwrap();
    let (writer, _) = instance(&scene.home, &away);
    away.pause();
    scene.cut_reader.store(true, Ordering::SeqCst);
    let (_, durability) = writer.append(scene.home.owner, scene.id, message("second"), None).await.unwrap();
    assert_eq!(durability, Durability::Durable);
    let acknowledged = tokio::time::Instant::now();
    loop {
        let age = acknowledged.elapsed();
        match scene.texts(Freshness::Verified).await {
            Ok(texts) => assert!(age < Duration::from_secs(2), "{texts:?} is {age:?} old"),
            Err(ConversationError::Store(error)) if error.kind == StoreErrorKind::Unavailable => break,
            Err(other) => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.texts(Freshness::AsCached).await.unwrap(), ["first"], "who takes an old one gets it");
    scene.cut_reader.store(false, Ordering::SeqCst);
    let joined_again = tokio::time::Instant::now();
    while scene.texts(Freshness::Verified).await.ok() != Some(vec!["first".into(), "second".into()]) {
        assert!(joined_again.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_writes_are_journaled_and_say_so() {
    let Some(scene) = Scene::new().await else { return };
    scene.cut_reader.store(true, Ordering::SeqCst);
    for text in ["second", "third"] {
        let (_, durability) = scene.reader.append(scene.home.owner, scene.id, message(text), None).await.unwrap();
        assert_eq!(durability, Durability::Journaled);
    }
    assert_eq!(scene.texts(Freshness::AsCached).await.unwrap(), ["first", "second", "third"]);
    assert_eq!(scene.reader.flush(None).await.unwrap().remaining, 1);
    let stored = async || scene.home.database.read(scene.id).await.unwrap().unwrap().state.messages().len();
    assert_eq!(stored().await, 1);
    scene.cut_reader.store(false, Ordering::SeqCst);
    let again = tokio::time::Instant::now();
    while stored().await < 3 {
        assert!(again.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_hot_tier_writes_are_durable_and_it_is_used_again_when_it_is_back() {
    let Some(scene) = Scene::new().await else { return };
    scene.redis.kill();
    let fast = Some(Acknowledgement::Fast);
    for text in ["second", "third"] {
        let (_, durability) = scene.reader.append(scene.home.owner, scene.id, message(text), fast).await.unwrap();
        assert_eq!(durability, Durability::Durable, "there is no second home");
        assert_eq!(scene.texts(Freshness::Verified).await.unwrap().last().unwrap(), text);
    }
    scene.redis.run();
    let back = tokio::time::Instant::now();
    loop {
        let (_, durability) = scene.reader.append(scene.home.owner, scene.id, message("later"), fast).await.unwrap();
        if durability == Durability::Journaled {
            break;
        }
        assert!(back.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(scene.texts(Freshness::Verified).await.unwrap().contains(&"third".to_owned()));
    assert_eq!(scene.reader.flush(None).await.unwrap().remaining, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_instance_left_another_sweeps() {
    let Some(scene) = Scene::new().await else { return };
    scene.cut_reader.store(true, Ordering::SeqCst);
    scene.reader.append(scene.home.owner, scene.id, message("left"), None).await.unwrap();
    let stored = async || scene.home.database.read(scene.id).await.unwrap().unwrap().state.messages().len();
    assert_eq!(stored().await, 1);
    let (timer, _) = instance(&scene.home, &scene.redis);
    tokio::time::sleep(Duration::from_millis(1600)).await;
    timer.write_back().await.unwrap();
    assert_eq!(stored().await, 2);
    assert_eq!(timer.backlog().await.journal.unwrap().conversations, 0);
}

/// Somebody who talks through one process that does not reach the hot tier, and then through another, whose copy does not know of it yet.
pub(super) async fn said_past_the_hot_tier(scene: &Scene, said: &Said) -> MessageId {
    let away = Redis::start().await.unwrap();
    let (writer, _) = instance(&scene.home, &away);
    away.kill();
    let (message, durability) = writer.say(scene.home.owner, scene.id, said.clone()).await.unwrap();
    assert_eq!(durability, Durability::Durable);
    message.id
}

pub(super) fn said(text: &str, follows: Follows) -> Said {
    Said { id: None, role: Speaker::User, content: text.into(), follows }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_message_has_seen_it() {
    let Some(scene) = Scene::new().await else { return };
    let parent = said_past_the_hot_tier(&scene, &said("second", Follows::TheLast)).await;
    let reply = said("third", Follows::This(Some(parent)));
    let (reply, _) = scene.reader.say(scene.home.owner, scene.id, reply).await.unwrap();
    assert_eq!(reply.content.parent, Some(parent));
    let unknown = said("fourth", Follows::This(Some(scene.home.new_message())));
    let refused = scene.reader.say(scene.home.owner, scene.id, unknown).await;
    assert!(matches!(refused, Err(ConversationError::NoSuchParent)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_again_through_another_process_is_where_it_was_first() {
    let Some(scene) = Scene::new().await else { return };
    let again = Said { id: Some(scene.home.new_message()), ..said("second", Follows::TheLast) };
    said_past_the_hot_tier(&scene, &again).await;
    scene.reader.say(scene.home.owner, scene.id, said("third", Follows::TheLast)).await.unwrap();
    let (before, _) = scene.reader.say(scene.home.owner, scene.id, again.clone()).await.unwrap();
    assert_eq!(before.id, again.id.unwrap());
    let stored = scene.home.database.read(scene.id).await.unwrap().unwrap().state;
    assert_eq!(stored.messages().len(), 3);
    assert_eq!(stored.message(before.id).unwrap().content.parent, before.content.parent);
    let other = Said { content: "something else".into(), ..again };
    let refused = scene.reader.say(scene.home.owner, scene.id, other).await;
    assert!(matches!(refused, Err(ConversationError::MessageExists)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_evict_the_journal_is_not_relied_on() {
    let (Some(home), Some(redis)) =
        (Home::new().await, Redis::start_with(&["--maxmemory-policy", "allkeys-lru"]).await)
    else {
        return;
    };
    let (history, cut) = instance(&home, &redis);
    let id = history.create(home.owner, None, None).await.unwrap().0.id;
    let fast = Some(Acknowledgement::Fast);
    let (_, durability) = history.append(home.owner, id, message("first"), fast).await.unwrap();
    assert_eq!(durability, Durability::Durable);
    cut.store(true, Ordering::SeqCst);
    let refused = history.append(home.owner, id, message("second"), fast).await;
    assert!(matches!(refused, Err(ConversationError::Unknown)), "{refused:?}");
}
