//! What every database of conversations promises: SQLite, PostgreSQL, and the one in memory that the others are measured against.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use ret::{
    adapters::memory::MemoryConversations,
    domain::{
        ConversationId, MessageId, Role, Timestamp, UserId,
        conversation::{Change, Content, Entry, Field, Register, Revision, Speaker, State, search_words},
    },
    ports::{
        Conversations,
        conversations::{Join, Joined, ListPosition, Noted},
    },
};
use uuid::Uuid;

use super::{Bench, suite_of_rows};

suite_of_rows!(
    a_greater_revision_stays_whatever_comes_first,
    of_two_messages_of_one_id_at_once_one_is_kept,
    a_tombstone_is_above_everything,
    of_two_claims_to_write_a_message_the_first_stays,
    another_persons_changes_are_refused,
    nothing_is_made_that_was_to_be_there,
    an_account_that_is_gone_keeps_nothing,
    changes_of_several_at_once_are_all_kept,
    lists_go_by_last_use_page_by_page,
    titles_and_messages_are_found_by_their_words,
    whatever_the_order_all_databases_end_the_same,
    instances_are_told_what_to_forget,
    any_text_is_kept_as_it_is,
);

/// The database of the bench and, with the same people in it, the one in memory.
fn databases(bench: &Bench) -> [Arc<dyn Conversations>; 2] {
    [Arc::clone(&bench.stores.conversations), Arc::new(MemoryConversations::default())]
}

async fn person(bench: &Bench) -> UserId {
    bench.account(&format!("user-{}", bench.stores.ids.next()), Role::User).await.id
}

fn new_conversation(bench: &Bench) -> ConversationId {
    ConversationId(bench.stores.ids.next())
}

fn entry(revision: Revision, at: i64, value: &str) -> Entry {
    Entry { revision, at: Timestamp::from_millis(at), value: value.into() }
}

fn change(conversation: ConversationId, owner: UserId, register: Register, entry: Entry) -> Change {
    Change { conversation, owner, register, entry }
}

fn titled(conversation: ConversationId, owner: UserId, revision: u64, title: &str) -> Change {
    let value = serde_json::to_string(title).unwrap();
    change(conversation, owner, Register::Field(Field::Title), entry(Revision::new(revision), 1_000, &value))
}

fn said(conversation: ConversationId, owner: UserId, id: u128, at: i64, text: &str) -> Change {
    let content = Content { role: Speaker::User, content: text.into(), parent: None, details: None };
    let value = serde_json::to_string(&content).unwrap();
    let register = Register::Message(MessageId(Uuid::from_u128(id)));
    change(conversation, owner, register, entry(Revision::WHOLE, at, &value))
}

fn ended(conversation: ConversationId, owner: UserId) -> Change {
    change(conversation, owner, Register::Tombstone, entry(Revision::MAX, 5_000, ""))
}

async fn join(database: &dyn Conversations, changes: &[Change]) -> Vec<Joined> {
    database.join(Join { changes, not_to_be_made: &[], unseen_by_hot_tier: &[], incarnation: None }).await.unwrap()
}

async fn state(database: &dyn Conversations, id: ConversationId) -> State {
    database.read(id).await.unwrap().unwrap().state
}

async fn a_greater_revision_stays_whatever_comes_first(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    for database in databases(&bench) {
        let title = |revision, title| titled(id, owner, revision, title);
        assert_eq!(database.read(id).await.unwrap(), None);
        assert_eq!(join(&*database, &[title(5, "five")]).await, [Joined::Kept]);
        assert_eq!(join(&*database, &[title(5, "five")]).await, [Joined::Kept], "again");
        assert_eq!(join(&*database, &[title(3, "three")]).await, [Joined::Behind(Revision::new(5))]);
        assert_eq!(join(&*database, &[title(7, "seven"), title(6, "six")]).await, [Joined::Kept, Joined::Kept]);
        assert_eq!(
            join(&*database, &[title(7, "a seven")]).await,
            [Joined::Behind(Revision::new(7))],
            "the greater text"
        );
        assert_eq!(state(&*database, id).await.field(Field::Title).unwrap(), "seven");
    }
}

async fn of_two_messages_of_one_id_at_once_one_is_kept(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    let behind = Joined::Behind(Revision::new(7));
    for database in databases(&bench) {
        let title = |title| titled(id, owner, 7, title);
        let joined = join(&*database, &[title("one"), title("another"), title("one")]).await;
        let kept = state(&*database, id).await.field(Field::Title);
        match kept.as_deref() {
            Some("one") => assert_eq!(joined, [Joined::Kept, behind, Joined::Kept]),
            Some("another") => assert_eq!(joined, [behind, Joined::Kept, behind]),
            kept => panic!("{kept:?}"),
        }
    }
}

