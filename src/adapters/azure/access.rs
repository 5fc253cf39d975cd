//! What opens a service of a storage account: an identity, a signature, or the account's key, of which a signature is made
//! whenever one is needed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use azure_core::{
    credentials::{Secret, TokenCredential},
    hmac::hmac_sha256,
    http::Url,
};
use time::{OffsetDateTime, macros::format_description};

use super::credential::identity;

/// Azurite's account, the same on every machine and no secret.
const DEVELOPMENT: &str = "AccountName=devstoreaccount1;\
    AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
    BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;\
    QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1";

/// The version of the signature's form.
pub(super) const SIGNATURE_VERSION: &str = "2022-11-02";

/// How long a signature holds, and how long it is used: the clocks of the two machines may differ.
const SIGNATURE_LIFETIME: Duration = Duration::from_secs(60 * 60);
const SIGNATURE_USE: Duration = Duration::from_secs(30 * 60);

/// Why a service of a storage account cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The connection string lacks something.
    #[error("the connection string {0}")]
    ConnectionString(String),
    /// The endpoint is no URL.
    #[error("'{endpoint}' is no URL of a {service} service")]
    Endpoint {
        /// What was given, without a signature.
        endpoint: String,
        /// Which service.
        service: &'static str,
    },
    /// There is no identity to use.
    #[error("no identity can be used: {0}")]
    Identity(azure_core::Error),
}

/// The services of a storage account that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageService {
    /// Files.
    Blob,
    /// Messages.
    Queue,
}

impl StorageService {
    /// As it stands in host names.
    fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Queue => "queue",
        }
    }

    /// Its URL in a connection string.
    fn endpoint_field(self) -> &'static str {
        match self {
            Self::Blob => "BlobEndpoint",
            Self::Queue => "QueueEndpoint",
        }
    }

    /// As it stands in an account's signature, and what the signature permits.
    fn in_signature(self) -> (&'static str, &'static str) {
        match self {
            Self::Blob => ("b", "rwdlac"),
            Self::Queue => ("q", "rwdlacup"),
        }
    }
}

/// A service of a storage account, and what opens it.
#[derive(Clone)]
pub struct StorageAccess {
    service: StorageService,
    url: Url,
    by: By,
}

/// The URL of a container or a queue as it may be used, and what else it takes.
pub struct Door {
    /// With a signature, unless an identity is used.
    pub url: Url,
    /// The identity to use.
    pub credential: Option<Arc<dyn TokenCredential>>,
    /// When a new one is to be asked for.
    pub until: Option<OffsetDateTime>,
}

#[derive(Clone)]
pub(super) enum By {
    Identity(Arc<dyn TokenCredential>),
    /// It stands in the URL.
    Signature,
    Key {
        account: String,
        key: Secret,
    },
}

impl StorageAccess {
    /// By an identity: that of the platform if it gives one, else the developer's.
    pub fn by_identity(
        service: StorageService,
        endpoint: &str,
        client_id: Option<&str>,
        is_managed: bool,
    ) -> Result<Self, AccessError> {
        Self::by_credential(service, endpoint, identity(client_id, is_managed)?)
    }

    /// By whatever gives tokens.
    pub fn by_credential(
        service: StorageService,
        endpoint: &str,
        credential: Arc<dyn TokenCredential>,
    ) -> Result<Self, AccessError> {
        Ok(Self { service, url: service_url(service, endpoint)?, by: By::Identity(credential) })
    }

    /// By a connection string as the portal shows it, or `UseDevelopmentStorage=true` for Azurite.
    pub fn by_connection_string(service: StorageService, text: &str) -> Result<Self, AccessError> {
        let fields = fields(text);
        if fields.get("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Self::by_connection_string(service, DEVELOPMENT);
        }
        let lacking = |what: &str| AccessError::ConnectionString(format!("has no {what}"));
        let endpoint = match (fields.get(service.endpoint_field()), fields.get("AccountName")) {
            (Some(endpoint), _) => (*endpoint).to_owned(),
            (None, Some(account)) => {
                let scheme = fields.get("DefaultEndpointsProtocol").unwrap_or(&"https");
                let suffix = fields.get("EndpointSuffix").unwrap_or(&"core.windows.net");
                format!("{scheme}://{account}.{}.{suffix}", service.name())
            }
            (None, None) => return Err(lacking(&format!("{} and no AccountName", service.endpoint_field()))),
        };
        let mut url = service_url(service, &endpoint)?;
        if let Some(signature) = fields.get("SharedAccessSignature") {
            url.set_query(Some(signature.trim_start_matches('?')));
            return Ok(Self { service, url, by: By::Signature });
        }
        let account = fields.get("AccountName").ok_or_else(|| lacking("AccountName"))?;
        let key = fields.get("AccountKey").ok_or_else(|| lacking("AccountKey and no SharedAccessSignature"))?;
        let by = By::Key { account: (*account).to_owned(), key: Secret::new((*key).to_owned()) };
        Ok(Self { service, url, by })
    }

