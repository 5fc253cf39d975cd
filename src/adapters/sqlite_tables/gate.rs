//! Opens a finished store so that nothing can be written, neither to it nor anywhere else, and so that a runaway is stopped.

use std::{
    fmt::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, Result, config::DbConfig, limits::Limit};

use super::{authorizer::Authorizer, errors::store_error, functions, search::Source};
use crate::ports::{StoreError, error::StoreErrorKind};

/// Longest statement, in bytes.
pub(super) const MAX_SQL_BYTES: usize = 32 << 10;
/// Longest value that an expression may have. Some functions hold eight times as much while they work.
pub(super) const MAX_VALUE_BYTES: i32 = 1 << 20;

/// What all values together may take if each word of a statement held one. Statements of more than 24 words get a lower limit for each, which
/// is what bounds the memory of a query: to 16 MB, of which values take a half at most, for few words stand for one.
const MAX_VALUES_BYTES: usize = 24 << 20;

/// Words that a statement may come to when everything in it is expanded.
pub(super) const MAX_EXPANDED_WORDS: u64 = 500_000;

/// What the temporary tables of a statement may take; values take what they leave.
pub(super) const MAX_TEMPORARY_BYTES: usize = 14 << 20;
/// What a statement may take in all.
const MAX_STATEMENT_BYTES: usize = 16 << 20;

/// Memory that SQLite takes in the whole process before pages go to temporary files. Nobody fails by it.
const HEAP_BYTES_BEFORE_FILES: u64 = 64 << 20;

/// Memory that SQLite may take in the whole process: a backstop, far above what queries within the other limits need. Whoever asks for memory
/// next fails, so nothing should come near it; it has room for two copies of the longest cell while a table is built or sorted.
const MAX_HEAP_BYTES: u64 = 256 << 20;

/// Steps of SQLite's machine between two looks at the clock; a step may take as long as copying the longest value.
const STEPS_BETWEEN_CHECKS: i32 = 100;

/// SQLite's limits for statements from outside.
const STATEMENT_LIMITS: [(Limit, i32); 10] = [
    (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES as i32),
    (Limit::SQLITE_LIMIT_COLUMN, 256),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 64),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 16),
    (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 16),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 32),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

const SWITCHES: [(DbConfig, bool); 7] = [
    (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    // A misspelt column in double quotes is an error, not a text.
    (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
];

/// Opens a store read-only, with the linear functions and a small cache.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let failed = |error| store_error("open tables file", error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(immutable_uri(path)?, flags).map_err(failed)?;
    harden(&connection).map_err(failed)?;
    Ok(connection)
}

/// Rows of the largest table, at least.
pub(super) fn rows_of_largest(path: &Path) -> Result<u64, StoreError> {
    let connection = open(path)?;
    let largest = || -> Result<u64> {
        let mut most = 0;
        for source in Source::all(&connection)? {
            let last = format!("SELECT coalesce(max({}), 0) FROM {}", source.key, source.quoted_table());
            most = most.max(connection.query_row(&last, [], |row| row.get::<_, i64>(0))?);
        }
        Ok(most.unsigned_abs())
    };
    largest().map_err(|error| store_error("count rows", error))
}

/// Stops whatever runs on the connection once the time is over or `cancelled` is set.
pub(super) fn limit_time(
    connection: &Connection,
    time: Duration,
    cancelled: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let deadline = Instant::now() + time;
    let is_over = move || cancelled.load(Ordering::Relaxed) || Instant::now() >= deadline;
    connection
        .progress_handler(STEPS_BETWEEN_CHECKS, Some(is_over))
        .map_err(|error| store_error("limit query time", error))
}

/// Closes the gate: from here on the connection takes statements from outside, of at most `words` words, over the tables in `only` or, if
/// it is empty, over all.
pub(super) fn restrict(connection: &Connection, only: &[String], words: usize) -> Result<(), StoreError> {
    restrict_statements(connection, only, words).map_err(|error| store_error("restrict connection", error))
}

fn harden(connection: &Connection) -> Result<()> {
    for (switch, value) in SWITCHES {
        connection.set_db_config(switch, value)?;
    }
    // Sorting larger than the cache goes to a nameless temporary file, not to memory.
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0;")?;
    connection.query_row(&format!("PRAGMA soft_heap_limit = {HEAP_BYTES_BEFORE_FILES}"), [], |_| Ok(()))?;
    connection.query_row(&format!("PRAGMA hard_heap_limit = {MAX_HEAP_BYTES}"), [], |_| Ok(()))?;
    functions::install(connection, MAX_VALUE_BYTES as usize)
}

fn restrict_statements(connection: &Connection, only: &[String], words: usize) -> Result<()> {
    // Reading the schema comes first: a table wider than the limit of columns could not be loaded after it.
    let tables = names(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let is_readable = |table: &String| only.is_empty() || only.iter().any(|name| name.eq_ignore_ascii_case(table));
    let (readable, mut reserved): (Vec<_>, Vec<_>) = tables.into_iter().partition(is_readable);
    reserved.extend(names(connection, "SELECT name FROM pragma_module_list")?);
    // Also how much is sorted at once.
    connection.execute_batch("PRAGMA cache_size = -1024;")?;
    for (limit, value) in STATEMENT_LIMITS {
        connection.set_limit(limit, value)?;
    }
    limit_values(connection, words, 0)?;
    let authorizer = Authorizer::new(&readable, &reserved);
    connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| authorizer.judge(context)))
}

/// Limits the length of values to what the temporary tables of the statement leave.
pub(super) fn limit_values(connection: &Connection, words: usize, temporary_bytes: usize) -> Result<()> {
    let left = MAX_STATEMENT_BYTES.saturating_sub(temporary_bytes);
    let all = MAX_VALUES_BYTES * left.div_ceil(1 << 10) / (MAX_STATEMENT_BYTES >> 10);
    let each = i32::try_from(all / words.max(1)).unwrap_or(MAX_VALUE_BYTES).min(MAX_VALUE_BYTES);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, each)?;
    Ok(())
}

fn names(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// An immutable file is read without locks and without looking for a journal, so not even an empty file appears beside it.
fn immutable_uri(path: &Path) -> Result<String, StoreError> {
    let path = path.to_str().ok_or_else(|| {
        StoreError::new(StoreErrorKind::Internal, "sqlite tables", "open tables file", "the path is not unicode")
    })?;
    let mut uri = "file:".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    Ok(uri)
}
