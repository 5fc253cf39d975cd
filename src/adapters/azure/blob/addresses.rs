//! Addresses at which a client puts the bytes of one blob itself, past the service.

use std::{sync::Mutex, sync::PoisonError, time::Duration};

use azure_core::{
    credentials::{Secret, TokenCredential},
    hmac::hmac_sha256,
    http::{RequestContent, Url, XmlFormat},
};
use azure_storage_blob::{BlobServiceClient, BlobServiceClientOptions, models::KeyInfo};
use azure_storage_sas::{SasBuilder, SasProtocol};
use time::OffsetDateTime;

use super::{
    super::{
        access::{By, SIGNATURE_VERSION, in_signatures},
        client::{CALL_LIMIT, in_time},
        failure::Failure,
    },
    container::Container,
};

/// How long a key holds that the service gives to an identity for signing.
const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The clock of the service may be behind.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// What it may be used for: to write, over what is there, and nothing else.
const PERMISSION: &str = "w";

type DelegationKey = azure_storage_common::models::UserDelegationKey;

/// Signs addresses.
#[derive(Default)]
pub(super) struct Signer {
    /// The key of the identity, and until when it holds.
    key: Mutex<Option<(DelegationKey, OffsetDateTime)>>,
}

impl Signer {
    /// The URL of a blob that takes its bytes until then; `None` if nothing is there to sign with.
    pub(super) async fn sign(
        &self,
        container: &Container,
        blob: &str,
        until: OffsetDateTime,
    ) -> Result<Option<Url>, Failure> {
        let mut url = container.blob(blob)?.url().clone();
        let query = match container.access().by() {
            By::Signature => return Ok(None),
            By::Key { account, key } => {
                sign_by_key(account, key, container.name(), blob, until, protocol(&url)).map_err(Failure::from)?
            }
            By::Identity(credential) => {
                let key = self.delegation_key(container, credential, until).await?;
                let account = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned();
                let signature = SasBuilder::new(account, &key, until)?.protocol(SasProtocol::Https);
                signature.blob(container.name(), blob).write().build()
            }
        };
        url.set_query(Some(&query));
        Ok(Some(url))
    }

    /// A key that holds until then: one that was given before, if it does.
    async fn delegation_key(
        &self,
        container: &Container,
        credential: &std::sync::Arc<dyn TokenCredential>,
        until: OffsetDateTime,
    ) -> Result<DelegationKey, Failure> {
        if let Some((key, expiry)) = &*self.key.lock().unwrap_or_else(PoisonError::into_inner)
            && *expiry > until
        {
            return Ok(key.clone());
        }
        let now = container.now();
        let expiry = until.max(now + KEY_LIFETIME) + CLOCKS_DIFFER;
        let client_options = container.connections().client_options();
        let options = BlobServiceClientOptions { client_options, ..BlobServiceClientOptions::default() };
        let key = in_time(CALL_LIMIT, async {
            let url = container.access().url().clone();
            let service = BlobServiceClient::new(url, Some(std::sync::Arc::clone(credential)), Some(options))?;
            let asked = KeyInfo { start: Some(now - CLOCKS_DIFFER), expiry: Some(expiry), ..KeyInfo::default() };
            let asked: RequestContent<KeyInfo, XmlFormat> = asked.try_into()?;
            service.get_user_delegation_key(asked, None).await?.into_model()
        });
        let key = key.await?;
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some((key.clone(), expiry));
        Ok(key)
    }
}

/// Over `http` only where the account is reached so, which is on this machine.
fn protocol(url: &Url) -> &'static str {
    if url.scheme() == "https" { "https" } else { "https,http" }
}

/// A service signature for one blob, as the query of its URL.
fn sign_by_key(
    account: &str,
    key: &Secret,
    container: &str,
    blob: &str,
    until: OffsetDateTime,
    protocol: &str,
) -> azure_core::Result<String> {
    const OF_A_BLOB: &str = "b";
    let expiry = in_signatures(until);
    let resource = format!("/blob/{account}/{container}/{blob}");
    // Start, policy, address, snapshot, encryption scope and the five headers of answers are left out.
    let signed =
        format!("{PERMISSION}\n\n{expiry}\n{resource}\n\n\n{protocol}\n{SIGNATURE_VERSION}\n{OF_A_BLOB}\n\n\n\n\n\n\n");
    let signature = hmac_sha256(&signed, key)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("sv", SIGNATURE_VERSION),
        ("sr", OF_A_BLOB),
        ("sp", PERMISSION),
        ("se", &expiry),
        ("spr", protocol),
        ("sig", &signature),
    ]);
    Ok(query.finish())
}
