//! Who this process is to Azure.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    error::ErrorKind,
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};

use super::AccessError;

/// How long the platform or a developer's tool is waited for. Callers may give up earlier.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The identity that the platform gives to this process, or on a developer's machine that of the person who signed in with
/// the tools. Nothing is asked for before the first token is needed.
pub fn identity(client_id: Option<&str>, is_managed: bool) -> Result<Arc<dyn TokenCredential>, AccessError> {
    if !is_managed {
        return Ok(Arc::new(AskedToTheEnd(DeveloperToolsCredential::new(None).map_err(AccessError::Identity)?)));
    }
    let user_assigned_id = client_id.map(|id| UserAssignedId::ClientId(id.to_owned()));
    let options = ManagedIdentityCredentialOptions { user_assigned_id, ..Default::default() };
    Ok(Arc::new(AskedToTheEnd(ManagedIdentityCredential::new(Some(options)).map_err(AccessError::Identity)?)))
}

/// Asks in a task of its own: who wants a token may stop waiting before the platform has answered, and the next one finds it.
#[derive(Debug)]
struct AskedToTheEnd(Arc<dyn TokenCredential>);

#[async_trait]
impl TokenCredential for AskedToTheEnd {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        let (credential, scopes) =
            (Arc::clone(&self.0), scopes.iter().map(|&scope| scope.to_owned()).collect::<Vec<_>>());
        let asked = tokio::spawn(async move {
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            tokio::time::timeout(TIME_LIMIT, credential.get_token(&scopes, None)).await
        });
        asked
            .await
            .map_err(|error| azure_core::Error::new(ErrorKind::Credential, error))?
            .map_err(|elapsed| azure_core::Error::new(ErrorKind::Credential, elapsed))?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Takes its time, and keeps what it has.
    #[derive(Debug, Default)]
    struct Slow(Mutex<Option<AccessToken>>);

    #[async_trait]
    impl TokenCredential for Slow {
        async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
            if self.0.lock().unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let token = AccessToken::new("token", time::OffsetDateTime::UNIX_EPOCH);
                *self.0.lock().unwrap() = Some(token);
            }
            Ok(self.0.lock().unwrap().clone().unwrap())
        }
    }

    #[tokio::test]
    async fn a_token_on_its_way_is_not_lost_when_who_asked_for_it_gives_up() {
        let credential = AskedToTheEnd(Arc::new(Slow::default()));
        let ask = || tokio::time::timeout(Duration::from_millis(20), credential.get_token(&["scope"], None));
        assert!(ask().await.is_err(), "it takes longer");
        for attempt in 0.. {
            if let Ok(token) = ask().await {
                assert_eq!(token.unwrap().token.secret(), "token");
                return;
            }
            assert!(attempt < 100, "each asks from the beginning");
        }
    }
}
