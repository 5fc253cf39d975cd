//! Conversations in Redis: copies with a time to live, and the journal without one, so that `volatile-lru` takes only copies.
//!
//! Every change is one script, so it happens whole or not at all; what each does stands in its file.

mod checks;
mod encoding;
mod journals;
mod letters;
mod reply;
mod scripts;
mod temporary;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use redis::{Pipeline, Value};

pub use self::temporary::RedisTemporaryConversations;
use self::{
    checks::Checks,
    encoding::Encoding,
    reply::Reply,
    scripts::{PARTITIONS, Scripts, call},
};
use super::{RedisServer, millis, report};
use crate::{
    domain::{
        ConversationId, UserId,
        conversation::{Change, Register, Revision, State},
    },
    ports::{
        HotConversations, StoreError,
        error::StoreErrorKind,
        hot_conversations::{
            Backlog, DeadLetter, FillLease, Incarnation, Journaled, Life, Lives, LookUp, Tag, Written,
        },
    },
};

/// A fill lease that nobody uses ends after this: its holder died, or the database does not answer.
const LEASE_HOLDS: Duration = Duration::from_secs(5);

/// How long it is known without asking that a conversation was deleted.
const TOMBSTONE_KEPT: Duration = Duration::from_secs(60);

/// So many calls go in one message.
const CALLS_AT_ONCE: usize = 256;

/// The hot tier in Redis.
pub struct RedisConversations {
    server: RedisServer,
    keep_copies: Duration,
    encoding: Encoding,
    scripts: Scripts,
    checks: Checks,
    /// The life that the server was last seen in.
    seen: Mutex<Option<Incarnation>>,
}

impl RedisConversations {
    /// Keeps copies for so long after they were filled in, and compresses values above so many bytes.
    #[must_use]
    pub fn new(server: RedisServer, keep_copies: Duration, compress_above: usize) -> Self {
        let scripts = Scripts::new(str::to_owned);
        let checks = Checks::new(server.clone());
        Self { server, keep_copies, encoding: Encoding { compress_above }, scripts, checks, seen: Mutex::default() }
    }

    /// The same with other scripts: for tests, which take a fence out and show that it is needed.
    #[doc(hidden)]
    #[must_use]
    pub fn with_scripts(self, change: impl Fn(&str) -> String) -> Self {
        Self { scripts: Scripts::new(change), ..self }
    }

    fn sees(&self, incarnation: &Incarnation) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.as_ref() != Some(incarnation) {
            *seen = Some(Arc::clone(incarnation));
        }
    }

    fn seen(&self) -> Option<Incarnation> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn token(&self) -> String {
        let mut random = [0; 16];
        self.server.random.fill(&mut random);
        u128::from_ne_bytes(random).to_string()
    }

    /// Calls in one message.
    async fn together(&self, operation: &'static str, calls: &Pipeline) -> Result<Vec<Value>, StoreError> {
        self.server.pipeline(operation, calls, &self.scripts.all()).await
    }

    /// The same, and which life answers.
    async fn in_lives(
        &self,
        operation: &'static str,
        mut calls: Pipeline,
        lives: &mut Lives,
    ) -> Result<Vec<Value>, StoreError> {
        calls.cmd("INFO").arg("replication");
        let mut answers = self.together(operation, &calls).await?;
        let about: String = redis::from_redis_value(answers.pop().unwrap_or(Value::Nil)).map_err(unreadable)?;
        lives.answered(self.life_told_by(&about).await?);
        Ok(answers)
    }

    async fn life_told_by(&self, about: &str) -> Result<Incarnation, StoreError> {
        match report::life(about) {
            Some(life) => Ok(life.into()),
            None => Ok(self.life().await?.incarnation),
        }
    }
}

#[async_trait]
impl HotConversations for RedisConversations {
    async fn life(&self) -> Result<Life, StoreError> {
        let call = self.scripts.life.prepare_invoke();
        let (incarnation, eviction, is_told): (String, String, bool) =
            self.server.script("ask who it is", &call).await?;
        let incarnation = incarnation.into();
        self.sees(&incarnation);
        Ok(Life { incarnation, keeps_journal: is_told && report::eviction_is_safe(&eviction) })
    }

