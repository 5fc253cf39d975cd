//! What the hot tier of conversations promises, call by call, on a real server.

use std::{collections::BTreeMap, time::Duration};

use ret::{
    adapters::redis::RedisConversations,
    domain::{
        ConversationId, MessageId, Timestamp, UserId,
        conversation::{Change, Entry, Field, Register, Revision, State},
    },
    ports::{
        HotConversations,
        error::StoreErrorKind,
        hot_conversations::{DeadLetter, FillLease, Journaled, LookUp, Tag, Written},
    },
};
use uuid::Uuid;

use crate::harness::Redis;

const TITLE: Register = Register::Field(Field::Title);
/// Longer values are compressed.
const COMPRESS_ABOVE: usize = 1_000;

/// A tier with one conversation in mind.
struct Hot {
    tier: RedisConversations,
    redis: Redis,
    id: ConversationId,
    owner: UserId,
}

impl Hot {
    async fn empty() -> Option<Self> {
        let redis = Redis::start().await?;
        let tier = RedisConversations::new(redis.connected(), Duration::from_secs(60), COMPRESS_ABOVE);
        let (id, owner) = (ConversationId(Uuid::now_v7()), UserId(Uuid::now_v7()));
        while tier.life().await.is_err() {}
        Some(Self { tier, redis, id, owner })
    }

    /// With a copy that holds a title of revision 1, which the database has.
    async fn filled() -> Option<Self> {
        let hot = Self::empty().await?;
        let lease = hot.lease().await;
        let state = hot.state(&[hot.change(TITLE, 1, "\"chat\"")]);
        assert!(hot.tier.fill(hot.id, &lease, hot.owner, &state).await.unwrap().is_some());
        Some(hot)
    }

    fn change(&self, register: Register, revision: u64, value: &str) -> Change {
        let entry = Entry { revision: Revision::new(revision), at: Timestamp::from_millis(7), value: value.into() };
        Change { conversation: self.id, owner: self.owner, register, entry }
    }

    fn state(&self, changes: &[Change]) -> State {
        let mut state = State::new();
        for change in changes {
            state.put(change.register, change.entry.clone());
        }
        state
    }

    async fn write(&self, changes: &[Change]) -> Written {
        self.tier.write(changes, None).await.unwrap()
    }

    async fn keep(&self, changes: &[Change]) -> Tag {
        match self.write(changes).await {
            Written::Kept { tag, .. } => tag,
            other => panic!("{other:?}"),
        }
    }

    async fn lease(&self) -> FillLease {
        match self.tier.look_up(self.id, None).await.unwrap() {
            LookUp::Missing { lease, .. } => lease,
            found => panic!("{found:?}"),
        }
    }

    /// The copy and its tag, if there is one.
    async fn copy(&self) -> Option<(Tag, State)> {
        match self.tier.look_up(self.id, None).await.unwrap() {
            LookUp::Found { tag, owner, state, .. } => {
                assert_eq!(owner, self.owner);
                Some((tag, state))
            }
            LookUp::Missing { .. } => None,
            LookUp::Unchanged => panic!("no tag was named"),
        }
    }

    async fn journal(&self) -> Option<Journaled> {
        self.tier.journals(&[self.id]).await.unwrap().pop().map(|(_, journal)| journal.unwrap())
    }

    async fn command<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> T {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        command.query_async(&mut connection).await.unwrap()
    }

    async fn clear(&self, kept: &[Change]) {
        let kept = kept.iter().map(|change| (change.register, change.entry.revision)).collect();
        self.tier.clear(&BTreeMap::from([(self.id, kept)])).await.unwrap();
    }
}

fn message(number: u128) -> Register {
    Register::Message(MessageId(Uuid::from_u128(number)))
}

