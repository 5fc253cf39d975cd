//! Services of Azure, by their official clients.

mod credential;
mod identity_tokens;
mod queue;
mod queue_access;

pub use credential::identity;
pub use identity_tokens::IdentityTokens;
pub use queue::StorageQueue;
pub use queue_access::{AccessError, QueueAccess, QueueDoor};
