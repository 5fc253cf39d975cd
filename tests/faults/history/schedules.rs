//! Schedules, step by step, on real servers: what the protocol promises holds, and with the one fence taken out that the schedule is about, it
//! does not.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ret::{
    adapters::redis::RedisConversations,
    domain::{
        ConversationId, MessageId,
        conversation::{Change, Register, Revision, State},
    },
    ports::{
        Conversations, HotConversations,
        conversations::{Join, Joined, Noted},
        hot_conversations::{FillLease, Incarnation, LookUp, Tag, Written},
    },
};

use super::{Home, has, hot_in, hot_through, lab::Proxy};
use crate::harness::Redis;

/// A server answers by then, also one to which a line has just been led, and on a busy machine.
pub(super) const SOON: Duration = Duration::from_secs(20);

/// The first answer: a call that is not answered in time is made again.
pub(super) async fn answered<T, E: std::fmt::Debug>(call: impl AsyncFn() -> Result<T, E>) -> T {
    let began = tokio::time::Instant::now();
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(error) => assert!(began.elapsed() < SOON, "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the fence is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fence {
    There,
    /// As the text says, in which the part of a script is replaced.
    TakenOut(&'static str, &'static str),
    /// Notes for those on a later incarnation.
    NoNotes,
    /// That a writer takes the life that it met for its own, and not the one that it knew.
    KnownLife,
    /// That copies are dropped in a life that was not the last one.
    CopiesStay,
    /// That a life is admitted only when its copies are dropped.
    AdmittedAtOnce,
}

/// An instance, as far as a schedule needs one: it does what it is told, when it is told.
pub(super) struct Node<'a> {
    home: &'a Home,
    pub(super) hot: RedisConversations,
    fence: Fence,
}

impl<'a> Node<'a> {
    pub(super) fn on(home: &'a Home, redis: &Redis, fence: Fence) -> Self {
        let hot = match fence {
            Fence::TakenOut(part, instead) => hot_in(redis).with_scripts(|script| script.replace(part, instead)),
            _ => hot_in(redis),
        };
        Self { home, hot, fence }
    }

    /// On whichever server a line leads to.
    pub(super) fn through(home: &'a Home, line: &Proxy, fence: Fence) -> Self {
        Self { home, hot: hot_through(line), fence }
    }

    /// Writes to the hot tier and not to the database; the life that it met there, and the tag of the copy from now on.
    pub(super) async fn journal(&self, change: &Change, makes_it: bool) -> (Incarnation, Tag) {
        let lease = if makes_it { Some(self.look_up_missing(change.conversation).await) } else { None };
        for _ in 0..2 {
            match answered(async || self.hot.write(std::slice::from_ref(change), lease.as_ref()).await).await {
                Written::Kept { incarnation, tag } => return (incarnation, tag),
                Written::NoCopy => drop(self.read(change.conversation).await),
                other => panic!("{other:?}"),
            }
        }
        panic!("it cannot be journaled");
    }

    /// Joins changes and clears them.
    pub(super) async fn flush(&self, changes: &[Change]) {
        let incarnation = answered(async || self.hot.life().await).await.incarnation;
        self.flush_of(changes, &incarnation).await;
    }

    /// The same for changes that are journaled in this life.
    pub(super) async fn flush_of(&self, changes: &[Change], incarnation: &str) {
        let incarnation = (self.fence != Fence::NoNotes).then_some(incarnation);
        let join = Join { changes, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation };
        self.home.database.join(join).await.unwrap();
        let mut kept: BTreeMap<ConversationId, Vec<(Register, Revision)>> = BTreeMap::new();
        for change in changes {
            kept.entry(change.conversation).or_default().push((change.register, change.entry.revision));
        }
        answered(async || self.hot.clear(&kept).await).await;
    }

