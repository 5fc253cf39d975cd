//! Azurite's blob and queue services, which the tests start on free ports.

use std::{
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use azure_core::http::{ClientOptions, StatusCode, Transport};
use azure_storage_blob::{
    BlobContainerClient,
    models::{BlobClientUploadOptions, BlobContainerClientListBlobsOptions, ListBlobsIncludeItem},
};
use azure_storage_queue::{QueueClient, QueueClientOptions, models::QueueClientPeekMessagesOptions};
use bytes::Bytes;
use futures::StreamExt as _;
use ret::adapters::azure::{StorageAccess, StorageService};
use time::OffsetDateTime;

use super::{
    left_out,
    process::{Program, ServerProcess, free_port, here, new_folder},
};

/// The key of every account; no secret.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// More accounts than tests take.
const ACCOUNTS: usize = 1000;

/// An account of its own in a running server.
pub struct Azurite {
    server: Arc<Server>,
    account: String,
}

/// The services are processes of their own, so that each can be stopped.
struct Server {
    blobs: ServerProcess,
    queues: ServerProcess,
    scheme: Scheme,
}

/// How its services are spoken to.
#[derive(Clone, Copy)]
enum Scheme {
    Http,
    /// With the certificate for `localhost` of `tests/data/tls`; only so are tokens taken.
    Https,
}

static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Azurite {
    /// An account that nobody else uses. `None` only if `RET_TEST_ONLY_EMBEDDED` says that there are to be no servers.
    pub async fn account() -> Option<Self> {
        if left_out() {
            return None;
        }
        let server = tokio::task::spawn_blocking(Server::shared).await.unwrap();
        let account = account_name(TAKEN.fetch_add(1, Ordering::Relaxed));
        Some(Self { server, account })
    }

    /// The same in a server of its own, which the test may stop.
    pub async fn alone() -> Option<Self> {
        if left_out() {
            return None;
        }
        let server =
            tokio::task::spawn_blocking(|| Arc::new(Server::start(Keeping::Files, Scheme::Http))).await.unwrap();
        Some(Self { server, account: account_name(0) })
    }

    /// The same in a server of its own that is reached over TLS, and takes tokens of identities.
    pub async fn with_certificate() -> Option<Self> {
        if left_out() {
            return None;
        }
        let start = || Arc::new(Server::start(Keeping::Nothing, Scheme::Https));
        let server = tokio::task::spawn_blocking(start).await.unwrap();
        Some(Self { server, account: account_name(0) })
    }

    /// Ends the blob service as a lost machine would.
    pub fn kill_blobs(&self) {
        self.server.blobs.kill();
    }

    pub fn run_blobs(&self) {
        self.server.blobs.run();
    }

    pub fn pause_blobs(&self) {
        self.server.blobs.pause();
    }

    pub fn resume_blobs(&self) {
        self.server.blobs.resume();
    }

    /// Waits until what was put so far outlives a kill: the server writes down every few seconds what it knows of blobs.
    pub async fn until_kept(&self) {
        let now = SystemTime::now();
        self.put_blob("kept", "changes what is to be written down", "");
        let written = |name: &str| {
            let metadata = std::fs::metadata(self.server.blobs.folder().join(name));
            metadata.and_then(|file| file.modified()).is_ok_and(|at| at > now)
        };
        while !["__azurite_db_blob__.json", "__azurite_db_blob_extent__.json"].into_iter().all(written) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Names of all blobs in a container, sorted, with those that are not whole yet.
    pub fn blobs(&self, container: &str) -> Vec<String> {
        let client = self.container(container);
        let include = Some(vec![ListBlobsIncludeItem::UncommittedBlobs]);
        let options = BlobContainerClientListBlobsOptions { include, ..Default::default() };
        wait_for(async {
            let mut pages = client.list_blobs(Some(options)).unwrap().into_pages();
            let mut names = Vec::new();
            while let Some(page) = pages.next().await {
                let page = match page {
                    Ok(page) => page.into_model().unwrap(),
                    Err(error) if error.http_status() == Some(StatusCode::NotFound) => break,
                    Err(error) => panic!("{error}"),
                };
                names.extend(page.blob_items.into_iter().filter_map(|blob| blob.name));
            }
            names.sort();
            names
        })
    }

    /// Puts a blob where nobody expects it.
    pub fn put_blob(&self, container: &str, name: &str, content: &'static str) {
        let container = self.container(container);
        let client = container.blob_client(name);
        wait_for(async {
            // Mostly it is there.
            let _ = container.create(None).await;
            client.upload(Bytes::from_static(content.as_bytes()).into(), None).await.unwrap();
        });
    }

    /// Puts what a process leaves that is killed while it drops an unfinished file.
    pub fn put_dropped_blob(&self, container: &str, name: &str) {
        let client = self.container(container).blob_client(name);
        let metadata = Some(std::collections::HashMap::from([("dropped".to_owned(), "true".to_owned())]));
        let options = BlobClientUploadOptions { metadata, ..Default::default() };
        wait_for(async { client.upload(Bytes::new().into(), Some(options)).await.map(drop).unwrap() });
    }

    /// Removes a container with all that is in it.
    pub fn remove_container(&self, name: &str) {
        let client = self.container(name);
        wait_for(async { client.delete(None).await.unwrap() });
    }

    /// The port of the blob service.
    pub fn blob_port(&self) -> u16 {
        self.server.blobs.port()
    }

    fn container(&self, name: &str) -> BlobContainerClient {
        let access = StorageAccess::by_connection_string(StorageService::Blob, &self.connection_string()).unwrap();
        BlobContainerClient::new(access.door(name, OffsetDateTime::now_utc()).unwrap().url, None, None).unwrap()
    }

    /// The setting that leads to it.
    pub fn connection_string(&self) -> String {
        let (account, blobs, queues) = (&self.account, self.blob_endpoint(), self.queue_endpoint());
        format!("AccountName={account};AccountKey={KEY};BlobEndpoint={blobs};QueueEndpoint={queues}")
    }

    /// The URL of the account's blobs.
    pub fn blob_endpoint(&self) -> String {
        self.endpoint(&self.server.blobs)
    }

    /// The URL of the account's queues.
    pub fn queue_endpoint(&self) -> String {
        self.endpoint(&self.server.queues)
    }

    fn endpoint(&self, service: &ServerProcess) -> String {
        let origin = match self.server.scheme {
            Scheme::Http => "http://127.0.0.1",
            Scheme::Https => "https://localhost",
        };
        format!("{origin}:{}/{}", service.port(), self.account)
    }

    /// Texts of the messages in a queue that are visible, and stay so. Nothing if the queue is not there.
    pub async fn messages(&self, queue: &str) -> Vec<String> {
        let access = StorageAccess::by_connection_string(StorageService::Queue, &self.connection_string()).unwrap();
        let url = access.door(queue, OffsetDateTime::now_utc()).unwrap().url;
        let transport = Some(Transport::new(Arc::new(client_that_trusts_it())));
        let client_options = ClientOptions { transport, ..ClientOptions::default() };
        let client =
            QueueClient::new(url, None, Some(QueueClientOptions { client_options, ..Default::default() })).unwrap();
        let options = QueueClientPeekMessagesOptions { number_of_messages: Some(32), ..Default::default() };
        let messages = match client.peek_messages(Some(options)).await {
            Ok(messages) => messages.into_model().unwrap(),
            Err(error) if error.http_status() == Some(StatusCode::NotFound) => return Vec::new(),
            Err(error) => panic!("{error}"),
        };
        messages.items.unwrap_or_default().into_iter().filter_map(|message| message.message_text).collect()
    }
}

/// Whom the certificates of the tests' servers are signed by.
pub const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/authority.pem");

/// A client that takes the certificate of [`Azurite::with_certificate`].
pub fn client_that_trusts_it() -> reqwest::Client {
    let authority = reqwest::Certificate::from_pem(&std::fs::read(AUTHORITY).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_only([authority]).build().unwrap()
}

/// What of the data outlives a kill.
#[derive(Clone, Copy)]
enum Keeping {
    Nothing,
    Files,
}

impl Server {
    fn shared() -> Arc<Self> {
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::start(Keeping::Nothing, Scheme::Http))))
    }

    fn start(keeping: Keeping, scheme: Scheme) -> Self {
        Self { blobs: service("blob", keeping, scheme), queues: service("queue", keeping, scheme), scheme }
    }
}

