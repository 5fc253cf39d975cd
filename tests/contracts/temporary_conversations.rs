//! What every place for temporary conversations promises.

use std::time::Duration;

use ret::{
    domain::{
        ConversationId, MessageId, SessionId, Timestamp, UserId,
        conversation::{Change, Entry, Field, Register, Revision},
    },
    ports::temporary_conversations::Put,
};

use super::{Bench, suite};

suite!(
    keeps_what_is_put_in,
    takes_all_changes_or_none,
    is_nobody_elses,
    ends_in_time_unless_it_is_used,
    a_session_ends_with_all_of_its_own
);

const LONG: Duration = Duration::from_secs(3600);

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
        bench.stores.temporary_conversations.make(chat.session, &[chat.title()], keep).await.unwrap();
        chat
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
        assert_eq!(place.put(std::slice::from_ref(&change), LONG).await.unwrap(), Put::Kept);
        assert_eq!(place.put(&[change], LONG).await.unwrap(), Put::Kept, "again");
    }
    let stored = place.read(chat.id, LONG).await.unwrap().unwrap();
    assert_eq!((stored.owner, &*stored.state.get(register).unwrap().value), (chat.owner, long.as_str()));
    assert_eq!(stored.state.get(Register::Field(Field::Title)), Some(&chat.title().entry));
    place.remove(chat.id).await.unwrap();
    assert!(!chat.is_there(&bench, LONG).await);
    let late = chat.change(register, Revision::WHOLE, &long);
    assert_eq!(place.put(&[late], LONG).await.unwrap(), Put::Unknown, "what comes late makes nothing");
}

async fn takes_all_changes_or_none(bench: Bench) {
    let chat = Chat::begun(&bench, session(&bench), LONG).await;
    let place = &bench.stores.temporary_conversations;
    let (first, second) = (message(&bench), message(&bench));
    let whole = chat.change(first, Revision::WHOLE, "{\"a\":1}");
    place.put(std::slice::from_ref(&whole), LONG).await.unwrap();
    for (revision, value) in [(Revision::part(7), "{}"), (Revision::WHOLE, "{\"a\":2}")] {
        let changes = [chat.change(second, Revision::WHOLE, "{}"), chat.change(first, revision, value)];
        assert_eq!(place.put(&changes, LONG).await.unwrap(), Put::Behind(Revision::WHOLE));
    }
    let stored = place.read(chat.id, LONG).await.unwrap().unwrap();
    assert_eq!((stored.state.get(first), stored.state.get(second)), (Some(&whole.entry), None));
}

async fn is_nobody_elses(bench: Bench) {
    let chat = Chat::begun(&bench, session(&bench), LONG).await;
    let mut change = chat.change(message(&bench), Revision::WHOLE, "{}");
    change.owner = UserId(bench.stores.ids.next());
    assert_eq!(bench.stores.temporary_conversations.put(&[change], LONG).await.unwrap(), Put::Forbidden);
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
