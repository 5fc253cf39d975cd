//! Which storage accounts hold session files and the job queue.

use super::{Secret, reader::Reader};

/// A storage account's service, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageAccount {
    /// A connection string: a key, a shared access signature, or Azurite.
    ConnectionString {
        /// The setting that gave it.
        setting: &'static str,
        /// The connection string.
        value: Secret,
    },
    /// The identity of this process.
    Identity {
        /// The setting that gave it.
        setting: &'static str,
        /// URL of the service.
        endpoint: String,
        /// The user-assigned identity; the system's own, or the person's who signed in on this machine, if there is none.
        client_id: Option<String>,
    },
}

impl Reader {
    /// The account that is named, else that of the host's own queues, where the host listens; session files may be in another.
    pub(super) fn job_queue(&mut self) -> Option<StorageAccount> {
        self.identity("STORAGE_QUEUE_ENDPOINT", "AZURE_CLIENT_ID")
            .or_else(|| self.connection_string("AzureWebJobsStorage"))
            .or_else(|| self.identity("AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__clientId"))
            .or_else(|| {
                let account = self.optional("AzureWebJobsStorage__accountName")?;
                let client_id = self.optional("AzureWebJobsStorage__clientId");
                let endpoint = format!("https://{account}.queue.core.windows.net");
                Some(StorageAccount::Identity { setting: "AzureWebJobsStorage__accountName", endpoint, client_id })
            })
            .or_else(|| self.connection_string("STORAGE_CONNECTION_STRING"))
    }

    /// The account of session files; without one they are in a folder.
    pub(super) fn file_storage(&mut self) -> Option<StorageAccount> {
        self.identity("STORAGE_BLOB_ENDPOINT", "AZURE_CLIENT_ID")
            .or_else(|| self.connection_string("STORAGE_CONNECTION_STRING"))
    }

    fn connection_string(&mut self, setting: &'static str) -> Option<StorageAccount> {
        self.optional(setting).map(|value| StorageAccount::ConnectionString { setting, value: Secret(value) })
    }

    fn identity(&mut self, setting: &'static str, client_id: &str) -> Option<StorageAccount> {
        let endpoint = self.optional(setting)?;
        if !endpoint.starts_with("https://") {
            self.problem(setting, "takes the https URL of a service, such as https://account.queue.core.windows.net");
            return None;
        }
        Some(StorageAccount::Identity { setting, endpoint, client_id: self.optional(client_id) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn queue(values: &[(&str, &str)]) -> Option<StorageAccount> {
        let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Settings::from_values(values).unwrap().job_queue
    }

    #[test]
    fn the_account_of_the_host_is_taken_unless_another_is_named() {
        let hosts = ("AzureWebJobsStorage", "UseDevelopmentStorage=true");
        let named = ("STORAGE_QUEUE_ENDPOINT", "https://a.queue.core.windows.net");
        let value = Secret("UseDevelopmentStorage=true".into());
        let expected = StorageAccount::ConnectionString { setting: "AzureWebJobsStorage", value };
        assert_eq!(queue(&[hosts]), Some(expected));
        let expected = StorageAccount::Identity {
            setting: "STORAGE_QUEUE_ENDPOINT",
            endpoint: "https://a.queue.core.windows.net".into(),
            client_id: Some("me".into()),
        };
        assert_eq!(queue(&[hosts, named, ("AZURE_CLIENT_ID", "me")]), Some(expected));
        assert_eq!(queue(&[]), None);
    }

    #[test]
    fn the_host_listens_to_its_own_account_wherever_the_files_are() {
        let files = ("STORAGE_CONNECTION_STRING", "AccountName=files;AccountKey=a2V5");
        let setting_of = |values: &[(&str, &str)]| match queue(values) {
            Some(StorageAccount::ConnectionString { setting, .. } | StorageAccount::Identity { setting, .. }) => {
                setting
            }
            None => panic!("no queue"),
        };
        assert_eq!(setting_of(&[files, ("AzureWebJobsStorage", "UseDevelopmentStorage=true")]), "AzureWebJobsStorage");
        let by_identity = ("AzureWebJobsStorage__accountName", "host");
        assert_eq!(setting_of(&[files, by_identity]), "AzureWebJobsStorage__accountName");
        assert_eq!(setting_of(&[files]), "STORAGE_CONNECTION_STRING");
    }

    #[test]
    fn the_host_may_use_an_identity() {
        let by_name = queue(&[("AzureWebJobsStorage__accountName", "b"), ("AzureWebJobsStorage__clientId", "me")]);
        let by_url = queue(&[("AzureWebJobsStorage__queueServiceUri", "https://b.queue.core.windows.net")]);
        let endpoint = |account: Option<StorageAccount>| match account {
            Some(StorageAccount::Identity { endpoint, .. }) => endpoint,
            other => panic!("{other:?}"),
        };
        assert_eq!(endpoint(by_name), endpoint(by_url));
    }
}
