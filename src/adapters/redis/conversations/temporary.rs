//! Temporary conversations in Redis: a hash for each, which ends by itself, and a set of those of each session.

use std::time::Duration;

use async_trait::async_trait;
use redis::{Pipeline, Script, Value};

use super::{
    damaged,
    encoding::Encoding,
    reply::{Reply, registers},
};
use crate::{
    adapters::redis::{RedisServer, millis},
    domain::{ConversationId, SessionId, conversation::Change},
    ports::{StoreError, TemporaryConversations, conversations::Stored, temporary_conversations::Put},
};

/// Temporary conversations that all instances share.
pub struct RedisTemporaryConversations {
    server: RedisServer,
    encoding: Encoding,
    put: Script,
}

impl RedisTemporaryConversations {
    /// In this server; values above so many bytes are compressed.
    #[must_use]
    pub fn new(server: RedisServer, compress_above: usize) -> Self {
        let put = Script::new(include_str!("put_temporary.lua"));
        Self { server, encoding: Encoding { compress_above }, put }
    }

    /// Registers and entries, as they are kept.
    fn fields(&self, changes: &[Change]) -> Vec<(String, Vec<u8>)> {
        changes.iter().map(|change| (change.register.to_string(), self.encoding.write(&change.entry))).collect()
    }
}

#[async_trait]
impl TemporaryConversations for RedisTemporaryConversations {
    async fn make(&self, session: SessionId, changes: &[Change], keep: Duration) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let (conversation, set) = (key(first.conversation), set_of(session));
        let mut calls = Pipeline::new();
        // First what finds it again: the end of the session removes it, and has no time to live, so that it is not evicted before.
        calls.cmd("SADD").arg(&set).arg(first.conversation.to_string()).ignore();
        calls.cmd("HSET").arg(&conversation).arg("o").arg(first.owner.to_string());
        for (register, entry) in self.fields(changes) {
            calls.arg(register).arg(entry);
        }
        calls.ignore();
        calls.cmd("PEXPIRE").arg(&conversation).arg(millis(keep)).ignore();
        self.server.pipeline("make temporary conversation", &calls, &[]).await
    }

    async fn put(&self, changes: &[Change], keep: Duration) -> Result<Put, StoreError> {
        let Some(first) = changes.first() else { return Ok(Put::Kept) };
        let operation = "write temporary conversation";
        let mut call = self.put.key(key(first.conversation));
        call.arg(first.owner.to_string()).arg(millis(keep));
        for (register, entry) in self.fields(changes) {
            call.arg(register).arg(entry);
        }
        let answer = self.server.script(operation, &call).await?;
        Reply::of(answer).and_then(Reply::put).ok_or_else(|| damaged(operation))
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
        self.server.command("remove temporary conversation", redis::cmd("UNLINK").arg(key(id))).await
    }

    async fn remove_session(&self, session: SessionId) -> Result<u64, StoreError> {
        let operation = "remove temporary conversations";
        let ids: Vec<String> = self.server.command(operation, redis::cmd("SMEMBERS").arg(set_of(session))).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut calls = Pipeline::new();
        for id in ids.iter().filter_map(|id| id.parse().ok()) {
            calls.cmd("UNLINK").arg(key(id));
        }
        let removed: Vec<u64> = self.server.pipeline(operation, &calls, &[]).await?;
        self.server.command::<()>(operation, redis::cmd("UNLINK").arg(set_of(session))).await?;
        Ok(removed.into_iter().sum())
    }
}

fn key(id: ConversationId) -> String {
    format!("ret:t:{id}")
}

fn set_of(session: SessionId) -> String {
    format!("ret:ts:{session}")
}
