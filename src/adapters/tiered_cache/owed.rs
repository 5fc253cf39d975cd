//! What the shared tier could not be told to forget, and still has to.

use std::collections::HashMap;

use crate::ports::shared_tier::Forget;

/// More than this, and everything is to be forgotten instead.
const OWED_AT_MOST: usize = 10_000;

/// So much is told at once.
const PORTION: usize = 500;

/// Each with a number, so that what came to be owed again meanwhile is not taken for paid.
#[derive(Debug, Default)]
pub(super) struct Owed {
    all: HashMap<Forget, u64>,
    next: u64,
    /// Whether a task is paying; there is at most one.
    pub(super) is_being_paid: bool,
}

impl Owed {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn add(&mut self, what: Forget) {
        if self.all.len() >= OWED_AT_MOST {
            self.all.clear();
            self.all.insert(Forget::Prefix(String::new()), self.next);
        } else {
            self.all.insert(what, self.next);
        }
        self.next += 1;
    }

    /// A part of it that can be told at once, with its numbers.
    pub(super) fn portion(&self) -> (Vec<Forget>, Vec<u64>) {
        self.all.iter().take(PORTION).map(|(what, number)| (what.clone(), *number)).unzip()
    }

    pub(super) fn paid(&mut self, portion: &[Forget], numbers: &[u64]) {
        for (what, number) in portion.iter().zip(numbers) {
            if self.all.get(what) == Some(number) {
                self.all.remove(what);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_again_meanwhile_stays_owed() {
        let mut owed = Owed::default();
        owed.add(Forget::Key("a".into()));
        let (portion, numbers) = owed.portion();
        owed.add(Forget::Key("a".into()));
        owed.paid(&portion, &numbers);
        assert!(!owed.is_empty());
        let (portion, numbers) = owed.portion();
        owed.paid(&portion, &numbers);
        assert!(owed.is_empty());
    }

    #[test]
    fn too_much_becomes_everything() {
        let mut owed = Owed::default();
        for number in 0..=OWED_AT_MOST {
            owed.add(Forget::Key(number.to_string()));
        }
        assert_eq!(owed.portion().0, [Forget::Prefix(String::new())]);
    }
}
