//! Services of Azure, by their official clients.

mod credential;
mod queue;
mod queue_access;

pub use queue::StorageQueue;
pub use queue_access::{AccessError, QueueAccess, QueueDoor};
