//! What opens the queue service of a storage account: an identity, a signature, or the account's key, of which a signature
//! is made whenever one is needed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use azure_core::{
    credentials::{Secret, TokenCredential},
    hmac::hmac_sha256,
    http::Url,
};
use time::{OffsetDateTime, macros::format_description};

use super::credential::credential;

/// Azurite's account, the same on every machine and no secret.
const DEVELOPMENT: &str = "AccountName=devstoreaccount1;\
    AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
    QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1";

/// The version of the signature's form.
const SIGNATURE_VERSION: &str = "2022-11-02";

/// How long a signature holds, and how long it is used: the clocks of the two machines may differ.
const SIGNATURE_LIFETIME: Duration = Duration::from_secs(60 * 60);
const SIGNATURE_USE: Duration = Duration::from_secs(30 * 60);

/// Why a queue service cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The connection string lacks something.
    #[error("the connection string {0}")]
    ConnectionString(String),
    /// The endpoint is no URL.
    #[error("'{0}' is no URL of a queue service")]
    Endpoint(String),
    /// There is no identity to use.
    #[error("no identity can be used: {0}")]
    Identity(azure_core::Error),
}

/// A queue service, and what opens it.
#[derive(Clone)]
pub struct QueueAccess {
    service: Url,
    by: By,
}

/// A queue's URL as it may be used, and what else it takes.
pub struct QueueDoor {
    /// With a signature, unless an identity is used.
    pub url: Url,
    /// The identity to use.
    pub credential: Option<Arc<dyn TokenCredential>>,
    /// When a new one is to be asked for.
    pub until: Option<OffsetDateTime>,
}

#[derive(Clone)]
enum By {
    Identity(Arc<dyn TokenCredential>),
    /// It stands in the URL.
    Signature,
    Key {
        account: String,
        key: Secret,
    },
}

impl QueueAccess {
    /// By an identity: that of the platform if it gives one, else the developer's.
    pub fn by_identity(endpoint: &str, client_id: Option<&str>, is_managed: bool) -> Result<Self, AccessError> {
        let credential = credential(client_id, is_managed).map_err(AccessError::Identity)?;
        Ok(Self { service: service_url(endpoint)?, by: By::Identity(credential) })
    }

    /// By a connection string as the portal shows it, or `UseDevelopmentStorage=true` for Azurite.
    pub fn by_connection_string(text: &str) -> Result<Self, AccessError> {
        let fields = fields(text);
        if fields.get("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Self::by_connection_string(DEVELOPMENT);
        }
        let lacking = |what: &str| AccessError::ConnectionString(format!("has no {what}"));
        let endpoint = match (fields.get("QueueEndpoint"), fields.get("AccountName")) {
            (Some(endpoint), _) => (*endpoint).to_owned(),
            (None, Some(account)) => {
                let scheme = fields.get("DefaultEndpointsProtocol").unwrap_or(&"https");
                let suffix = fields.get("EndpointSuffix").unwrap_or(&"core.windows.net");
                format!("{scheme}://{account}.queue.{suffix}")
            }
            (None, None) => return Err(lacking("QueueEndpoint and no AccountName")),
        };
        let mut service = service_url(&endpoint)?;
        if let Some(signature) = fields.get("SharedAccessSignature") {
            service.set_query(Some(signature.trim_start_matches('?')));
            return Ok(Self { service, by: By::Signature });
        }
        let account = fields.get("AccountName").ok_or_else(|| lacking("AccountName"))?;
        let key = fields.get("AccountKey").ok_or_else(|| lacking("AccountKey and no SharedAccessSignature"))?;
        let by = By::Key { account: (*account).to_owned(), key: Secret::new((*key).to_owned()) };
        Ok(Self { service, by })
    }

    /// The way to a queue, beginning now.
    pub fn queue(&self, name: &str, now: OffsetDateTime) -> azure_core::Result<QueueDoor> {
        let mut url = self.service.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(name);
        }
        match &self.by {
            By::Identity(credential) => Ok(QueueDoor { url, credential: Some(Arc::clone(credential)), until: None }),
            By::Signature => Ok(QueueDoor { url, credential: None, until: None }),
            By::Key { account, key } => {
                sign(&mut url, account, key, now + SIGNATURE_LIFETIME)?;
                Ok(QueueDoor { url, credential: None, until: Some(now + SIGNATURE_USE) })
            }
        }
    }
}

/// Adds an account's signature for queues and their messages.
fn sign(url: &mut Url, account: &str, key: &Secret, expiry: OffsetDateTime) -> azure_core::Result<()> {
    const PERMISSIONS: &str = "rwdlacup";
    const PROTOCOLS: &str = "https,http";
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let expiry = expiry.format(&format).unwrap_or_default();
    let signed = format!("{account}\n{PERMISSIONS}\nq\nsco\n\n{expiry}\n\n{PROTOCOLS}\n{SIGNATURE_VERSION}\n\n");
    let signature = hmac_sha256(&signed, key)?;
    url.query_pairs_mut().extend_pairs([
        ("sv", SIGNATURE_VERSION),
        ("ss", "q"),
        ("srt", "sco"),
        ("sp", PERMISSIONS),
        ("se", &expiry),
        ("spr", PROTOCOLS),
        ("sig", &signature),
    ]);
    Ok(())
}

fn service_url(endpoint: &str) -> Result<Url, AccessError> {
    // A signature may stand in the query.
    let wrong = || AccessError::Endpoint(endpoint.split('?').next().unwrap_or_default().to_owned());
    let url = Url::parse(endpoint).map_err(|_| wrong())?;
    if url.has_host() { Ok(url) } else { Err(wrong()) }
}

/// The members of a connection string; values may hold `=`.
fn fields(text: &str) -> HashMap<&str, &str> {
    text.split(';').filter_map(|field| field.split_once('=')).map(|(key, value)| (key.trim(), value.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(connection: &str) -> Url {
        let access = QueueAccess::by_connection_string(connection).unwrap();
        access.queue("jobs", OffsetDateTime::UNIX_EPOCH).unwrap().url
    }

    #[test]
    fn a_key_becomes_a_signature() {
        let url = url("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net");
        let start =
            "https://a.queue.core.windows.net/jobs?sv=2022-11-02&ss=q&srt=sco&sp=rwdlacup&se=1970-01-01T01%3A00%3A00Z";
        assert!(url.as_str().starts_with(start), "{url}");
        assert!(url.as_str().contains("&sig="), "{url}");
    }

    #[test]
    fn azurite_and_signatures_are_understood() {
        assert!(
            url("UseDevelopmentStorage=true").as_str().starts_with("http://127.0.0.1:10001/devstoreaccount1/jobs?sv=")
        );
        let given = url("QueueEndpoint=https://a.queue.core.windows.net/;SharedAccessSignature=?sv=1&sig=x%3D");
        assert_eq!(given.as_str(), "https://a.queue.core.windows.net/jobs?sv=1&sig=x%3D");
    }

    #[test]
    fn what_is_missing_is_named() {
        let problem = |text: &str| QueueAccess::by_connection_string(text).err().unwrap().to_string();
        assert_eq!(problem("AccountName=a"), "the connection string has no AccountKey and no SharedAccessSignature");
        assert_eq!(problem("nonsense"), "the connection string has no QueueEndpoint and no AccountName");
        let lacks_scheme = problem("QueueEndpoint=here/?sig=secret;AccountName=a;AccountKey=b");
        assert!(lacks_scheme.contains("'here/' is no URL") && !lacks_scheme.contains("secret"), "{lacks_scheme}");
    }
}
