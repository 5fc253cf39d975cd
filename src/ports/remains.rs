//! What deleted rows leave behind in the files of a database on this machine.

use async_trait::async_trait;

use super::StoreError;

/// A database whose files still have what was deleted from it, until that is erased.
#[async_trait]
pub trait Remains: Send + Sync {
    /// Erases what was deleted before, as far as nobody reads it just now; the rest is for a later call.
    async fn erase(&self) -> Result<(), StoreError>;
}
