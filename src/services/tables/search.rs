//! Searching the session's tables for words, and for what they mean.

use std::{sync::Arc, time::Duration};

use super::{Asker, ByMeaning, StopOnDrop, TableError, TableService, report};
use crate::{
    ports::{
        search::SearchRequest,
        tables::{QueryLimits, QueryRows},
    },
    services::{blocking, conversions::TableReport, indexing::find_index},
};

pub use crate::ports::search::Hit;

/// Rows that one search may return.
pub const MAX_HITS: usize = 100;

/// How long a search may take; rows that were not read by then are not found.
const SEARCH_TIME: Duration = Duration::from_secs(1);

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchedFor {
    /// Words as a person writes them.
    pub words: String,
    /// Only these tables, if any are named.
    pub tables: Vec<String>,
    /// Only tables of this group, if one is named.
    pub group: Option<String>,
    /// Rows at most, and never more than [`MAX_HITS`].
    pub limit: usize,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Rows, best first.
    pub hits: Vec<Hit>,
    /// Whether all rows were searched, by the index; without it only as many are as there is time for.
    pub indexed: bool,
    /// Whether what the words mean was looked for too.
    pub meaning: ByMeaning,
}

impl SearchedFor {
    /// The names of the tables that are searched; none if it is all.
    fn tables_of(&self, known: &[TableReport]) -> Result<Vec<String>, TableError> {
        let is_named = |table: &TableReport, name: &str| table.name.eq_ignore_ascii_case(name);
        if let Some(unknown) = self.tables.iter().find(|name| !known.iter().any(|table| is_named(table, name))) {
            return Err(TableError::NotFound(unknown.clone()));
        }
        let Some(group) = &self.group else { return Ok(self.tables.clone()) };
        let of_group = |table: &&TableReport| table.group.eq_ignore_ascii_case(group);
        if !known.iter().any(|table| of_group(&table)) {
            return Err(TableError::NoSuchGroup(group.clone()));
        }
        let is_asked =
            |table: &&TableReport| self.tables.is_empty() || self.tables.iter().any(|name| is_named(table, name));
        let tables: Vec<String> =
            known.iter().filter(of_group).filter(is_asked).map(|table| table.name.clone()).collect();
        match &self.tables[..] {
            // No table at all would mean all of them.
            [first, ..] if tables.is_empty() => Err(TableError::NotFound(first.clone())),
            _ => Ok(tables),
        }
    }
}

impl TableService {
    /// Rows with these words, or that mean the like. Words without a letter or a digit are `Rejected`. Dropped, the search is stopped.
    pub async fn search(&self, asker: Asker, asked: &SearchedFor) -> Result<Found, TableError> {
        let vector = self.vector_of(asker.session, &asked.words).await;
        let turn = self.turns.take(asker.user).await?;
        let (job, local) = self.current_index(asker.session).await?.ok_or(TableError::NothingConverted)?;
        let tables = asked.tables_of(&report(&job)?.tables)?;
        let index = find_index(&self.stores, &job).await.unwrap_or_else(|error| {
            tracing::warn!(job_id = %job.id, %error, "the index of a conversion could not be opened");
            None
        });
        let indexed = index.is_some();
        let (near, by_meaning) = match vector {
            Ok(vector) if indexed => self.vectors(&job, vector).await,
            Ok(_) => (None, ByMeaning::Building),
            Err(why) => (None, why),
        };
        let (meaning, vectors) = near.unzip();
        let request = SearchRequest {
            words: asked.words.clone(),
            meaning,
            tables,
            limit: asked.limit.min(MAX_HITS),
            time: SEARCH_TIME,
            cancelled: Arc::default(),
        };
        let _stop = StopOnDrop(Arc::clone(&request.cancelled));
        let store = Arc::clone(&self.stores.tables);
        let hits = blocking("search tables", move || {
            // What is only a copy goes when it has been read.
            let (_turn, _vectors) = (turn, vectors);
            store.search(&local.path, index.as_ref().map(|index| index.path.as_path()), &request)
        })
        .await?
        .map_err(|error| TableError::of_ours(error, SEARCH_TIME))?;
        Ok(Found { hits, indexed, meaning: by_meaning })
    }

    /// Runs one read-only statement over the named tables, or over all if none is named: a statement that reads others is `Rejected`. What
    /// `limits` allow beyond the service's own limits does not count. Dropped, the query is stopped.
    pub async fn query_within(
        &self,
        asker: Asker,
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
        self.run(asker, sql, limits, tables.to_vec()).await
    }
}
