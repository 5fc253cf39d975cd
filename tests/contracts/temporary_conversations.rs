//! What every place for temporary conversations promises.

use std::time::Duration;

use ret::{
    domain::{
        ConversationId, MessageId, SessionId, Timestamp, UserId,
        conversation::{Change, Entry, Field, Register, Revision},
    },
    ports::temporary_conversations::{Put, Room, Share},
};

use super::{Bench, suite};

suite!(
    keeps_what_is_put_in,
    takes_all_changes_or_none,
    is_nobody_elses,
    ends_in_time_unless_it_is_used,
    a_session_ends_with_all_of_its_own,
    a_session_takes_no_more_than_its_room,
    all_sessions_take_no_more_than_their_room,
    what_ends_by_itself_leaves_its_room,
    what_ends_by_itself_leaves_its_room_to_other_sessions,
);

const LONG: Duration = Duration::from_secs(3600);
/// More than most tests take.
const ROOM: Room = Room { conversations: 10, session_bytes: 10 << 20, all_bytes: 10 << 20 };

struct Chat {
    id: ConversationId,
    owner: UserId,
    session: SessionId,
}

impl Chat {
    fn of(bench: &Bench, session: SessionId) -> Self {
        let id = || bench.stores.ids.next();
        Self { id: ConversationId::temporary(id()), owner: UserId(id()), session }
    }

    fn change(&self, register: Register, revision: Revision, value: &str) -> Change {
        let entry = Entry { revision, at: Timestamp::from_millis(5), value: value.into() };
        Change { conversation: self.id, owner: self.owner, register, entry }
    }

    fn title(&self) -> Change {
        self.change(Register::Field(Field::Title), Revision::new(1), "\"chat\"")
    }

    async fn begun(bench: &Bench, session: SessionId, keep: Duration) -> Self {
        let chat = Self::of(bench, session);
        bench.connected().await;
        bench.stores.temporary_conversations.make(chat.session, &[chat.title()], keep, ROOM).await.unwrap();
        chat
    }

    /// Makes it with a title, in so much room.
    async fn make(&self, bench: &Bench, keep: Duration, room: Room) -> Put {
        bench.stores.temporary_conversations.make(self.session, &[self.title()], keep, room).await.unwrap()
    }

    async fn put(&self, bench: &Bench, change: Change, room: Room) -> Put {
        bench.stores.temporary_conversations.put(&[change], LONG, room).await.unwrap()
    }

    async fn is_there(&self, bench: &Bench, keep: Duration) -> bool {
        bench.stores.temporary_conversations.read(self.id, keep).await.unwrap().is_some()
    }
}

fn session(bench: &Bench) -> SessionId {
    SessionId(bench.stores.ids.next())
}

fn message(bench: &Bench) -> Register {
    Register::Message(MessageId(bench.stores.ids.next()))
}

async fn keeps_what_is_put_in(bench: Bench) {
    let chat = Chat::begun(&bench, session(&bench), LONG).await;
    let place = &bench.stores.temporary_conversations;
    let register = message(&bench);
    let long = format!("{{\"content\":\"{}\"}}", "ä".repeat(100_000));
    for (part, value) in [(Revision::part(1), "{}"), (Revision::part(2), "{\"a\":1}"), (Revision::WHOLE, &long)] {
        let change = chat.change(register, part, value);
        assert_eq!(place.put(std::slice::from_ref(&change), LONG, ROOM).await.unwrap(), Put::Kept);
        assert_eq!(place.put(&[change], LONG, ROOM).await.unwrap(), Put::Kept, "again");
    }
    let stored = place.read(chat.id, LONG).await.unwrap().unwrap();
    assert_eq!((stored.owner, &*stored.state.get(register).unwrap().value), (chat.owner, long.as_str()));
    assert_eq!(stored.state.get(Register::Field(Field::Title)), Some(&chat.title().entry));
    place.remove(chat.id).await.unwrap();
    assert!(!chat.is_there(&bench, LONG).await);
    let late = chat.change(register, Revision::WHOLE, &long);
    assert_eq!(place.put(&[late], LONG, ROOM).await.unwrap(), Put::Unknown, "what comes late makes nothing");
}