async fn of_two_claims_to_write_a_message_the_first_stays(bench: Bench) {
    let owner = person(&bench).await;
    for database in databases(&bench) {
        let id = new_conversation(&bench);
        let register = Register::Message(MessageId(Uuid::from_u128(1)));
        let of = |revision, at, value| change(id, owner, register, entry(revision, at, value));
        let first = of(Revision::CLAIM, 10, "\"b\"");
        assert_eq!(join(&*database, std::slice::from_ref(&first)).await, [Joined::Kept]);
        // By a clock that is behind, at the same moment, later; and the first again.
        for (at, value) in [(9, "\"c\""), (10, "\"a\""), (10, "\"c\""), (11, "\"c\"")] {
            assert_eq!(join(&*database, &[of(Revision::CLAIM, at, value)]).await, [Joined::Behind(Revision::CLAIM)]);
        }
        assert_eq!(join(&*database, std::slice::from_ref(&first)).await, [Joined::Kept]);
        assert_eq!(state(&*database, id).await.get(register), Some(&first.entry));
        assert_eq!(join(&*database, &[of(Revision::part(2), 1, "\"d\"")]).await, [Joined::Kept]);
        assert_eq!(join(&*database, &[first]).await, [Joined::Behind(Revision::part(2))]);
    }
}

async fn a_tombstone_is_above_everything(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    for database in databases(&bench) {
        join(&*database, &[titled(id, owner, 1, "title"), said(id, owner, 1, 10, "hello")]).await;
        let outcomes = join(&*database, &[said(id, owner, 2, 20, "late"), ended(id, owner)]).await;
        assert_eq!(outcomes, [Joined::Gone, Joined::Kept]);
        assert_eq!(join(&*database, &[said(id, owner, 3, 30, "later")]).await, [Joined::Gone]);
        assert_eq!(join(&*database, &[ended(id, owner)]).await, [Joined::Kept], "again");
        let stored = database.read(id).await.unwrap().unwrap();
        assert_eq!((stored.owner, stored.state), (owner, State::deleted()));
        assert!(database.list(owner, &[], None, 10).await.unwrap().is_empty());
        assert!(database.list(owner, &search_words("hello"), None, 10).await.unwrap().is_empty());
        let never = new_conversation(&bench);
        assert_eq!(join(&*database, &[ended(never, owner)]).await, [Joined::Kept]);
        assert_eq!(join(&*database, &[said(never, owner, 4, 10, "late")]).await, [Joined::Gone], "the end came first");
    }
}

async fn another_persons_changes_are_refused(bench: Bench) {
    let (owner, other, id) = (person(&bench).await, person(&bench).await, new_conversation(&bench));
    for database in databases(&bench) {
        join(&*database, &[said(id, owner, 1, 10, "mine")]).await;
        let changes = [said(id, other, 2, 20, "theirs"), ended(id, other), said(id, owner, 3, 30, "mine too")];
        assert_eq!(join(&*database, &changes).await, [Joined::Forbidden, Joined::Forbidden, Joined::Kept]);
        let titles = [titled(id, owner, 1, "mine"), titled(id, other, 2, "theirs")];
        assert_eq!(join(&*database, &titles).await, [Joined::Kept, Joined::Forbidden]);
        assert_eq!(state(&*database, id).await.field(Field::Title).unwrap(), "mine");
        let stored = database.read(id).await.unwrap().unwrap();
        assert_eq!((stored.owner, stored.state.messages().len()), (owner, 2));
        assert!(database.list(other, &[], None, 10).await.unwrap().is_empty());
    }
}

async fn nothing_is_made_that_was_to_be_there(bench: Bench) {
    let (owner, there, not_there) = (person(&bench).await, new_conversation(&bench), new_conversation(&bench));
    for database in databases(&bench) {
        join(&*database, &[said(there, owner, 1, 10, "hello")]).await;
        let changes = [said(there, owner, 2, 20, "again"), said(not_there, owner, 3, 30, "hello")];
        let join =
            Join { changes: &changes, not_to_be_made: &[there, not_there], unseen_by_hot_tier: &[], incarnation: None };
        assert_eq!(database.join(join).await.unwrap(), [Joined::Kept, Joined::Unknown]);
        assert_eq!(database.read(not_there).await.unwrap(), None);
    }
}

