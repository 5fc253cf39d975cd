//! Temporary conversations in Redis: a hash for each, which ends by itself, and what those of each session take, and all together.

use std::time::Duration;

use async_trait::async_trait;
use redis::{Pipeline, Script, ScriptInvocation, Value};

use super::{
    damaged,
    encoding::Encoding,
    reply::{Reply, registers},
};
use crate::{
    adapters::redis::{RedisServer, millis},
    domain::{
        ConversationId, SessionId,
        conversation::{Change, ENTRY_BYTES},
    },
    ports::{
        StoreError, TemporaryConversations,
        conversations::Stored,
        temporary_conversations::{Put, Room},
    },
};

/// Temporary conversations that all instances share.
pub struct RedisTemporaryConversations {
    server: RedisServer,
    encoding: Encoding,
    make: Script,
    put: Script,
    remove: Script,
    remove_session: Script,
}

macro_rules! script {
    ($file:literal) => {
        Script::new(concat!(include_str!("temporary/common.lua"), "\n", include_str!($file)))
    };
}

impl RedisTemporaryConversations {
    /// In this server; values above so many bytes are compressed.
    #[must_use]
    pub fn new(server: RedisServer, compress_above: usize) -> Self {
        Self {
            server,
            encoding: Encoding { compress_above },
            make: script!("temporary/make.lua"),
            put: script!("temporary/put.lua"),
            remove: script!("temporary/remove.lua"),
            remove_session: script!("temporary/remove_session.lua"),
        }
    }

    /// Runs one of the scripts that take changes in.
    async fn take_in(
        &self,
        operation: &'static str,
        mut call: ScriptInvocation<'_>,
        session: Option<SessionId>,
        changes: &[Change],
        (keep, room): (Duration, Room),
    ) -> Result<Put, StoreError> {
        let Some(first) = changes.first() else { return Ok(Put::Kept) };
        let session = session.map(|session| session.to_string()).unwrap_or_default();
        call.key(key(first.conversation)).arg(first.conversation.to_string()).arg(session);
        call.arg(first.owner.to_string()).arg(millis(keep)).arg(ENTRY_BYTES);
        call.arg(room.conversations).arg(room.session_bytes).arg(room.all_bytes);
        for change in changes {
            call.arg(change.register.to_string()).arg(self.encoding.write(&change.entry));
        }
        let answer = self.server.script(operation, &call).await?;
        Reply::of(answer).and_then(Reply::put).ok_or_else(|| damaged(operation))
    }
}

#[async_trait]
impl TemporaryConversations for RedisTemporaryConversations {
    async fn make(
        &self,
        session: SessionId,
        changes: &[Change],
        keep: Duration,
        room: Room,
    ) -> Result<Put, StoreError> {
        let call = self.make.prepare_invoke();
        self.take_in("make temporary conversation", call, Some(session), changes, (keep, room)).await
    }

    async fn put(&self, changes: &[Change], keep: Duration, room: Room) -> Result<Put, StoreError> {
        let call = self.put.prepare_invoke();
        self.take_in("write temporary conversation", call, None, changes, (keep, room)).await
    }

    async fn read(&self, id: ConversationId, keep: Duration) -> Result<Option<Stored>, StoreError> {
        let operation = "read temporary conversation";
        let mut calls = Pipeline::new();
        calls.cmd("HGETALL").arg(key(id));
        calls.cmd("PEXPIRE").arg(key(id)).arg(millis(keep)).ignore();
        let [found]: [Value; 1] = self.server.pipeline(operation, &calls, &[]).await?;
        let found = registers(found).ok_or_else(|| damaged(operation))?;
        Ok(found.owner.map(|owner| Stored { owner, state: found.state }))
    }

    async fn remove(&self, id: ConversationId) -> Result<(), StoreError> {
        let mut call = self.remove.key(key(id));
        call.arg(id.to_string());
        self.server.script("remove temporary conversation", &call).await
    }

    async fn remove_session(&self, session: SessionId) -> Result<u64, StoreError> {
        let mut call = self.remove_session.key(format!("ret:tb:{session}"));
        call.arg(session.to_string());
        self.server.script("remove temporary conversations", &call).await
    }
}

fn key(id: ConversationId) -> String {
    format!("ret:t:{id}")
}
