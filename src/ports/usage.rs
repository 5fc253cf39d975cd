//! What answers of models took, by person.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AnswerTook, Day, DayOfUsage, UsagePosition, UserId};

/// The store of what answers took. Amounts stay when conversation, session and account are gone.
#[async_trait]
pub trait Usage: Send + Sync {
    /// Keeps what an answer took so far. Of what is kept for one answer the greatest amounts stay, so it may be told again and late.
    async fn record(&self, took: &AnswerTook) -> Result<(), StoreError>;

    /// Sums by day, person and model, the latest day first, at most `limit`; of one person only, if one is named.
    async fn list(
        &self,
        user: Option<UserId>,
        after: Option<UsagePosition>,
        limit: u32,
    ) -> Result<Vec<DayOfUsage>, StoreError>;

    /// Removes what was taken before that day, in portions that are a transaction each: of how many answers. What is very much is left to the
    /// next call.
    async fn remove_before(&self, day: Day) -> Result<u64, StoreError>;
}
