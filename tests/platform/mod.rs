//! The product as the platform runs it: staged, under the emulated host, with a queue of Azurite, and as on Flex Consumption with a
//! process for each group of functions.

mod accounts;
mod as_deployed;
mod faults;
mod groups;
mod identity;
mod restarts;

use std::{path::Path, sync::Arc, time::Duration};

use tempfile::TempDir;

use crate::{
    harness::{ADMIN_PASSWORD, Azurite, Client, Servers, Transport},
    host::{Host, HostOptions, StorageQueues, queue_store::QueueStore},
};

/// The queue that `functions/convert_worker/function.json` names.
const QUEUE: &str = "convert-jobs";

/// A staged package with settings, and the account of its queue.
pub struct Platform {
    options: HostOptions,
    queues: Arc<StorageQueues>,
    folder: TempDir,
    azurite: Azurite,
}

impl Platform {
    /// `None` only if there are to be no servers.
    pub async fn staged(settings: &[(&str, &str)]) -> Option<Self> {
        let azurite = Azurite::account().await?;
        let folder = TempDir::new().unwrap();
        let package = folder.path().join("package");
        stage(&package);
        let mut options = HostOptions::new(&package)
            .with_setting("RET_RUNTIME_ROOT", folder.path().join("runtime").to_str().unwrap())
            .with_setting("RET_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .with_setting("RATE_LIMIT_PER_MINUTE", "1000000")
            .with_setting("AzureWebJobsStorage", azurite.connection_string())
            // A failed message comes again at once.
            .with_setting("AzureFunctionsJobHost__extensions__queues__visibilityTimeout", "00:00:00");
        for (key, value) in settings {
            options = options.with_setting(key, *value);
        }
        let queues = Arc::new(StorageQueues::new(&azurite.connection_string()).unwrap());
        options.queues = Arc::clone(&queues) as Arc<dyn QueueStore>;
        // Handlers are killed when a test is over; nobody needs to wait for calls.
        options.timings.drain = Duration::from_secs(2);
        Some(Self { options, queues, folder, azurite })
    }

    /// Starts the instance of one function group.
    pub async fn start(&self, group: &str) -> Host {
        let mut options = self.options.clone();
        options.target_group = Some(group.to_owned());
        Host::start(options).await.unwrap()
    }

    /// The storage account of its host.
    pub fn account(&self) -> &Azurite {
        &self.azurite
    }

    fn sessions(&self) -> Vec<String> {
        crate::harness::files_below(&self.folder.path().join("runtime/sessions"))
    }
}

/// A platform whose handlers keep everything on servers: the host's state in one storage account, session files in another.
pub async fn on_servers() -> Option<(Platform, Servers)> {
    let servers = Servers::fresh().await?;
    let settings = servers.settings();
    let settings: Vec<_> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    Some((Platform::staged(&settings).await?, servers))
}

/// Stages the package with a link to the executable under test.
fn stage(package: &Path) {
    let staged = std::process::Command::new(env!("CARGO_BIN_EXE_ret"))
        .args(["functions", "--write", package.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(staged.status.success(), "{staged:?}");
    std::fs::write(package.join("host.json"), ret::functions::HOST_JSON).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ret"), package.join("ret")).unwrap();
}

pub fn client(host: &Host) -> Client {
    Client::new(Transport::tcp(host.address()))
}

pub async fn admin(host: &Host) -> Client {
    client(host).login("admin", ADMIN_PASSWORD).await
}

/// A document that takes a while to convert.
fn large_document(records: usize) -> String {
    let record =
        |number: usize| format!("<r><n>{number}</n><t>text of record {number}</t><i><x>1</x></i><i><x>2</x></i></r>");
    format!("<list>{}</list>", (0..records).map(record).collect::<String>())
}