    /// Has the database know of the life of now.
    pub(super) async fn register(&self) -> Incarnation {
        let incarnation = answered(async || self.hot.life().await).await.incarnation;
        if let Noted::New(number) | Noted::Superseded(number) = self.note(&incarnation).await {
            if self.fence != Fence::CopiesStay {
                answered(async || self.hot.forget_all().await).await;
            }
            self.home.database.admit_incarnation(number).await.unwrap();
        }
        incarnation
    }

    /// As far as one that is killed then comes with [`register`](Self::register).
    pub(super) async fn note(&self, incarnation: &str) -> Noted {
        let noted = self.home.database.note_incarnation(incarnation).await.unwrap();
        if let (Fence::AdmittedAtOnce, Noted::New(number) | Noted::Superseded(number)) = (self.fence, noted) {
            self.home.database.admit_incarnation(number).await.unwrap();
        }
        noted
    }

    /// Follows the notes.
    pub(super) async fn drain(&self) {
        let notes = self.home.database.forgettable(Duration::from_secs(3600)).await.unwrap();
        let ids: Vec<ConversationId> = notes.into_iter().map(|(_, id)| id).collect();
        answered(async || self.hot.forget(&ids).await).await;
    }

    async fn look_up_missing(&self, id: ConversationId) -> FillLease {
        match answered(async || self.hot.look_up(id, None).await).await {
            LookUp::Missing { lease, .. } => lease,
            found => panic!("{found:?}"),
        }
    }

    pub(super) async fn read(&self, id: ConversationId) -> State {
        match answered(async || self.hot.look_up(id, None).await).await {
            LookUp::Found { state, .. } => state,
            LookUp::Unchanged => unreachable!("no tag was named"),
            LookUp::Missing { lease, journal } => {
                let mut state =
                    self.home.database.read(id).await.unwrap().map(|stored| stored.state).unwrap_or_default();
                state.join(journal.state);
                answered(async || self.hot.fill(id, &lease, self.home.owner, &state).await).await;
                state
            }
        }
    }

    /// A conversation that is in both.
    pub(super) async fn begun(&self) -> ConversationId {
        let id = self.home.new_conversation();
        let title = self.home.titled(id);
        self.journal(&title, true).await;
        self.flush(&[title]).await;
        id
    }

    /// A message that is in both.
    pub(super) async fn say(&self, id: ConversationId) -> MessageId {
        let message = self.home.new_message();
        let change = self.home.said(id, message, Revision::WHOLE);
        self.journal(&change, false).await;
        self.flush(&[change]).await;
        message
    }
}

pub(super) async fn command(redis: &Redis, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let mut connection = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await?;
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await
}