async fn takes_all_changes_or_none(bench: Bench) {
    let chat = Chat::begun(&bench, session(&bench), LONG).await;
    let place = &bench.stores.temporary_conversations;
    let (first, second) = (message(&bench), message(&bench));
    let whole = chat.change(first, Revision::WHOLE, "{\"a\":1}");
    place.put(std::slice::from_ref(&whole), LONG, ROOM).await.unwrap();
    for (revision, value) in [(Revision::part(7), "{}"), (Revision::WHOLE, "{\"a\":2}")] {
        let changes = [chat.change(second, Revision::WHOLE, "{}"), chat.change(first, revision, value)];
        assert_eq!(place.put(&changes, LONG, ROOM).await.unwrap(), Put::Behind(Revision::WHOLE));
    }
    let stored = place.read(chat.id, LONG).await.unwrap().unwrap();
    assert_eq!((stored.state.get(first), stored.state.get(second)), (Some(&whole.entry), None));
}

async fn is_nobody_elses(bench: Bench) {
    let chat = Chat::begun(&bench, session(&bench), LONG).await;
    let mut change = chat.change(message(&bench), Revision::WHOLE, "{}");
    change.owner = UserId(bench.stores.ids.next());
    assert_eq!(bench.stores.temporary_conversations.put(&[change], LONG, ROOM).await.unwrap(), Put::Forbidden);
}

async fn ends_in_time_unless_it_is_used(bench: Bench) {
    let short = Duration::from_millis(400);
    let (ended, used) = (session(&bench), session(&bench));
    let (ended, used) = (Chat::begun(&bench, ended, short).await, Chat::begun(&bench, used, short).await);
    assert!(used.is_there(&bench, LONG).await);
    tokio::time::sleep(short + Duration::from_millis(100)).await;
    assert!(used.is_there(&bench, LONG).await && !ended.is_there(&bench, LONG).await);
}

async fn a_session_ends_with_all_of_its_own(bench: Bench) {
    let (ended, other) = (session(&bench), session(&bench));
    let mine = [Chat::begun(&bench, ended, LONG).await, Chat::begun(&bench, ended, LONG).await];
    let theirs = Chat::begun(&bench, other, LONG).await;
    let place = &bench.stores.temporary_conversations;
    assert_eq!(place.remove_session(ended).await.unwrap(), 2);
    assert_eq!(place.remove_session(ended).await.unwrap(), 0);
    assert!(!mine[0].is_there(&bench, LONG).await && !mine[1].is_there(&bench, LONG).await);
    assert!(theirs.is_there(&bench, LONG).await);
}

/// A value of so many bytes that are hardly made fewer.
fn bytes(number: usize) -> String {
    format!("\"{}\"", "x".repeat(number - 2))
}

async fn a_session_takes_no_more_than_its_room(bench: Bench) {
    let session = session(&bench);
    let chat = Chat::begun(&bench, session, LONG).await;
    let room = Room { conversations: 2, session_bytes: 3_000, ..ROOM };
    let (first, second) = (message(&bench), message(&bench));
    let large = chat.change(first, Revision::part(1), &bytes(2_000));
    assert_eq!(chat.put(&bench, large.clone(), room).await, Put::Kept);
    let more = chat.change(second, Revision::part(1), &bytes(1_000));
    assert_eq!(chat.put(&bench, more.clone(), room).await, Put::NoRoom(Share::Session));
    assert_eq!(chat.put(&bench, large.clone(), room).await, Put::Kept, "the same again takes nothing");
    let stored = bench.stores.temporary_conversations.read(chat.id, LONG).await.unwrap().unwrap();
    assert_eq!((stored.state.get(first), stored.state.get(second)), (Some(&large.entry), None), "nothing is lost");
    let small = chat.change(first, Revision::part(2), &bytes(1_000));
    let less = Room { session_bytes: 0, ..room };
    assert_eq!(chat.put(&bench, small, less).await, Put::Kept, "what takes less than before always has room");
    assert_eq!(chat.put(&bench, more.clone(), room).await, Put::Kept);

    let other = Chat::of(&bench, session);
    assert_eq!(other.make(&bench, LONG, Room { session_bytes: 2_350, ..room }).await, Put::NoRoom(Share::Session));
    assert_eq!(other.make(&bench, LONG, room).await, Put::Kept);
    let third = Chat::of(&bench, session);
    assert_eq!(third.make(&bench, LONG, room).await, Put::NoRoom(Share::Number), "two are as many as it may have");
    assert!(!third.is_there(&bench, LONG).await);
    let elsewhere = Chat { session: self::session(&bench), ..Chat::of(&bench, session) };
    assert_eq!(elsewhere.make(&bench, LONG, room).await, Put::Kept, "another session has its own room");
    bench.stores.temporary_conversations.remove(chat.id).await.unwrap();
    assert_eq!(third.make(&bench, LONG, room).await, Put::Kept, "in the place of one that was deleted");
    let large = third.change(first, Revision::part(1), &bytes(2_000));
    assert_eq!(third.put(&bench, large, room).await, Put::Kept, "and of what it took");
}

