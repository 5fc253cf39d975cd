//! A server that the service works on without.

use async_trait::async_trait;

use super::StoreError;

/// Something that makes the service faster or its counts exact over instances, and that may be away.
#[async_trait]
pub trait OptionalServer: Send + Sync {
    /// Its name in `ready`.
    fn name(&self) -> &'static str;

    /// Whether it answers now.
    async fn check(&self) -> Result<(), StoreError>;
}
