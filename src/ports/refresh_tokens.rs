//! Refresh tokens: kept as SHA-256 only; one family for each session.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{SessionId, Timestamp};

/// The hash of a token: the token itself is never stored.
pub type TokenHash = [u8; 32];

/// What became of a token that was presented for rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was good; it is spent now and the successor is stored.
    Rotated {
        /// The session of the family.
        session: SessionId,
    },
    /// It was spent longer ago than the grace allows: the whole family is removed now.
    Reused {
        /// The session of the family.
        session: SessionId,
    },
    /// It is unknown, expired, or its family was revoked.
    Unknown,
}

/// The store of refresh tokens.
#[async_trait]
pub trait RefreshTokens: Send + Sync {
    /// Adds the first token of a session.
    async fn add(&self, hash: &TokenHash, session: SessionId, expires_at: Timestamp) -> Result<(), StoreError>;

    /// Spends `presented` and stores `successor` in its family, in one transaction. A token spent at most `grace_ms` ago is taken once
    /// more (two tabs refresh at once, or an answer was lost); later than that the family is revoked.
    async fn rotate(
        &self,
        presented: &TokenHash,
        successor: &TokenHash,
        now: Timestamp,
        grace_ms: u64,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// The session whose family holds this token, spent or not.
    async fn session_of(&self, hash: &TokenHash) -> Result<Option<SessionId>, StoreError>;

    /// Removes every token of a session; how many there were.
    async fn revoke_family(&self, session: SessionId) -> Result<u64, StoreError>;

    /// Removes tokens that expired before `now`; how many there were.
    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
}
