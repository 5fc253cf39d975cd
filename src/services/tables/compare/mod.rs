//! Comparing two tables of the last conversion, or all tables of two uploads.

mod keys;
mod sides;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use self::{
    keys::{KnownKeys, common_columns},
    sides::{Pair, Side, pairs},
};
use super::{Asker, StopOnDrop, TableError, TableService, report};
use crate::{
    ports::{
        Tables,
        differences::{DifferenceRequest, Differences},
        session_files::LocalCopy,
        tables::{QueryError, QueryLimits},
    },
    services::blocking,
};

pub use self::{keys::MatchedBy, sides::SideKind};

/// Rows that differ that an answer tells of each pair of tables, at most.
pub const MAX_DIFFERENCES: usize = 1_000;

/// A comparison may take as long as so many statements.
const STATEMENTS: u32 = 6;

/// What is compared with what.
#[derive(Clone, Debug, Default)]
pub struct ComparisonRequest {
    /// What was: a table, or an upload, by its id or name, a document, or a group.
    pub left: String,
    /// What is.
    pub right: String,
    /// What both sides are; if it is not said, whatever is called so.
    pub kind: Option<SideKind>,
    /// Columns that tell rows apart; found by itself where none are given.
    pub key: Vec<String>,
    /// Only these tables of two uploads.
    pub tables: Vec<String>,
    /// Rows told of each pair of tables.
    pub limit: usize,
}

/// What differs between two tables.
#[derive(Clone, Debug)]
pub struct TableDifferences {
    /// The table on the left side, if there is one.
    pub left: Option<String>,
    /// The table on the right side, if there is one.
    pub right: Option<String>,
    /// What rows were told apart by.
    pub matched_by: MatchedBy,
    /// The columns of the key; those of the parent have its name in front.
    pub key: Vec<String>,
    /// The columns that were compared.
    pub columns: Vec<String>,
    /// Columns that only the left table has.
    pub only_left: Vec<String>,
    /// Columns that only the right table has.
    pub only_right: Vec<String>,
    /// The rows that differ.
    pub differences: Differences,
}

impl TableService {
    /// Compares. Tables of which neither side has a row are left out. Dropped, the comparison is stopped.
    pub async fn compare(
        &self,
        Asker { user, session }: Asker,
        asked: ComparisonRequest,
    ) -> Result<Vec<TableDifferences>, TableError> {
        let turn = self.turns.take(user).await?;
        let (job, local) = self.current_index(session).await?.ok_or(TableError::NothingConverted)?;
        let tables = report(&job)?.tables;
        // Ids are in order of time: what was uploaded later is not in the conversion, also if it took the place of what is.
        let (documents, later): (Vec<_>, Vec<_>) =
            self.stores.all_documents(session).await?.into_iter().partition(|document| document.id.0 < job.id.0);
        let kind = asked.kind;
        let side = |asked: &str| match Side::find(asked, kind, &tables, &documents) {
            Err(_) if Side::find(asked, kind, &[], &later).is_ok() => Err(TableError::NotConverted(asked.to_owned())),
            found => found,
        };
        let (left, right) = (side(&asked.left)?, side(&asked.right)?);
        let stop = StopOnDrop(Arc::default());
        let limits = self.policy.query;
        let comparison = Comparison {
            store: Arc::clone(&self.stores.tables),
            local,
            limits,
            deadline: Instant::now() + STATEMENTS * limits.time,
            cancelled: Arc::clone(&stop.0),
            asked,
            is_of_tables: matches!(left, Side::Table(_)),
        };
        let compared = blocking("compare tables", move || {
            let _turn = turn;
            let pairs = pairs(&left, &right, &tables, &documents, &comparison.asked.tables)?;
            let found = comparison.run(&pairs).map_err(|error| TableError::of_ours(error, STATEMENTS * limits.time))?;
            comparison.check(&found)?;
            Ok(found)
        });
        compared.await?
    }
}

/// A comparison at work, off the asynchronous threads.
struct Comparison {
    store: Arc<dyn Tables>,
    local: LocalCopy,
    limits: QueryLimits,
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
    asked: ComparisonRequest,
    /// Two tables are compared, not two uploads.
    is_of_tables: bool,
}

impl Comparison {
    fn run(&self, pairs: &[Pair<'_>]) -> Result<Vec<TableDifferences>, QueryError> {
        let mut known = KnownKeys::default();
        let mut found = Vec::new();
        let mut bytes = self.limits.bytes;
        for pair in pairs {
            let compared = self.compare(pair, &mut known, bytes)?;
            bytes = bytes.saturating_sub(compared.differences.bytes);
            let counts = compared.differences.counts;
            if pairs.len() == 1 || counts.added + counts.removed + counts.changed + counts.unchanged > 0 {
                found.push(compared);
            }
        }
        Ok(found)
    }

    /// That a side has no rows, or that no table has the key, is not told as if nothing differed.
    fn check(&self, found: &[TableDifferences]) -> Result<(), TableError> {
        let asked = &self.asked;
        let rows_of = |is_left: bool| -> u64 {
            let counts = found.iter().map(|table| table.differences.counts);
            counts.map(|of| of.changed + of.unchanged + if is_left { of.removed } else { of.added }).sum()
        };
        let is_whole = !self.is_of_tables && asked.tables.is_empty();
        for (side, is_left) in [(&asked.left, true), (&asked.right, false)] {
            if is_whole && rows_of(is_left) == 0 {
                return Err(TableError::NotConverted(side.clone()));
            }
        }
        if !asked.key.is_empty() && found.iter().all(|table| table.matched_by != MatchedBy::Given) {
            let reason = format!("none of the tables compared has the columns of the key: {}", asked.key.join(", "));
            return Err(TableError::InvalidPage(reason));
        }
        Ok(())
    }

    fn compare(&self, pair: &Pair<'_>, known: &mut KnownKeys, bytes: usize) -> Result<TableDifferences, QueryError> {
        let columns = common_columns(pair.left.report, pair.right.report);
        let chosen = known.choose(self, pair, &columns)?;
        let request = DifferenceRequest {
            left: pair.left.rows(),
            right: pair.right.rows(),
            columns: columns.common.clone(),
            key: chosen.key.clone(),
            may_repeat: chosen.matched_by == MatchedBy::Content,
            limit: self.asked.limit.min(MAX_DIFFERENCES),
        };
        let limits = QueryLimits { bytes, ..self.limits_now()? };
        let differences = self.store.differences(&self.local.path, &request, &limits, Arc::clone(&self.cancelled))?;
        Ok(TableDifferences {
            left: pair.left.name(),
            right: pair.right.name(),
            matched_by: chosen.matched_by,
            key: chosen.names(pair.left.report),
            columns: columns.common,
            only_left: columns.only_left,
            only_right: columns.only_right,
            differences,
        })
    }

    /// What one statement may take of the time that is left.
    fn limits_now(&self) -> Result<QueryLimits, QueryError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return Err(QueryError::Timeout);
        }
        Ok(QueryLimits { time: left, ..self.limits })
    }
}
