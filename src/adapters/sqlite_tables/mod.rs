//! The SQL store of a session's tables: one SQLite file per conversion, built once and then only read.
//!
//! Queries come from people and from language models, so the gate in front of them assumes the worst: an immutable read-only file, an
//! authorizer that denies what is not listed, SQLite's own limits, a deadline, and limits on what is returned.
//!
//! SQLite holds at most [`MAX_COLUMNS`] columns in a table; columns past them are left out of the store (they stand in the files).

mod authorizer;
mod build;
mod cells;
mod differences;
mod errors;
mod functions;
mod gate;
mod growth;
mod page;
mod query;
mod row_number;
mod search;
mod temporary;

#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

pub use self::build::MAX_COLUMNS;
use crate::ports::{
    StoreError, Tables,
    differences::{DifferenceRequest, Differences, RowKey, RowsOf},
    search::{Hit, RowTexts, SearchRequest, VectorsWriter},
    tables::{Counted, Filter, PageRequest, QueryError, QueryLimits, QueryRows, TablesWriter},
};

/// The SQL store on SQLite files.
#[derive(Clone, Copy, Debug, Default)]
pub struct SqliteTables;

impl Tables for SqliteTables {
    fn create(&self, path: &Path) -> Result<Box<dyn TablesWriter>, StoreError> {
        Ok(Box::new(build::SqliteTablesWriter::create(path)?))
    }

    fn query(
        &self,
        path: &Path,
        sql: &str,
        only: &[String],
        limits: &QueryLimits,
        cancelled: Arc<AtomicBool>,
    ) -> Result<QueryRows, QueryError> {
        query::run(path, sql, only, limits, &cancelled)
    }

    fn page(&self, path: &Path, request: &PageRequest, limits: &QueryLimits) -> Result<QueryRows, QueryError> {
        page::read(path, request, limits)
    }

    fn count(&self, path: &Path, table: &str, filters: &[Filter], time: Duration) -> Result<Counted, QueryError> {
        page::count(path, table, filters, time)
    }

    fn is_key(&self, path: &Path, rows: &RowsOf, key: &RowKey, limits: &QueryLimits) -> Result<bool, QueryError> {
        differences::is_key(path, rows, key, limits)
    }

    fn differences(
        &self,
        path: &Path,
        request: &DifferenceRequest,
        limits: &QueryLimits,
        cancelled: Arc<AtomicBool>,
    ) -> Result<Differences, QueryError> {
        differences::find(path, request, limits, cancelled)
    }

    fn index(&self, path: &Path, index: &Path, watch: &mut dyn FnMut(u64) -> bool) -> Result<Option<u64>, StoreError> {
        search::build(path, index, watch)
    }

    fn texts(&self, path: &Path, index: &Path, rows: u64) -> Result<Box<dyn RowTexts>, StoreError> {
        Ok(Box::new(search::texts(path, index, rows)?))
    }

    fn vectors(&self, path: &Path) -> Result<Box<dyn VectorsWriter>, StoreError> {
        Ok(Box::new(search::vectors(path)?))
    }

    fn search(&self, path: &Path, index: Option<&Path>, request: &SearchRequest) -> Result<Vec<Hit>, QueryError> {
        search::run(path, index, request)
    }
}
