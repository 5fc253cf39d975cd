//! Whether copies are what they were: readers that come while the server is asked are asked for together with the next question.
//!
//! No script: one takes as long again as plain commands. The life is asked for once, after all copies, so that one that ends between them is not
//! taken for its successor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redis::{Pipeline, Value};
use tokio::{runtime::Handle, sync::oneshot};

use super::{super::RedisServer, report, scripts, unreadable};
use crate::{
    domain::ConversationId,
    ports::{StoreError, error::StoreErrorKind, hot_conversations::Tag},
};

/// Copies that are asked for in one message.
const AT_ONCE: usize = 256;

/// Tags of copies that are there and belong to the life of now.
type Tags = BTreeMap<ConversationId, Tag>;

/// What readers ask of one server.
#[derive(Clone)]
pub(super) struct Checks {
    server: RedisServer,
    gathered: Arc<Mutex<Gathered>>,
}

#[derive(Default)]
struct Gathered {
    readers: Vec<Reader>,
    /// Whether the server is being asked, and by somebody who sees to the others then.
    is_under_way: bool,
}

struct Reader {
    id: ConversationId,
    teller: oneshot::Sender<Result<Option<Tag>, StoreErrorKind>>,
}

impl Checks {
    pub(super) fn new(server: RedisServer) -> Self {
        Self { server, gathered: Arc::default() }
    }

    /// The tag of a copy, if it is there and belongs to the life of now.
    pub(super) async fn tag(&self, id: ConversationId) -> Result<Option<Tag>, StoreError> {
        let told = match self.begin_or_gather(id) {
            Ok(_turn) => return self.ask_alone(id).await,
            Err(told) => told,
        };
        match told.await {
            Ok(Ok(tag)) => Ok(tag),
            Ok(Err(kind)) => {
                Err(StoreError::new(kind, "redis", "check copy", "it could not be asked for this and others"))
            }
            // Nobody asked.
            Err(_) => self.ask_alone(id).await,
        }
    }

    /// A turn to ask, if nobody asks; the answer to somebody's next question otherwise.
    fn begin_or_gather(
        &self,
        id: ConversationId,
    ) -> Result<Turn, oneshot::Receiver<Result<Option<Tag>, StoreErrorKind>>> {
        let mut gathered = self.gathered();
        if !gathered.is_under_way {
            gathered.is_under_way = true;
            return Ok(Turn { checks: self.clone(), has_begun: true });
        }
        let (teller, told) = oneshot::channel();
        gathered.readers.push(Reader { id, teller });
        Err(told)
    }

    async fn ask_alone(&self, id: ConversationId) -> Result<Option<Tag>, StoreError> {
        Ok(self.ask(&BTreeSet::from([id])).await?.remove(&id))
    }

    async fn ask(&self, ids: &BTreeSet<ConversationId>) -> Result<Tags, StoreError> {
        let mut calls = Pipeline::with_capacity(ids.len() + 1);
        for id in ids {
            calls.cmd("HMGET").arg(scripts::copy(*id)).arg(&[".g", ".v", ".n"]);
        }
        calls.cmd("INFO").arg("replication");
        let mut answers: Vec<Value> = self.server.pipeline("check copies", &calls, &[]).await?;
        let about = answers.pop().unwrap_or(Value::Nil);
        let about: String = redis::from_redis_value(about).map_err(unreadable)?;
        let mut tags = Tags::new();
        for (id, head) in ids.iter().zip(answers) {
            let head: [Option<String>; 3] = redis::from_redis_value(head).map_err(unreadable)?;
            tags.extend(tag_of(head, &about).map(|tag| (*id, tag)));
        }
        Ok(tags)
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tag_of([life, filling, changes]: [Option<String>; 3], about: &str) -> Option<Tag> {
    let (life, filling, changes) = (life?, filling?, changes?);
    let is_of_now = report::life(about)? == life;
    is_of_now.then(|| format!("{filling}:{changes}"))
}

/// A question that is under way. However it ends, also by its reader going away, those who gathered meanwhile are seen to.
struct Turn {
    checks: Checks,
    has_begun: bool,
}

impl Turn {
    async fn take(mut self) {
        self.has_begun = true;
        let readers = {
            let gathered = &mut self.checks.gathered().readers;
            let some = gathered.len().min(AT_ONCE);
            gathered.drain(..some).collect::<Vec<_>>()
        };
        let tags = self.checks.ask(&readers.iter().map(|reader| reader.id).collect()).await;
        for Reader { id, teller } in readers {
            // One who does not wait any more need not know.
            let _ = teller.send(tags.as_ref().map(|tags| tags.get(&id).cloned()).map_err(|error| error.kind));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let runtime = Handle::try_current().ok().filter(|_| self.has_begun);
        {
            let mut gathered = self.checks.gathered();
            gathered.readers.retain(|reader| runtime.is_some() && !reader.teller.is_closed());
            gathered.is_under_way = !gathered.readers.is_empty();
            if gathered.readers.is_empty() {
                return;
            }
        }
        if let Some(runtime) = runtime {
            // Where the runtime ends, this is dropped before it has begun, and nobody is seen to any more.
            runtime.spawn(Turn { checks: self.checks.clone(), has_begun: false }.take());
        }
    }
}
