//! Which storage account holds the job queue.

use super::{Secret, reader::Reader};

/// The account of the queue, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueAccount {
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
        /// URL of the account's queue service.
        endpoint: String,
        /// The user-assigned identity; the system's own, or the person's who signed in on this machine, if there is none.
        client_id: Option<String>,
    },
}

impl Reader {
    /// The account that is named, else that of the host's own queues.
    pub(super) fn job_queue(&mut self) -> Option<QueueAccount> {
        self.identity("STORAGE_QUEUE_ENDPOINT", "AZURE_CLIENT_ID")
            .or_else(|| self.connection_string("STORAGE_CONNECTION_STRING"))
            .or_else(|| self.connection_string("AzureWebJobsStorage"))
            .or_else(|| self.identity("AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__clientId"))
            .or_else(|| {
                let account = self.optional("AzureWebJobsStorage__accountName")?;
                let client_id = self.optional("AzureWebJobsStorage__clientId");
                let endpoint = format!("https://{account}.queue.core.windows.net");
                Some(QueueAccount::Identity { setting: "AzureWebJobsStorage__accountName", endpoint, client_id })
            })
    }

    fn connection_string(&mut self, setting: &'static str) -> Option<QueueAccount> {
        self.optional(setting).map(|value| QueueAccount::ConnectionString { setting, value: Secret(value) })
    }

    fn identity(&mut self, setting: &'static str, client_id: &str) -> Option<QueueAccount> {
        let endpoint = self.optional(setting)?;
        if !endpoint.starts_with("https://") {
            self.problem(setting, "takes the URL of a queue service, such as https://account.queue.core.windows.net");
            return None;
        }
        Some(QueueAccount::Identity { setting, endpoint, client_id: self.optional(client_id) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn queue(values: &[(&str, &str)]) -> Option<QueueAccount> {
        let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Settings::from_values(values).unwrap().job_queue
    }

    #[test]
    fn the_account_of_the_host_is_taken_unless_another_is_named() {
        let hosts = ("AzureWebJobsStorage", "UseDevelopmentStorage=true");
        let named = ("STORAGE_QUEUE_ENDPOINT", "https://a.queue.core.windows.net");
        let value = Secret("UseDevelopmentStorage=true".into());
        let expected = QueueAccount::ConnectionString { setting: "AzureWebJobsStorage", value };
        assert_eq!(queue(&[hosts]), Some(expected));
        let expected = QueueAccount::Identity {
            setting: "STORAGE_QUEUE_ENDPOINT",
            endpoint: "https://a.queue.core.windows.net".into(),
            client_id: Some("me".into()),
        };
        assert_eq!(queue(&[hosts, named, ("AZURE_CLIENT_ID", "me")]), Some(expected));
        assert_eq!(queue(&[]), None);
    }

    #[test]
    fn the_host_may_use_an_identity() {
        let by_name = queue(&[("AzureWebJobsStorage__accountName", "b"), ("AzureWebJobsStorage__clientId", "me")]);
        let by_url = queue(&[("AzureWebJobsStorage__queueServiceUri", "https://b.queue.core.windows.net")]);
        let endpoint = |account: Option<QueueAccount>| match account {
            Some(QueueAccount::Identity { endpoint, .. }) => endpoint,
            other => panic!("{other:?}"),
        };
        assert_eq!(endpoint(by_name), endpoint(by_url));
    }
}
