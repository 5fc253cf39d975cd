//! The session's tables: what there is, rows by page, and read-only SQL.

mod compare;
mod meaning;
mod search;
mod turns;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use self::turns::Turns;
use super::{
    Policy, Stores, blocking,
    conversions::{ConversionReport, InputReport, TableReport, index_key},
    usage::UsageService,
};
use crate::{
    domain::{Area, FileKey, Job, JobId, SessionId, UserId},
    ports::{EmbeddingModel, StoreError, error::StoreErrorKind, session_files::LocalCopy, tables::PageRequest},
};

pub use crate::ports::tables::{Comparison, Counted, Direction, Filter, QueryError, QueryLimits, QueryRows};
pub use compare::{ComparisonRequest, MAX_DIFFERENCES, MatchedBy, SideKind, TableDifferences};
pub use meaning::ByMeaning;
pub use search::{Found, Hit, MAX_HITS, SearchedFor};

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The session has no such table.
    #[error("there is no table '{0}'")]
    NotFound(String),
    /// None of the session's tables is of this group.
    #[error("there is no group '{0}'")]
    NoSuchGroup(String),
    /// The session has neither a table of this name nor an upload, a document or a group.
    #[error("there is no table, upload, document or group '{0}'")]
    NothingToCompare(String),
    /// The last conversion has no row of this upload, document or group.
    #[error("the last conversion has nothing of '{0}'; convert it first, or again")]
    NotConverted(String),
    /// Nothing was converted yet.
    #[error("nothing has been converted yet")]
    NothingConverted,
    /// The page asked for a column that is not there, or the search for no word.
    #[error("{0}")]
    InvalidPage(String),
    /// Other statements of the session are running, and none of them has ended for a while.
    #[error("other statements of yours are still running; wait for one of them")]
    TurnsTaken,
    /// Statements of others are running, and none of them has ended for a while.
    #[error("too many statements are running; try again in a moment")]
    Crowded,
    /// The statement ran longer than it may.
    #[error("the statement took longer than the {} that it may; ask for less", in_seconds(.0))]
    TookTooLong(Duration),
    /// The query was refused, took too long, or failed.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl TableError {
    /// What it means for a statement of somebody else's that may run so long.
    fn of_statement(error: QueryError, limit: Duration) -> Self {
        match error {
            QueryError::Timeout => Self::TookTooLong(limit),
            other => other.into(),
        }
    }

    /// The same where the statement is ours, and what is refused is what was asked for.
    fn of_ours(error: QueryError, limit: Duration) -> Self {
        match error {
            QueryError::Rejected(reason) => Self::InvalidPage(reason),
            other => Self::of_statement(other, limit),
        }
    }
}

fn in_seconds(limit: &Duration) -> String {
    match limit.as_secs() {
        1 => "second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

impl From<StoreError> for TableError {
    fn from(error: StoreError) -> Self {
        Self::Query(QueryError::Store(error))
    }
}

/// The tables of the last conversion.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The tables.
    pub tables: Vec<TableReport>,
    /// Uploads whose rows are in them and that were removed since, or have other bytes now.
    pub outdated: Vec<String>,
}

/// Which rows of a table are wanted.
#[derive(Clone, Debug, Default)]
pub struct RowsRequest {
    /// Sort by this column.
    pub sort: Option<(String, Direction)>,
    /// Conditions that all hold.
    pub filters: Vec<Filter>,
    /// How many rows to pass over.
    pub offset: u64,
    /// How many rows at most.
    pub limit: u32,
    /// Whether to count the rows for which the conditions hold.
    pub counted: bool,
}

/// A table with a page of its rows.
#[derive(Clone, Debug)]
pub struct TablePage {
    /// The table.
    pub table: TableReport,
    /// The rows; one more than asked for if there are further ones.
    pub rows: QueryRows,
    /// How many rows fit the conditions, if that was asked for.
    pub matching: Option<Counted>,
}

/// Who asks, of which session's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Whose share of turns it takes.
    pub user: UserId,
    /// A session of theirs.
    pub session: SessionId,
}

/// Answers questions about tables.
#[derive(Clone)]
pub struct TableService {
    stores: Stores,
    policy: Arc<Policy>,
    turns: Arc<Turns>,
    embeddings: Option<Arc<dyn EmbeddingModel>>,
    usage: UsageService,
}

/// Nobody waits for a turn longer than so many statements may take.
const STATEMENTS_WAITED_FOR: u32 = 2;

/// How long rows are counted: about as long as a person takes for the sight of them, and some millions of rows.
const COUNTING: Duration = Duration::from_millis(500);

impl TableService {
    pub(super) fn new(
        stores: Stores,
        policy: Arc<Policy>,
        embeddings: Option<Arc<dyn EmbeddingModel>>,
        usage: UsageService,
    ) -> Self {
        let turns = Arc::new(Turns::new(STATEMENTS_WAITED_FOR * policy.query.time));
        Self { stores, policy, turns, embeddings, usage }
    }

    /// The tables of the last conversion; none before the first.
    pub async fn list(&self, session: SessionId) -> Result<Vec<TableReport>, TableError> {
        match self.current_job(session).await? {
            Some(job) => Ok(report(&job)?.tables),
            None => Ok(Vec::new()),
        }
    }

