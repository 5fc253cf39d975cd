//! Tokens by which the process proves who it is to servers.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::Timestamp;

/// A token, and when it ends.
#[derive(Clone)]
pub struct AccessToken {
    /// What is sent; a secret.
    pub secret: String,
    /// The server refuses it from then on.
    pub expires_at: Timestamp,
}

/// Gives tokens of the process's identity.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// A token for the resource that the scope names, such as `https://redis.azure.com/.default`. May be one that was given before, as long
    /// as it holds for some minutes more.
    async fn token(&self, scope: &str) -> Result<AccessToken, StoreError>;
}
