//! The shared tier as the cache uses it: it never fails a call.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::owed::Owed;
use crate::{
    domain::Timestamp,
    ports::{
        SharedTier, StoreError,
        cache_tier::CacheEntry,
        shared_tier::{Forget, Lease, LookUp},
    },
};

/// Pause before what is owed is tried again.
const PAYING_PAUSE: Duration = Duration::from_millis(200);

/// How long the tier is not believed after it has come back: so long may other instances take to have it forget what they wrote
/// meanwhile. They ask for it every half second, for 1.2 s at most, and pay after the pause above.
const WAITING_FOR_OTHERS: Duration = Duration::from_secs(2);

/// The tier, and what it could not be told to forget. While something is owed, the tier is not asked: it may hold what was replaced.
pub(super) struct Shared {
    tier: Arc<dyn SharedTier>,
    owed: Mutex<Owed>,
    standing: Mutex<Standing>,
    failures: AtomicU64,
}

/// Whether the tier is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Believed,
    Away,
    BackSince(Instant),
}

impl Standing {
    fn after(self, answered: bool, now: Instant) -> Self {
        match self {
            _ if !answered => Self::Away,
            Self::Away => Self::BackSince(now),
            Self::BackSince(since) if now.duration_since(since) >= WAITING_FOR_OTHERS => Self::Believed,
            unchanged => unchanged,
        }
    }
}