async fn an_account_that_is_gone_keeps_nothing(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    let database = &*bench.stores.conversations;
    join(database, &[said(id, owner, 1, 10, "hello")]).await;
    bench.stores.accounts.remove(owner, &bench.entry()).await.unwrap();
    assert_eq!(database.read(id).await.unwrap(), None);
    let other = person(&bench).await;
    let changes = [said(id, owner, 2, 20, "late"), said(new_conversation(&bench), other, 1, 10, "of another")];
    assert_eq!(join(database, &changes).await, [Joined::Gone, Joined::Kept]);
}

async fn changes_of_several_at_once_are_all_kept(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    let changes: Vec<Change> = (0..40).map(|n| said(id, owner, n, 10, "hello")).collect();
    let writers = (0..6_usize).map(|writer| {
        let (database, mut changes) = (Arc::clone(&bench.stores.conversations), changes.clone());
        changes.rotate_left(writer * 7);
        tokio::spawn(async move {
            for part in changes.chunks(5) {
                assert_eq!(join(&*database, part).await, [Joined::Kept; 5]);
            }
        })
    });
    futures::future::try_join_all(writers).await.unwrap();
    assert_eq!(state(&*bench.stores.conversations, id).await.messages().len(), 40);
}

async fn lists_go_by_last_use_page_by_page(bench: Bench) {
    let owner = person(&bench).await;
    for database in databases(&bench) {
        let ids: Vec<_> = (0..5).map(|_| new_conversation(&bench)).collect();
        for (number, id) in ids.iter().enumerate() {
            join(&*database, &[titled(*id, owner, 1, &format!("chat {number}")), said(*id, owner, 1, 10_000, "hi")])
                .await;
        }
        join(&*database, &[said(ids[1], owner, 2, 20_000, "again")]).await;
        join(&*database, &[said(ids[3], owner, 3, 4_000, "earlier than the others"), ended(ids[0], owner)]).await;
        let like = Register::Feedback(MessageId(Uuid::from_u128(1)));
        join(&*database, &[change(ids[2], owner, like, entry(Revision::new(1), 90_000, "1"))]).await;
        let first = database.list(owner, &[], None, 2).await.unwrap();
        assert_eq!(first.iter().map(|found| found.id).collect::<Vec<_>>(), [ids[1], ids[4]]);
        assert_eq!(first[0].title.as_deref(), Some("chat 1"));
        assert_eq!(first[0].updated_at, Timestamp::from_millis(20_000));
        assert_eq!(first[0].created_at, bench.now(), "which its id tells");
        let last = first.last().map(|last| ListPosition { updated_at: last.updated_at, id: last.id });
        let second = database.list(owner, &[], last, 2).await.unwrap();
        assert_eq!(second.iter().map(|found| found.id).collect::<Vec<_>>(), [ids[3], ids[2]]);
        let unused = database.list_unused(Timestamp::from_millis(20_000), 10).await.unwrap();
        assert_eq!(unused.len(), 3);
        assert!(!unused.contains(&(ids[0], owner)) && !unused.contains(&(ids[1], owner)));
    }
}

async fn titles_and_messages_are_found_by_their_words(bench: Bench) {
    let (owner, other) = (person(&bench).await, person(&bench).await);
    for database in databases(&bench) {
        let (sales, cakes) = (new_conversation(&bench), new_conversation(&bench));
        join(
            &*database,
            &[
                titled(sales, owner, 1, "Umsatz 2024"),
                said(sales, owner, 1, 2_000, "Which 'customers' in Köln paid 12.5 % more?"),
                said(cakes, owner, 2, 3_000, "A recipe for cakes; the customer wants two"),
                said(new_conversation(&bench), other, 3, 30, "customers"),
            ],
        )
        .await;
        for (question, found) in [
            ("customer", vec![cakes, sales]),
            ("CUSTOMERS", vec![sales]),
            ("köln pai", vec![sales]),
            ("umsatz", vec![sales]),
            ("umsatz köln", vec![]),
            ("12 5", vec![sales]),
            ("\"' OR NOT *", vec![]),
            ("?!", vec![cakes, sales]),
        ] {
            let items = database.list(owner, &search_words(question), None, 10).await.unwrap();
            assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), found, "{question}");
        }
        join(&*database, &[titled(sales, owner, 2, "Gewinn")]).await;
        assert!(database.list(owner, &search_words("umsatz"), None, 10).await.unwrap().is_empty(), "an earlier title");
    }
}

fn batches() -> impl Strategy<Value = Vec<Vec<(u8, u64, i64)>>> {
    prop::collection::vec(prop::collection::vec((0_u8..12, 0_u64..4, 0_i64..3), 1..6), 1..8)
}

