//! A tier of the session cache in Cosmos DB.
//!
//! Each entry is an item. Those of one session are in one partition, so that a session's entries are found and removed together. The
//! container has to be there (partition key `/session`, time to live on, without a default): an identity of the process cannot make one.

mod item;
mod removal;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use azure_core::{
    credentials::{Secret, TokenCredential},
    http::StatusCode,
};
use azure_data_cosmos::{
    AccountReference, ContainerClient, CosmosClient, CosmosError, CosmosRuntime, FeedScope, RoutingStrategy,
    options::{BinaryEncodingOptions, ConnectionPoolOptions, ItemWriteOptions, Precondition},
};
use tokio::sync::OnceCell;

use crate::{
    domain::Timestamp,
    ports::{CacheTier, StoreError, cache_tier::CacheEntry, error::StoreErrorKind},
};
use item::{Item, ItemName, id_of, partition_of};
use removal::Extent;

/// How long one call may take, retries included.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The container of the entries.
const CONTAINER: &str = "session-cache";

/// How often a delete is tried again that another instance's write came in between of.
const CONFLICTS: usize = 5;

/// What opens an account.
pub enum CosmosAccess {
    /// The identity of the process.
    Identity(Arc<dyn TokenCredential>),
    /// The account's key.
    Key(String),
}

/// The tier. Nothing is connected before the first call.
pub struct CosmosTier {
    connection: Arc<Connection>,
}

struct Connection {
    account: AccountReference,
    database: String,
    /// Emulators, reached without TLS, know JSON as text and HTTP/1.1 only.
    is_emulator: bool,
    client: OnceCell<ContainerClient>,
}

impl CosmosTier {
    /// The container of a database of an account, whose endpoint is a URL.
    pub fn new(endpoint: &str, database: String, access: CosmosAccess) -> Result<Self, StoreError> {
        let is_emulator = endpoint.starts_with("http:");
        let endpoint = endpoint.parse().map_err(damaged("read endpoint"))?;
        let account = match access {
            CosmosAccess::Identity(credential) => AccountReference::with_credential(endpoint, credential),
            CosmosAccess::Key(key) => AccountReference::with_authentication_key(endpoint, Secret::new(key)),
        };
        let connection = Connection { account, database, is_emulator, client: OnceCell::new() };
        Ok(Self { connection: Arc::new(connection) })
    }

    /// The container, connected once. In a task of its own: a caller may give up before it is there, and the next one finds it.
    async fn client(&self) -> Result<ContainerClient, CosmosError> {
        if let Some(client) = self.connection.client.get() {
            return Ok(client.clone());
        }
        let connection = Arc::clone(&self.connection);
        let connected = tokio::spawn(async move {
            let Connection { account, database, is_emulator, client } = &*connection;
            client.get_or_try_init(|| connect(account.clone(), database.clone(), *is_emulator)).await.cloned()
        });
        connected.await.unwrap_or_else(|_| Err(CosmosError::builder().with_message("connecting panicked").build()))
    }

