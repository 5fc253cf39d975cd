//! The rate limit of client addresses.

use std::sync::Arc;

use crate::{
    domain::rate::Decision,
    ports::StoreError,
    services::{Policy, Stores},
};

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// All requests but logouts.
    Requests,
    /// Logouts: whoever has used up their requests can still end their session.
    Logouts,
}

/// Counts requests of a client address.
#[derive(Clone)]
pub struct RateLimit {
    stores: Stores,
    policy: Arc<Policy>,
}

impl RateLimit {
    pub(in crate::services) fn new(stores: Stores, policy: Arc<Policy>) -> Self {
        Self { stores, policy }
    }

    /// Counts one request and says whether it passes.
    pub async fn take(&self, bucket: Bucket, address: &str) -> Result<Decision, StoreError> {
        let key = match bucket {
            Bucket::Requests => format!("address:{address}"),
            Bucket::Logouts => format!("logout:{address}"),
        };
        self.stores.rate_limits.take(&key, self.policy.rate, self.stores.clock.now()).await
    }
}
