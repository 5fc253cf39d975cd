//! What is left where its writer is gone or away: much of it, what cannot be joined, what the database refused, and what nobody counts any more.

use std::{sync::atomic::Ordering, time::Duration};

use ret::{
    adapters::redis::RedisTemporaryConversations,
    domain::{
        ConversationId, Role, SessionId, Timestamp,
        conversation::{Change, Entry, Field, Register, Revision},
    },
    ports::{
        TemporaryConversations,
        temporary_conversations::{Put, Room, Share},
    },
    services::conversations::{Durability, Follows, Freshness},
};

use super::{
    Home,
    cut::{Scene, instance, instance_that_polls, message, said, said_past_the_hot_tier},
    schedules::command,
};
use crate::harness::Redis;

/// It has happened by then, also on a busy machine.
const SOON: Duration = Duration::from_secs(30);

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = tokio::time::Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < SOON, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Scene {
    async fn stored(&self) -> usize {
        self.home.database.read(self.id).await.unwrap().unwrap().state.messages().len()
    }
}

/// Journals begun now are old enough for anybody.
async fn until_they_are_left_behind() {
    tokio::time::sleep(Duration::from_millis(1600)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn much_is_joined_a_part_at_a_time() {
    let Some(scene) = Scene::new().await else { return };
    scene.cut_reader.store(true, Ordering::SeqCst);
    let long = "x".repeat(1_000_000);
    for _ in 0..24 {
        let (_, durability) = scene.reader.append(scene.home.owner, scene.id, message(&long), None).await.unwrap();
        assert_eq!(durability, Durability::Journaled);
    }
    let (timer, seen) = instance_that_polls(&scene.home, &scene.redis, Duration::from_secs(3600));
    until_they_are_left_behind().await;
    until("it is swept", async || {
        // A busy machine may not answer in time: the next one goes on.
        let _ = timer.write_back().await;
        scene.stored().await == 25
    })
    .await;
    assert!(seen.largest.load(Ordering::SeqCst) <= 4 << 20);
    assert_eq!(timer.backlog().await.journal.unwrap().conversations, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn journals_that_cannot_be_read_hold_up_no_others() {
    let Some(scene) = Scene::new().await else { return };
    let partition = |id: ConversationId| id.0.as_bytes()[15] % 16;
    let mut damaged = Vec::new();
    while damaged.len() < 9 {
        let id = scene.home.new_conversation();
        if partition(id) == partition(scene.id) {
            damaged.push(id);
        }
    }
    let (set, owner) = (format!("ret:d:{{{}}}", partition(scene.id)), scene.home.owner.to_string());
    for id in &damaged {
        let (id, journal) = (id.to_string(), format!("ret:w:{{{}}}:{id}", partition(scene.id)));
        command(&scene.redis, &["HSET", &journal, "o", &owner, "t", "no entry"]).await.unwrap();
        command(&scene.redis, &["ZADD", &set, "1", &id]).await.unwrap();
    }
    scene.cut_reader.store(true, Ordering::SeqCst);
    scene.reader.append(scene.home.owner, scene.id, message("left"), None).await.unwrap();
    let (timer, _) = instance(&scene.home, &scene.redis);
    until_they_are_left_behind().await;
    assert!(timer.write_back().await.is_err(), "that there are some is told");
    assert_eq!(scene.stored().await, 2);
    assert_eq!(timer.backlog().await.journal.unwrap().conversations, 9, "they stay where they are");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_of_one_person_leaves_the_journals_of_others_alone() {
    let Some(scene) = Scene::new().await else { return };
    let eve = scene.home.bench.account("eve", Role::User).await.id;
    let (theirs, _) = scene.reader.create(eve, None, None).await.unwrap();
    assert_eq!(scene.reader.flush(None).await.unwrap().remaining, 0);
    scene.cut_reader.store(true, Ordering::SeqCst);
    for (owner, id) in [(scene.home.owner, scene.id), (eve, theirs.id)] {
        scene.reader.append(owner, id, message("left"), None).await.unwrap();
    }
    // The sweep that belongs to serving would take them all.
    let (other, _) = instance_that_polls(&scene.home, &scene.redis, Duration::from_secs(3600));
    let flushed = other.flush(Some(scene.home.owner)).await.unwrap();
    assert_eq!((flushed.flushed, flushed.remaining), (1, 0));
    assert_eq!(scene.stored().await, 2);
    assert_eq!(other.backlog().await.journal.unwrap().conversations, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_idle_says_nothing_after_a_message_that_was_not_the_last() {
    let Some(scene) = Scene::that_polls(Duration::from_secs(3600)).await else { return };
    assert_eq!(scene.texts(Freshness::Verified).await.unwrap(), ["first"], "and a copy is there");
    let second = said_past_the_hot_tier(&scene, &said("second", Follows::TheLast)).await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let (third, _) = scene.reader.say(scene.home.owner, scene.id, said("third", Follows::TheLast)).await.unwrap();
    assert_eq!(third.content.parent, Some(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_while_redis_is_away_is_set_aside_when_it_is_back() {
    let Some(scene) = Scene::new().await else { return };
    let (writer, controls) = instance_that_polls(&scene.home, &scene.redis, Duration::from_millis(200));
    writer.get(scene.home.owner, scene.id, None, Freshness::Verified).await.unwrap();
    controls.is_cut.store(true, Ordering::SeqCst);
    let (_, durability) = writer.append(scene.home.owner, scene.id, message("refused"), None).await.unwrap();
    assert_eq!(durability, Durability::Journaled);
    scene.redis.kill();
    controls.refuses.store(true, Ordering::SeqCst);
    controls.is_cut.store(false, Ordering::SeqCst);
    until("it is refused", async || writer.counts().refused > 0 && writer.backlog().await.changes == 0).await;
    scene.redis.run();
    until("it is set aside", async || {
        let _ = writer.get(scene.home.owner, scene.id, None, Freshness::Verified).await;
        writer.dead_letters().await.is_ok_and(|letters| letters.len() == 1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_conversations_are_counted_anew_when_counters_were_evicted() {
    let (Some(home), Some(redis)) = (Home::new().await, Redis::start().await) else { return };
    let place = RedisTemporaryConversations::new(redis.connected(), 1 << 20);
    let session = || SessionId(home.bench.stores.ids.next());
    let make = async |session, keep| {
        let conversation = ConversationId::temporary(home.bench.stores.ids.next());
        let entry = Entry { revision: Revision::new(1), at: Timestamp::from_millis(5), value: "\"chat\"".into() };
        let title = Change { conversation, owner: home.owner, register: Register::Field(Field::Title), entry };
        // One has room.
        let room = Room { conversations: 5, session_bytes: 1 << 20, all_bytes: 150 };
        place.make(session, &[title], keep, room).await
    };
    let long = Duration::from_secs(3600);
    let evict = async |session: SessionId| {
        command(&redis, &["DEL", "ret:tl", &format!("ret:tb:{session}")]).await.unwrap();
    };
    let ended = session();
    until("the server answers", async || make(ended, long).await.is_ok_and(|put| put == Put::Kept)).await;
    evict(ended).await;
    place.remove_session(ended).await.unwrap();
    let gone = session();
    assert_eq!(make(gone, Duration::from_millis(300)).await.unwrap(), Put::Kept, "a session that ended takes nothing");
    evict(gone).await;
    until("what ended by itself takes nothing", async || make(session(), long).await.unwrap() == Put::Kept).await;
    assert_eq!(make(session(), long).await.unwrap(), Put::NoRoom(Share::All));
}
