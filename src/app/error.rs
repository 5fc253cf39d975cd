//! Why the application could not be put together.

use std::path::{Path, PathBuf};

use crate::{
    adapters::azure::AccessError,
    ports::{StoreError, language_model::ModelError},
    services::{StoreErrorKind, accounts::AccountError},
};

/// Why the application could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The runtime root cannot be used.
    #[error("RET_RUNTIME_ROOT: the folder {path} cannot be used: {source}")]
    RuntimeRoot {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A store cannot be opened where the setting says.
    #[error("{setting}: {path} cannot be opened: {source}")]
    Place {
        /// The setting.
        setting: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A storage account cannot be reached as the setting says.
    #[error("{setting}: {source}")]
    StorageAccount {
        /// The setting.
        setting: &'static str,
        /// Why.
        source: AccessError,
    },
    /// A server cannot be used as the setting says.
    #[error("{setting}: {source}")]
    Server {
        /// The setting.
        setting: &'static str,
        /// Why.
        source: StoreError,
    },
    /// A server is to know the process by its identity, and there is none.
    #[error("{setting}: {source}")]
    Identity {
        /// The setting that names the server.
        setting: &'static str,
        /// Why.
        source: AccessError,
    },
    /// A model cannot be used as the setting says.
    #[error("{setting}: {source}")]
    Model {
        /// The setting that names its server.
        setting: &'static str,
        /// Why.
        source: ModelError,
    },
    /// The first account cannot be made.
    #[error("RET_ADMIN_PASSWORD: the first account cannot be made: {0}")]
    FirstAccount(AccountError),
}

impl AppError {
    /// Whether the same may succeed later: a store is away.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let store = match self {
            Self::Store(error) | Self::FirstAccount(AccountError::Store(error)) => error,
            _ => return false,
        };
        store.kind == StoreErrorKind::Unavailable
    }

    /// What mostly mends it that a database cannot be used; `None` where the reason says it.
    #[must_use]
    pub fn mend(&self) -> Option<&'static str> {
        match self {
            Self::Server { source, .. } if source.kind == StoreErrorKind::Unavailable => {
                Some("see that the server runs and may be reached from here, and that it knows this user")
            }
            Self::Server { source, .. } | Self::Place { source, .. } if source.kind == StoreErrorKind::Full => {
                Some("make room on the disk of the database, and run this again")
            }
            Self::Place { source, .. } if source.kind == StoreErrorKind::Unavailable => {
                Some("another process holds the file: run this again when it has ended")
            }
            Self::RuntimeRoot { .. } => Some("give the folder to the user that runs ret, or name another folder"),
            Self::Identity { .. } => Some("sign in on this machine, or run this where the platform gives an identity"),
            _ => None,
        }
    }
}

pub(super) fn unopened(setting: &'static str, path: &Path) -> impl FnOnce(StoreError) -> AppError {
    move |source| AppError::Place { setting, path: path.to_owned(), source }
}
