//! Two servers that both take writes, and a line that is led from one to the other without a word to those who use it.

use std::{sync::Arc, time::Duration};

use ret::{
    adapters::redis::RedisConversations,
    domain::{
        ConversationId, MessageId,
        conversation::{Change, Content, Revision, Speaker, State},
    },
    ports::{
        HotConversations,
        conversations::Noted,
        hot_conversations::{LookUp, Tag, Written},
    },
    services::{
        Policy,
        conversations::{ConversationError, ConversationService, Freshness, NewMessage},
    },
};

use super::{
    Home, has, hot_through,
    lab::{Passes, Proxy},
    schedules::{Fence, Node, SOON, answered, command, fences, replicated, until_it_has},
};
use crate::harness::Redis;

/// Two servers with the same conversation, of which the second takes writes of its own from now on.
struct Split {
    home: Home,
    first: Redis,
    second: Redis,
    id: ConversationId,
    earlier: MessageId,
}

impl Split {
    async fn new() -> Option<Self> {
        let (home, (first, second)) = (Home::new().await?, replicated().await?);
        let on_first = Node::on(&home, &first, Fence::There);
        on_first.register().await;
        let id = on_first.begun().await;
        let earlier = on_first.say(id).await;
        until_it_has(&second, &home, id, earlier).await;
        command(&second, &["REPLICAOF", "NO", "ONE"]).await.unwrap();
        Some(Self { home, first, second, id, earlier })
    }

    async fn line_to(redis: &Redis) -> Proxy {
        Proxy::to(redis.port(), Passes::Everything).await
    }

    fn on_second(&self, fence: Fence) -> Node<'_> {
        Node::on(&self.home, &self.second, fence)
    }

    /// An instance of the service that polls so often.
    fn service(&self, hot: RedisConversations, poll: Duration) -> ConversationService {
        let mut stores = self.home.bench.stores.clone();
        stores.hot_conversations = Some(Arc::new(hot));
        let mut policy = Policy::default();
        policy.history.has_others = true;
        policy.history.poll = poll;
        ConversationService::new(stores, Arc::new(policy))
    }

    /// How many messages it reads.
    async fn count(&self, service: &ConversationService) -> Result<usize, ConversationError> {
        let read = service.get(self.home.owner, self.id, None, Freshness::Verified).await?;
        Ok(read.state.messages().len())
    }

    fn said_to_service(&self) -> NewMessage {
        let content = Content { role: Speaker::User, content: "hello".into(), parent: None, details: None };
        NewMessage { id: Some(self.home.new_message()), content }
    }

    fn said(&self) -> (MessageId, Change) {
        let message = self.home.new_message();
        (message, self.home.said(self.id, message, Revision::WHOLE))
    }
}

/// A writer that knows the later server is led back to the earlier one: what it writes there leaves a note for those on the later.
async fn led_back(fence: Fence) -> Option<bool> {
    let split = Box::pin(Split::new()).await?;
    let line = Split::line_to(&split.second).await;
    let (a, b) = (Node::through(&split.home, &line, fence), split.on_second(fence));
    let known = a.register().await;
    b.register().await;
    assert!(has(&a.read(split.id).await, split.earlier) && has(&b.read(split.id).await, split.earlier));
    // The copy that is to be forgotten has to be there, which a slow reader may not have left.
    while !matches!(b.hot.look_up(split.id, None).await, Ok(LookUp::Found { incarnation, .. }) if incarnation == known)
    {
        b.read(split.id).await;
    }
    line.lead_to(split.first.port());
    let (later, change) = split.said();
    let changes = std::slice::from_ref(&change);
    let written = answered(async || a.hot.write(changes, None).await).await;
    assert_eq!(written, Written::NoCopy, "the copy here is of a life that it does not know");
    let (met, _) = a.journal(&change, false).await;
    assert_ne!(met, known, "it is told where it is");
    a.flush_of(changes, if fence == Fence::KnownLife { &known } else { &met }).await;
    b.drain().await;
    Some(has(&b.read(split.id).await, later))
}

