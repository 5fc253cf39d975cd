//! Removing what a query finds, page by page: what has gone stays gone, however many there are.

use std::{collections::BTreeMap, num::NonZeroU32};

use azure_data_cosmos::{
    CosmosError, FeedScope, Query, TransactionalBatch,
    feed::QueryPageIterator,
    models::TransactionalBatchOperationResult,
    options::{BatchDeleteOptions, MaxItemCountHint, QueryOptions},
};
use futures::TryStreamExt as _;

use super::{CosmosTier, Removal, in_time, item::ItemName, unchanged};
use crate::ports::StoreError;

/// Items of a page, and operations that one batch may have.
const PAGE: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Pages of a removal that somebody comes back for.
const PAGES: usize = 100;

/// How far a removal goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// To the end.
    All,
    /// For some pages; a later call removes more.
    SomePages,
}

impl CosmosTier {
    /// Removes the items of a query, as they were found; how many were alive at `now`. The time limit is that of each step, of which every
    /// one leaves less to do.
    pub(super) async fn remove_found(
        &self,
        operation: &'static str,
        query: Result<Query, CosmosError>,
        scope: FeedScope,
        now: i64,
        extent: Extent,
    ) -> Result<u64, StoreError> {
        let query = in_time(operation, async { query }).await?;
        let (mut alive, mut emptied) = (0, 0);
        loop {
            let before = emptied;
            let mut pages = in_time(operation, self.pages(query.clone(), scope.clone())).await?;
            while let Some(page) = in_time(operation, pages.try_next()).await? {
                let items = page.into_items();
                if items.is_empty() {
                    continue;
                }
                alive += in_time(operation, self.remove_all(items, now)).await?;
                emptied += 1;
                if extent == Extent::SomePages && emptied == PAGES {
                    return Ok(alive);
                }
            }
            // After the first page others may have moved up into a place that was read before: only a look that finds one page at most
            // has seen all.
            if emptied <= before + 1 {
                return Ok(alive);
            }
        }
    }

    async fn pages(&self, query: Query, scope: FeedScope) -> Result<QueryPageIterator<ItemName>, CosmosError> {
        let options = QueryOptions::default().with_max_item_count(MaxItemCountHint::Limit(PAGE));
        Ok(self.client().await?.query_items::<ItemName>(query, scope, Some(options)).await?.into_pages())
    }

    /// Removes items partition by partition; how many were there and alive at `now`. One that was set since stays.
    async fn remove_all(&self, items: Vec<ItemName>, now: i64) -> Result<u64, CosmosError> {
        let mut partitions: BTreeMap<String, Vec<ItemName>> = BTreeMap::new();
        for item in items {
            partitions.entry(item.session.clone()).or_default().push(item);
        }
        let mut alive = 0;
        for (partition, items) in partitions {
            for some in items.chunks(PAGE.get() as usize) {
                alive += self.remove_batch(&partition, some, now).await?;
            }
        }
        Ok(alive)
    }

    async fn remove_batch(&self, partition: &str, items: &[ItemName], now: i64) -> Result<u64, CosmosError> {
        let batch = items.iter().fold(TransactionalBatch::new(partition.to_owned()), |batch, item| {
            let options = BatchDeleteOptions::default().with_precondition(unchanged(&item.etag));
            batch.delete_item(item.id.clone(), Some(options))
        });
        let answer = self.client().await?.execute_transactional_batch(batch, None).await?.into_model()?;
        if answer.results().iter().all(TransactionalBatchOperationResult::is_success) {
            return Ok(items.iter().filter(|item| item.expires_at > now).count() as u64);
        }
        // One has changed or is gone, and the batch removed none.
        let mut alive = 0;
        for item in items {
            if self.remove(partition.to_owned(), &item.id, &item.etag).await? == Removal::Done {
                alive += u64::from(item.expires_at > now);
            }
        }
        Ok(alive)
    }
}
