//! Tokens of the process's identity, for adapters of servers that sign in with them.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;

use super::{AccessError, credential::identity};
use crate::{
    domain::Timestamp,
    ports::{AccessTokens, StoreError, access_tokens::AccessToken, error::StoreErrorKind},
};

/// The identity that the platform gives to this process, or on a developer's machine that of the person who signed in with the tools. Tokens
/// are kept until five minutes before their end.
pub struct IdentityTokens {
    credential: Arc<dyn TokenCredential>,
}

impl IdentityTokens {
    /// The identity of that client id, or the only one. Nothing is asked for before the first token is needed.
    pub fn new(client_id: Option<&str>, is_managed: bool) -> Result<Self, AccessError> {
        Ok(Self { credential: identity(client_id, is_managed)? })
    }
}

#[async_trait]
impl AccessTokens for IdentityTokens {
    async fn token(&self, scope: &str) -> Result<AccessToken, StoreError> {
        let token = self.credential.get_token(&[scope], None).await.map_err(unavailable)?;
        Ok(AccessToken {
            secret: token.token.secret().to_owned(),
            expires_at: Timestamp::from_millis(token.expires_on.unix_timestamp().saturating_mul(1000)),
        })
    }
}

fn unavailable(error: azure_core::Error) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "identity", "get a token", error)
}
