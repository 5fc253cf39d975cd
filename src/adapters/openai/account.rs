//! Where a server of models is, and what opens it.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};

use crate::ports::{
    AccessTokens,
    language_model::{ModelError, ModelErrorKind},
};

/// What tokens of the process's identity are asked for.
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";

/// A token that is not there after this will not come.
const TOKEN_LIMIT: Duration = Duration::from_secs(10);

/// What opens a server.
#[derive(Clone)]
pub enum ModelAccess {
    /// Nothing is asked for, as by a server on this machine.
    Open,
    /// A key that is sent as a bearer token, as OpenAI takes it.
    Key(String),
    /// A key of an Azure OpenAI resource, in a header of its own.
    AzureKey(String),
    /// Tokens of the process's identity, which needs the role Cognitive Services OpenAI User.
    Identity(Arc<dyn AccessTokens>),
}

/// Never the key.
impl fmt::Debug for ModelAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Key(_) => "Key(••••)",
            Self::AzureKey(_) => "AzureKey(••••)",
            Self::Identity(_) => "Identity",
        })
    }
}

/// A server of models, and what opens it.
#[derive(Clone, Debug)]
pub struct ModelAccount {
    base: Url,
    access: ModelAccess,
}

impl ModelAccount {
    /// An Azure OpenAI resource by its endpoint, such as `https://name.openai.azure.com`; the path of the API `v1` may stand in it.
    pub fn azure(endpoint: &str, access: ModelAccess) -> Result<Self, ModelError> {
        let mut base = parsed(endpoint)?;
        if !base.path().trim_end_matches('/').ends_with("/openai/v1") {
            base = joined(&base, "openai/v1");
        }
        Ok(Self { base, access })
    }

    /// Any other server by the URL that its paths hang on, such as `https://api.openai.com/v1`.
    pub fn compatible(base: &str, access: ModelAccess) -> Result<Self, ModelError> {
        Ok(Self { base: parsed(base)?, access })
    }

    pub(super) fn url(&self, path: &str) -> Url {
        joined(&self.base, path)
    }

    /// The member of a request that limits its answer. OpenAI's newer models refuse the old name, other servers do not know the new one.
    pub(super) fn limit_member(&self) -> &'static str {
        let is_azure = matches!(self.access, ModelAccess::AzureKey(_) | ModelAccess::Identity(_));
        if is_azure || self.base.host_str() == Some("api.openai.com") { "max_completion_tokens" } else { "max_tokens" }
    }

    /// What a request shows to be let in, marked as a secret.
    pub(super) async fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, ModelError> {
        match &self.access {
            ModelAccess::Open => Ok(None),
            ModelAccess::Key(key) => Ok(Some((AUTHORIZATION, secret(&format!("Bearer {key}"))?))),
            ModelAccess::AzureKey(key) => Ok(Some((HeaderName::from_static("api-key"), secret(key)?))),
            ModelAccess::Identity(tokens) => {
                let token = tokio::time::timeout(TOKEN_LIMIT, tokens.token(SCOPE)).await;
                let unavailable = |why: String| {
                    ModelError::new(ModelErrorKind::Unavailable, format!("was not asked, for want of a token: {why}"))
                };
                let token = token.map_err(|_| unavailable("no answer in time".into()))?;
                let token = token.map_err(|error| unavailable(error.to_string()))?;
                Ok(Some((AUTHORIZATION, secret(&format!("Bearer {}", token.secret))?)))
            }
        }
    }
}

fn secret(text: &str) -> Result<HeaderValue, ModelError> {
    let wrong =
        |_| ModelError::new(ModelErrorKind::Unauthorised, "was not asked: the key has characters that no key has");
    let mut value = HeaderValue::from_str(text).map_err(wrong)?;
    value.set_sensitive(true);
    Ok(value)
}

fn parsed(text: &str) -> Result<Url, ModelError> {
    let wrong = || ModelError::new(ModelErrorKind::Rejected, "was not asked: its address is no URL with a host");
    Url::parse(text).ok().filter(|url| url.has_host() && !url.cannot_be_a_base()).ok_or_else(wrong)
}

fn joined(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn azure(endpoint: &str) -> ModelAccount {
        ModelAccount::azure(endpoint, ModelAccess::AzureKey("a-key".into())).unwrap()
    }

    #[test]
    fn azure_is_asked_by_its_api_v1() {
        for endpoint in [
            "https://a.openai.azure.com",
            "https://a.openai.azure.com/",
            "https://a.openai.azure.com/openai/v1",
            "https://a.openai.azure.com/openai/v1/",
        ] {
            let url = azure(endpoint).url("chat/completions");
            assert_eq!(url.as_str(), "https://a.openai.azure.com/openai/v1/chat/completions");
        }
        let project = azure("https://gateway.example/team/openai/v1/").url("embeddings");
        assert_eq!(project.as_str(), "https://gateway.example/team/openai/v1/embeddings");
    }

    #[test]
    fn the_limit_has_the_name_that_the_server_knows() {
        let compatible = |base| ModelAccount::compatible(base, ModelAccess::Open).unwrap();
        assert_eq!(azure("https://a.openai.azure.com").limit_member(), "max_completion_tokens");
        assert_eq!(compatible("https://api.openai.com/v1").limit_member(), "max_completion_tokens");
        let own = compatible("http://127.0.0.1:11434/v1/");
        assert_eq!((own.limit_member(), own.url("models").path()), ("max_tokens", "/v1/models"));
    }

    #[tokio::test]
    async fn a_key_is_a_secret_wherever_it_is_printed() {
        for access in [ModelAccess::Key("a-key".into()), ModelAccess::AzureKey("a-key".into())] {
            let account = ModelAccount::compatible("https://a.example/v1", access).unwrap();
            let printed = format!("{account:?} {:?}", account.header().await.unwrap());
            assert!(!printed.contains("a-key"), "{printed}");
        }
        let broken = ModelAccount::compatible("https://a.example/v1", ModelAccess::Key("a\nkey".into())).unwrap();
        let error = broken.header().await.unwrap_err();
        assert!(error.kind == ModelErrorKind::Unauthorised && !error.to_string().contains("key\n"), "{error}");
    }
}
