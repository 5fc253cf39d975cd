//! The history under faults: schedules that each need one fence, and a laboratory of random ones.

mod cut;
mod lab;
mod left;
mod schedules;
mod two_servers;

use std::{sync::Arc, time::Duration};

use ret::{
    adapters::redis::RedisConversations,
    domain::{
        ConversationId, MessageId, Role, Timestamp, UserId,
        conversation::{Change, Content, Entry, Field, Register, Revision, Speaker, State},
    },
    ports::Conversations,
};

use self::lab::Proxy;
use crate::{contracts::Bench, harness::Redis};

/// How long copies are kept in these tests: longer than any of them takes.
const KEPT: Duration = Duration::from_secs(1800);

/// The hot tier in a server.
fn hot_in(redis: &Redis) -> RedisConversations {
    RedisConversations::new(redis.connected(), KEPT, 1 << 20)
}

/// The hot tier in whichever server a line leads to.
fn hot_through(line: &Proxy) -> RedisConversations {
    let server = Redis::connected_at(&format!("redis://{}", line.address));
    RedisConversations::new(server, KEPT, 1 << 20)
}

/// A database, and somebody whose conversations are kept there.
struct Home {
    bench: Bench,
    database: Arc<dyn Conversations>,
    owner: UserId,
}

impl Home {
    async fn new() -> Option<Self> {
        let bench = Bench::azure().await?;
        let owner = bench.account("ada", Role::User).await.id;
        Some(Self { database: bench.stores.conversations.clone(), bench, owner })
    }

    fn new_conversation(&self) -> ConversationId {
        ConversationId(self.bench.stores.ids.next())
    }

    fn titled(&self, conversation: ConversationId) -> Change {
        self.change(conversation, Register::Field(Field::Title), Revision::new(1), "\"chat\"")
    }

    /// A message, or as much of it as there is at a revision.
    fn said(&self, conversation: ConversationId, message: MessageId, revision: Revision) -> Change {
        let text = revision.number().to_string();
        let content = Content { role: Speaker::User, content: text, parent: None, details: None };
        self.change(conversation, Register::Message(message), revision, &serde_json::to_string(&content).unwrap())
    }

    fn change(&self, conversation: ConversationId, register: Register, revision: Revision, value: &str) -> Change {
        let entry = Entry { revision, at: Timestamp::from_millis(1_000), value: value.into() };
        Change { conversation, owner: self.owner, register, entry }
    }

    fn new_message(&self) -> MessageId {
        MessageId(self.bench.stores.ids.next())
    }
}

fn has(state: &State, message: MessageId) -> bool {
    state.message(message).is_some()
}