    /// The conversion that the tables are of; `None` before the first.
    pub async fn conversion(&self, session: SessionId) -> Result<Option<JobId>, StoreError> {
        Ok(self.stores.sessions.get(session).await?.and_then(|session| session.conversion))
    }

    /// The tables of the last conversion, and how they stand to the uploads.
    pub async fn standing(&self, session: SessionId) -> Result<Standing, TableError> {
        let Some(job) = self.current_job(session).await? else { return Ok(Standing::default()) };
        let ConversionReport { tables, inputs, .. } = report(&job)?;
        // A conversion of an earlier version does not tell what it was made of.
        if inputs.is_empty() {
            return Ok(Standing { tables, outdated: Vec::new() });
        }
        let files = self.stores.catalog.list_files(session, Some(Area::Input), None, u32::MAX).await?;
        let there: HashSet<(&str, Option<&str>)> =
            files.iter().map(|file| (file.path.as_str(), file.sha256.as_deref())).collect();
        let is_outdated = |input: &InputReport| !there.contains(&(input.name.as_str(), input.sha256.as_deref()));
        let outdated = inputs.iter().filter(|input| is_outdated(input)).map(|input| input.name.clone()).collect();
        Ok(Standing { tables, outdated })
    }

    /// One table with a page of its rows.
    pub async fn rows(&self, asker: Asker, table: &str, request: RowsRequest) -> Result<TablePage, TableError> {
        // First the turn, then the store: while waiting, another conversion may take the place of this one. Held until the statement has
        // really ended, also when nobody waits for it any more.
        let turn = self.turns.take(asker.user).await?;
        let (job, local) =
            self.current_index(asker.session).await?.ok_or_else(|| TableError::NotFound(table.to_owned()))?;
        let tables = report(&job)?.tables;
        let found = tables.into_iter().find(|candidate| candidate.name == table);
        let described = found.ok_or_else(|| TableError::NotFound(table.to_owned()))?;
        let page = PageRequest {
            table: table.to_owned(),
            sort: request.sort,
            filters: request.filters,
            offset: request.offset,
            limit: request.limit.saturating_add(1),
        };
        let (tables, limits) = (Arc::clone(&self.stores.tables), self.policy.query);
        let rows_in_all = described.rows;
        let (rows, matching) = blocking("read table", move || {
            let _turn = turn;
            let rows = tables.page(&local.path, &page, &limits)?;
            let matching = match request.counted {
                false => None,
                true if page.filters.is_empty() => Some(Counted { rows: rows_in_all, complete: true }),
                true => Some(tables.count(&local.path, &page.table, &page.filters, COUNTING.min(limits.time))?),
            };
            Ok((rows, matching))
        })
        .await?
        .map_err(|error| TableError::of_ours(error, self.policy.query.time))?;
        Ok(TablePage { table: described, rows, matching })
    }

    /// Runs one read-only statement over the session's tables, for at most `rows` rows. Dropped, the query is stopped.
    pub async fn query(&self, asker: Asker, sql: String, rows: Option<usize>) -> Result<QueryRows, TableError> {
        let mut limits = self.policy.query;
        limits.rows = rows.map_or(limits.rows, |rows| rows.min(limits.rows));
        self.run(asker, sql, limits, Vec::new()).await
    }

    async fn run(
        &self,
        asker: Asker,
        sql: String,
        limits: QueryLimits,
        only: Vec<String>,
    ) -> Result<QueryRows, TableError> {
        let turn = self.turns.take(asker.user).await?;
        let (_, local) = self.current_index(asker.session).await?.ok_or(TableError::NothingConverted)?;
        let tables = Arc::clone(&self.stores.tables);
        let stop = StopOnDrop(Arc::default());
        let cancelled = Arc::clone(&stop.0);
        let found = blocking("query tables", move || {
            let _turn = turn;
            tables.query(&local.path, &sql, &only, &limits, cancelled)
        })
        .await?;
        found.map_err(|error| TableError::of_statement(error, limits.time))
    }

    /// How many rows a query may return at most.
    #[must_use]
    pub fn rows_at_most(&self) -> usize {
        self.policy.query.rows
    }

    async fn current_job(&self, session: SessionId) -> Result<Option<Job>, StoreError> {
        match self.conversion(session).await? {
            Some(job) => self.stores.jobs.get(session, job).await,
            None => Ok(None),
        }
    }

    /// The current conversion with its store. Between looking one up and opening it another may have taken its place: then that one.
    async fn current_index(&self, session: SessionId) -> Result<Option<(Job, LocalCopy)>, StoreError> {
        for _ in 0..3 {
            let Some(job) = self.current_job(session).await? else { return Ok(None) };
            let key = FileKey::new(job.session, index_key(job.id, job.attempt));
            if let Some(local) = self.stores.session_files.local_copy(&key).await? {
                return Ok(Some((job, local)));
            }
        }
        let reason = "the tables of the current conversion are not there";
        Err(StoreError::new(StoreErrorKind::Unavailable, "tables", "open", reason))
    }
}

/// Stops a query when the request that asked for it goes away.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn report(job: &Job) -> Result<ConversionReport, StoreError> {
    let result = job.result.clone().unwrap_or_default();
    serde_json::from_value(result)
        .map_err(|error| StoreError::new(StoreErrorKind::Internal, "jobs", "read result", error))
}