/// Changes of one conversation, from small numbers.
fn drawn(id: ConversationId, owner: UserId, batch: &[(u8, u64, i64)]) -> Vec<Change> {
    let of = |&(kind, revision, at): &(u8, u64, i64)| {
        let message = MessageId(Uuid::from_u128(u128::from(kind)));
        let register = match kind {
            0 if revision == 3 => Register::Tombstone,
            0..=2 => Register::Field(Field::Title),
            3 => Register::Field(Field::Model),
            4 | 5 => Register::Feedback(message),
            _ => Register::Message(message),
        };
        // Claims are the exception for which the order counts.
        let revision = if matches!(register, Register::Message(_)) { revision + 2 } else { revision };
        change(id, owner, register, entry(Revision::new(revision), at, &format!("\"{revision} {at}\"")))
    };
    batch.iter().map(of).collect()
}

async fn whatever_the_order_all_databases_end_the_same(bench: Bench) {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let owner = person(&bench).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..25 {
        let batches = batches().new_tree(&mut runner).unwrap().current();
        let (straight, back) = (new_conversation(&bench), new_conversation(&bench));
        let [database, model] = databases(&bench);
        for batch in &batches {
            let changes = drawn(straight, owner, batch);
            assert_eq!(join(&*database, &changes).await, join(&*model, &changes).await, "{batches:?}");
        }
        for batch in batches.iter().rev().chain(batches.first()) {
            join(&*database, &drawn(back, owner, batch)).await;
        }
        let expected = state(&*model, straight).await;
        assert_eq!(state(&*database, straight).await, expected, "{batches:?}");
        assert_eq!(state(&*database, back).await, expected, "backwards: {batches:?}");
    }
}

async fn instances_are_told_what_to_forget(bench: Bench) {
    let (owner, span) = (person(&bench).await, Duration::from_secs(60));
    for database in databases(&bench) {
        let (seen, unseen, old) = (new_conversation(&bench), new_conversation(&bench), new_conversation(&bench));
        let join = async |id, unseen: &[_], incarnation| {
            let changes = [said(id, owner, 1, 10, "hello")];
            database
                .join(Join { changes: &changes, not_to_be_made: &[], unseen_by_hot_tier: unseen, incarnation })
                .await
                .unwrap();
        };
        let told = async || database.forgettable(span).await.unwrap();
        let noted = async |incarnation| database.note_incarnation(incarnation).await.unwrap();
        let Noted::New(first) = noted("first").await else { panic!("nothing was known of it") };
        assert_eq!(
            noted("first").await,
            Noted::New(first),
            "who noted it may have ended before its copies were dropped"
        );
        database.admit_incarnation(first).await.unwrap();
        assert_eq!(noted("first").await, Noted::Last);
        join(seen, &[], Some("first")).await;
        assert!(told().await.is_empty());
        join(unseen, &[unseen], None).await;
        assert_eq!(told().await.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [unseen]);
        assert!(matches!(noted("second").await, Noted::New(second) if second != first));
        join(seen, &[], Some("second")).await;
        join(old, &[], Some("first")).await;
        let numbers: Vec<i64> = told().await.iter().map(|(number, _)| *number).collect();
        assert_eq!(told().await.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [unseen, old]);
        assert!(numbers.is_sorted_by(|a, b| a < b));
        let Noted::Superseded(again) = noted("first").await else { panic!("though it was admitted once") };
        database.admit_incarnation(first).await.unwrap();
        assert_eq!(noted("first").await, Noted::New(again), "who dropped copies the first time comes too late");
        database.admit_incarnation(again).await.unwrap();
        assert_eq!(noted("first").await, Noted::Last);
        assert_eq!(database.remove_forgettable(span).await.unwrap(), 0);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(database.remove_forgettable(Duration::from_millis(5)).await.unwrap(), 2);
        assert!(told().await.is_empty());
    }
}

async fn any_text_is_kept_as_it_is(bench: Bench) {
    let (owner, id) = (person(&bench).await, new_conversation(&bench));
    let texts =
        ["", "\0", "a\0b", "ä\u{301} 💬 \u{202e}", "'; DROP TABLE users; --", "\r\n\t\\", &"word ".repeat(200_000)];
    for database in databases(&bench) {
        let changes: Vec<Change> =
            texts.iter().zip(0..).map(|(text, number)| said(id, owner, number, 10, text)).collect();
        join(&*database, &changes).await;
        let found: Vec<String> =
            state(&*database, id).await.messages().into_iter().map(|message| message.content.content).collect();
        assert_eq!(found, texts);
    }
}