async fn all_sessions_take_no_more_than_their_room(bench: Bench) {
    let (mine, theirs) = (session(&bench), session(&bench));
    let (mine, theirs) = (Chat::begun(&bench, mine, LONG).await, Chat::begun(&bench, theirs, LONG).await);
    let room = Room { all_bytes: 5_000, ..ROOM };
    let large = theirs.change(message(&bench), Revision::WHOLE, &bytes(4_000));
    assert_eq!(theirs.put(&bench, large, room).await, Put::Kept);
    let more = mine.change(message(&bench), Revision::WHOLE, &bytes(2_000));
    assert_eq!(mine.put(&bench, more.clone(), room).await, Put::NoRoom(Share::All));
    let third = Chat::of(&bench, session(&bench));
    let full = Room { all_bytes: 4_200, ..ROOM };
    assert_eq!(third.make(&bench, LONG, full).await, Put::NoRoom(Share::All));
    assert_eq!(bench.stores.temporary_conversations.remove_session(theirs.session).await.unwrap(), 1);
    assert_eq!(mine.put(&bench, more, room).await, Put::Kept, "a session that ends leaves its room");
    assert_eq!(third.make(&bench, LONG, full).await, Put::Kept);
}

async fn what_ends_by_itself_leaves_its_room(bench: Bench) {
    let session = session(&bench);
    let room = Room { conversations: 1, all_bytes: 300, ..ROOM };
    let (short, next) = (Chat::of(&bench, session), Chat::of(&bench, session));
    bench.connected().await;
    assert_eq!(short.make(&bench, Duration::from_millis(200), room).await, Put::Kept);
    let began = std::time::Instant::now();
    while next.make(&bench, LONG, room).await != Put::Kept {
        assert!(began.elapsed() < Duration::from_secs(20), "it takes its room for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!short.is_there(&bench, LONG).await && next.is_there(&bench, LONG).await);
}

async fn what_ends_by_itself_leaves_its_room_to_other_sessions(bench: Bench) {
    let room = Room { all_bytes: 300, ..ROOM };
    bench.connected().await;
    let (short, next) = (Chat::of(&bench, session(&bench)), Chat::of(&bench, session(&bench)));
    assert_eq!(short.make(&bench, Duration::from_millis(200), room).await, Put::Kept);
    let full = Room { all_bytes: 301, ..ROOM };
    let large = short.change(message(&bench), Revision::WHOLE, &bytes(1_000));
    assert_eq!(short.put(&bench, large, full).await, Put::NoRoom(Share::All));
    let began = std::time::Instant::now();
    while next.make(&bench, LONG, Room { all_bytes: 150, ..ROOM }).await != Put::Kept {
        assert!(began.elapsed() < Duration::from_secs(20), "its session has not ended, and may not for long");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let third = Chat::of(&bench, session(&bench));
    assert_eq!(third.make(&bench, LONG, Room { all_bytes: 150, ..ROOM }).await, Put::NoRoom(Share::All));
}
