//! What models take, by person: kept for each answer while it grows, for each search and each attempt at a job that has vectors made, and
//! shown by day.
//!
//! Amounts of one answer only grow and are kept whole, so they may be told again, late and out of order. What the store does not take waits in
//! this process for the next answer.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinHandle;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{Page, Policy, Stores};
use crate::{
    domain::{AnswerTook, Day, DayOfUsage, MessageId, UsagePosition, UserId},
    ports::{Clock, StoreError, Usage, language_model::ModelUsage},
};

/// How long an answer waits for its amounts to be kept before it ends; they are kept all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers whose amounts wait for the store.
const WAITING_AT_MOST: usize = 10_000;

/// What the answers of a model took since this process began; or the searches and jobs for which it made vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Answers that were begun; or searches and attempts at jobs.
    pub turns: u64,
    /// Tokens of the requests.
    pub input_tokens: u64,
    /// Tokens of the replies.
    pub output_tokens: u64,
}

/// By model.
type Counts = Mutex<BTreeMap<String, Counted>>;

/// Keeps and shows what answers take, and the vectors for searches. Cheap to clone.
#[derive(Clone)]
pub struct UsageService {
    store: Arc<dyn Usage>,
    clock: Arc<dyn Clock>,
    retention: Option<Duration>,
    counts: Arc<Counts>,
    counts_of_vectors: Arc<Counts>,
    waiting: Arc<Mutex<HashMap<MessageId, AnswerTook>>>,
}

impl UsageService {
    pub(super) fn new(stores: &Stores, policy: &Policy) -> Self {
        Self::over(Arc::clone(&stores.usage), Arc::clone(&stores.clock), policy.usage_retention)
    }

    fn over(store: Arc<dyn Usage>, clock: Arc<dyn Clock>, retention: Option<Duration>) -> Self {
        Self {
            store,
            clock,
            retention,
            counts: Arc::default(),
            counts_of_vectors: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// An answer is begun.
    pub(super) fn begin(&self, user: UserId, answer: MessageId, model: &str) -> Tally {
        self.tally(user, answer, model, &self.counts)
    }

    /// A search, or an attempt at a job, has a model make vectors. The id is its own.
    pub(super) fn begin_vectors(&self, user: UserId, id: Uuid, model: &str) -> Tally {
        self.tally(user, MessageId(id), model, &self.counts_of_vectors)
    }

    fn tally(&self, user: UserId, answer: MessageId, model: &str, counts: &Arc<Counts>) -> Tally {
        held(counts).entry(model.to_owned()).or_default().turns += 1;
        let day = Day::of(self.clock.now());
        let took = AnswerTook { answer, user, day, model: model.to_owned(), input_tokens: 0, output_tokens: 0 };
        Tally { usage: self.clone(), took, counts: Arc::clone(counts), keeping: None }
    }

    /// Sums by day, person and model, the latest day first; of one person only, if one is named.
    pub async fn list(
        &self,
        user: Option<UserId>,
        after: Option<UsagePosition>,
        limit: u32,
    ) -> Result<Page<DayOfUsage>, StoreError> {
        let days = self.store.list(user, after, limit + 1).await?;
        Ok(Page::of(days, limit, |day| UsagePosition::after(day).to_string()))
    }

    /// By model, since this process began. There are as many models as the settings name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, Counted> {
        held(&self.counts).clone()
    }

    /// The same of models that make vectors.
    #[must_use]
    pub fn counts_of_vectors(&self) -> BTreeMap<String, Counted> {
        held(&self.counts_of_vectors).clone()
    }

    /// Removes what is past its time; of how many answers.
    pub(super) async fn remove_old(&self) -> Result<u64, StoreError> {
        match self.retention {
            Some(retention) => {
                let first = Day::of(self.clock.now().minus(retention));
                self.store.remove_before(first).await
            }
            None => Ok(0),
        }
    }

    /// Keeps amounts, and those that wait. At the first failure the rest waits on.
    async fn keep(&self, took: AnswerTook) {
        let mut due = std::mem::take(&mut *held(&self.waiting));
        due.insert(took.answer, took);
        let answers: Vec<MessageId> = due.keys().copied().collect();
        for answer in answers {
            let Some(took) = due.get(&answer) else { continue };
            if let Err(error) = self.store.record(took).await {
                tracing::warn!(waiting = due.len(), %error, "what answers took could not be kept yet");
                break;
            }
            due.remove(&answer);
        }
        self.put_back(due);
    }

    fn put_back(&self, due: HashMap<MessageId, AnswerTook>) {
        let mut waiting = held(&self.waiting);
        for (answer, took) in due {
            if waiting.len() >= WAITING_AT_MOST && !waiting.contains_key(&answer) {
                let AnswerTook { user, model, input_tokens, output_tokens, .. } = took;
                tracing::error!(user_id = %user, model, input_tokens, output_tokens, "what an answer took is not kept");
                continue;
            }
            // Another call may have brought the amounts of later.
            let kept = waiting.entry(answer).or_insert_with(|| took.clone());
            kept.input_tokens = kept.input_tokens.max(took.input_tokens);
            kept.output_tokens = kept.output_tokens.max(took.output_tokens);
        }
    }
}

/// What one answer takes.
pub(super) struct Tally {
    usage: UsageService,
    took: AnswerTook,
    counts: Arc<Counts>,
    keeping: Option<JoinHandle<()>>,
}

impl Tally {
    /// Adds a request to the model, and has the amounts kept.
    pub(super) fn add(&mut self, request: ModelUsage) {
        self.took.input_tokens += request.input_tokens;
        self.took.output_tokens += request.output_tokens;
        if let Some(counted) = held(&self.counts).get_mut(&self.took.model) {
            counted.input_tokens += request.input_tokens;
            counted.output_tokens += request.output_tokens;
        }
        self.keep();
    }

