//! Who may run a statement when: a few run at once in this process, a person, in however many sessions, has half of them at most, and nobody
//! waits for long.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::TableError;
use crate::domain::UserId;

/// Statements that run at once in this process: each may take a core and the memory that its limits allow.
const AT_ONCE: usize = 4;
/// Those of one person; and no more of theirs stand in the line of all.
const OF_A_PERSON: usize = 2;

/// Gives out turns.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Of people who have a turn or wait for one.
    people: Mutex<HashMap<UserId, Weak<Semaphore>>>,
    wait: Duration,
}

/// A turn: it lasts until this is dropped.
pub(super) struct Turn {
    _of_person: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// Nobody waits longer than this.
    pub(super) fn new(wait: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), people: Mutex::default(), wait }
    }

    /// Waits for a turn: first among the statements of the person, then among those of all.
    pub(super) async fn take(&self, person: UserId) -> Result<Turn, TableError> {
        let until = Instant::now() + self.wait;
        let own = self.of_person(person).acquire_owned();
        let Ok(Ok(of_person)) = tokio::time::timeout_at(until, own).await else { return Err(TableError::TurnsTaken) };
        let all = Arc::clone(&self.all).acquire_owned();
        let Ok(Ok(of_all)) = tokio::time::timeout_at(until, all).await else { return Err(TableError::Crowded) };
        Ok(Turn { _of_person: of_person, _of_all: of_all })
    }

    fn of_person(&self, person: UserId) -> Arc<Semaphore> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = people.get(&person).and_then(Weak::upgrade) {
            return known;
        }
        people.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(OF_A_PERSON));
        people.insert(person, Arc::downgrade(&turns));
        turns
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_person_with_many_statements_leaves_room_for_others() {
        let turns = Arc::new(Turns::new(Duration::from_secs(60)));
        let first = turns.take(person(1)).await.unwrap();
        let _second = turns.take(person(1)).await.unwrap();
        let mut others_of_it: JoinSet<_> = (0..20)
            .map(|_| {
                let turns = Arc::clone(&turns);
                async move { turns.take(person(1)).await }
            })
            .collect();
        // All of them have asked before the others.
        tokio::task::yield_now().await;
        for other in 2..4 {
            tokio::time::timeout(Duration::from_secs(5), turns.take(person(other))).await.unwrap().unwrap();
        }
        assert!(others_of_it.try_join_next().is_none(), "they wait");
        drop(first);
        assert!(others_of_it.join_next().await.unwrap().unwrap().is_ok());
        assert_eq!(turns.people.lock().unwrap().len(), 2, "who came last found the one before gone");
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let turns = Turns::new(Duration::from_millis(20));
        let own = [turns.take(person(1)).await.unwrap(), turns.take(person(1)).await.unwrap()];
        assert!(matches!(turns.take(person(1)).await, Err(TableError::TurnsTaken)));
        let others = [turns.take(person(2)).await.unwrap(), turns.take(person(2)).await.unwrap()];
        assert!(matches!(turns.take(person(3)).await, Err(TableError::Crowded)));
        drop(own);
        turns.take(person(3)).await.unwrap();
        drop(others);
    }
}
