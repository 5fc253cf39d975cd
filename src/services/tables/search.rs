//! Searching the session's tables for words.

use std::{sync::Arc, time::Duration};

use super::{TableError, TableService, report};
use crate::{
    domain::SessionId,
    ports::{
        search::SearchRequest,
        tables::{QueryError, QueryLimits, QueryRows},
    },
    services::{blocking, indexing::find_index, take_slot},
};

pub use crate::ports::search::Hit;

/// Rows that one search may return.
pub const MAX_HITS: usize = 100;

/// How long a search may take; rows that were not read by then are not found.
const SEARCH_TIME: Duration = Duration::from_secs(1);

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Rows, best first.
    pub hits: Vec<Hit>,
    /// Whether all rows were searched, by the index; without it only as many are as there is time for.
    pub indexed: bool,
}

impl TableService {
    /// Rows with these words in the named tables, or in all if none is named; at most `limit` and never more than [`MAX_HITS`]. Words without
    /// a letter or a digit are `Rejected`.
    pub async fn search(
        &self,
        session: SessionId,
        words: &str,
        tables: &[String],
        limit: usize,
    ) -> Result<Found, TableError> {
        let slot = take_slot(&self.slots).await?;
        let (job, local) = self.current_index(session).await?.ok_or(TableError::NothingConverted)?;
        let known = report(&job)?.tables;
        let is_known = |name: &&String| known.iter().any(|table| table.name.eq_ignore_ascii_case(name));
        if let Some(unknown) = tables.iter().find(|name| !is_known(name)) {
            return Err(TableError::NotFound(unknown.clone()));
        }
        let request = SearchRequest {
            words: words.to_owned(),
            tables: tables.to_vec(),
            limit: limit.min(MAX_HITS),
            time: SEARCH_TIME,
        };
        let index = find_index(&self.stores, &job).await.unwrap_or_else(|error| {
            tracing::warn!(job_id = %job.id, %error, "the index of a conversion could not be opened");
            None
        });
        let indexed = index.is_some();
        let store = Arc::clone(&self.stores.tables);
        let hits = blocking("search tables", move || {
            let _slot = slot;
            store.search(&local.path, index.as_ref().map(|index| index.path.as_path()), &request)
        })
        .await?
        .map_err(|error| match error {
            QueryError::Rejected(reason) => TableError::InvalidPage(reason),
            other => other.into(),
        })?;
        Ok(Found { hits, indexed })
    }

    /// Runs one read-only statement over the named tables, or over all if none is named: a statement that reads others is `Rejected`. What
    /// `limits` allow beyond the service's own limits does not count. Dropped, the query is stopped.
    pub async fn query_within(
        &self,
        session: SessionId,
        sql: String,
        limits: QueryLimits,
        tables: &[String],
    ) -> Result<QueryRows, TableError> {
        let own = self.policy.query;
        let limits = QueryLimits {
            time: limits.time.min(own.time),
            rows: limits.rows.min(own.rows),
            bytes: limits.bytes.min(own.bytes),
        };
        self.run(session, sql, limits, tables.to_vec()).await
    }
}