    async fn look_up(&self, id: ConversationId, known: Option<&Tag>) -> Result<LookUp, StoreError> {
        if let Some(known) = known
            && self.checks.tag(id).await?.as_ref() == Some(known)
        {
            return Ok(LookUp::Unchanged);
        }
        let mut call = call(&self.scripts.look_up, id);
        call.arg(self.token()).arg(millis(LEASE_HOLDS));
        let answer = self.server.script("look up conversation", &call).await?;
        let looked_up = Reply::of(answer).and_then(Reply::look_up).ok_or_else(|| damaged("look up conversation"))?;
        if let LookUp::Found { incarnation, .. } | LookUp::Missing { lease: FillLease { incarnation, .. }, .. } =
            &looked_up
        {
            self.sees(incarnation);
        }
        Ok(looked_up)
    }

    async fn write(&self, changes: &[Change], makes_it: Option<&FillLease>) -> Result<Written, StoreError> {
        let Some(first) = changes.first() else { return Err(damaged("write no change")) };
        let mut call = call(&self.scripts.write, first.conversation);
        let life = makes_it.map(|lease| Arc::clone(&lease.incarnation)).or_else(|| self.seen());
        call.arg(first.conversation.to_string()).arg(first.owner.to_string()).arg(life.as_deref().unwrap_or_default());
        call.arg(makes_it.map_or("", |lease| &*lease.token)).arg(self.token()).arg(self.keep_copies.as_secs().max(1));
        for change in changes {
            call.arg(change.register.to_string()).arg(self.encoding.write(&change.entry));
        }
        let operation = "write conversation";
        let Some(life) = life else {
            let answer = self.server.script(operation, &call).await?;
            return Reply::of(answer).and_then(Reply::written).ok_or_else(|| damaged(operation));
        };
        // Asked afterwards, by a plain command: in a script that takes as long as all the rest.
        let mut calls = Pipeline::with_capacity(2);
        calls.invoke_script(&call).cmd("INFO").arg("replication");
        let (answer, about): (Value, String) = self.server.pipeline(operation, &calls, &self.scripts.all()).await?;
        let written = Reply::of(answer).and_then(Reply::written).ok_or_else(|| damaged(operation))?;
        let now = self.life_told_by(&about).await?;
        if now == life {
            return Ok(written);
        }
        self.sees(&now);
        // The copy is of a life that has ended, or of another server; the journal is of this one.
        Ok(match written {
            Written::Kept { .. } => Written::Kept { incarnation: now, tag: Tag::new() },
            Written::Gone => Written::Gone,
            _ => Written::NoCopy,
        })
    }

    async fn end(&self, tombstone: &Change) -> Result<Written, StoreError> {
        let mut call = call(&self.scripts.end, tombstone.conversation);
        call.arg(tombstone.conversation.to_string()).arg(tombstone.owner.to_string());
        call.arg(self.encoding.write(&tombstone.entry));
        let answer = self.server.script("end conversation", &call).await?;
        Reply::of(answer).and_then(Reply::written).ok_or_else(|| damaged("end conversation"))
    }

    async fn clear(&self, kept: &BTreeMap<ConversationId, Vec<(Register, Revision)>>) -> Result<(), StoreError> {
        let kept: Vec<_> = kept.iter().collect();
        for some in kept.chunks(CALLS_AT_ONCE) {
            let mut calls = Pipeline::new();
            for (id, registers) in some {
                let mut call = call(&self.scripts.clear, **id);
                call.arg(id.to_string());
                for (register, revision) in *registers {
                    call.arg(register.to_string()).arg(revision.number());
                }
                calls.invoke_script(&call);
            }
            self.together("clear conversations", &calls).await?;
        }
        Ok(())
    }

    async fn fill(
        &self,
        id: ConversationId,
        lease: &FillLease,
        owner: UserId,
        state: &State,
    ) -> Result<Option<Tag>, StoreError> {
        let kept_for = if state.is_deleted() { TOMBSTONE_KEPT.min(self.keep_copies) } else { self.keep_copies };
        let mut call = call(&self.scripts.fill, id);
        call.arg(&lease.token).arg(&*lease.incarnation).arg(kept_for.as_secs().max(1)).arg(owner.to_string());
        let token = self.token();
        call.arg(&token);
        for (register, entry) in state.entries() {
            call.arg(register.to_string()).arg(self.encoding.write(entry));
        }
        if state.is_deleted() {
            call.arg(Register::Tombstone.to_string()).arg("0|0|");
        }
        let done: bool = self.server.script("fill conversation", &call).await?;
        Ok(done.then(|| format!("{token}:0")))
    }

