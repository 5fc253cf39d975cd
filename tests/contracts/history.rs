//! What the history promises whatever it stands on: memory, SQLite, PostgreSQL, and Redis over PostgreSQL.

use std::{sync::Arc, time::Duration};

use ret::{
    adapters::memory::MemoryConversations,
    domain::{
        ConversationId, MessageId, Role, UserId,
        conversation::{Content, Speaker},
    },
    services::{
        Policy, Stores,
        conversations::{ConversationError, ConversationService, Durability, ExportFormat, Freshness, NewMessage},
        policy::Acknowledgement,
    },
};
use serde_json::json;

use super::Bench;

/// The history of a bench, as two instances have it.
pub struct Histories {
    pub bench: Bench,
    pub stores: Stores,
    pub owner: UserId,
    pub instances: [ConversationService; 2],
}

impl Histories {
    async fn of(bench: Bench, change: impl Fn(&mut Stores)) -> Self {
        let owner = bench.account("ada", Role::User).await.id;
        let mut stores = bench.stores.clone();
        change(&mut stores);
        let mut policy = Policy::default();
        policy.history.has_others = true;
        policy.history.message_bytes = 4 << 20;
        let instance = || ConversationService::new(stores.clone(), Arc::new(policy.clone()));
        Self { owner, instances: [instance(), instance()], stores, bench }
    }

    async fn memory() -> Self {
        let memory: Arc<MemoryConversations> = Arc::default();
        Self::of(Bench::embedded().await, |stores| {
            stores.conversations = memory.clone();
            stores.hot_conversations = None;
        })
        .await
    }

    async fn sqlite() -> Self {
        Self::of(Bench::embedded().await, |_| {}).await
    }

    async fn postgres() -> Option<Self> {
        Some(Self::of(Bench::azure().await?, |stores| stores.hot_conversations = None).await)
    }

    async fn redis_over_postgres() -> Option<Self> {
        Some(Self::of(Bench::azure().await?, |stores| assert!(stores.hot_conversations.is_some())).await)
    }

    async fn created(&self) -> ConversationId {
        self.instances[0].create(self.owner, Some("A chat"), None).await.unwrap().0.id
    }

    async fn texts(&self, instance: usize, id: ConversationId) -> Vec<String> {
        let conversation = self.instances[instance].get(self.owner, id, None, Freshness::Verified).await.unwrap();
        conversation.state.messages().into_iter().map(|message| message.content.content).collect()
    }

    /// Says it, again if that is not answered in time, as clients do.
    async fn say(&self, instance: usize, id: ConversationId, text: &str) -> MessageId {
        let message = NewMessage { id: Some(MessageId(self.bench.stores.ids.next())), content: content(text) };
        let append = async || self.instances[instance].append(self.owner, id, message.clone(), None).await;
        let mut said = append().await;
        for _ in 0..5 {
            if matches!(said, Err(ConversationError::Unknown)) {
                said = append().await;
            }
        }
        let (message, durability) = said.unwrap();
        assert_eq!(durability, if id.is_temporary() { Durability::Temporary } else { Durability::Durable });
        message.id
    }
}

pub fn content(text: &str) -> Content {
    Content { role: Speaker::User, content: text.into(), parent: None, details: None }
}

macro_rules! histories {
    ($($behaviour:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(super::Histories::memory().await).await;
            })+
        }

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(super::Histories::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(histories) = super::Histories::postgres().await else { return };
                super::$behaviour(histories).await;
            })+
        }

        mod redis_over_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(histories) = super::Histories::redis_over_postgres().await else { return };
                super::$behaviour(histories).await;
            })+
        }
    };
}

histories!(
    what_one_instance_writes_the_other_reads,
    a_message_may_be_sent_again,
    an_id_is_not_taken_for_another_message,
    a_conversation_is_its_owners,
    a_deleted_conversation_stays_deleted,
    the_last_name_stays,
    a_generated_message_grows_and_becomes_whole,
    all_that_several_write_at_once_is_kept,
    feedback_is_given_and_taken_back,
    too_long_messages_are_refused,
    nothing_waits_after_a_flush,
    what_nobody_uses_goes_after_its_time,
    exports_have_everything,
    temporary_conversations_need_something_shared,
    what_is_made_while_its_session_ends_is_taken_back,
);

