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
        access::{By, SIGNATURE_VERSION, in_signatures, protocols},
        client::{CALL_LIMIT, in_time},
        failure::Failure,
    },
    container::Container,
};

/// How long a key holds that the service gives to an identity for signing.
const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The clock of the service may be behind.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// A copy within the service has begun and ended by then, its clock being behind or not.
const COPIED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// What it may be used for: to write, over what is there, and nothing else; or to read.
const WRITE: &str = "w";
const READ: &str = "r";

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
                sign_by_key((account, key), (container.name(), blob), WRITE, until, protocols(&url))?
            }
            By::Identity(credential) => {
                let key = self.delegation_key(container, credential, until).await?;
                let account = account_of(container.access().url()).to_owned();
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

/// The URL at which the service reads a blob that it copies: with the account's key, signed for that and not for long. By an identity
/// nothing is signed, for it may read what is in its account; a given signature stands in the URL.
pub(super) fn source_of_copy(container: &Container, blob: &str) -> azure_core::Result<Url> {
    let mut url = container.blob(blob)?.url().clone();
    if let By::Key { account, key } = container.access().by() {
        let until = container.now() + COPIED_WITHIN;
        let query = sign_by_key((account, key), (container.name(), blob), READ, until, protocols(&url))?;
        url.set_query(Some(&query));
    }
    Ok(url)
}

/// The account of a service's URL: a part of the path where accounts share a host, as in Azurite, else of the host.
fn account_of(service: &Url) -> &str {
    let in_path = service.path_segments().and_then(|mut segments| segments.next()).filter(|first| !first.is_empty());
    in_path.or_else(|| service.host_str()?.split('.').next()).unwrap_or_default()
}

/// A service signature for one blob, as the query of its URL.
fn sign_by_key(
    (account, key): (&str, &Secret),
    (container, blob): (&str, &str),
    permission: &str,
    until: OffsetDateTime,
    protocols: &str,
) -> azure_core::Result<String> {
    const OF_A_BLOB: &str = "b";
    let expiry = in_signatures(until);
    let resource = format!("/blob/{account}/{container}/{blob}");
    // Start, policy, address, snapshot, encryption scope and the five headers of answers are left out.
    let signed = format!(
        "{permission}\n\n{expiry}\n{resource}\n\n\n{protocols}\n{SIGNATURE_VERSION}\n{OF_A_BLOB}\n\n\n\n\n\n\n"
    );
    let signature = hmac_sha256(&signed, key)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("sv", SIGNATURE_VERSION),
        ("sr", OF_A_BLOB),
        ("sp", permission),
        ("se", &expiry),
        ("spr", protocols),
        ("sig", &signature),
    ]);
    Ok(query.finish())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use azure_core::credentials::{AccessToken, TokenRequestOptions};

    use super::*;
    use crate::{
        adapters::azure::{StorageAccess, StorageService},
        domain::Timestamp,
        ports::Clock,
    };

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_772_359_200_000)
        }
    }

    #[derive(Debug)]
    struct NobodyAsks;

    #[async_trait::async_trait]
    impl TokenCredential for NobodyAsks {
        async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
            panic!("a key that holds is used again");
        }
    }

    async fn signed(access: StorageAccess, signer: Signer) -> (String, BTreeMap<String, String>) {
        let container = Container::new(access, "sessions", Arc::new(Still));
        let until = Still.now().to_utc() + Duration::from_secs(3600);
        let url = signer.sign(&container, "1/input/größe.xml", until).await.unwrap().unwrap();
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        (format!("{}{}", url.origin().ascii_serialization(), url.path()), query)
    }

    #[tokio::test]
    async fn a_key_signs_for_writing_one_blob() {
        let connection = "AccountName=a;AccountKey=a2V5;DefaultEndpointsProtocol=https";
        let access = StorageAccess::by_connection_string(StorageService::Blob, connection).unwrap();
        let (address, query) = signed(access, Signer::default()).await;
        assert_eq!(address, "https://a.blob.core.windows.net/sessions/1%2Finput%2Fgr%C3%B6%C3%9Fe.xml");
        let expected = [("sp", "w"), ("sr", "b"), ("se", "2026-03-01T11:00:00Z"), ("spr", "https")];
        assert!(expected.into_iter().all(|(name, value)| query[name] == value), "{query:?}");
        assert_eq!((query.len(), query.contains_key("sig")), (6, true), "nothing of the account's signature is left");
    }

    #[tokio::test]
    async fn what_is_copied_may_be_read_for_a_while() {
        for (scheme, protocols) in [("https", "https"), ("http", "https,http")] {
            let connection = format!("AccountName=a;AccountKey=a2V5;BlobEndpoint={scheme}://a.example");
            let access = StorageAccess::by_connection_string(StorageService::Blob, &connection).unwrap();
            let url = source_of_copy(&Container::new(access, "sessions", Arc::new(Still)), "1/a.xml").unwrap();
            let query: BTreeMap<_, _> = url.query_pairs().collect();
            let expected = [("sp", "r"), ("sr", "b"), ("se", "2026-03-01T10:15:00Z"), ("spr", protocols)];
            assert!(expected.into_iter().all(|(name, value)| query[name] == value), "{query:?}");
            assert_eq!(query.len(), 6, "nothing of the account's signature is left");
        }
    }

    #[tokio::test]
    async fn an_identity_signs_by_a_key_that_is_kept() {
        let access =
            StorageAccess::by_credential(StorageService::Blob, "https://a.blob.core.windows.net", Arc::new(NobodyAsks));
        let ends = Still.now().to_utc() + Duration::from_secs(7200);
        let key = DelegationKey {
            signed_oid: Some("object".into()),
            signed_tid: Some("tenant".into()),
            signed_start: Some(Still.now().to_utc()),
            signed_expiry: Some(ends),
            signed_service: Some("b".into()),
            signed_version: Some("2022-11-02".into()),
            value: Some(b"key".to_vec()),
            ..DelegationKey::default()
        };
        let signer = Signer { key: Mutex::new(Some((key, ends))) };
        let (_, query) = signed(access.unwrap(), signer).await;
        let expected =
            [("sp", "w"), ("sr", "b"), ("se", "2026-03-01T11:00:00Z"), ("spr", "https"), ("skoid", "object")];
        assert!(expected.into_iter().all(|(name, value)| query[name] == value), "{query:?}");
    }

    #[test]
    fn the_account_stands_in_the_host_or_in_the_path() {
        let account = |url: &str| account_of(&url.parse().unwrap()).to_owned();
        assert_eq!(account("https://a.blob.core.windows.net"), "a");
        assert_eq!(account("https://localhost:10000/a"), "a");
    }

    #[tokio::test]
    async fn a_signature_that_was_given_signs_nothing() {
        let connection = "BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=1&sig=x";
        let access = StorageAccess::by_connection_string(StorageService::Blob, connection).unwrap();
        let container = Container::new(access, "sessions", Arc::new(Still));
        assert!(Signer::default().sign(&container, "b", container.now()).await.unwrap().is_none());
    }
}
