//! Tokens of the process's identity, for adapters of servers that sign in with them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;

use super::{AccessError, credential::identity};
use crate::{
    domain::Timestamp,
    ports::{AccessTokens, StoreError, access_tokens::AccessToken, error::StoreErrorKind},
};

/// How long the platform or a developer's tool is waited for. Callers may give up earlier.
const TIME_LIMIT: Duration = Duration::from_secs(30);

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
        let (credential, scope) = (Arc::clone(&self.credential), scope.to_owned());
        // In a task of its own: a caller may stop waiting before the platform has answered, and the next one finds the token.
        let asked = tokio::spawn(async move {
            let scopes = [scope.as_str()];
            tokio::time::timeout(TIME_LIMIT, credential.get_token(&scopes, None))
                .await
                .map_err(|elapsed| unavailable(elapsed.into()))
        });
        let answer = asked.await.map_err(|error| unavailable(error.into()))??;
        let token = answer.map_err(|error| unavailable(error.into()))?;
        Ok(AccessToken {
            secret: token.token.secret().to_owned(),
            expires_at: Timestamp::from_millis(token.expires_on.unix_timestamp().saturating_mul(1000)),
        })
    }
}

fn unavailable(source: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "identity", "get a token", source)
}