async fn what_one_instance_writes_the_other_reads(histories: Histories) {
    let id = histories.created().await;
    assert!(histories.texts(1, id).await.is_empty());
    for round in 0..5 {
        histories.say(round % 2, id, &format!("{round}")).await;
        assert_eq!(histories.texts(0, id).await.len(), round + 1);
        assert_eq!(histories.texts(1, id).await.len(), round + 1);
    }
    assert_eq!(histories.texts(1, id).await, ["0", "1", "2", "3", "4"]);
    let listed = histories.instances[1].list(histories.owner, None, None, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].id, listed[0].title.as_deref()), (1, id, Some("A chat")));
    let unknown = ConversationId(histories.bench.stores.ids.next());
    let nothing = histories.instances[1].get(histories.owner, unknown, None, Freshness::Verified).await;
    assert!(matches!(nothing, Err(ConversationError::NotFound)), "{nothing:?}");
    let nothing = histories.instances[0]
        .append(histories.owner, unknown, NewMessage { id: None, content: content("hello") }, None)
        .await;
    assert!(matches!(nothing, Err(ConversationError::NotFound)), "{nothing:?}");
}

async fn a_message_may_be_sent_again(histories: Histories) {
    let id = histories.created().await;
    let message = NewMessage { id: Some(MessageId(uuid::Uuid::from_u128(7))), content: content("once") };
    let mut first = None;
    for instance in [0, 1, 0] {
        let (kept, _) = histories.instances[instance].append(histories.owner, id, message.clone(), None).await.unwrap();
        assert_eq!(first.get_or_insert_with(|| kept.clone()).id, kept.id);
        histories.bench.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(histories.texts(1, id).await, ["once"]);
}

async fn an_id_is_not_taken_for_another_message(histories: Histories) {
    let id = histories.created().await;
    let message_id = Some(MessageId(uuid::Uuid::from_u128(7)));
    let first = NewMessage { id: message_id, content: content("first") };
    histories.instances[0].append(histories.owner, id, first, None).await.unwrap();
    for instance in [1, 0] {
        histories.bench.clock.advance(Duration::from_secs(60));
        let second = NewMessage { id: message_id, content: content("second") };
        let refused = histories.instances[instance].append(histories.owner, id, second, None).await;
        assert!(matches!(refused, Err(ConversationError::MessageExists)), "{refused:?}");
    }
    assert_eq!(histories.texts(1, id).await, ["first"]);
}

async fn a_conversation_is_its_owners(histories: Histories) {
    let id = histories.created().await;
    histories.say(0, id, "mine").await;
    let other = histories.bench.account("eve", Role::User).await.id;
    for history in &histories.instances {
        let hers = NewMessage { id: None, content: content("hers") };
        assert!(matches!(history.append(other, id, hers, None).await, Err(ConversationError::NotFound)));
        assert!(matches!(history.rename(other, id, "hers").await, Err(ConversationError::NotFound)));
        assert!(matches!(history.delete(other, id).await, Err(ConversationError::NotFound)));
        let read = history.get(other, id, None, Freshness::Verified).await;
        assert!(matches!(read, Err(ConversationError::NotFound)), "{read:?}");
        assert!(history.list(other, None, None, 10).await.unwrap().is_empty());
    }
    assert_eq!(histories.texts(1, id).await, ["mine"]);
}

async fn a_deleted_conversation_stays_deleted(histories: Histories) {
    let id = histories.created().await;
    histories.say(0, id, "mine").await;
    assert_eq!(histories.texts(1, id).await, ["mine"]);
    histories.instances[1].delete(histories.owner, id).await.unwrap();
    for history in &histories.instances {
        let late = NewMessage { id: None, content: content("late") };
        assert!(matches!(history.append(histories.owner, id, late, None).await, Err(ConversationError::NotFound)));
        let read = history.get(histories.owner, id, None, Freshness::Verified).await;
        assert!(matches!(read, Err(ConversationError::NotFound)), "{read:?}");
        history.flush(None).await.unwrap();
        assert!(history.list(histories.owner, None, None, 10).await.unwrap().is_empty());
    }
}

async fn the_last_name_stays(histories: Histories) {
    let id = histories.created().await;
    let title = async |instance: usize| {
        histories.instances[instance].get(histories.owner, id, None, Freshness::Verified).await.unwrap().title()
    };
    assert_eq!(title(1).await.as_deref(), Some("A chat"));
    histories.instances[1].rename(histories.owner, id, "Second").await.unwrap();
    // The clock of the machine is set back: who writes last stays last all the same.
    histories.bench.clock.set_back(Duration::from_secs(3600));
    histories.instances[0].rename(histories.owner, id, "Third").await.unwrap();
    assert_eq!((title(0).await, title(1).await), (Some("Third".into()), Some("Third".into())));
    histories.instances[1].rename(histories.owner, id, "\0\u{202e}\"").await.unwrap();
    assert_eq!(title(0).await.as_deref(), Some("\0\u{202e}\""));
}

async fn a_generated_message_grows_and_becomes_whole(histories: Histories) {
    let id = histories.created().await;
    let (history, message) = (&histories.instances[0], MessageId(uuid::Uuid::from_u128(9)));
    for (part, text) in [(1, "a"), (3, "abc"), (2, "ab")] {
        history.checkpoint(histories.owner, id, message, part, &content(text)).await.unwrap();
    }
    let read = history.get(histories.owner, id, Some(message), Freshness::Verified).await.unwrap();
    let so_far = read.state.message(message).unwrap();
    assert_eq!((so_far.content.content.as_str(), so_far.is_whole), ("abc", false));
    let whole = NewMessage { id: Some(message), content: content("abcd") };
    history.append(histories.owner, id, whole, None).await.unwrap();
    history.checkpoint(histories.owner, id, message, 4, &content("late")).await.unwrap();
    let read = histories.instances[1].get(histories.owner, id, Some(message), Freshness::Verified).await.unwrap();
    let whole = read.state.message(message).unwrap();
    assert_eq!((whole.content.content.as_str(), whole.is_whole), ("abcd", true));
}

async fn all_that_several_write_at_once_is_kept(histories: Histories) {
    let id = histories.created().await;
    let writers = (0..8).map(|writer: usize| {
        let (history, owner) = (histories.instances[writer % 2].clone(), histories.owner);
        tokio::spawn(async move {
            for number in 0..25 {
                let message = NewMessage { id: None, content: content(&format!("{writer}.{number}")) };
                let wanted = if number % 2 == 0 { Acknowledgement::Durable } else { Acknowledgement::Fast };
                history.append(owner, id, message, Some(wanted)).await.unwrap();
            }
        })
    });
    futures::future::try_join_all(writers).await.unwrap();
    for history in &histories.instances {
        assert_eq!(history.flush(None).await.unwrap().remaining, 0);
    }
    let stored = histories.instances[1].get(histories.owner, id, None, Freshness::Verified).await.unwrap();
    assert_eq!(stored.state.messages().len(), 200);
}

async fn feedback_is_given_and_taken_back(histories: Histories) {
    let id = histories.created().await;
    let message = histories.say(0, id, "an answer").await;
    let feedback = async || {
        let read = histories.instances[1].get(histories.owner, id, None, Freshness::Verified).await.unwrap();
        read.state.feedback(message).unwrap_or_default()
    };
    assert_eq!(feedback().await, json!(null));
    histories.instances[0].give_feedback(histories.owner, id, message, &json!({"rating": 1})).await.unwrap();
    assert_eq!(feedback().await, json!({"rating": 1}));
    histories.instances[1].give_feedback(histories.owner, id, message, &json!(null)).await.unwrap();
    assert_eq!(feedback().await, json!(null));
    let unknown = MessageId(uuid::Uuid::from_u128(1));
    let refused = histories.instances[0].give_feedback(histories.owner, id, unknown, &json!(1)).await;
    assert!(matches!(refused, Err(ConversationError::NotFound)), "{refused:?}");
}

async fn too_long_messages_are_refused(histories: Histories) {
    let id = histories.created().await;
    let long = NewMessage { id: None, content: content(&"x".repeat(5 << 20)) };
    let refused = histories.instances[0].append(histories.owner, id, long, None).await;
    assert!(matches!(refused, Err(ConversationError::TooLong { limit: 4_194_304, .. })), "{refused:?}");
    let text = format!("{}\0", "word ".repeat(400_000));
    histories.say(0, id, &text).await;
    assert_eq!(histories.texts(1, id).await, [text]);
}

async fn nothing_waits_after_a_flush(histories: Histories) {
    let id = histories.created().await;
    for number in 0..20 {
        let message = NewMessage { id: None, content: content(&format!("{number}")) };
        histories.instances[0].append(histories.owner, id, message, Some(Acknowledgement::Fast)).await.unwrap();
    }
    let flushed = histories.instances[0].flush(Some(histories.owner)).await.unwrap();
    assert_eq!(flushed.remaining, 0);
    let stored = histories.stores.conversations.read(id).await.unwrap().unwrap();
    assert_eq!(stored.state.messages().len(), 20);
    let backlog = histories.instances[0].backlog().await;
    assert_eq!((backlog.changes, backlog.journal.map_or(0, |journal| journal.conversations)), (0, 0));
}

async fn what_nobody_uses_goes_after_its_time(histories: Histories) {
    let (old, used) = (histories.created().await, histories.created().await);
    histories.say(0, used, "hello").await;
    let day = Duration::from_secs(24 * 3600);
    histories.bench.clock.advance(20 * day);
    histories.say(0, used, "hello again").await;
    histories.bench.clock.advance(20 * day);
    let mut policy = Policy::default();
    policy.history.retention = Some(30 * day);
    let history = ConversationService::new(histories.stores.clone(), Arc::new(policy));
    history.write_back().await.unwrap();
    let left = histories.instances[1].list(histories.owner, None, None, 10).await.unwrap();
    assert_eq!(left.iter().map(|left| left.id).collect::<Vec<_>>(), [used]);
    let read = histories.instances[1].get(histories.owner, old, None, Freshness::Verified).await;
    assert!(matches!(read, Err(ConversationError::NotFound)), "{read:?}");
}

async fn exports_have_everything(histories: Histories) {
    let id = histories.created().await;
    let question = histories.say(0, id, "How many?").await;
    for (number, text) in [(1, "Three."), (2, "Four.")] {
        let answer = Content {
            role: Speaker::Assistant,
            content: text.into(),
            parent: Some(question),
            details: Some(json!({"sql": "SELECT 4"})),
        };
        histories.bench.clock.advance(Duration::from_secs(number));
        let message = NewMessage { id: None, content: answer };
        histories.instances[0].append(histories.owner, id, message, None).await.unwrap();
    }
    let read = histories.instances[1].get(histories.owner, id, None, Freshness::Verified).await.unwrap();
    let text = read.export(ExportFormat::Markdown);
    assert!(text.starts_with("# A chat\n") && text.contains("How many?") && text.contains("Four."), "{text}");
    assert!(!text.contains("Three."), "another branch");
    let json: serde_json::Value = serde_json::from_str(&read.export(ExportFormat::Json)).unwrap();
    assert_eq!(json["messages"].as_array().unwrap().len(), 3);
    assert_eq!(json["messages"][1]["parent_id"], json["messages"][0]["id"]);
    assert_eq!(json["messages"][1]["details"]["sql"], "SELECT 4");
}

async fn temporary_conversations_need_something_shared(histories: Histories) {
    let session = histories.bench.session_of(histories.owner).await.id;
    histories.bench.connected().await;
    let made = histories.instances[0].create_temporary(histories.owner, session, None, None).await;
    if histories.stores.hot_conversations.is_none() {
        assert!(matches!(made, Err(ConversationError::NothingShared)), "{made:?}");
        assert_eq!(histories.stores.temporary_conversations.remove_session(session).await.unwrap(), 0);
        return;
    }
    let id = made.unwrap().0.id;
    histories.say(0, id, "between us").await;
    assert_eq!(histories.texts(1, id).await, ["between us"]);
    assert_eq!(histories.stores.temporary_conversations.remove_session(session).await.unwrap(), 1);
}

async fn what_is_made_while_its_session_ends_is_taken_back(histories: Histories) {
    let session = histories.bench.session_of(histories.owner).await.id;
    histories.bench.connected().await;
    // One process shares with itself.
    let history = ConversationService::new(histories.stores.clone(), Arc::new(Policy::default()));
    history.create_temporary(histories.owner, session, None, None).await.unwrap();
    let sessions = &histories.stores.sessions;
    assert!(sessions.close(session, histories.bench.now()).await.unwrap());
    let late = history.create_temporary(histories.owner, session, None, None).await;
    assert!(matches!(late, Err(ConversationError::NotFound)), "{late:?}");
    let left = histories.stores.temporary_conversations.remove_session(session).await.unwrap();
    assert_eq!(left, 0, "nothing stays that nobody would remove");
}