impl Shared {
    pub(super) fn new(tier: Arc<dyn SharedTier>) -> Arc<Self> {
        Arc::new(Self { tier, owed: Mutex::default(), standing: Mutex::default(), failures: AtomicU64::new(0) })
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// `None` if the tier is away, or has not been back for long.
    pub(super) async fn look_up(&self, key: &str, now: Timestamp) -> Option<LookUp> {
        if !self.owed().is_empty() {
            return None;
        }
        let found = self.counted(self.tier.look_up(key, now).await);
        found.filter(|_| *self.standing() == Standing::Believed)
    }

    /// Should the answer be lost, the copy may be there or come still; both are right under the lease.
    pub(super) async fn fill(&self, key: &str, lease: &Lease, entry: &CacheEntry, now: Timestamp) {
        let _filled_or_not = self.counted(self.tier.fill(key, lease, entry, now).await);
    }

    /// Forgets now, or as soon as the tier is back.
    pub(super) async fn forget(self: &Arc<Self>, what: Forget) {
        if self.try_to_forget(std::slice::from_ref(&what)).await {
            return;
        }
        let mut owed = self.owed();
        owed.add(what);
        if !std::mem::replace(&mut owed.is_being_paid, true) {
            tokio::spawn(pay(Arc::downgrade(self)));
        }
    }

    async fn try_to_forget(&self, what: &[Forget]) -> bool {
        self.counted(self.tier.forget(what).await).is_some()
    }

    /// Forgets what is owed, some hundred at a time; whether nothing is owed any more.
    async fn pay(&self) -> bool {
        loop {
            let (portion, numbers) = {
                let mut owed = self.owed();
                owed.is_being_paid = !owed.is_empty();
                if !owed.is_being_paid {
                    return true;
                }
                owed.portion()
            };
            if !self.try_to_forget(&portion).await {
                return false;
            }
            self.owed().paid(&portion, &numbers);
        }
    }

    fn counted<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        let mut standing = self.standing();
        *standing = standing.after(outcome.is_ok(), Instant::now());
        drop(standing);
        if let Err(error) = &outcome {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(%error, "going on without the shared tier of the session cache");
        }
        outcome.ok()
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owed(&self) -> std::sync::MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is owed, until nothing is.
async fn pay(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(PAYING_PAUSE).await;
        let Some(shared) = shared.upgrade() else { return };
        if shared.pay().await {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;
    use crate::ports::error::StoreErrorKind;

    const NOW: Timestamp = Timestamp::from_millis(0);

    /// A tier that has everything, and notes what it is to forget.
    #[derive(Default)]
    struct FakeTier {
        is_away: AtomicBool,
        forgotten: Mutex<Vec<Forget>>,
        calls: AtomicU64,
    }

    impl FakeTier {
        fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
            if self.is_away.load(Ordering::SeqCst) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "fake", "answer", "away"));
            }
            Ok(answer)
        }
    }

    #[async_trait]
    impl SharedTier for FakeTier {
        async fn look_up(&self, key: &str, _now: Timestamp) -> Result<LookUp, StoreError> {
            let entry = CacheEntry { value: Bytes::copy_from_slice(key.as_bytes()), expires_at: NOW };
            self.answer(LookUp::Found(entry))
        }

        async fn fill(&self, _: &str, _: &Lease, _: &CacheEntry, _: Timestamp) -> Result<(), StoreError> {
            self.answer(())
        }

        async fn forget(&self, what: &[Forget]) -> Result<(), StoreError> {
            self.answer(())?;
            self.calls.fetch_add(1, Ordering::SeqCst);
            self.forgotten.lock().unwrap().extend_from_slice(what);
            Ok(())
        }
    }

    fn both() -> (Arc<FakeTier>, Arc<Shared>) {
        let tier = Arc::new(FakeTier::default());
        (Arc::clone(&tier), Shared::new(tier))
    }

    #[tokio::test]
    async fn what_could_not_be_forgotten_is_forgotten_before_the_tier_is_asked_again() {
        let (tier, shared) = both();
        assert!(shared.look_up("a", NOW).await.is_some());
        tier.is_away.store(true, Ordering::SeqCst);
        shared.forget(Forget::Key("a".into())).await;
        shared.forget(Forget::Prefix("b".into())).await;
        tier.is_away.store(false, Ordering::SeqCst);
        *shared.standing() = Standing::Believed;
        assert!(shared.look_up("a", NOW).await.is_none(), "it still has what was replaced");
        while !shared.owed().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let forgotten = std::mem::take(&mut *tier.forgotten.lock().unwrap());
        assert!(forgotten.contains(&Forget::Key("a".into())) && forgotten.contains(&Forget::Prefix("b".into())));
        assert_eq!(forgotten.len(), 2);
        *shared.standing() = Standing::Believed;
        assert!(shared.look_up("a", NOW).await.is_some());
        assert_eq!(shared.failures(), 2);
    }

    #[tokio::test]
    async fn thousands_are_forgotten_by_a_few_calls() {
        let (tier, shared) = both();
        tier.is_away.store(true, Ordering::SeqCst);
        for number in 0..2_000 {
            shared.forget(Forget::Key(number.to_string())).await;
        }
        tier.is_away.store(false, Ordering::SeqCst);
        while !shared.owed().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(tier.forgotten.lock().unwrap().len(), 2_000);
        assert_eq!(tier.calls.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn after_an_outage_the_tier_is_not_believed_at_once() {
        let (tier, shared) = both();
        tier.is_away.store(true, Ordering::SeqCst);
        assert!(shared.look_up("a", NOW).await.is_none());
        tier.is_away.store(false, Ordering::SeqCst);
        for _ in 0..3 {
            assert!(shared.look_up("a", NOW).await.is_none());
        }
        *shared.standing() = Standing::BackSince(Instant::now() - WAITING_FOR_OTHERS);
        assert!(shared.look_up("a", NOW).await.is_some());
    }

    #[test]
    fn the_tier_is_believed_again_some_time_after_it_is_back() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut standing = Standing::default();
        let calls = [(true, 0), (false, 100), (false, 5000), (true, 6000), (true, 7999), (true, 8000)];
        let believed = calls.map(|(answered, millis)| {
            standing = standing.after(answered, at(millis));
            standing == Standing::Believed
        });
        assert_eq!(believed, [true, false, false, false, false, true]);
        standing = standing.after(false, at(9000)).after(true, at(9100)).after(false, at(9200)).after(true, at(10_000));
        assert_eq!(standing.after(true, at(11_900)), Standing::BackSince(at(10_000)), "each outage counts");
    }
}