/// A server and one that follows it, which has what it has. The first begins another life when somebody follows it.
pub(super) async fn replicated() -> Option<(Redis, Redis)> {
    let first = Redis::start().await?;
    let port = first.port().to_string();
    let second = Redis::start_with(&["--replicaof", "127.0.0.1", &port, "--repl-diskless-sync-delay", "0"]).await?;
    let began = tokio::time::Instant::now();
    while !follows(&second).await {
        assert!(began.elapsed() < SOON, "it does not follow");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Some((first, second))
}

async fn follows(redis: &Redis) -> bool {
    let told = command(redis, &["INFO", "replication"]).await;
    let told = told.ok().and_then(|told| redis::from_redis_value::<String>(told).ok());
    told.is_some_and(|told| told.contains("master_link_status:up"))
}

pub(super) async fn until_it_has(redis: &Redis, home: &Home, id: ConversationId, message: MessageId) {
    let key = copy_of(id);
    for _ in 0..200 {
        let found = command(redis, &["HEXISTS", &key, &format!("m:{message}")]).await;
        if matches!(found, Ok(redis::Value::Int(1))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the replica does not follow ({})", home.owner);
}

/// The key of the copy.
fn copy_of(id: ConversationId) -> String {
    format!("ret:c:{{{}}}:{id}", id.0.as_bytes()[15] % 16)
}

/// The copy goes, as by eviction; leases stay.
async fn evict(redis: &Redis, id: ConversationId) {
    let key = copy_of(id);
    command(redis, &["DEL", &key]).await.unwrap();
}

/// A failover to a replica that lags behind: an earlier copy is there, of an earlier life.
async fn failover(fence: Fence) -> Option<bool> {
    let (home, (first, second)) = (Home::new().await?, replicated().await?);
    let a = Node::on(&home, &first, fence);
    let id = a.begun().await;
    let earlier = a.say(id).await;
    until_it_has(&second, &home, id, earlier).await;
    // The replica loses its line, misses a message, and takes over.
    command(&second, &["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
    let later = a.say(id).await;
    first.kill();
    command(&second, &["REPLICAOF", "NO", "ONE"]).await.unwrap();
    let state = Node::on(&home, &second, fence).read(id).await;
    Some(has(&state, earlier) && has(&state, later))
}

/// The server comes back with what it had written to its file, which is old.
async fn restart_from_file(fence: Fence) -> Option<bool> {
    let (home, redis) = (Home::new().await?, Redis::start().await?);
    let a = Node::on(&home, &redis, fence);
    let id = a.begun().await;
    let earlier = a.say(id).await;
    command(&redis, &["SAVE"]).await.unwrap();
    let later = a.say(id).await;
    redis.kill();
    redis.run();
    let b = Node::on(&home, &redis, fence);
    assert!(is_there(&redis, id).await, "the copy is back");
    let state = b.read(id).await;
    Some(has(&state, earlier) && has(&state, later))
}

/// The server is a replica for a while, of one that cannot be reached, and takes over again.
async fn demoted_and_promoted(fence: Fence) -> Option<bool> {
    let (home, redis) = (Home::new().await?, Redis::start().await?);
    let a = Node::on(&home, &redis, fence);
    let id = a.begun().await;
    command(&redis, &["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
    // Somebody on the server that took its place.
    let later = home.new_message();
    let changes = [home.said(id, later, Revision::WHOLE)];
    let join = Join { changes: &changes, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: None };
    assert_eq!(home.database.join(join).await.unwrap(), [Joined::Kept]);
    command(&redis, &["REPLICAOF", "NO", "ONE"]).await.unwrap();
    assert!(is_there(&redis, id).await, "the copy stayed");
    Some(has(&a.read(id).await, later))
}

/// Who has not heard that the server was a replica for a while writes all the same: whether somebody has read there since or not, the next reader
/// sees it.
#[tokio::test]
async fn a_writer_need_not_have_heard_of_the_life() {
    let (Some(home), Some(redis)) = (Home::new().await, Redis::start().await) else { return };
    let writers = [Node::on(&home, &redis, Fence::There), Node::on(&home, &redis, Fence::There)];
    let (unread, read) = (writers[0].begun().await, writers[1].begun().await);
    command(&redis, &["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
    command(&redis, &["REPLICAOF", "NO", "ONE"]).await.unwrap();
    let reader = Node::on(&home, &redis, Fence::There);
    assert_eq!(reader.read(read).await.entries().len(), 1, "it is filled in anew");
    for (writer, id) in writers.iter().zip([unread, read]) {
        let message = home.new_message();
        let change = home.said(id, message, Revision::WHOLE);
        match writer.hot.write(std::slice::from_ref(&change), None).await.unwrap() {
            Written::Kept { incarnation, .. } => {
                assert_eq!(id, unread, "into the copy of the life that it knows");
                assert_eq!(incarnation, reader.hot.life().await.unwrap().incarnation, "it is told of the one that is");
            }
            Written::NoCopy => assert_eq!(id, read, "the copy is of a life that the writer does not know"),
            other => panic!("{other:?}"),
        }
        writer.journal(&change, false).await;
        assert!(has(&reader.read(id).await, message), "what is journaled only");
        writer.flush(&[change]).await;
        assert!(has(&reader.read(id).await, message));
    }
}

async fn is_there(redis: &Redis, id: ConversationId) -> bool {
    let key = copy_of(id);
    command(redis, &["EXISTS", &key]).await.unwrap() == redis::Value::Int(1)
}

/// A reader that was slow between the database and the hot tier.
async fn slow_fill(fence: Fence) -> Option<bool> {
    let (home, redis) = (Home::new().await?, Redis::start().await?);
    let (a, b) = (Node::on(&home, &redis, fence), Node::on(&home, &redis, fence));
    let id = a.begun().await;
    a.say(id).await;
    evict(&redis, id).await;
    let lease = a.look_up_missing(id).await;
    let old = home.database.read(id).await.unwrap().unwrap();
    let later = b.say(id).await;
    evict(&redis, id).await;
    a.hot.fill(id, &lease, home.owner, &old.state).await.unwrap();
    Some(has(&b.read(id).await, later))
}

/// The server comes back empty and is filled before what was journaled there is in the database.
async fn restart(fence: Fence) -> Option<bool> {
    let (home, redis) = (Home::new().await?, Redis::start().await?);
    let a = Node::on(&home, &redis, fence);
    let id = a.begun().await;
    let message = home.new_message();
    let change = home.said(id, message, Revision::WHOLE);
    a.journal(&change, false).await;
    redis.kill();
    redis.run();
    let b = Node::on(&home, &redis, fence);
    assert!(!has(&b.read(id).await, message), "only its writer has it");
    Node::on(&home, &redis, fence).flush(&[change]).await;
    Some(has(&b.read(id).await, message))
}

/// A later part of a message comes while an earlier one is written.
async fn part_while_written(fence: Fence) -> Option<bool> {
    let (home, redis) = (Home::new().await?, Redis::start().await?);
    let a = Node::on(&home, &redis, fence);
    let (id, message) = (a.begun().await, home.new_message());
    let (first, second) = (home.said(id, message, Revision::part(1)), home.said(id, message, Revision::part(2)));
    a.journal(&first, false).await;
    a.journal(&second, false).await;
    a.flush(&[first]).await;
    let journals = a.hot.journals(&[id]).await.unwrap();
    let waiting =
        journals.first().and_then(|(_, journal)| journal.as_ref().ok()?.state.get(Register::Message(message)).cloned());
    Some(waiting.is_some_and(|entry| entry == second.entry))
}

/// Two servers that both take writes: who is on the earlier one leaves notes for those on the later.
async fn split_brain(fence: Fence) -> Option<bool> {
    let (home, (first, second)) = (Home::new().await?, replicated().await?);
    let (a, b) = (Node::on(&home, &first, fence), Node::on(&home, &second, fence));
    a.register().await;
    let id = a.begun().await;
    let earlier = a.say(id).await;
    until_it_has(&second, &home, id, earlier).await;
    command(&second, &["REPLICAOF", "NO", "ONE"]).await.unwrap();
    b.register().await;
    assert!(has(&b.read(id).await, earlier));
    let later = a.say(id).await;
    b.drain().await;
    Some(has(&b.read(id).await, later))
}

/// Each schedule with its fence, and without it.
macro_rules! fences {
    ($($test:ident: $schedule:ident without $fence:expr;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            // Boxed, for the stack of a test has no room for schedules within each other.
            let Some(holds) = Box::pin($schedule(Fence::There)).await else { return };
            assert!(holds, "with its fence the schedule must pass");
            assert_eq!(Box::pin($schedule($fence)).await, Some(false), "without it, it must fail: else it shows nothing");
        })+
    };
}

pub(super) use fences;

const LIFE: &str = "return after(about, 'role:') .. ':' .. history";
const LEASE: &str = "redis.call('GET', lease) ~= ARGV[1] or ";
const REPAIR: &str = "if not copied or revision(copied) < kept then";
const COMPARE: &str = "if waiting and revision(waiting) <= kept then";

fences! {
    copies_of_an_earlier_life_are_not_read: failover without Fence::TakenOut(LIFE, "return 'one life'");
    copies_of_a_file_are_not_read: restart_from_file without Fence::TakenOut(LIFE, "return 'one life'");
    copies_from_before_a_demotion_are_not_read: demoted_and_promoted without Fence::TakenOut(LIFE, "return 'one life'");
    who_read_the_database_too_early_fills_nothing_in: slow_fill without Fence::TakenOut(LEASE, "");
    a_copy_that_lacks_what_the_database_has_goes: restart without Fence::TakenOut(REPAIR, "if false then");
    what_came_meanwhile_stays_in_the_journal: part_while_written without Fence::TakenOut(COMPARE, "if waiting then");
    instances_on_a_later_server_are_told: split_brain without Fence::NoNotes;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_flush_does_not_bring_a_deleted_conversation_back() {
    let (Some(home), Some(redis)) = (Home::new().await, Redis::start().await) else { return };
    let a = Node::on(&home, &redis, Fence::There);
    let (id, message) = (a.begun().await, home.new_message());
    let change = home.said(id, message, Revision::WHOLE);
    a.journal(&change, false).await;
    let end = home.change(id, Register::Tombstone, Revision::MAX, "");
    assert!(matches!(a.hot.end(&end).await.unwrap(), Written::Kept { .. }));
    a.flush(&[end]).await;
    a.flush(std::slice::from_ref(&change)).await;
    assert!(home.database.read(id).await.unwrap().unwrap().state.is_deleted());
    assert!(a.read(id).await.is_deleted());
    assert_eq!(a.hot.write(&[change], None).await.unwrap(), Written::Gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_persons_changes_are_kept_nowhere() {
    let (Some(home), Some(redis)) = (Home::new().await, Redis::start().await) else { return };
    let a = Node::on(&home, &redis, Fence::There);
    let id = a.begun().await;
    let eve = home.bench.account("eve", ret::domain::Role::User).await.id;
    let theirs = Change { owner: eve, ..home.said(id, home.new_message(), Revision::WHOLE) };
    assert_eq!(a.hot.write(std::slice::from_ref(&theirs), None).await.unwrap(), Written::Forbidden);
    assert_eq!(a.hot.end(&theirs).await.unwrap(), Written::Forbidden);
    let join = Join { changes: &[theirs], not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: None };
    assert_eq!(home.database.join(join).await.unwrap(), [Joined::Forbidden]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_who_flush_the_same_at_once_and_in_any_order_end_the_same() {
    let (Some(home), Some(redis)) = (Home::new().await, Redis::start().await) else { return };
    let a = Node::on(&home, &redis, Fence::There);
    let id = a.begun().await;
    let mut changes = Vec::new();
    for _ in 0..20 {
        let change = home.said(id, home.new_message(), Revision::WHOLE);
        a.journal(&change, false).await;
        changes.push(change);
    }
    let flushes = (0..6_usize).map(|turn| {
        let (database, hot, mut changes) = (Arc::clone(&home.database), hot_in(&redis), changes.clone());
        changes.rotate_left(turn * 3);
        tokio::spawn(async move { flush_in_parts(&*database, &hot, &changes).await })
    });
    futures::future::try_join_all(flushes).await.unwrap();
    assert_eq!(home.database.read(id).await.unwrap().unwrap().state.messages().len(), 20);
    assert_eq!(a.hot.backlog().await.unwrap().conversations, 0, "and the journal is empty");
    assert_eq!(a.read(id).await.messages().len(), 20);
}

async fn flush_in_parts(database: &dyn Conversations, hot: &RedisConversations, changes: &[Change]) {
    for part in changes.chunks(5) {
        let join = Join { changes: part, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: None };
        database.join(join).await.unwrap();
        let kept = part.iter().map(|change| (change.register, change.entry.revision)).collect();
        hot.clear(&BTreeMap::from([(part[0].conversation, kept)])).await.unwrap();
    }
}
