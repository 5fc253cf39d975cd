//! A rate limit that goes on when the memory that instances share is away.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Timestamp,
        rate::{Decision, Quota},
    },
    ports::{RateLimits, StoreError},
};

/// Exact over all instances while the shared memory answers, and exact for this one alone while it does not.
///
/// What the shared memory lets pass is counted in this process too, so that an outage gives nobody a whole new quota here. While it
/// lasts, a client that reaches several instances may have a quota at each.
pub struct RateLimitsWithFallback {
    shared: Arc<dyn RateLimits>,
    own: Arc<dyn RateLimits>,
}

impl RateLimitsWithFallback {
    /// Decides by `shared`, else by `own`.
    #[must_use]
    pub fn new(shared: Arc<dyn RateLimits>, own: Arc<dyn RateLimits>) -> Self {
        Self { shared, own }
    }
}

#[async_trait]
impl RateLimits for RateLimitsWithFallback {
    async fn take(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Decision, StoreError> {
        match self.shared.take(key, quota, now).await {
            Ok(decision) => {
                if decision.allowed {
                    self.own.take(key, quota, now).await?;
                }
                Ok(decision)
            }
            Err(error) => {
                tracing::debug!(%error, "the rate limit is that of this instance alone");
                self.own.take(key, quota, now).await
            }
        }
    }
}
