//! When homes of what was acknowledged died.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// What is journaled has two homes, and a while to have two again when one of them dies: when both do within this, it may be lost.
const ONE_WINDOW: Duration = Duration::from_secs(5);

/// An acknowledgement is on its way for so long.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// A home of what was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// What Redis holds, or the last of it.
    Redis,
    /// A life of an instance.
    Process(usize),
}

/// When homes died.
#[derive(Default)]
pub struct Deaths(Mutex<Vec<(Instant, Home)>>);

impl Deaths {
    pub fn died(&self, home: Home) {
        self.0.lock().unwrap().push((Instant::now(), home));
    }

    /// Whether both homes of something died in one window after it was acknowledged.
    pub fn took_both(&self, acknowledged: Instant, process: usize) -> bool {
        let deaths = self.0.lock().unwrap();
        let of = |wanted| deaths.iter().filter(move |(at, home)| *home == wanted && *at + ON_ITS_WAY >= acknowledged);
        of(Home::Process(process)).any(|(one, _)| {
            of(Home::Redis).any(|(other, _)| one.max(other).duration_since(*one.min(other)) < ONE_WINDOW)
        })
    }
}