    /// Scheme, host and port of the service.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The way to a queue or a container, beginning now.
    pub fn door(&self, name: &str, now: OffsetDateTime) -> azure_core::Result<Door> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(name);
        }
        match &self.by {
            By::Identity(credential) => Ok(Door { url, credential: Some(Arc::clone(credential)), until: None }),
            By::Signature => Ok(Door { url, credential: None, until: None }),
            By::Key { account, key } => {
                sign(&mut url, self.service, account, key, now + SIGNATURE_LIFETIME)?;
                Ok(Door { url, credential: None, until: Some(now + SIGNATURE_USE) })
            }
        }
    }

    /// The service itself; a given signature stands in it.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn by(&self) -> &By {
        &self.by
    }
}

/// A time as it stands in signatures.
pub(super) fn in_signatures(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    moment.format(&format).unwrap_or_default()
}

/// What a signature may be used over: `http` only where the account is reached so, which is on this machine.
pub(super) fn protocols(url: &Url) -> &'static str {
    if url.scheme() == "http" { "https,http" } else { "https" }
}

/// Adds an account's signature for all of a service.
fn sign(
    url: &mut Url,
    service: StorageService,
    account: &str,
    key: &Secret,
    expiry: OffsetDateTime,
) -> azure_core::Result<()> {
    let protocols = protocols(url);
    let (service, permissions) = service.in_signature();
    let expiry = in_signatures(expiry);
    let signed =
        format!("{account}\n{permissions}\n{service}\nsco\n\n{expiry}\n\n{protocols}\n{SIGNATURE_VERSION}\n\n");
    let signature = hmac_sha256(&signed, key)?;
    url.query_pairs_mut().extend_pairs([
        ("sv", SIGNATURE_VERSION),
        ("ss", service),
        ("srt", "sco"),
        ("sp", permissions),
        ("se", &expiry),
        ("spr", protocols),
        ("sig", &signature),
    ]);
    Ok(())
}

fn service_url(service: StorageService, endpoint: &str) -> Result<Url, AccessError> {
    // A signature may stand in the query.
    let without_query = || endpoint.split('?').next().unwrap_or_default().to_owned();
    let wrong = || AccessError::Endpoint { endpoint: without_query(), service: service.name() };
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

    fn door(service: StorageService, connection: &str) -> Url {
        let access = StorageAccess::by_connection_string(service, connection).unwrap();
        access.door("jobs", OffsetDateTime::UNIX_EPOCH).unwrap().url
    }

    #[test]
    fn a_key_becomes_a_signature() {
        let connection = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net";
        let expiry = "1970-01-01T01%3A00%3A00Z";
        for (service, start) in [
            (StorageService::Queue, "https://a.queue.core.windows.net/jobs?sv=2022-11-02&ss=q&srt=sco&sp=rwdlacup&se="),
            (StorageService::Blob, "https://a.blob.core.windows.net/jobs?sv=2022-11-02&ss=b&srt=sco&sp=rwdlac&se="),
        ] {
            let url = door(service, connection);
            assert!(url.as_str().starts_with(&format!("{start}{expiry}&")), "{url}");
            assert!(url.as_str().contains("&spr=https&sig="), "{url}");
        }
    }

    #[test]
    fn azurite_and_signatures_are_understood() {
        for (service, port) in [(StorageService::Blob, 10000), (StorageService::Queue, 10001)] {
            let start = format!("http://127.0.0.1:{port}/devstoreaccount1/jobs?sv=");
            assert!(door(service, "UseDevelopmentStorage=true").as_str().starts_with(&start));
        }
        let both = "QueueEndpoint=https://a.queue.core.windows.net/;BlobEndpoint=https://b.example;\
            SharedAccessSignature=?sv=1&sig=x%3D";
        assert_eq!(door(StorageService::Queue, both).as_str(), "https://a.queue.core.windows.net/jobs?sv=1&sig=x%3D");
        assert_eq!(door(StorageService::Blob, both).as_str(), "https://b.example/jobs?sv=1&sig=x%3D");
    }

    #[test]
    fn what_is_missing_is_named() {
        let problem =
            |text: &str| StorageAccess::by_connection_string(StorageService::Queue, text).err().unwrap().to_string();
        assert_eq!(problem("AccountName=a"), "the connection string has no AccountKey and no SharedAccessSignature");
        assert_eq!(problem("nonsense"), "the connection string has no QueueEndpoint and no AccountName");
        let lacks_scheme = problem("QueueEndpoint=here/?sig=secret;AccountName=a;AccountKey=b");
        assert!(lacks_scheme.contains("'here/' is no URL") && !lacks_scheme.contains("secret"), "{lacks_scheme}");
    }
}
