//! Runs one statement from outside.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rusqlite::{Connection, Error, ErrorCode, Rows, Statement, ToSql};
use serde_json::Value;

use super::{
    cells::{json_bytes, to_json},
    errors::{message_of, running_error},
    gate::{self, MAX_EXPANDED_WORDS, MAX_SQL_BYTES, MAX_TEMPORARY_BYTES},
    growth::{Growth, measure},
    temporary::{self, Counted},
};
use crate::ports::tables::{QueryError, QueryLimits, QueryRows};

/// The part of a statement's time that it takes to remove the files that sorting and temporary tables have grown to.
const FOR_FILES: u32 = 8;

/// How much of a result is taken.
pub(super) struct Take {
    pub(super) rows: usize,
    pub(super) bytes: usize,
    /// Rows that are taken whatever their size, so that reading on in pages gets forward.
    pub(super) at_least: usize,
}

/// Runs `sql` on the store at `path`, over the tables in `only` or, if it is empty, over all.
pub(super) fn run(
    path: &Path,
    sql: &str,
    only: &[String],
    limits: &QueryLimits,
    cancelled: &Arc<AtomicBool>,
) -> Result<QueryRows, QueryError> {
    let started = Instant::now();
    let growth = check_text(sql)?;
    let connection = gate::open(path)?;
    gate::restrict(&connection, only, growth.written)?;
    gate::limit_time(&connection, limits.time, Arc::clone(cancelled))?;
    let take = Take { rows: limits.rows, bytes: limits.bytes, at_least: 0 };
    let result = prepare(&connection, sql).and_then(|mut statement| {
        let counted = limit_temporary_tables(path, &connection, sql, growth.written)?;
        if counted.may_write_files() {
            // They are to be gone within the time as well.
            let left = (limits.time - limits.time / FOR_FILES).saturating_sub(started.elapsed());
            gate::limit_time(&connection, left, Arc::clone(cancelled))?;
        }
        let reads_tables = counted.reads_tables();
        let rows = collect(&mut statement, &[], &take, started)?;
        Ok(QueryRows { reads_tables, ..rows })
    });
    match result {
        Err(QueryError::Timeout) if cancelled.load(Ordering::Relaxed) => {
            Err(QueryError::Failed("the query was cancelled".to_owned()))
        }
        other => other,
    }
}

/// Executes a statement over tables and takes its rows within the limits.
pub(super) fn collect(
    statement: &mut Statement<'_>,
    parameters: &[&dyn ToSql],
    take: &Take,
    started: Instant,
) -> Result<QueryRows, QueryError> {
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut cursor = statement.query(parameters).map_err(running_error)?;
    let (rows, truncated) = take_rows(&mut cursor, columns.len(), take).map_err(running_error)?;
    Ok(QueryRows { columns, rows, truncated, reads_tables: true, elapsed: started.elapsed() })
}

fn take_rows(cursor: &mut Rows<'_>, columns: usize, take: &Take) -> Result<(Vec<Vec<Value>>, bool), Error> {
    let mut rows = Vec::new();
    let mut bytes_left = take.bytes;
    while let Some(row) = cursor.next()? {
        // Sizes are added up before anything is copied.
        let mut bytes = 0_usize;
        for column in 0..columns {
            bytes = bytes.saturating_add(json_bytes(row.get_ref(column)?));
        }
        if rows.len() >= take.rows || (bytes > bytes_left && rows.len() >= take.at_least) {
            return Ok((rows, true));
        }
        bytes_left = bytes_left.saturating_sub(bytes);
        rows.push((0..columns).map(|column| row.get_ref(column).map(to_json)).collect::<Result<_, _>>()?);
    }
    Ok((rows, false))
}

fn check_text(sql: &str) -> Result<Growth, QueryError> {
    if sql.len() > MAX_SQL_BYTES {
        return Err(QueryError::Rejected(format!("the statement is longer than {MAX_SQL_BYTES} bytes")));
    }
    if sql.contains('\0') {
        return Err(QueryError::Rejected("the statement contains a NUL character".to_owned()));
    }
    let growth = measure(sql);
    if growth.expanded.is_none_or(|words| words > MAX_EXPANDED_WORDS) {
        let reason =
            "the statement is too complex: its subqueries and common table expressions multiply; ask in several steps";
        return Err(QueryError::Rejected(reason.to_owned()));
    }
    Ok(growth)
}

fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<Statement<'c>, QueryError> {
    let statement = connection.prepare(sql).map_err(preparing_error)?;
    let refused = if statement.column_count() == 0 {
        Some("there is no SELECT in it")
    } else if statement.is_explain() != 0 {
        Some("EXPLAIN is not allowed")
    } else if !statement.readonly() {
        Some("it would change something")
    } else if statement.parameter_count() > 0 {
        Some("parameters cannot be given; write the values into the statement")
    } else {
        None
    };
    match refused {
        Some(reason) => Err(QueryError::Rejected(format!("only one SELECT is allowed: {reason}"))),
        None => Ok(statement),
    }
}

/// Refuses a statement with more temporary tables than there is memory for; what they leave is for values.
fn limit_temporary_tables(
    path: &Path,
    connection: &Connection,
    sql: &str,
    words: usize,
) -> Result<Counted, QueryError> {
    let counted = temporary::count(connection, sql).map_err(preparing_error)?;
    let mut bytes = counted.bytes();
    if counted.has_row_sets() {
        let sets = counted.row_set_bytes(gate::rows_of_largest(path)?);
        if bytes.saturating_add(sets) > MAX_TEMPORARY_BYTES {
            let reason = "the statement needs too much memory for an OR between columns with an index (_id, rowid, _parent); ask for each side by itself, or write + before these columns, as in +_parent = 1 OR +_id = 5";
            return Err(QueryError::Rejected(reason.to_owned()));
        }
        bytes += sets;
    }
    if bytes > MAX_TEMPORARY_BYTES {
        let reason = "the statement needs too many temporary tables: about six DISTINCT, UNION, window, sorting or subquery parts are possible; ask in several steps";
        return Err(QueryError::Rejected(reason.to_owned()));
    }
    gate::limit_values(connection, words, bytes).map_err(running_error)?;
    Ok(counted)
}

fn preparing_error(error: Error) -> QueryError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => QueryError::Timeout,
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            let reason = message_of(error);
            QueryError::Rejected(format!("only one SELECT over the session's tables is allowed: {reason}"))
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => running_error(error),
        _ if matches!(error, Error::MultipleStatement) => {
            QueryError::Rejected("only one SELECT is allowed: there is more than one statement".to_owned())
        }
        _ => QueryError::Rejected(message_of(error)),
    }
}
