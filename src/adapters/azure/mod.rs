//! Services of Azure, by their official clients.

mod access;
mod blob;
mod client;
mod credential;
mod failure;
mod identity_tokens;
mod queue;

pub use access::{AccessError, Door, StorageAccess, StorageService};
pub use blob::{BlobClocks, BlobDisk, BlobFiles};
pub use credential::identity;
pub use identity_tokens::IdentityTokens;
pub use queue::StorageQueue;
