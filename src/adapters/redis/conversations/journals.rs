//! Reading journals and making them again, in portions: one message with all that a process may have acknowledged is not answered in time.

use std::{collections::BTreeSet, time::Duration};

use redis::{Pipeline, Value};

use super::{CALLS_AT_ONCE, RedisConversations, call, damaged, millis, reply::registers, scripts, unreadable};
use crate::{
    domain::{ConversationId, UserId, conversation::Change},
    ports::{
        StoreError,
        hot_conversations::{Journaled, Lives},
    },
};

/// So many conversations of a partition are taken up at once.
const AT_ONCE: usize = 4;

/// Bytes of a message, about, unless one value has more.
const PORTION: usize = 1 << 20;

/// A field of a conversation's journal.
struct Field {
    /// The conversation, as a place among those that are read together.
    of: usize,
    name: Vec<u8>,
    bytes: usize,
}

impl RedisConversations {
    pub(super) async fn journal_in_portions(&self, changes: &[Change]) -> Result<Lives, StoreError> {
        let mut lives = Lives::default();
        for some in portions(changes, |change| change.entry.value.len()) {
            let mut calls = Pipeline::new();
            for change in some {
                let mut call = call(&self.scripts.journal_again, change.conversation);
                call.arg(change.conversation.to_string()).arg(change.owner.to_string());
                call.arg(change.register.to_string()).arg(self.encoding.write(&change.entry));
                calls.invoke_script(&call);
            }
            self.in_lives("journal again", calls, &mut lives).await?;
        }
        Ok(lives)
    }

    pub(super) async fn oldest_journals(
        &self,
        age: Duration,
        passed_over: &BTreeSet<ConversationId>,
    ) -> Result<Vec<(ConversationId, Option<UserId>)>, StoreError> {
        let now = self.now().await?;
        let mut calls = Pipeline::new();
        for partition in 0..scripts::PARTITIONS {
            // These may still be there, or have been joined by another.
            let before = passed_over.iter().filter(|id| scripts::partition(**id) == partition).count();
            calls.cmd("ZRANGEBYSCORE").arg(scripts::journaled(partition));
            calls.arg(0).arg(now.saturating_sub(millis(age))).arg("LIMIT").arg(0).arg(before + AT_ONCE);
        }
        let answers = self.together("look for journals", &calls).await?;
        let ids = answers.into_iter().map(redis::from_redis_value::<Vec<String>>);
        let ids: Vec<String> = ids.collect::<Result<Vec<_>, _>>().map_err(unreadable)?.concat();
        let ids = ids.iter().filter_map(|id| id.parse().ok()).filter(|id| !passed_over.contains(id));
        let ids: Vec<ConversationId> = ids.collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut calls = Pipeline::new();
        for id in &ids {
            calls.cmd("HGET").arg(scripts::journal(*id)).arg("o");
        }
        let owners = self.together("look for owners of journals", &calls).await?;
        let owner = |value| {
            let owner: Option<String> = redis::from_redis_value(value).ok()?;
            Some(UserId(owner?.parse().ok()?))
        };
        Ok(ids.into_iter().zip(owners.into_iter().map(owner)).collect())
    }

    pub(super) async fn read_journals(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<(ConversationId, Result<Journaled, StoreError>)>, StoreError> {
        let fields = self.fields_of(ids).await?;
        let mut hashes: Vec<Vec<Value>> = vec![Vec::new(); ids.len()];
        for some in portions(&fields, |field| field.bytes) {
            let mut calls = Pipeline::new();
            for Field { of, name, .. } in some {
                calls.cmd("HGET").arg(scripts::journal(ids[*of])).arg(name);
            }
            for (Field { of, name, .. }, value) in some.iter().zip(self.together("read journals", &calls).await?) {
                // Cleared meanwhile.
                if value != Value::Nil {
                    hashes[*of].extend([Value::BulkString(name.clone()), value]);
                }
            }
        }
        let read = |(id, hash)| match registers(Value::Array(hash)) {
            Some(journal) => journal.owner.is_some().then_some((id, Ok(journal))),
            None => Some((id, Err(damaged("read a journal")))),
        };
        Ok(ids.iter().copied().zip(hashes).filter_map(read).collect())
    }

    /// What is in journals, and how much of it.
    async fn fields_of(&self, ids: &[ConversationId]) -> Result<Vec<Field>, StoreError> {
        let mut fields = Vec::new();
        for (first, some) in ids.chunks(CALLS_AT_ONCE).enumerate() {
            let mut calls = Pipeline::new();
            for id in some {
                calls.cmd("HKEYS").arg(scripts::journal(*id));
            }
            let answers = self.together("look into journals", &calls).await?;
            for (of, names) in (first * CALLS_AT_ONCE..).zip(answers) {
                let names: Vec<Vec<u8>> = redis::from_redis_value(names).map_err(unreadable)?;
                fields.extend(names.into_iter().map(|name| Field { of, name, bytes: 0 }));
            }
        }
        for some in fields.chunks_mut(CALLS_AT_ONCE) {
            let mut calls = Pipeline::new();
            for Field { of, name, .. } in &*some {
                calls.cmd("HSTRLEN").arg(scripts::journal(ids[*of])).arg(name);
            }
            let lengths = self.together("measure journals", &calls).await?;
            for (field, length) in some.iter_mut().zip(lengths) {
                field.bytes = redis::from_redis_value(length).map_err(unreadable)?;
            }
        }
        Ok(fields)
    }
}

/// Neighbours that go in one message.
fn portions<T>(all: &[T], bytes: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let (mut portions, mut start, mut sum) = (Vec::new(), 0, 0);
    for (at, one) in all.iter().enumerate() {
        sum += bytes(one);
        if at > start && (sum > PORTION || at - start == CALLS_AT_ONCE) {
            portions.push(&all[start..at]);
            (start, sum) = (at, bytes(one));
        }
    }
    if start < all.len() {
        portions.push(&all[start..]);
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_small_and_have_everything() {
        let lengths = |sizes: &[usize]| portions(sizes, |size| *size).iter().map(|some| some.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&[]), [0; 0]);
        assert_eq!(lengths(&[5 << 20, 1, 2, 3 << 20, PORTION, 7]), [1, 2, 1, 1, 1]);
        assert_eq!(lengths(&[1; 600]), [256, 256, 88]);
    }
}