/// A copy that a process keeps, and the tag by which it asks whether that is the one of the server.
struct OwnCopy {
    tag: Tag,
    state: State,
}

impl OwnCopy {
    async fn of(node: &Node<'_>, id: ConversationId) -> Self {
        match node.hot.look_up(id, None).await.unwrap() {
            LookUp::Found { tag, state, .. } => Self { tag, state },
            other => panic!("{other:?}"),
        }
    }

    /// The tag after one more write.
    fn next_tag(&self) -> Tag {
        let (filling, number) = self.tag.rsplit_once(':').unwrap();
        format!("{filling}:{}", number.parse::<u64>().unwrap() + 1)
    }

    async fn read(&self, node: &Node<'_>, id: ConversationId) -> State {
        match answered(async || node.hot.look_up(id, Some(&self.tag)).await).await {
            LookUp::Unchanged => self.state.clone(),
            LookUp::Found { state, .. } => state,
            LookUp::Missing { .. } => panic!("it is there"),
        }
    }
}

/// A call that is not answered in time is made again and counts as another change, so the tags may miss each other.
async fn one_tag_for_two_copies(fence: Fence) -> Option<bool> {
    for _ in 0..10 {
        if let Some(reads_it) = Box::pin(one_tag_if_they_meet(fence)).await? {
            return Some(reads_it);
        }
    }
    panic!("two copies never had one tag");
}

/// Copies on both servers come to have one tag, each by a write that the other has not seen: who wrote to the one and is led to the other does
/// not take its own copy for that.
async fn one_tag_if_they_meet(fence: Fence) -> Option<Option<bool>> {
    let split = Box::pin(Split::new()).await?;
    let line = Split::line_to(&split.first).await;
    let (a, c) = (Node::through(&split.home, &line, fence), Node::on(&split.home, &split.first, fence));
    let known = answered(async || a.hot.life().await).await.incarnation;
    let mut own = OwnCopy::of(&a, split.id).await;
    line.lead_to(split.second.port());
    let (message, change) = split.said();
    let changes = std::slice::from_ref(&change);
    let written = answered(async || a.hot.write(changes, None).await).await;
    let Written::Kept { incarnation, tag } = written else { panic!("{written:?}") };
    assert_ne!(incarnation, known, "it is told where it is");
    let next = own.next_tag();
    assert_ne!(tag, next, "the copy that it wrote to is one that nobody reads there");
    if fence == Fence::KnownLife || tag == next {
        own.state.put(change.register, change.entry.clone());
        own.tag = next.clone();
    }
    let (elsewhere, other) = split.said();
    let (_, tag) = c.journal(&other, false).await;
    if tag != next {
        return Some(None);
    }
    line.lead_to(split.first.port());
    let state = own.read(&a, split.id).await;
    assert!(has(&state, split.earlier));
    // Its own message comes back by the database, and so does the other.
    a.flush_of(changes, &incarnation).await;
    c.flush(&[other]).await;
    let stored = split.home.database.read(split.id).await.unwrap().unwrap().state;
    assert!(has(&stored, message) && has(&stored, elsewhere));
    Some(Some(has(&state, elsewhere)))
}

/// Who comes back to a server that another one has superseded drops its copies, which do not know of what was written on that; what is journaled
/// there stays, and from then on it is the other server whose writers leave notes.
async fn used_again(fence: Fence) -> Option<bool> {
    let split = Box::pin(Split::new()).await?;
    let (a, b) = (Node::on(&split.home, &split.first, fence), split.on_second(fence));
    let (journaled, change) = split.said();
    a.journal(&change, false).await;
    b.register().await;
    let later = b.say(split.id).await;
    b.drain().await;
    a.register().await;
    let state = a.read(split.id).await;
    assert!(has(&state, split.earlier) && has(&state, journaled), "no journal is dropped");
    if !has(&state, later) {
        return Some(false);
    }
    let last = b.say(split.id).await;
    a.drain().await;
    Some(has(&a.read(split.id).await, last))
}

