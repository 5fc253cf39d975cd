//! What the shared tier could not be told to forget, and still has to.

use std::collections::HashMap;

/// More than this, and everything is to be forgotten instead.
const OWED_AT_MOST: usize = 10_000;

/// What is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Forget {
    Key(String),
    Prefix(String),
}

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

    pub(super) fn list(&self) -> Vec<(Forget, u64)> {
        self.all.iter().map(|(what, number)| (what.clone(), *number)).collect()
    }

    pub(super) fn paid(&mut self, what: &Forget, number: u64) {
        if self.all.get(what) == Some(&number) {
            self.all.remove(what);
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
        let (what, number) = owed.list().remove(0);
        owed.add(Forget::Key("a".into()));
        owed.paid(&what, number);
        assert!(!owed.is_empty());
        let (what, number) = owed.list().remove(0);
        owed.paid(&what, number);
        assert!(owed.is_empty());
    }

    #[test]
    fn too_much_becomes_everything() {
        let mut owed = Owed::default();
        for number in 0..=OWED_AT_MOST {
            owed.add(Forget::Key(number.to_string()));
        }
        let everything: Vec<_> = owed.list().into_iter().map(|(what, _)| what).collect();
        assert_eq!(everything, [Forget::Prefix(String::new())]);
    }
}
