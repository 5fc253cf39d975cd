//! The documents of a session, as their scan found them.

use super::{Page, Stores};
use crate::{
    domain::{Document, DocumentId, SessionId},
    ports::StoreError,
};

/// Lists documents.
#[derive(Clone)]
pub struct DocumentService {
    stores: Stores,
}

impl DocumentService {
    pub(super) fn new(stores: Stores) -> Self {
        Self { stores }
    }

    /// Documents in order of finding, of one group only if given.
    pub async fn list(
        &self,
        session: SessionId,
        group: Option<&str>,
        after: Option<DocumentId>,
        limit: u32,
    ) -> Result<Page<Document>, StoreError> {
        let documents = self.stores.catalog.list_documents(session, group, after, limit + 1).await?;
        Ok(Page::of(documents, limit, |document| document.id.to_string()))
    }
}