#[tokio::test]
async fn a_copy_is_named_by_a_tag_until_something_is_written_to_it() {
    let Some(hot) = Hot::filled().await else { return };
    let (tag, state) = hot.copy().await.unwrap();
    assert_eq!(state, hot.state(&[hot.change(TITLE, 1, "\"chat\"")]));
    assert_eq!(hot.tier.look_up(hot.id, Some(&tag)).await.unwrap(), LookUp::Unchanged);
    let next = hot.keep(&[hot.change(message(1), 5, "a")]).await;
    assert_ne!(next, tag);
    assert_eq!(hot.tier.look_up(hot.id, Some(&next)).await.unwrap(), LookUp::Unchanged);
    match hot.tier.look_up(hot.id, Some(&tag)).await.unwrap() {
        LookUp::Found { tag, state, .. } => assert_eq!((tag, state.entries().len()), (next, 2)),
        other => panic!("{other:?}"),
    }
    hot.tier.forget(&[hot.id]).await.unwrap();
    assert!(matches!(hot.tier.look_up(hot.id, Some(&tag)).await.unwrap(), LookUp::Missing { .. }));
}

/// They are asked for together, and one of them may go away in the middle.
#[tokio::test]
async fn readers_at_the_same_time_are_told_of_their_own_copies() {
    let Some(hot) = Hot::filled().await else { return };
    let first = hot.copy().await.unwrap().0;
    let second = hot.keep(&[hot.change(message(1), 1, "1")]).await;
    let elsewhere = ConversationId(Uuid::now_v7());
    for round in 0..20 {
        let readers = (0..60).map(|number| {
            let (id, known) = match number % 3 {
                0 => (hot.id, &first),
                1 => (hot.id, &second),
                _ => (elsewhere, &second),
            };
            let look_up = hot.tier.look_up(id, Some(known));
            let patience = if number % 7 == round % 7 { Duration::from_micros(50) } else { Duration::from_secs(5) };
            async move { (number % 3, tokio::time::timeout(patience, look_up).await) }
        });
        for (kind, told) in futures::future::join_all(readers).await {
            let Ok(told) = told else { continue };
            match (kind, told.unwrap()) {
                (0, LookUp::Found { tag, .. }) => assert_eq!(tag, second),
                (1, LookUp::Unchanged) | (2, LookUp::Missing { .. }) => {}
                (kind, told) => panic!("{kind}: {told:?}"),
            }
        }
    }
    assert_eq!(
        hot.tier.look_up(hot.id, Some(&second)).await.unwrap(),
        LookUp::Unchanged,
        "the next is asked for alone"
    );
}

#[tokio::test]
async fn a_lease_is_shared_by_who_looks_up_and_serves_once() {
    let Some(hot) = Hot::empty().await else { return };
    let (one, other) = (hot.lease().await, hot.lease().await);
    assert_eq!(one, other);
    assert!(hot.tier.fill(hot.id, &one, hot.owner, &State::new()).await.unwrap().is_some());
    assert_eq!(hot.tier.fill(hot.id, &other, hot.owner, &State::new()).await.unwrap(), None);
}

#[tokio::test]
async fn a_lease_ends_when_the_conversation_is_cleared_or_forgotten_and_counts_in_its_own_life_only() {
    let Some(hot) = Hot::empty().await else { return };
    let lease = hot.lease().await;
    hot.clear(&[]).await;
    assert_eq!(hot.tier.fill(hot.id, &lease, hot.owner, &State::new()).await.unwrap(), None);
    let lease = hot.lease().await;
    hot.tier.forget(&[hot.id]).await.unwrap();
    assert_eq!(hot.tier.fill(hot.id, &lease, hot.owner, &State::new()).await.unwrap(), None);
    let earlier = FillLease { incarnation: "master:0123".into(), ..hot.lease().await };
    assert_eq!(hot.tier.fill(hot.id, &earlier, hot.owner, &State::new()).await.unwrap(), None);
    assert!(hot.copy().await.is_none());
}

#[tokio::test]
async fn a_copy_is_filled_in_with_what_the_journal_has_more() {
    let Some(hot) = Hot::filled().await else { return };
    hot.keep(&[hot.change(message(1), 5, "new"), hot.change(TITLE, 2, "\"newer\"")]).await;
    hot.tier.forget(&[hot.id]).await.unwrap();
    let lease = hot.lease().await;
    let old =
        [hot.change(message(1), 4, "old"), hot.change(TITLE, 3, "\"newest\""), hot.change(message(2), 1, "other")];
    hot.tier.fill(hot.id, &lease, hot.owner, &hot.state(&old)).await.unwrap().unwrap();
    let (_, state) = hot.copy().await.unwrap();
    let value = |register| &*state.get(register).unwrap().value;
    assert_eq!((value(message(1)), value(TITLE), value(message(2))), ("new", "\"newest\"", "other"));
}