/// Who has noted that it came back to a superseded server and ended before it dropped the copies there leaves that to the next one.
async fn used_again_and_killed(fence: Fence) -> Option<bool> {
    let split = Box::pin(Split::new()).await?;
    let (killed, next, b) = (
        Node::on(&split.home, &split.first, fence),
        Node::on(&split.home, &split.first, fence),
        split.on_second(fence),
    );
    let first = killed.register().await;
    b.register().await;
    let later = b.say(split.id).await;
    assert!(matches!(killed.note(&first).await, Noted::Superseded(_)));
    next.register().await;
    next.drain().await;
    let notes = split.home.database.forgettable(Duration::from_secs(3600)).await.unwrap();
    assert!(notes.is_empty(), "nobody told of it: it was written on the last server");
    Some(has(&next.read(split.id).await, later))
}

fences! {
    who_is_led_back_to_the_earlier_server_leaves_notes: led_back without Fence::KnownLife;
    an_own_copy_is_not_taken_for_another_of_its_tag: one_tag_for_two_copies without Fence::KnownLife;
    copies_of_a_superseded_server_are_dropped: used_again without Fence::CopiesStay;
    who_was_killed_before_dropping_them_leaves_that_to_the_next: used_again_and_killed without Fence::AdmittedAtOnce;
}

/// The service on such a line: whichever server it is led to, it reads at once what it has acknowledged, and so does another on the second server
/// as soon as it polls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_its_line_leads_a_process_reads_what_it_acknowledged() {
    let Some(split) = Box::pin(Split::new()).await else { return };
    let owner = split.home.owner;
    let line = Split::line_to(&split.first).await;
    let instance = |hot| split.service(hot, Duration::from_millis(200));
    let (led, other) = (instance(hot_through(&line)), instance(super::hot_in(&split.second)));
    let count = async |service: &ConversationService| split.count(service).await;
    assert_eq!(count(&led).await.unwrap(), 1);
    for (round, to) in [&split.second, &split.first, &split.second, &split.first].into_iter().enumerate() {
        line.lead_to(to.port());
        let message = split.said_to_service();
        answered(async || led.append(owner, split.id, message.clone(), None).await).await;
        assert_eq!(answered(async || count(&led).await).await, round + 2, "its own, at once");
        let began = tokio::time::Instant::now();
        while count(&other).await.ok() != Some(round + 2) {
            assert!(began.elapsed() < SOON, "round {round}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    for service in [&led, &other] {
        assert_eq!(service.flush(None).await.unwrap().remaining, 0);
    }
    assert_eq!(split.home.database.read(split.id).await.unwrap().unwrap().state.messages().len(), 5);
}

/// The line leads to another server and back before anybody polls: what was written there is not missed for the copies here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_elsewhere_for_a_moment_does_not_believe_its_copies() {
    for is_emptied in [false, true] {
        let Some(split) = Box::pin(Split::new()).await else { return };
        let line = Split::line_to(&split.first).await;
        let led = split.service(hot_through(&line), Duration::from_secs(3600));
        assert_eq!(split.count(&led).await.unwrap(), 1, "and a copy is there");
        if is_emptied {
            command(&split.second, &["FLUSHALL"]).await.unwrap();
        }
        line.lead_to(split.second.port());
        let message = split.said_to_service();
        answered(async || led.append(split.home.owner, split.id, message.clone(), None).await).await;
        line.lead_to(split.first.port());
        assert_eq!(answered(async || split.count(&led).await).await, 2, "emptied: {is_emptied}");
    }
}

/// Somebody noted that the first server is used again and was killed before the copies there were dropped: the next process does that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_drops_what_the_one_before_it_left() {
    let Some(split) = Box::pin(Split::new()).await else { return };
    let (killed, b) = (Node::on(&split.home, &split.first, Fence::There), split.on_second(Fence::There));
    let first = killed.register().await;
    b.register().await;
    b.say(split.id).await;
    killed.note(&first).await;
    let next = split.service(super::hot_in(&split.first), Duration::from_secs(3600));
    assert_eq!(answered(async || split.count(&next).await).await, 2);
}