fn service(name: &str, keeping: Keeping, scheme: Scheme) -> ServerProcess {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services/node_modules/.bin");
    let path = programs.join(format!("azurite-{name}"));
    assert!(path.exists(), "Azurite is not installed: run scripts/setup, or set RET_TEST_ONLY_EMBEDDED=1");
    let accounts: Vec<String> = (0..ACCOUNTS).map(|number| format!("{}:{KEY}", account_name(number))).collect();
    let port = free_port();
    let mut arguments = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"].map(str::to_owned).to_vec();
    arguments.extend([format!("--{name}Host"), "127.0.0.1".into(), format!("--{name}Port"), port.to_string()]);
    let folder = match keeping {
        Keeping::Nothing => None,
        Keeping::Files => Some(new_folder()),
    };
    arguments.extend(match &folder {
        None => vec!["--inMemoryPersistence".to_owned()],
        Some(folder) => vec!["--location".to_owned(), folder.to_str().unwrap().to_owned()],
    });
    if matches!(scheme, Scheme::Https) {
        let file = |name: &str| format!("{}/tests/data/tls/localhost.{name}", env!("CARGO_MANIFEST_DIR"));
        let certificate = ["--cert".to_owned(), file("pem"), "--key".to_owned(), file("key")];
        arguments.extend(certificate.into_iter().chain(["--oauth".to_owned(), "basic".to_owned()]));
    }
    let environment = vec![("AZURITE_ACCOUNTS", accounts.join(";"))];
    ServerProcess::start(Program {
        name: "Azurite",
        path,
        arguments,
        environment,
        user: None,
        ends_by: "KILL",
        folder,
        address: here(port),
    })
}

/// Waits for an answer, from a test that is or is not asynchronous.
fn wait_for<T: Send>(answer: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(answer)
        });
        asking.join().unwrap()
    })
}

fn account_name(number: usize) -> String {
    format!("account{number}")
}