#[tokio::test]
async fn changes_are_written_all_or_none() {
    let Some(hot) = Hot::filled().await else { return };
    hot.keep(&[hot.change(message(1), 5, "a")]).await;
    let before = hot.copy().await;
    let new = hot.change(message(2), 1, "b");
    assert_eq!(hot.write(&[new.clone(), hot.change(message(1), 4, "x")]).await, Written::Behind(Revision::new(5)));
    let other = hot.change(message(1), 5, "x");
    let there = hot.change(message(1), 5, "a").entry;
    assert_eq!(hot.write(&[new.clone(), other]).await, Written::Exists(there.clone()));
    assert_eq!(hot.copy().await, before);
    assert_eq!(hot.journal().await.unwrap().state.entries().len(), 1, "nor is anything journaled");
    hot.keep(&[new, hot.change(message(1), 5, "a")]).await;
    assert_eq!(hot.journal().await.unwrap().state.get(message(1)), Some(&there), "the same may be written again");
}

#[tokio::test]
async fn nothing_is_written_for_somebody_else_or_to_what_is_not_there() {
    let Some(hot) = Hot::filled().await else { return };
    let theirs = Change { owner: UserId(Uuid::now_v7()), ..hot.change(message(1), 5, "a") };
    assert_eq!(hot.write(std::slice::from_ref(&theirs)).await, Written::Forbidden);
    assert_eq!(hot.tier.end(&theirs).await.unwrap(), Written::Forbidden);
    assert!(hot.journal().await.is_none());
    hot.tier.forget(&[hot.id]).await.unwrap();
    let own = [hot.change(message(1), 5, "a")];
    assert_eq!(hot.write(&own).await, Written::NoCopy);
    assert_eq!(hot.tier.end(&own[0]).await.unwrap(), Written::NoCopy);
    let lease = hot.lease().await;
    let late = FillLease { token: "another".into(), ..lease.clone() };
    assert_eq!(hot.tier.write(&own, Some(&late)).await.unwrap(), Written::NoCopy);
    assert!(matches!(hot.tier.write(&own, Some(&lease)).await.unwrap(), Written::Kept { .. }));
    assert_eq!(hot.copy().await.unwrap().1, hot.state(&own));
}

#[tokio::test]
async fn of_what_is_ended_a_tombstone_stays() {
    let Some(hot) = Hot::filled().await else { return };
    hot.keep(&[hot.change(message(1), 5, "a")]).await;
    let end = hot.change(Register::Tombstone, 9, "");
    assert!(matches!(hot.tier.end(&end).await.unwrap(), Written::Kept { .. }));
    assert_eq!(hot.write(&[hot.change(message(2), 5, "late")]).await, Written::Gone);
    assert_eq!(hot.tier.end(&end).await.unwrap(), Written::Gone);
    assert_eq!(hot.journal().await.unwrap().state, State::deleted());
    let lease = hot.lease().await;
    hot.clear(&[end]).await;
    assert_eq!(hot.tier.fill(hot.id, &lease, hot.owner, &State::new()).await.unwrap(), None);
    let lease = hot.lease().await;
    hot.tier.fill(hot.id, &lease, hot.owner, &State::deleted()).await.unwrap().unwrap();
    assert!(hot.copy().await.unwrap().1.is_deleted());
    assert_eq!(hot.write(&[hot.change(message(2), 5, "late")]).await, Written::Gone, "also by the copy alone");
}

#[tokio::test]
async fn what_the_database_has_is_journaled_no_more_and_later_parts_are() {
    let Some(hot) = Hot::filled().await else { return };
    let (part, whole) = (hot.change(message(1), 1, "a"), hot.change(message(1), 2, "ab"));
    hot.keep(std::slice::from_ref(&part)).await;
    hot.keep(std::slice::from_ref(&whole)).await;
    assert_eq!(hot.tier.backlog().await.unwrap().conversations, 1);
    let left =
        async |age, passed_over: &[_]| hot.tier.left_behind(age, &passed_over.iter().copied().collect()).await.unwrap();
    assert_eq!(left(Duration::ZERO, &[]).await, [(hot.id, Some(hot.owner))]);
    assert_eq!(left(Duration::from_secs(60), &[]).await, []);
    assert_eq!(left(Duration::ZERO, &[hot.id]).await, [], "it was passed over");
    hot.clear(&[part]).await;
    assert_eq!(hot.journal().await.unwrap().state, hot.state(std::slice::from_ref(&whole)));
    assert!(hot.copy().await.is_some());
    hot.clear(&[whole]).await;
    assert!(hot.journal().await.is_none());
    assert_eq!(hot.tier.backlog().await.unwrap().conversations, 0);
    assert_eq!(left(Duration::ZERO, &[]).await, []);
}