    /// Tokens so far.
    pub(super) fn tokens(&self) -> ModelUsage {
        ModelUsage { input_tokens: self.took.input_tokens, output_tokens: self.took.output_tokens }
    }

    /// Waits until all is kept, if that is soon. An answer for which no request ended is kept as well.
    pub(super) async fn end(&mut self) {
        if self.keeping.is_none() {
            self.keep();
        }
        if let Some(keeping) = self.keeping.take() {
            // It goes on if this does not wait for it; and fails only if it panics, which is told where it happens.
            let _ = tokio::time::timeout(PATIENCE, keeping).await;
        }
    }

    fn keep(&mut self) {
        let (usage, took) = (self.usage.clone(), self.took.clone());
        self.keeping = Some(tokio::spawn(async move { usage.keep(took).await }.in_current_span()));
    }
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{domain::Timestamp, ports::error::StoreErrorKind};

    /// A store that may be away.
    #[derive(Default)]
    struct Store {
        is_away: Mutex<bool>,
        kept: Mutex<BTreeMap<MessageId, (u64, u64)>>,
    }

    #[async_trait]
    impl Usage for Store {
        async fn record(&self, took: &AnswerTook) -> Result<(), StoreError> {
            if *held(&self.is_away) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "test", "keep", "away"));
            }
            held(&self.kept).insert(took.answer, (took.input_tokens, took.output_tokens));
            Ok(())
        }

        async fn list(
            &self,
            _user: Option<UserId>,
            _after: Option<UsagePosition>,
            _limit: u32,
        ) -> Result<Vec<DayOfUsage>, StoreError> {
            Ok(Vec::new())
        }

        async fn remove_before(&self, _day: Day) -> Result<u64, StoreError> {
            Ok(0)
        }
    }

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(0)
        }
    }

    #[tokio::test]
    async fn what_a_store_does_not_take_waits_for_the_next_answer() {
        let store = Arc::new(Store::default());
        let usage = UsageService::over(Arc::<Store>::clone(&store), Arc::new(Still), None);
        let begin = |number| usage.begin(UserId(Uuid::nil()), MessageId(Uuid::from_u128(number)), "m");
        *held(&store.is_away) = true;
        for number in [1, 2] {
            let mut tally = begin(number);
            tally.add(ModelUsage { input_tokens: 10, output_tokens: 1 });
            tally.add(ModelUsage { input_tokens: 20, output_tokens: 2 });
            tally.end().await;
        }
        assert!(held(&store.kept).is_empty());
        *held(&store.is_away) = false;
        begin(3).end().await;
        let kept: Vec<_> = held(&store.kept).values().copied().collect();
        assert_eq!(kept, [(30, 3), (30, 3), (0, 0)]);
        assert!(held(&usage.waiting).is_empty());
        assert_eq!(usage.counts()["m"], Counted { turns: 3, input_tokens: 60, output_tokens: 6 });
    }
}
