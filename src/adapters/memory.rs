//! Things that live in this process alone: right for one process, gone with it.

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
    arrivals: Mutex<HashMap<String, i64>>,
}

#[async_trait]
impl RateLimits for MemoryRateLimits {
    async fn take(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Decision, StoreError> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, next) = decide(quota, arrivals.get(key).copied(), now);
        match arrivals.get_mut(key) {
            Some(arrival) => *arrival = next,
            None => {
                if arrivals.len() >= SWEEP_AT {
                    // A key whose arrival time has passed has its whole quota: the same as not being known.
                    arrivals.retain(|_, arrival| *arrival > now.as_millis() * 1000);
                }
                arrivals.insert(key.to_owned(), next);
            }
        }
        Ok(decision)
    }
}