#[tokio::test]
async fn a_copy_goes_that_lacks_what_the_database_has() {
    let Some(hot) = Hot::filled().await else { return };
    hot.clear(&[hot.change(TITLE, 1, "")]).await;
    assert!(hot.copy().await.is_some(), "it has that");
    hot.clear(&[hot.change(TITLE, 2, "")]).await;
    assert!(hot.copy().await.is_none());
}

#[tokio::test]
async fn what_an_earlier_life_had_is_journaled_again_unless_it_is_surpassed() {
    let Some(hot) = Hot::filled().await else { return };
    hot.keep(&[hot.change(message(1), 5, "later")]).await;
    let again = [hot.change(message(1), 4, "earlier"), hot.change(message(2), 1, "lost")];
    hot.tier.journal_again(&again).await.unwrap();
    let journal = hot.journal().await.unwrap();
    assert_eq!(journal.owner, Some(hot.owner));
    assert_eq!(journal.state, hot.state(&[hot.change(message(1), 5, "later"), again[1].clone()]));
    assert!(hot.copy().await.is_none(), "it may not know of it");
}

#[tokio::test]
async fn what_is_set_aside_is_kept_and_journaled_no_more() {
    let Some(hot) = Hot::filled().await else { return };
    let change = hot.change(message(1), 5, "a");
    hot.keep(std::slice::from_ref(&change)).await;
    let letter = DeadLetter { change, why: "it is too long".into() };
    hot.tier.set_aside(&letter).await.unwrap();
    assert!(hot.journal().await.is_none());
    assert_eq!(hot.tier.dead_letters().await.unwrap(), [letter]);
    assert_eq!(hot.tier.backlog().await.unwrap().dead_letters, 1);
}

#[tokio::test]
async fn all_copies_can_be_forgotten_and_no_journal_is() {
    let Some(hot) = Hot::filled().await else { return };
    hot.keep(&[hot.change(message(1), 5, "a")]).await;
    hot.tier.forget_all().await.unwrap();
    assert!(hot.copy().await.is_none());
    assert!(hot.journal().await.is_some());
}

#[tokio::test]
async fn long_values_come_back_as_they_were() {
    let Some(hot) = Hot::filled().await else { return };
    let long = "Grüße, 世界 | ".repeat(COMPRESS_ABOVE);
    hot.keep(&[hot.change(message(1), 5, &long)]).await;
    for state in [hot.copy().await.unwrap().1, hot.journal().await.unwrap().state] {
        assert_eq!(&*state.get(message(1)).unwrap().value, long);
    }
    let journal = format!("ret:w:{{{}}}:{}", hot.id.0.as_bytes()[15] % 16, hot.id);
    let kept: usize = hot.command(redis::cmd("HSTRLEN").arg(journal).arg(message(1).to_string())).await;
    assert!((1..long.len() / 10).contains(&kept), "{kept} bytes for {}", long.len());
}

#[tokio::test]
async fn another_life_begins_with_the_server_and_a_replica_is_none() {
    let Some(hot) = Hot::filled().await else { return };
    let life = hot.tier.life().await.unwrap();
    assert!(life.keeps_journal);
    assert_eq!(hot.tier.life().await.unwrap(), life);
    hot.redis.kill();
    hot.redis.run();
    let next = loop {
        match hot.tier.life().await {
            Ok(next) => break next,
            Err(error) => assert_eq!(error.kind, StoreErrorKind::Unavailable, "{error}"),
        }
    };
    assert_ne!(next.incarnation, life.incarnation);
    hot.command::<()>(redis::cmd("REPLICAOF").arg("127.0.0.1").arg(1)).await;
    assert_eq!(hot.tier.life().await.unwrap_err().kind, StoreErrorKind::Unavailable);
}