    async fn forget_all(&self) -> Result<Lives, StoreError> {
        let (mut lives, mut cursor) = (Lives::default(), 0_u64);
        loop {
            let mut scan = Pipeline::new();
            scan.cmd("SCAN").arg(cursor).arg("MATCH").arg("ret:[cl]:{*}:*").arg("COUNT").arg(1000);
            let found = self.in_lives("look for copies", scan, &mut lives).await?.pop().unwrap_or(Value::Nil);
            let (next, names): (u64, Vec<Vec<u8>>) = redis::from_redis_value(found).map_err(unreadable)?;
            if !names.is_empty() {
                let mut unlink = Pipeline::new();
                unlink.cmd("UNLINK").arg(names);
                self.in_lives("forget copies", unlink, &mut lives).await?;
            }
            if next == 0 {
                return Ok(lives);
            }
            cursor = next;
        }
    }

    async fn forget(&self, ids: &[ConversationId]) -> Result<Lives, StoreError> {
        let mut lives = Lives::default();
        for some in ids.chunks(CALLS_AT_ONCE) {
            let mut calls = Pipeline::new();
            for id in some {
                calls.cmd("UNLINK").arg(scripts::copy(*id)).arg(scripts::lease(*id));
            }
            self.in_lives("forget conversations", calls, &mut lives).await?;
        }
        Ok(lives)
    }

    async fn journal_again(&self, changes: &[Change]) -> Result<Lives, StoreError> {
        self.journal_in_portions(changes).await
    }

    async fn left_behind(
        &self,
        age: Duration,
        passed_over: &BTreeSet<ConversationId>,
    ) -> Result<Vec<(ConversationId, Option<UserId>)>, StoreError> {
        self.oldest_journals(age, passed_over).await
    }

    async fn journals(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<(ConversationId, Result<Journaled, StoreError>)>, StoreError> {
        self.read_journals(ids).await
    }

    async fn set_aside(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.keep_letter(letter).await?;
        let change = &letter.change;
        let kept = vec![(change.register, change.entry.revision)];
        self.clear(&BTreeMap::from([(change.conversation, kept)])).await?;
        // The copy has it; one that is filled in from now on has not.
        self.forget(&[change.conversation]).await.map(drop)
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        self.letters().await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let now = self.now().await?;
        let mut calls = Pipeline::new();
        calls.cmd("INFO").arg("memory");
        for partition in 0..PARTITIONS {
            let journaled = scripts::journaled(partition);
            calls.cmd("ZCARD").arg(&journaled).cmd("ZRANGE").arg(&journaled).arg(0).arg(0).arg("WITHSCORES");
            calls.cmd("HLEN").arg(scripts::dead_letters(partition));
        }
        let mut begun = now;
        let mut answers = self.together("count journals", &calls).await?.into_iter();
        let memory = answers.next().ok_or_else(|| damaged("count journals"))?;
        let memory: String = redis::from_redis_value(memory).map_err(unreadable)?;
        let bytes = |name| report::field(&memory, name).parse().unwrap_or(0);
        let mut sum = Backlog { bytes: bytes("used_memory"), bytes_at_most: bytes("maxmemory"), ..Backlog::default() };
        for answers in answers.as_slice().chunks(3) {
            let [count, oldest, letters] = answers else { return Err(damaged("count journals")) };
            sum.conversations += redis::from_redis_value::<u64>(count.clone()).map_err(unreadable)?;
            sum.dead_letters += redis::from_redis_value::<u64>(letters.clone()).map_err(unreadable)?;
            let oldest: Vec<(String, f64)> = redis::from_redis_value(oldest.clone()).map_err(unreadable)?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970")]
            let at = oldest.first().map_or(now, |(_, at)| *at as u64);
            begun = begun.min(at);
        }
        sum.oldest = Duration::from_millis(now - begun);
        Ok(sum)
    }
}

impl RedisConversations {
    /// Milliseconds since 1970 by the server's clock, by which journals are dated.
    async fn now(&self) -> Result<u64, StoreError> {
        let (seconds, micros): (u64, u64) = self.server.command("ask for the time", &redis::cmd("TIME")).await?;
        Ok(seconds * 1000 + micros / 1000)
    }
}

fn damaged(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "redis", operation, "what is kept has not the form of a conversation")
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "redis", "read conversations", error)
}