    async fn read(&self, partition: String, id: &str) -> Result<Option<Item>, CosmosError> {
        match self.client().await?.read_item(partition, id, None).await {
            Ok(answer) => answer.into_model().map(Some),
            Err(error) if is(&error, StatusCode::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes an item as it was read.
    async fn remove(&self, partition: String, id: &str, etag: &str) -> Result<Removal, CosmosError> {
        let options = ItemWriteOptions::default().with_precondition(unchanged(etag));
        match self.client().await?.delete_item(partition, id, Some(options)).await {
            Ok(_) => Ok(Removal::Done),
            Err(error) if is(&error, StatusCode::NotFound) => Ok(Removal::Gone),
            Err(error) if is(&error, StatusCode::PreconditionFailed) => Ok(Removal::Changed),
            Err(error) => Err(error),
        }
    }
}

/// What became of an item that was to go as it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removal {
    Done,
    Gone,
    Changed,
}

fn unchanged(etag: &str) -> Precondition {
    Precondition::IfMatch(etag.to_owned().into())
}

#[async_trait]
impl CacheTier for CosmosTier {
    async fn get(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError> {
        let found = in_time("get", self.read(partition_of(key).to_owned(), &id_of(key))).await?;
        let entry = found.map(|item| item.entry()).transpose().map_err(damaged("get"))?;
        Ok(entry.filter(|entry| entry.expires_at > now))
    }

    async fn set(&self, key: &str, entry: &CacheEntry, now: Timestamp) -> Result<(), StoreError> {
        let item = Item::of(key, entry, now);
        let set =
            async { self.client().await?.upsert_item(item.session.clone(), &item.id, &item, None).await.map(drop) };
        in_time("set", set).await
    }

    async fn delete(&self, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let delete = async {
            for _ in 0..CONFLICTS {
                let Some(item) = self.read(partition_of(key).to_owned(), &id_of(key)).await? else { return Ok(false) };
                match self.remove(item.session.clone(), &item.id, &item.etag).await? {
                    Removal::Changed => {}
                    Removal::Gone => return Ok(false),
                    Removal::Done => return Ok(item.expires_at > now.as_millis()),
                }
            }
            // Others write without end: whatever is there goes.
            self.client().await?.delete_item(partition_of(key).to_owned(), &id_of(key), None).await.map(|_| true)
        };
        in_time("delete", Box::pin(delete)).await
    }

    async fn clear_prefix(&self, prefix: &str, now: Timestamp) -> Result<u64, StoreError> {
        let partition = partition_of(prefix);
        // Longer than its partition's name, the prefix leads into that one only.
        let scope = if partition.len() < prefix.len() {
            FeedScope::partition(partition.to_owned())
        } else {
            FeedScope::full_container()
        };
        let query = ItemName::query("STARTSWITH(c.key, @value)", prefix);
        self.remove_found("clear prefix", query, scope, now.as_millis(), Extent::All).await
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        // The service removes items by their time to live; this is for clocks that differ.
        let query = ItemName::query("c.expires_at <= @value", now.as_millis());
        self.remove_found("remove expired", query, FeedScope::full_container(), i64::MIN, Extent::SomePages).await
    }
}

fn is(error: &CosmosError, status: StatusCode) -> bool {
    error.status().status_code() == status
}

/// Waits no longer than a call may take.
async fn in_time<T>(
    operation: &'static str,
    call: impl Future<Output = Result<T, CosmosError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(TIME_LIMIT, call).await {
        Ok(answer) => answer.map_err(|error| StoreError::new(kind_of(&error), "cosmos", operation, error)),
        Err(elapsed) => Err(StoreError::new(StoreErrorKind::Unavailable, "cosmos", operation, elapsed)),
    }
}

/// What it says of the request, or that there is no such container, will not be otherwise later.
fn kind_of(error: &CosmosError) -> StoreErrorKind {
    match error.status().status_code() {
        StatusCode::BadRequest | StatusCode::NotFound | StatusCode::Conflict | StatusCode::PayloadTooLarge => {
            StoreErrorKind::Internal
        }
        _ => StoreErrorKind::Unavailable,
    }
}

async fn connect(
    account: AccountReference,
    database: String,
    is_emulator: bool,
) -> Result<ContainerClient, CosmosError> {
    // The account's own order of regions decides where there are several.
    let routing = RoutingStrategy::PreferredRegions(Vec::new());
    let encoding = BinaryEncodingOptions::new().with_enabled(!is_emulator);
    // Its own: the one of the whole process holds connections of the asynchronous runtime that made it.
    let pool = ConnectionPoolOptions::builder().with_is_http2_allowed(!is_emulator).build()?;
    let runtime = CosmosRuntime::builder().with_connection_pool(pool).build().await?;
    let builder = CosmosClient::builder().with_runtime(runtime).with_binary_encoding_options(encoding);
    let client = builder.build(account, routing).await?;
    client.database_client(database).container_client(CONTAINER, None).await
}

fn damaged<E: std::error::Error + Send + Sync + 'static>(operation: &'static str) -> impl Fn(E) -> StoreError {
    move |error| StoreError::new(StoreErrorKind::Internal, "cosmos", operation, error)
}
