//! The rate limit of one process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    domain::{
        Timestamp,
        rate::{Decision, Quota, decide},
    },
    ports::{RateLimits, StoreError},
};

/// How many keys are kept before those whose quota is whole again are dropped.
const SWEEP_AT: usize = 10_000;

/// The rate limit of one process.
#[derive(Debug, Default)]
pub struct MemoryRateLimits {
    arrivals: Mutex<Arrivals>,
}

#[derive(Debug, Default)]
struct Arrivals {
    by_key: HashMap<String, i64>,
    /// How many keys there were after the last sweep.
    swept_to: usize,
}

#[async_trait]
impl RateLimits for MemoryRateLimits {
    async fn take(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Decision, StoreError> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, next) = decide(quota, arrivals.by_key.get(key).copied(), now);
        match arrivals.by_key.get_mut(key) {
            Some(arrival) => *arrival = next,
            None => {
                // Only when the number has doubled: the cost of a sweep spreads over as many new keys.
                if arrivals.by_key.len() >= SWEEP_AT.max(arrivals.swept_to * 2) {
                    // A key whose arrival time has passed has its whole quota: the same as not being known.
                    arrivals.by_key.retain(|_, arrival| *arrival > now.as_millis() * 1000);
                    arrivals.swept_to = arrivals.by_key.len();
                }
                arrivals.by_key.insert(key.to_owned(), next);
            }
        }
        Ok(decision)
    }
}
