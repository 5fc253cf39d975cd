//! Changes that the database refused, set aside.

use redis::Pipeline;
use serde::{Deserialize, Serialize};

use super::{
    RedisConversations,
    encoding::{self, Encoding},
    scripts::{self, PARTITIONS},
    unreadable,
};
use crate::{
    domain::{ConversationId, UserId, conversation::Change},
    ports::{StoreError, hot_conversations::DeadLetter},
};

/// A dead letter as it is kept.
#[derive(Serialize, Deserialize)]
struct Letter {
    conversation: ConversationId,
    owner: UserId,
    register: String,
    entry: String,
    why: String,
}

impl Letter {
    fn of(letter: &DeadLetter) -> Self {
        let change = &letter.change;
        // Not compressed, so that it is text.
        let entry = Encoding { compress_above: usize::MAX }.write(&change.entry);
        Self {
            conversation: change.conversation,
            owner: change.owner,
            register: change.register.to_string(),
            entry: String::from_utf8_lossy(&entry).into_owned(),
            why: letter.why.clone(),
        }
    }

    fn read(self) -> Option<DeadLetter> {
        let (register, entry) = (self.register.parse().ok()?, encoding::read(self.entry.as_bytes())?);
        let change = Change { conversation: self.conversation, owner: self.owner, register, entry };
        Some(DeadLetter { change, why: self.why })
    }
}

impl RedisConversations {
    pub(super) async fn keep_letter(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let change = &letter.change;
        let text = serde_json::to_string(&Letter::of(letter)).map_err(unreadable)?;
        let mut put = redis::cmd("HSET");
        put.arg(scripts::dead_letters(scripts::partition(change.conversation)));
        // Messages of one id have one revision; what was refused of both is kept.
        let (revision, at) = (change.entry.revision.number(), change.entry.at.as_millis());
        put.arg(format!("{}|{}|{revision}|{at}", change.conversation, change.register)).arg(text);
        self.server.command("set aside", &put).await
    }

    pub(super) async fn letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let mut calls = Pipeline::new();
        for partition in 0..PARTITIONS {
            calls.cmd("HVALS").arg(scripts::dead_letters(partition));
        }
        let answers = self.together("read dead letters", &calls).await?;
        let texts = answers.into_iter().map(redis::from_redis_value::<Vec<String>>);
        let texts: Vec<String> = texts.collect::<Result<Vec<_>, _>>().map_err(unreadable)?.concat();
        Ok(texts.iter().filter_map(|text| serde_json::from_str::<Letter>(text).ok()?.read()).collect())
    }
}
